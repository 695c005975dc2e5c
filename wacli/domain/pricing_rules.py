"""Pricing rules: what is billed, what is free, and by which unit, in one dated period.

Rules and sources: facts pricing.md sections 1-3 and 8.2; the dates and texts live in `wacli/ratecards/rules.toml`,
where each fact keeps its own source. A period lasts from `effective_from` until the next one's; both begin at 12am
in the account's time zone, so callers turn an instant into a day there first (`wacli.domain.allowance.day_of`).

Named tuples and not dataclasses: every start of the board builds them, and a dataclass costs seven times as much.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .category import Category
from .text import Text, t
from .window import EntryPointLength


class Unit(StrEnum):
    """What is billed: templates outside the window at a fixed price, conversations of 24 h, delivered messages."""

    FIXED = "fixed"
    CONVERSATION = "conversation"
    MESSAGE = "message"


class Conversations(StrEnum):
    """Who names a conversation: the side that began it (2022-02 on) or the category (2023-06 on)."""

    BY_INITIATOR = "initiator"
    BY_CATEGORY = "category"


class AllowanceScope(StrEnum):
    """Whom the monthly free messages belong to."""

    NUMBER = "number"
    ACCOUNT = "account"


class AllowanceCovers(StrEnum):
    """What uses the allowance up: service only, conversations a contact began, or conversations of any kind."""

    SERVICE = "service"
    USER_INITIATED = "user-initiated"
    ANY = "any"


class Allowance(NamedTuple):
    """`free_count` free units a calendar month (account time zone) for each number or account; no roll-over."""

    free_count: int
    per: AllowanceScope
    covers: AllowanceCovers


class Range(NamedTuple):
    """All that is known of a price: it lay between these, in this currency."""

    low: Decimal
    high: Decimal
    currency: str


class Trial(NamedTuple):
    """A price model that Meta tried in one market beside the general rules."""

    market: str
    rate: Decimal
    currency: str
    allowance: int


class PricingRules(NamedTuple):
    """One period. `sources` maps the name of each fact to the text it rests on.

    `free_in_window` are the categories that cost nothing inside an open customer service window.
    `rate_range` bounds the price where no card exists. `service_rate_of` names the category whose rate a billed
    service message takes where a card has no column of its own.
    """

    id: str
    effective_from: date
    unit: Unit
    conversations: Conversations | None
    free_in_window: frozenset[Category]
    allowance: Allowance | None
    entry_point: EntryPointLength | None
    us_marketing_paused: bool
    reactions_exempt: bool
    app_free: bool
    tiered: frozenset[Category]
    service_rate_of: Category | None
    rate_range: Range | None
    trial: Trial | None
    sources: Mapping[str, str]

    @property
    def source(self) -> Text:
        """Where the unit of this period, its main fact, was read."""
        return t("{source}", source=self.sources["unit"])

    def is_free_in_window(self, category: Category) -> bool:
        """True when this category costs nothing inside an open customer service window."""
        return category in self.free_in_window
