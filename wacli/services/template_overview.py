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

    `requested_category` is what was asked for, where it was handed in from here; `last_used_at` when it was last sent
    from here.
    """

    row: TemplateRow
    requested_category: str | None
    last_used_at: datetime | None
    price: Decimal | None
    currency: str
    market: str | None


class Overview(NamedTuple):
    """What `wacli templates list` shows."""

    lines: list[TemplateLine]
    alarms: list[CategoryAlarm]
    more_count: int


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
    return Overview(
        _lines(store, shown, prices, country, now), category_alarms(store, prices, now), len(rows) - len(shown)
    )


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
        _lines(store, [row], prices, country, now)[0],
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
    store: Store, rows: list[TemplateRow], prices: Prices, country: str | None, now: datetime
) -> list[TemplateLine]:
    market = usual_market(contact_markets(store, prices, now), prices, country, now)
    used = template_use.last_used(store, until=now)
    requested = template_pushes.requested_categories(store)
    return [
        TemplateLine(
            row,
            requested.get((row.name, row.language), row.requested_category),
            used.get((row.name, row.language)),
            template_charge(prices, category_of(row.category or ""), market, now).amount,
            prices.currency,
            market,
        )
        for row in rows
    ]
