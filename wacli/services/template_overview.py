"""The account's templates as the owner looks at them: what each is, when it was used, what it costs, what changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import category_of
from wacli.domain.template import Template
from wacli.domain.template_fill import command_for
from wacli.domain.template_slots import Slot, slots_of
from wacli.store import template_pushes, template_use, templates
from wacli.store.database import Store
from wacli.store.templates import TemplateChange, TemplateRow

from .prices import Prices
from .template_alarms import VOLUME_DAYS, CategoryAlarm, category_alarms
from .template_prices import MarketPrice, contact_markets, market_prices, template_charge, usual_market
from .templates import find_template, template_of


class TemplateLine(NamedTuple):
    """One template of the list. `price` is for the usual market, outside any window; None: not known.

    `requested_category` is what was asked for, where it was handed in from here; `previous_category` the one it had
    before Meta moved it; `last_used_at` when it was last sent from here.
    """

    row: TemplateRow
    requested_category: str | None
    previous_category: str | None
    last_used_at: datetime | None
    price: Decimal | None
    currency: str
    market: str | None


class Overview(NamedTuple):
    """What `wacli templates list` shows. `contact_count`: how many contacts are in the usual market (0: it is only the
    profile's country)."""

    lines: list[TemplateLine]
    alarms: list[CategoryAlarm]
    more_count: int
    market: str | None = None
    contact_count: int = 0


class TemplateDetail(NamedTuple):
    """What `wacli templates show` shows. `history` is newest first, of every kind of change."""

    line: TemplateLine
    template: Template
    slots: tuple[Slot, ...]
    command: str
    prices: list[MarketPrice]
    history: list[TemplateChange]
    sent_count: int
    alarms: list[CategoryAlarm]


def overview(
    store: Store, prices: Prices, country: str | None, now: datetime, *, with_gone: bool = False, limit: int = 0
) -> Overview:
    """Every template by name and language, and the alarms that stand at `now`. `limit` 0 is no limit."""
    rows = templates.list_templates(store, with_gone=with_gone)
    shown = rows[:limit] if limit else rows
    shares = contact_markets(store, prices, now)
    market = usual_market(shares, prices, country, now)
    lines = _lines(store, shown, prices, market, now)
    alarms = category_alarms(store, prices, now)
    return Overview(lines, alarms, len(rows) - len(shown), market, shares[0].contact_count if shares else 0)


def template_detail(
    store: Store, name: str, language: str | None, prices: Prices, country: str | None, now: datetime
) -> TemplateDetail:
    """One template with everything known about it. Raises what `find_template` raises."""
    template = find_template(store, name, language)
    row = templates.get(store, template.name, template.language)
    shares = contact_markets(store, prices, now)
    since = now - timedelta(days=VOLUME_DAYS)
    sent = template_use.count_sent(store, row.name, row.language, since, now + timedelta(seconds=1))
    return TemplateDetail(
        _lines(store, [row], prices, usual_market(shares, prices, country, now), now)[0],
        template,
        slots_of(template),
        command_for(template, {}),
        market_prices(shares, prices, template.price_category, now),
        [
            change
            for change in templates.list_changes(store)
            if (change.name, change.language) == (row.name, row.language) and (change.at is None or change.at <= now)
        ],
        sum(use.message_count for use in sent),
        [one for one in category_alarms(store, prices, now, name=row.name) if one.language == row.language],
    )


def stored_templates(store: Store) -> list[Template]:
    """Every template of the last pull that is not gone, as it stands."""
    return [template_of(row) for row in templates.list_templates(store)]


def _lines(
    store: Store, rows: list[TemplateRow], prices: Prices, market: str | None, now: datetime
) -> list[TemplateLine]:
    used = template_use.last_used(store, until=now)
    requested = template_pushes.requested_categories(store)
    moved = {
        (change.name, change.language): change.before
        for change in reversed(templates.list_changes(store))  # oldest first: the latest word wins
        if change.what == "category" and change.before and change.at is not None and change.at <= now
    }
    found = []
    for row in rows:
        key = (row.name, row.language)
        previous = moved.get(key) or template_of(row).previous_category
        known = previous is not None and category_of(previous) is not None and previous != row.category
        price = template_charge(prices, category_of(row.category or ""), market, now).amount
        asked = requested.get(key, row.requested_category)
        found.append(
            TemplateLine(row, asked, previous if known else None, used.get(key), price, prices.currency, market)
        )
    return found
