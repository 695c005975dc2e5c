"""What a template costs where the contacts are: the markets of the address book, and the price in each.

The usual market is the one that most contacts are in, counted in the store; while there is none, the one of the
profile's country. Prices are those outside any window, by the one pricing rule (`domain.pricing`) at the first volume
tier; a price that no card of the day shows is None.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.pricing import TEMPLATE, Charge, MessageFacts, charge
from wacli.store import template_use
from wacli.store.database import Store

from .prices import Prices


class MarketShare(NamedTuple):
    """A market and how many contacts are in it."""

    market: str
    contact_count: int


class MarketPrice(NamedTuple):
    """What one message of a category costs in a market, and whether it is free while the window is open."""

    market: str
    contact_count: int
    price: Decimal | None
    currency: str
    is_free_in_window: bool


def contact_markets(store: Store, prices: Prices, now: datetime) -> list[MarketShare]:
    """The markets of all contacts who can be reached, those with most contacts first."""
    found: Counter[str] = Counter()
    for group in template_use.count_people(store):
        market = prices.market(group.prefix, group.country, now)
        if market is not None:
            found[market] += group.contact_count
    return [MarketShare(*pair) for pair in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]


def usual_market(shares: list[MarketShare], prices: Prices, country: str | None, now: datetime) -> str | None:
    """The market most contacts are in; without contacts that of the profile's country; None without either."""
    return shares[0].market if shares else prices.market(None, country, now)


def template_charge(
    prices: Prices,
    category: Category | None,
    market: str | None,
    now: datetime,
    *,
    in_window: bool = False,
    in_entry_point: bool = False,
) -> Charge:
    """The charge of one message of a category at `now`."""
    facts = MessageFacts(now, category, TEMPLATE, market, in_window, in_entry_point)
    return charge(facts, prices.rules(now), prices.card(now))


def market_prices(
    shares: list[MarketShare], prices: Prices, category: Category | None, now: datetime
) -> list[MarketPrice]:
    """The price in each of these markets, in their order."""
    return [
        MarketPrice(
            share.market,
            share.contact_count,
            template_charge(prices, category, share.market, now).amount,
            prices.currency,
            template_charge(prices, category, share.market, now, in_window=True).is_free,
        )
        for share in shares
    ]
