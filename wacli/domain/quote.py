"""A quote: what planned messages will cost, in lines that a person can check by hand.

Each line is `billed_count` x `unit_price` = `amount`; counts of all lines add up to the messages asked about. What no
card says has no amount (None): `low` and `high` then bound it, and the total is unknown too. Amounts are exact;
rounding is for words. Source of the rules behind it: facts pricing.md sections 1-8.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .category import Category
from .pricing import FreeReason
from .problem import Problem
from .rate_card import Certainty
from .text import Text

NOTHING = Decimal(0)


class Span(NamedTuple):
    """Between these. `high` None: nothing is known that would bound it."""

    low: Decimal
    high: Decimal | None


class QuoteLine(NamedTuple):
    """So many messages of one category to one market, those free for one reason and those billed at one price.

    `rate_word` is the card's word for what is billed (differs from the category in 2022-02 to 2023-05).
    `unit_price` and `amount` are None where no card says; `prices` then bounds the price and `span` the amount,
    and `bounds_from` says by what.
    `card_id`, `card_on`, `source`, `certainty` say where the price was read; `is_given`: the asker supplied it.
    """

    market: str
    category: Category
    message_count: int
    free_count: int
    free_reason: FreeReason | None
    billed_count: int
    unit_price: Decimal | None
    amount: Decimal | None
    tier: str | None
    prices: Span
    span: Span
    rate_word: str | None = None
    card_id: str | None = None
    card_on: date | None = None
    source: str | None = None
    certainty: Certainty | None = None
    is_given: bool = False
    reason: Text | None = None
    bounds_from: Text | None = None


class Extra(NamedTuple):
    """Something on top of Meta's charges, by its name: a fee for each message, a tax in per cent."""

    kind: str  # "fee" or "tax"
    name: str
    rate: Decimal  # money for each message, or the fraction of a tax (0.11)
    amount: Decimal | None
    span: Span


class Converted(NamedTuple):
    """The totals in another currency, for reading only: the bill is in the card's currency."""

    currency: str
    rate: Decimal
    total: Decimal | None
    span: Span


class Citation(NamedTuple):
    """Where something was read: the rules or a card, its date, the text, the day it was retrieved.

    `fact` names what the rules say there: `unit`, or one that makes messages free (`free_in_window`, `allowance`,
    `entry_point`); None for a card.
    """

    what: str  # "rules" or "rate_card"
    id: str
    source: str
    retrieved_on: date | None
    publisher: str | None = None  # meta, derived, resale; None for rules
    is_user: bool = False
    fact: str | None = None


class Quote(NamedTuple):
    """The answer to "what will it cost?" under one day's rules and card. `total` includes the extras."""

    on: date
    currency: str
    rules: str
    rate_card: str | None
    unit: str  # what is billed: fixed, conversation, message
    lines: tuple[QuoteLine, ...]
    extras: tuple[Extra, ...]
    subtotal: Decimal | None
    total: Decimal | None
    low: Decimal
    high: Decimal | None
    assumptions: tuple[Text, ...]
    sources: tuple[Citation, ...]
    converted: Converted | None = None

    @property
    def message_count(self) -> int:
        """All messages asked about."""
        return sum(line.message_count for line in self.lines)

    @property
    def free_count(self) -> int:
        """Those that cost nothing."""
        return sum(line.free_count for line in self.lines)

    @property
    def billed_count(self) -> int:
        """Those that are billed, at a known price or not."""
        return sum(line.billed_count for line in self.lines)


class ComparedDay(NamedTuple):
    """The same messages on another day: a quote, or the reason why there is none."""

    on: date
    quote: Quote | None
    problem: Problem | None


def add_spans(spans: list[Span]) -> Span:
    """The sum of bounds; open at the top as soon as one of them is."""
    low = sum((span.low for span in spans), NOTHING)
    highs = [span.high for span in spans]
    high = None if None in highs else sum((high for high in highs if high is not None), NOTHING)
    return Span(low, high)


def exactly(amount: Decimal) -> Span:
    """The bounds of something known."""
    return Span(amount, amount)
