"""Category changes as alarms, each with its money: what it adds a month at the volume of the last 30 days.

Rules and sources:

- Meta moves templates to another category by itself: `template_category_update` announces it 24 hours ahead and then
  reports it (facts: cloud-api.md section 4). The price follows the category (facts: pricing.md section 1).
- Whoever gets no webhooks learns of an announced change by a pull: Meta's list names the `correct_category` then.
- An alarm stands for 30 days after the webhook, and ends sooner when the template is gone, when it is back in its
  former category, or when a pull after the announced hour shows that nothing came of it.
- The money is the difference of two charges by the one pricing rule, message by message as they were billed: what was
  free by an ad's window stays free, what was free as utility inside the window may not stay so. Volume tiers are left
  out (they depend on the whole portfolio). Counted is what was sent from here; other programs' messages do not name
  their template in any webhook.
- An amount that no card shows is unknown, and so is the sum then; it is never taken for 0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category, category_of
from wacli.domain.pricing import FreeReason
from wacli.store import template_use, templates
from wacli.store.database import Store
from wacli.store.templates import TemplateChange, TemplateRow

from .prices import Prices
from .template_prices import template_charge

VOLUME_DAYS = 30
STANDS_FOR = timedelta(days=30)
NOTICE = timedelta(hours=24)
_ANNOUNCED, _MADE = "category-announced", "category"


class AlarmPrice(NamedTuple):
    """What one message costs; None: not known. `free_reason`: which free."""

    amount: Decimal | None
    free_reason: FreeReason | None


class AlarmShare(NamedTuple):
    """Messages of one market that cost the same before, and the same after."""

    message_count: int
    before: AlarmPrice
    after: AlarmPrice


class AlarmMarket(NamedTuple):
    """One market's part: messages of the last 30 days, the two list prices, and what the change adds to them all.

    `shares` are those messages by what they were charged: some were free, and may stay so.
    """

    market: str | None
    message_count: int
    price_before: Decimal | None
    price_after: Decimal | None
    adds: Decimal | None
    shares: tuple[AlarmShare, ...]


class CategoryAlarm(NamedTuple):
    """A template that moves, or moved, to another category.

    `before` and `after` as Meta spells them. `adds` is per month, negative where the change saves; None when it is not
    known for some market, and for a template that was not sent. `holds_at`: from when the new category counts (at the
    latest, for an announced one).
    """

    name: str
    language: str
    before: str | None
    after: str
    is_announced: bool  # not yet made
    said_at: datetime
    holds_at: datetime
    message_count: int
    markets: tuple[AlarmMarket, ...]
    adds: Decimal | None
    currency: str


def category_alarms(store: Store, prices: Prices, now: datetime, *, name: str | None = None) -> list[CategoryAlarm]:
    """Every alarm that stands at `now`, the costliest first; `name` for the languages of one template."""
    rows = {(row.name, row.language): row for row in templates.list_templates(store, name=name, with_gone=True)}
    latest: dict[tuple[str, str], TemplateChange] = {}
    for change in (*templates.list_changes(store, since=now - STANDS_FOR), *_pulled(rows.values(), now)):
        if change.name is None or change.language is None or change.at is None or change.at > now:
            continue
        if change.what in (_ANNOUNCED, _MADE) and change.after is not None and name in (None, change.name):
            latest.setdefault((change.name, change.language), change)  # newest first
    found = [
        _alarm(store, prices, now, change, before, is_announced)
        for key, change in latest.items()
        for before, is_announced in _standing(change, rows.get(key))
    ]
    return sorted(found, key=lambda one: (-(one.adds or Decimal(0)), one.name, one.language))


def _pulled(rows: Iterable[TemplateRow], now: datetime) -> Iterator[TemplateChange]:
    """Changes that Meta's list announces, as a webhook would; they count only where no webhook said anything."""
    for row in rows:
        correct = json.loads(row.raw).get("correct_category")
        if isinstance(correct, str) and correct and row.pulled_at >= now - STANDS_FOR:
            yield TemplateChange(row.name, row.language, _ANNOUNCED, row.category, correct, None, row.pulled_at)


