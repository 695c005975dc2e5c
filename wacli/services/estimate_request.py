"""What an estimate is asked: messages, a day, and everything that its price depends on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.ratecards.destinations import Destination

_NOTHING = Decimal(0)


class Traffic(NamedTuple):
    """So many messages of one category to one destination."""

    destination: Destination
    category: Category
    message_count: int


class GivenRate(NamedTuple):
    """A price that the asker supplies. Without a category it fills what no card says; with one it always counts."""

    destination: Destination
    category: Category | None
    rate: Decimal


class Fee(NamedTuple):
    """Somebody's charge on top for each message sent, billed by Meta or not, in the quote's currency."""

    name: str
    rate: Decimal


class Tax(NamedTuple):
    """A tax on everything, fees included: 0.11 is eleven per cent."""

    name: str
    rate: Decimal


class Exchange(NamedTuple):
    """One unit of `source` is `rate` units of `target`; for reading only."""

    source: str
    target: str
    rate: Decimal


class EstimateRequest(NamedTuple):
    """Everything an estimate depends on. Shares are fractions (0.6 is 60 %).

    `in_window`: share of templates sent inside an open customer service window. `from_ads`: share of all messages
    sent inside a free entry point window. `allowance_used`: free messages already used this month, all numbers
    together. `volume_so_far`: billed messages this month by (market, category), for the volume tiers.
    """

    traffic: tuple[Traffic, ...]
    on: date
    currency: str = "USD"
    numbers: int = 1
    in_window: Decimal = _NOTHING
    from_ads: Decimal = _NOTHING
    allowance_used: int = 0
    volume_so_far: Mapping[tuple[str, Category], int] = {}
    rates: tuple[GivenRate, ...] = ()
    fee: Fee | None = None
    tax: Tax | None = None
    exchange: Exchange | None = None
