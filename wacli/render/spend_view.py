"""Where the money went, as a screen and as rows: amounts, what was free and which free, and how the month will end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.money import Money
from wacli.domain.pricing import FreeReason
from wacli.domain.text import Quantity, Text, mark, t, tn
from wacli.domain.verdict import Budget
from wacli.services.forecast import Forecast
from wacli.services.spend import Spend, SpendLine, Sum
from wacli.store.spend import Dimension

from .bars import bars
from .cldr import NUMBERS
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

_SUM_FIELDS = (
    "count",
    "billed_count",
    "free_count",
    "unknown_count",
    "amount",
    "currency",
    "saved",
    "allowance_count",
    "free_entry_point_count",
    "rules_count",
    "app_count",
)
SPEND_FIELDS = ("by", "key", "name", "contact_id", *_SUM_FIELDS)

TITLES = {
    Dimension.CONTACT: mark("Contact"),
    Dimension.THREAD: mark("Thread"),
    Dimension.TEMPLATE: mark("Template"),
    Dimension.CATEGORY: mark("Category"),
    Dimension.MARKET: mark("Market"),
    Dimension.CAMPAIGN: mark("Campaign"),
    Dimension.TAG: mark("Tags"),
    Dimension.AD: mark("Ad"),
    Dimension.LINK: mark("Link"),
    Dimension.DAY: mark("Day"),
    Dimension.MONTH: mark("Month"),
}
_NONE = {
    Dimension.CONTACT: mark("(nobody known, or a group)"),
    Dimension.THREAD: mark("(nobody known, or a group)"),
    Dimension.TEMPLATE: mark("(no template)"),
    Dimension.CATEGORY: mark("(not known)"),
    Dimension.MARKET: mark("(not known)"),
    Dimension.CAMPAIGN: mark("(no campaign)"),
    Dimension.TAG: mark("(no tag)"),
    Dimension.AD: mark("(no ad)"),
    Dimension.LINK: mark("(no link)"),
}
_NAMELESS = {
    Dimension.TEMPLATE: mark("(a template of another program)"),
    Dimension.AD: mark("(an ad without a number)"),
}


class Month(NamedTuple):
    """What is said besides when the span is the present month: its likely end, and the budget. None: not known, or
    there is none."""

    forecast: Forecast | None
    budget: Budget | None


def label(by: Dimension, line: SpendLine, words: Words) -> str:
    """What a line is called on a screen."""
    if line.name is not None:
        return sanitise(line.name)
    if line.key is None or line.key == "":
        said = _NONE.get(by) if line.key is None else _NAMELESS.get(by)
        return words.say(said or mark("(not known)"))
    if by is Dimension.DAY:
        return words.day(date.fromisoformat(str(line.key)))
    return sanitise(str(line.key))


def spend_listing(found: Spend, month: Month | None, words: Words, width: int, limit: int | None) -> Listing[SpendLine]:
    """`spend by ...`: one row for each key, with bars; the total below is of all, also of those that are not shown."""
    lines = found.lines if limit is None else found.lines[:limit]
    amounts = in_column([line.sum.amount for line in lines], found.currency, words)
    saved = in_column([line.sum.saved for line in lines], found.currency, words)
    shown = dict(zip(map(id, lines), zip(amounts, saved, strict=True), strict=True))
    drawn = dict(
        zip(
            (id(line) for line in lines), bars([_length(found, line) for line in lines], _bar_width(width)), strict=True
        )
    )
    return Listing(
        fields=SPEND_FIELDS,
        rows=lines,
        flat=lambda line: _line_fields(found, line),
        headings=(
            Heading(t(TITLES[found.by]), share=1),
            Heading(t("Amount"), right=True),
            Heading(t("Messages"), right=True),
            Heading(t("Free"), right=True),
            Heading(t("Saved"), right=True),
            Heading(t("Share")),
        ),
        cells=lambda line: (
            Cell(label(found.by, line, words), Style.STRONG if line.sum.amount else Style.PLAIN),
            _amount(line.sum, shown[id(line)][0]),
            Cell(words.number(line.sum.message_count)),
            Cell(words.number(line.sum.free_count) if line.sum.free_count else ""),
            Cell(shown[id(line)][1] if line.sum.saved else "", Style.GOOD),
            Cell(drawn[id(line)]),
        ),
        empty=t("Nothing was charged in that time"),
        footer=tuple(_footer(found, month, hidden=len(found.lines) - len(lines))),
    )


def spend_record(found: Spend, month: Month | None, words: Words, width: int) -> Record:
    """`spend` alone: the sum, what was free, how the month will end; and a table by category."""
    return Record(total_fields(found, month), _paragraphs(found, month, words, width))


def total_fields(found: Spend, month: Month | None) -> Flat:
    """The whole answer as one object."""
    forecast, budget = (None, None) if month is None else month
    return {
        "since": found.since,
        "until": found.until,
        **_sum_fields(found.total, found.currency),
        "contradicted_count": found.contradicted_count,
        "forecast": None if forecast is None else forecast.likely,
        "forecast_low": None if forecast is None else forecast.low,
        "forecast_high": None if forecast is None else forecast.high,
        "budget": None if budget is None else budget.limit,
        "budget_left": None if budget is None else budget.left.amount,
        "lines": [_line_fields(found, line) for line in found.lines],
    }


def free_words(free: dict[FreeReason, int]) -> Text | None:
    """How many were free and which free; None when none was."""
    parts = [
        (FreeReason.ALLOWANCE, mark("{count} of the month's free messages")),
        (FreeReason.FREE_ENTRY_POINT, mark("{count} after an ad")),
        (FreeReason.RULES, mark("{count} by the rules of their day")),
        (FreeReason.APP, mark("{count} typed in the phone app")),
    ]
    said = [t(words, count=Quantity(free[reason])) for reason, words in parts if free.get(reason)]
    if not said:
        return None
    joined = said[0]
    for one in said[1:]:
        joined = t("{first}, {second}", first=joined, second=one)
    return joined


def _line_fields(found: Spend, line: SpendLine) -> Flat:
    return {
        "by": found.by.value,
        "key": line.key,
        "name": line.name,
        "contact_id": line.contact_id,
        **_sum_fields(line.sum, found.currency),
    }


def _sum_fields(total: Sum, currency: str) -> Flat:
    return {
        "count": total.message_count,
        "billed_count": total.billed_count,
        "free_count": total.free_count,
        "unknown_count": total.unknown_count,
        "amount": total.amount,
        "currency": currency,
        "saved": total.saved,
        **{f"{reason.value}_count": total.free.get(reason, 0) for reason in _REASONS},
    }


_REASONS = (FreeReason.ALLOWANCE, FreeReason.FREE_ENTRY_POINT, FreeReason.RULES, FreeReason.APP)


def _paragraphs(found: Spend, month: Month | None, words: Words, width: int) -> Iterator[Paragraph]:
    yield Paragraph(lines=(Cell(words.say(_heading(found, words.zone)), Style.STRONG),))
    listing = spend_listing(found, month, words, width, None)
    yield Paragraph(table=listing)  # type: ignore[arg-type]


def _heading(found: Spend, zone: tzinfo) -> Text:
    first = found.since.astimezone(zone).date()
    last = (found.until.astimezone(zone) - timedelta(seconds=1)).date()
    total = Money(found.total.amount, found.currency)
    return t("{total} from {first} to {last}", total=total, first=first, last=last)


def _footer(found: Spend, month: Month | None, *, hidden: int) -> Iterator[Text]:
    total = found.total
    if hidden > 0:
        yield tn("{count} more line: --limit 0", "{count} more lines: --limit 0", hidden)
    yield t(
        "Total: {amount}; {billed} of {count} messages were billed.",
        amount=Money(total.amount, found.currency),
        billed=Quantity(total.billed_count),
        count=Quantity(total.message_count),
    )
    if total.unknown_count:
        yield tn(
            "One of them has a price that nobody published: it is not in the total.",
            "{count} of them have a price that nobody published: they are not in the total.",
            total.unknown_count,
        )
    why = free_words(total.free)
    if why is not None:
        yield t(
            "Free: {why}. They would have cost {saved} at list prices.",
            why=why,
            saved=Money(total.saved, found.currency),
        )
    if found.by is Dimension.TAG:
        yield t("By whole sets of tags: a contact with two tags is one line, so that nothing counts twice.")
    if found.by is Dimension.AD:
        yield t("By the ad that the contact last came through before the message.")
    if month is not None:
        yield from month_words(month)
    yield from _remarks(found)


def month_words(month: Month) -> Iterator[Text]:
    """How the month will end, and what is left of its budget."""
    forecast, budget = month
    if forecast is None:
        yield t("How the month will end cannot be told before two weeks of messages are known.")
    else:
        yield t(
            "At this pace the month ends at about {likely} (between {low} and {high}).",
            likely=_rounded(forecast.likely, forecast.currency),
            low=_rounded(forecast.low, forecast.currency),
            high=_rounded(forecast.high, forecast.currency),
        )
    if budget is not None:
        limit = Money(budget.limit, budget.currency)
        yield t("Left of the budget of {limit}: {left}.", limit=limit, left=budget.left)


def month_end_words(forecast: Forecast) -> Text:
    """The same for a line of a brief."""
    return t(
        "about {likely} (between {low} and {high})",
        likely=_rounded(forecast.likely, forecast.currency),
        low=_rounded(forecast.low, forecast.currency),
        high=_rounded(forecast.high, forecast.currency),
    )


def _remarks(found: Spend) -> Iterator[Text]:
    if found.contradicted_count:
        yield tn(
            "WhatsApp says otherwise of one message: wacli reconcile",
            "WhatsApp says otherwise of {count} messages: wacli reconcile",
            found.contradicted_count,
        )
    if not found.is_kept:
        yield t("The store could not be written, so these prices were worked out for this answer only.")


def _rounded(amount: Decimal, currency: str) -> Money:
    """A guess has no tenths of a cent."""
    return Money(amount.quantize(Decimal("0.01")), currency)


def _amount(total: Sum, text: str) -> Cell:
    return Cell(text + "+?" if total.unknown_count else text, Style.WARN if total.unknown_count else Style.PLAIN)


def in_column(amounts: Sequence[Decimal], currency: str, words: Words) -> list[str]:
    """Amounts with equally many decimals, so that they stand under each other."""
    texts = [words.money(Money(amount, currency)) for amount in amounts]
    mark = NUMBERS[words.language][0]
    most = max((len(text.rpartition(mark)[2]) for text in texts if mark in text), default=0)
    return [_padded(text, mark, most) for text in texts]


def _padded(text: str, mark: str, decimals: int) -> str:
    if not decimals:
        return text
    _, has, rest = text.rpartition(mark)
    return text + "0" * (decimals - len(rest)) if has else text + mark + "0" * decimals


def _length(found: Spend, line: SpendLine) -> Decimal:
    """What the bar of a line shows: money; where nothing cost anything, what was saved, or just how many."""
    if found.total.amount:
        return line.sum.amount
    return line.sum.saved if found.total.saved else Decimal(line.sum.message_count)


def _bar_width(width: int) -> int:
    return 24 if width >= 110 else 12