def _standing(change: TemplateChange, row: TemplateRow | None) -> Iterable[tuple[str | None, bool]]:
    """The former category and whether the change is still to come; nothing when there is no alarm any more."""
    assert change.at is not None
    before = change.before
    is_announced = change.what == _ANNOUNCED
    if row is not None:
        if row.is_gone:
            return
        if is_announced:
            before = before or row.category
            if row.category == change.after:
                is_announced = False  # made meanwhile, as a pull showed
            elif row.pulled_at >= change.at + NOTICE:
                return
        elif row.category != change.after:
            return
    if before != change.after:
        yield before, is_announced


def _alarm(
    store: Store, prices: Prices, now: datetime, change: TemplateChange, before: str | None, is_announced: bool
) -> CategoryAlarm:
    assert change.name is not None
    assert change.language is not None
    assert change.after is not None
    assert change.at is not None
    markets = _by_market(store, prices, now, change.name, change.language, before, change.after)
    parts = [part.adds for part in markets]
    known = [part for part in parts if part is not None]
    return CategoryAlarm(
        change.name,
        change.language,
        before,
        change.after,
        is_announced,
        change.at,
        change.at + NOTICE if change.what == _ANNOUNCED else change.at,
        sum(part.message_count for part in markets),
        tuple(markets),
        sum(known, Decimal(0)) if known and len(known) == len(parts) else None,
        prices.currency,
    )


def _by_market(
    store: Store, prices: Prices, now: datetime, name: str, language: str, before: str | None, after: str
) -> list[AlarmMarket]:
    was = None if before is None else category_of(before)
    becomes = category_of(after)
    since = now - timedelta(days=VOLUME_DAYS)
    grouped: dict[str | None, list[tuple[int, str | None]]] = {}
    for use in template_use.count_sent(store, name, language, since, now + timedelta(seconds=1)):
        market = prices.market(use.prefix, use.country, now)
        grouped.setdefault(market, []).append((use.message_count, use.pricing_type))
    found = []
    for market, uses in grouped.items():
        shares = _shares(prices, (was, becomes), market, uses, now)
        added = [_adds(share) for share in shares]
        known = [one for one in added if one is not None]
        found.append(
            AlarmMarket(
                market,
                sum(count for count, _ in uses),
                template_charge(prices, was, market, now).amount,
                template_charge(prices, becomes, market, now).amount,
                sum(known, Decimal(0)) if len(known) == len(added) else None,
                shares,
            )
        )
    return sorted(found, key=lambda part: (-part.message_count, part.market or ""))


def _shares(
    prices: Prices,
    categories: tuple[Category | None, Category | None],
    market: str | None,
    uses: Iterable[tuple[int, str | None]],
    now: datetime,
) -> tuple[AlarmShare, ...]:
    counts: Counter[tuple[AlarmPrice, AlarmPrice]] = Counter()
    for count, billed_as in uses:
        before, after = (
            _price(
                prices,
                one,
                market,
                now,
                in_window=billed_as == "free_customer_service",
                in_entry_point=billed_as == "free_entry_point",
            )
            for one in categories
        )
        counts[before, after] += count
    return tuple(AlarmShare(count, *pair) for pair, count in counts.most_common())


def _price(
    prices: Prices,
    category: Category | None,
    market: str | None,
    now: datetime,
    *,
    in_window: bool,
    in_entry_point: bool,
) -> AlarmPrice:
    charge = template_charge(prices, category, market, now, in_window=in_window, in_entry_point=in_entry_point)
    return AlarmPrice(charge.amount, charge.free_reason)


def _adds(share: AlarmShare) -> Decimal | None:
    before, after = share.before.amount, share.after.amount
    return None if before is None or after is None else share.message_count * (after - before)
