"""A rate card: one published price list, of one date and one currency, and how its volume tiers add up.

Rules and sources: facts pricing.md sections 4 (cards), 5 (tiers). A cell that is not on the card is unknown: never
zero, never another day's. Tiers are marginal: each step's price holds for the messages inside that step only, so
one message more never lowers a total. Figures that a reseller charges (`resale`) or that somebody computed
(`derived`) keep that mark; they are never Meta's.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

BUSINESS_INITIATED = "business-initiated"
USER_INITIATED = "user-initiated"


class Publisher(StrEnum):
    """Whose figures they are. Only `meta` is Meta's own list."""

    META = "meta"
    DERIVED = "derived"
    RESALE = "resale"


class CardUnit(StrEnum):
    """What one figure buys: a delivered message, or a conversation of 24 hours (2022-02 to 2025-06)."""

    MESSAGE = "message"
    CONVERSATION = "conversation"


class Certainty(StrEnum):
    """How far one figure can be trusted: read off a list, computed from other figures, or in conflict with others."""

    LISTED = "listed"
    DERIVED = "derived"
    SUSPECT = "suspect"


class Band(NamedTuple):
    """A volume tier: messages number `first` to `last` of the month (both included) cost `rate` each."""

    first: int
    last: int | None
    rate: Decimal

    @property
    def label(self) -> str:
        """As Meta writes tiers in webhooks: `100001:1000000`, open at the top as `80000001:MAX`."""
        return f"{self.first}:{'MAX' if self.last is None else self.last}"


class Rate(NamedTuple):
    """One cell: the list price, the card and the source it was read from, and its volume tiers if known."""

    amount: Decimal
    card_id: str
    source: str
    certainty: Certainty = Certainty.LISTED
    bands: tuple[Band, ...] = ()


class Portion(NamedTuple):
    """So many messages at one price. `tier` is None at the list price of a cell without known tiers."""

    message_count: int
    rate: Decimal
    tier: str | None


class RateCard(NamedTuple):
    """A price list as it holds on a day. `cells` is keyed by (market, category word).

    `complete` names the categories for which every market of the day has a figure; empty means a partial card.
    `sources` are all texts the figures were read from. `is_user` marks a card that the owner imported.
    """

    id: str
    effective_from: date
    currency: str
    unit: CardUnit
    publisher: Publisher
    complete: frozenset[str]
    sources: tuple[str, ...]
    retrieved_on: date
    cells: Mapping[tuple[str, str], Rate]
    unchanged_on: tuple[date, ...] = ()
    is_user: bool = False

    def rate(self, market: str, category: str) -> Rate | None:
        """The cell of this market and category, or None: unknown."""
        return self.cells.get((market, category))

    @property
    def markets(self) -> tuple[str, ...]:
        """The markets that have any figure here, in alphabetical order."""
        return tuple(sorted({market for market, _ in self.cells}))


def portions(rate: Rate, count: int, volume_so_far: int = 0) -> tuple[Portion, ...]:
    """`count` more messages after `volume_so_far` billed ones this month, split at the tier edges, in order."""
    if count <= 0:
        return ()
    if not rate.bands:
        return (Portion(count, rate.amount, None),)
    found = []
    after, end = volume_so_far, volume_so_far + count
    for band in rate.bands:
        upto = end if band.last is None else min(end, band.last)
        if upto > after:
            found.append(Portion(upto - after, band.rate, band.label))
            after = upto
        if after >= end:
            break
    return tuple(found)


def amount_of(rate: Rate, count: int, volume_so_far: int = 0) -> Decimal:
    """What `count` messages cost after `volume_so_far`: the exact sum over the tiers they fall into."""
    return sum((part.message_count * part.rate for part in portions(rate, count, volume_so_far)), Decimal(0))
