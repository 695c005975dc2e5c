"""The words of an estimate: categories, which free, ranges of money, sources, and sentences in lines."""

from __future__ import annotations

import textwrap
from datetime import date
from decimal import Decimal

from wacli.domain.category import Category
from wacli.domain.money import Money
from wacli.domain.pricing import FreeReason
from wacli.domain.quote import Citation, Quote, QuoteLine, Span
from wacli.domain.rate_card import BUSINESS_INITIATED, USER_INITIATED
from wacli.domain.text import Text, t

from .estimate_view import amount
from .words import Words

CATEGORIES: dict[str, Text] = {
    Category.MARKETING.value: t("marketing"),
    Category.UTILITY.value: t("utility"),
    Category.AUTHENTICATION.value: t("authentication"),
    Category.AUTHENTICATION_INTERNATIONAL.value: t("authentication, international"),
    Category.SERVICE.value: t("service"),
    BUSINESS_INITIATED: t("begun by the business"),
    USER_INITIATED: t("begun by the contact"),
}
WHICH_FREE: dict[FreeReason, Text] = {
    FreeReason.ALLOWANCE: t("allowance"),
    FreeReason.FREE_ENTRY_POINT: t("ad window"),
    FreeReason.RULES: t("rules"),
    FreeReason.APP: t("phone app"),
}
UNITS: dict[str, Text] = {
    "fixed": t("templates outside the 24-hour window are billed at a fixed price"),
    "conversation": t("conversations of 24 hours are billed"),
    "message": t("each delivered message is billed"),
}
_FACT_OF = {
    FreeReason.ALLOWANCE: "allowance",
    FreeReason.FREE_ENTRY_POINT: "entry_point",
    FreeReason.RULES: "free_in_window",
}
FACTS: dict[str, Text] = {
    "unit": t("what is billed"),
    "free_in_window": t("what is free inside the window"),
    "allowance": t("the monthly allowance"),
    "entry_point": t("the free entry point"),
}


def bullet(text: str, width: int, mark: str = "- ") -> list[str]:
    """A sentence in lines of the terminal's width, set in behind its mark."""
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def total_words(total: Decimal | None, span: Span, currency: str, words: Words) -> str:
    """A total in words: one amount, or between what and what it lies."""
    low = words.money(Money(span.low, currency))
    high = None if span.high is None else words.money(Money(span.high, currency))
    if total is not None:
        exact = words.money(Money(total, currency))
        if span == Span(total, total):
            return exact
        if high is None:
            return words.say(t("{total}, and at least {low}", total=exact, low=low))
        if total == span.low:
            return words.say(t("{total}, and at most {high}", total=exact, high=high))
        if total == span.high:
            return words.say(t("{total} at most, and at least {low}", total=exact, low=low))
        return words.say(t("{total}, and surely between {low} and {high}", total=exact, low=low, high=high))
    if high is None:
        return words.say(t("at least {low}; nothing known bounds it above", low=low))
    if low == high:
        return words.say(t("about {low}, which no card of that day confirms", low=low))
    return words.say(t("between {low} and {high}", low=low, high=high))


def amount_words(exact: Decimal | None, span: Span, words: Words) -> str:
    """Amounts of one cell without the idle zeros of a multiplication: 41.1000 is 41.10."""
    return range_words(amount(exact), Span(amount(span.low), None if span.high is None else amount(span.high)), words)


def range_words(exact: Decimal | None, span: Span, words: Words) -> str:
    """Figures of one cell: exact with every decimal, a range, or words where nothing bounds it."""
    if exact is not None:
        return words.figure(exact)
    low = words.figure(span.low)
    if span.high is None:
        return f"≥ {low}" if span.low else words.say(t("not known"))
    return f"≈ {low}" if span.low == span.high else f"{low} – {words.figure(span.high)}"


def free_words(line: QuoteLine, words: Words) -> str:
    """Which free a line's free messages are; empty when none is."""
    if line.free_reason is None or not line.free_count:
        return ""
    return words.say(WHICH_FREE[line.free_reason])


def free_mark(line: QuoteLine, quote: Quote) -> str:
    """The number of the source that makes the line's free messages free: `[3]`."""
    fact = None if line.free_reason is None else _FACT_OF.get(line.free_reason)
    return _mark([source.fact == fact for source in quote.sources]) if fact else ""


def card_mark(line: QuoteLine, quote: Quote) -> str:
    """The number of the source that the line's price was read from."""
    return _mark([(source.id, source.source) == (line.card_id, line.source) for source in quote.sources])


def _mark(matches: list[bool]) -> str:
    return f"[{matches.index(True) + 1}]" if True in matches else ""


def source_words(source: Citation, quote: Quote, words: Words) -> str:
    """One source: which card or rule, of what date, by whom, where and when it was read."""
    if source.what == "rules":
        fact = FACTS.get(source.fact or "", t("the rules"))
        day = date.fromisoformat(source.id)
        return words.say(t("Rules of {day}, {fact}: {source}", day=day, fact=fact, source=source.source))
    day_or_none = next((line.card_on for line in quote.lines if line.card_id == source.id), None)
    where = t("{source}", source=source.source)
    if source.is_user:
        where = t("imported by you; {source}", source=where)
    elif source.publisher != "meta":
        where = t("not Meta's own list; {source}", source=where)
    return words.say(
        t(
            "Card {card} in force from {day}, read on {read_on}: {source}",
            card=source.id,
            day=day_or_none,
            read_on=source.retrieved_on,
            source=where,
        )
    )
