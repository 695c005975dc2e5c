"""The same messages, charged in several ways, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from wacli.domain.money import Money
from wacli.domain.pricing import FreeReason
from wacli.domain.text import Text, t, tn
from wacli.services.what_if import Outcome, Span

from .view import Cell, Heading, Listing, Paragraph, Record, Style
from .words import Words


def what_if_record(span: Span, outcomes: Sequence[Outcome], currency: str, words: Words) -> Record:
    """One object for scripts: the span and a list of scenarios; a table for people. The first is what others are
    compared with."""
    flat = {
        "since": span.since,
        "until": span.until,
        "currency": currency,
        "scenarios": [_fields(outcome, outcomes[0], words) for outcome in outcomes],
    }
    first, last = span.since.astimezone(words.zone).date(), (span.until - timedelta(seconds=1)).astimezone(words.zone)
    title = t("Your messages from {first} to {last}", first=first, last=last.date())
    return Record(
        flat,
        (
            Paragraph(lines=(Cell(words.say(title), Style.STRONG),)),
            Paragraph(table=_table(outcomes, currency, words)),
            Paragraph(lines=tuple(Cell(words.say(line), Style.DIM) for line in _remarks(outcomes))),
        ),
    )


def name_of(outcome: Outcome) -> Text:
    """The scenario in words."""
    habit, on = outcome.scenario.habit, outcome.scenario.on
    if habit is not None:
        return habit.words()
    return t("as they were") if on is None else t("by the rules of {day}", day=on)


def _fields(outcome: Outcome, first: Outcome, words: Words) -> dict[str, object]:
    sums, habit = outcome.sums, outcome.scenario.habit
    is_known = not (sums.unknown_count or first.sums.unknown_count)
    return {
        "name": words.say(name_of(outcome)),
        "on": None if outcome.scenario.on is None else outcome.scenario.on.isoformat(),
        "habit": None if habit is None else habit.kind.value,
        "span_seconds": None if habit is None or habit.span is None else int(habit.span.total_seconds()),
        "rules": outcome.rules,
        "rate_card": outcome.rate_card,
        "count": sums.count,
        "billed_count": sums.billed_count,
        "unknown_count": sums.unknown_count,
        **{f"{reason.value}_count": sums.free.get(reason, 0) for reason in FreeReason},
        "amount": None if sums.unknown_count else sums.total,
        "known_amount": sums.total,
        "difference": sums.total - first.sums.total if is_known else None,
    }


def _table(outcomes: Sequence[Outcome], currency: str, words: Words) -> Listing[object]:
    first = outcomes[0]

    def cells(row: object) -> tuple[Cell, ...]:
        assert isinstance(row, Outcome)
        difference = row.sums.total - first.sums.total
        style = Style.GOOD if difference < 0 else Style.BAD if difference > 0 else Style.DIM
        free = row.sums.count - row.sums.billed_count
        return (
            Cell(words.say(name_of(row)), Style.STRONG if row is first else Style.PLAIN),
            Cell(words.number(row.sums.count)),
            Cell(words.number(free)),
            Cell(words.number(row.sums.billed_count)),
            Cell(("≥ " if row.sums.unknown_count else "") + words.money(Money(row.sums.total, currency)), Style.STRONG),
            Cell("" if row is first else _signed(difference, currency, words), style),
        )

    return Listing(
        fields=(),
        rows=list(outcomes),
        flat=lambda _: {},
        headings=(
            Heading(t("Scenario"), share=1, wraps=True),
            Heading(t("Messages"), right=True),
            Heading(t("Free"), right=True),
            Heading(t("Billed"), right=True),
            Heading(t("Cost"), right=True),
            Heading(t("Difference"), right=True),
        ),
        cells=cells,
        empty=t("There are no messages"),
    )


def _signed(difference: Decimal, currency: str, words: Words) -> str:
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return sign + words.money(Money(abs(difference), currency))


def _remarks(outcomes: Sequence[Outcome]) -> list[Text]:
    remarks = [t("Delivered messages only; templates of other programs by the category that WhatsApp told.")]
    if any(outcome.scenario.habit is not None for outcome in outcomes):
        remarks.append(t("Habits are rules of thumb about the past: customers might have answered differently too."))
    unknown = max(outcome.sums.unknown_count for outcome in outcomes)
    if unknown:
        remarks.append(
            tn(
                "{count} message has a price that nobody published: it is not in the cost.",
                "{count} messages have a price that nobody published: they are not in the cost.",
                unknown,
            )
        )
    return remarks
