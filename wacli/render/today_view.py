"""The morning brief: one screen for the owner, one object for a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from wacli.domain.money import Money
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.board import Line
from wacli.services.today import Brief
from wacli.store.failed_sends import FailedSend

from .alarm_view import alarm_fields, alarm_texts
from .board_view import KINDS, line_cells, line_fields, line_headings
from .spend_view import month_end_words
from .thread_view import STATUSES
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

TODAY_FIELDS = (
    "at", "attention", "open_count", "closing_within_seconds", "closing_count", "closing", "waiting_count", "waiting",
    "failed_count", "unknown_count", "failed", "spent", "currency", "billed_count", "unknown_price_count", "budget",
    "forecast", "forecast_low", "forecast_high",
    "allowance_left", "allowance_total", "allowance_runs_out_on", "template_alarms",
)  # fmt: skip
_SHORT = 60


def today_record(brief: Brief, words: Words) -> Record:
    """The whole brief."""
    return Record(today_fields(brief), _paragraphs(brief, words))


def today_fields(brief: Brief) -> Flat:
    """The brief for machines: thread rows as `threads` gives them, alarms as `templates list` does."""
    free = brief.allowance
    values: tuple[object, ...] = (
        brief.at,
        [one.value for one in brief.attention],
        brief.open_count,
        int(brief.closing_within.total_seconds()),
        brief.closing_count,
        [line_fields(line, brief.at) for line in brief.closing],
        brief.waiting_count,
        [line_fields(line, brief.at) for line in brief.waiting],
        brief.failed_count,
        brief.unknown_count,
        [_failed_fields(one) for one in brief.failed],
        None if brief.spent.unknown_count == brief.spent.billed_count > 0 else brief.spent.amount,
        brief.currency,
        brief.spent.billed_count,
        brief.spent.unknown_count,
        None if brief.budget is None else brief.budget.limit,
        *((None,) * 3 if brief.forecast is None else (brief.forecast.likely, brief.forecast.low, brief.forecast.high)),
        None if free is None else free.left,
        None if free is None else free.total,
        None if free is None or free.runs_out_on is None else free.runs_out_on.isoformat(),
        [alarm_fields(alarm) for alarm in brief.alarms],
    )
    return dict(zip(TODAY_FIELDS, values, strict=True))


def _failed_fields(one: FailedSend) -> Flat:
    return {
        "contact_id": one.contact_id,
        "name": one.name,
        "state": one.state,
        "at": one.at,
        "kind": one.kind,
        "text": one.text,
        "error_code": one.error_code,
        "error": one.error_text,
    }


def _paragraphs(brief: Brief, words: Words) -> Iterator[Paragraph]:
    yield Paragraph(lines=(Cell(words.instant(brief.at), Style.STRONG), _summary(brief, words)))
    if brief.closing:
        within = words.short_duration(brief.closing_within)
        title = t("Answer now: the window closes within {within}", within=within)
        yield _lines(title, Style.BAD, brief.closing, brief, words, brief.closing_count - len(brief.closing))
    if brief.waiting:
        title = t("Also waiting") if brief.closing else t("Waiting for an answer")
        hidden = brief.waiting_count - brief.closing_count - len(brief.waiting)
        yield _lines(title, Style.WARN, brief.waiting, brief, words, hidden)
    if brief.failed:
        yield _failed(brief, words)
    yield Paragraph(pairs=tuple((words.say(label), cell) for label, cell in _money(brief, words)))
    if brief.alarms:
        said = [Cell(words.say(sentence), Style.WARN) for alarm in brief.alarms for sentence in alarm_texts(alarm)]
        yield Paragraph(lines=(Cell(words.say(t("Templates")), Style.STRONG), *said))


def _summary(brief: Brief, words: Words) -> Cell:
    if not brief.attention:
        return Cell(words.say(t("Nobody waits, and everything arrived.")), Style.GOOD)
    parts = []
    if brief.waiting_count:
        count = Quantity(brief.waiting_count)
        parts.append(tn("{count} waiting for an answer", "{count} waiting for an answer", count))
    if brief.failed_count:
        parts.append(tn("{count} message did not arrive", "{count} messages did not arrive", brief.failed_count))
    if brief.alarms:
        parts.append(
            tn("{count} template changes its price", "{count} templates change their price", len(brief.alarms))
        )
    return Cell(" · ".join(words.say(part) for part in parts))


def _lines(title: Text, style: Style, lines: Sequence[Line], brief: Brief, words: Words, hidden: int) -> Paragraph:
    more = tn("{count} more: wacli threads --unanswered", "{count} more: wacli threads --unanswered", Quantity(hidden))
    listing: Listing[Line] = Listing(
        fields=(),
        rows=lines,
        flat=lambda line: line_fields(line, brief.at),
        headings=line_headings(with_ads=False),
        cells=lambda line: line_cells(line, brief.at, words, with_ads=False),
        empty=t("Nobody."),
        footer=(more,) if hidden > 0 else (),
    )
    return Paragraph(lines=(Cell(words.say(title), style),), table=cast("Listing[object]", listing))


def _failed(brief: Brief, words: Words) -> Paragraph:
    hidden = Quantity(brief.failed_count - len(brief.failed))
    listing: Listing[FailedSend] = Listing(
        fields=(),
        rows=brief.failed,
        flat=_failed_fields,
        headings=(
            Heading(t("Contact"), share=1),
            Heading(t("When")),
            Heading(t("Message"), share=2),
            Heading(t("Why")),
        ),
        cells=lambda one: (
            Cell(sanitise(one.label)),
            Cell(words.instant(one.at), Style.DIM),
            Cell(_message(one, words)),
            _why(one, words),
        ),
        empty=t("Nothing."),
        footer=(tn("{count} more: wacli outbox list --all", "{count} more: wacli outbox list --all", hidden),)
        if hidden
        else (),
    )
    return Paragraph(lines=(Cell(words.say(t("Did not arrive")), Style.BAD),), table=cast("Listing[object]", listing))


def _message(one: FailedSend, words: Words) -> str:
    if one.text:
        return sanitise(one.text[:_SHORT])
    return words.say(KINDS[one.kind]) if one.kind in KINDS else sanitise(f"({one.kind})")


def _why(one: FailedSend, words: Words) -> Cell:
    if one.state == "unknown":
        return Cell(words.say(t("nobody knows: wacli outbox list --unknown")), Style.BAD)
    if one.error_code is not None:
        return Cell(words.say(t("wacli help error {code}", code=one.error_code)), Style.BAD)
    return Cell(words.say(STATUSES["failed"]), Style.BAD)


def _money(brief: Brief, words: Words) -> Iterator[tuple[Text, Cell]]:
    spent = brief.spent
    said = words.money(Money(spent.amount, brief.currency))
    if spent.unknown_count:
        unknown = Quantity(spent.unknown_count)
        said += words.say(
            tn(" and {count} message at an unknown price", " and {count} messages at unknown prices", unknown)
        )
    style = Style.PLAIN
    if brief.budget is not None:
        budget = brief.budget
        said += words.say(t(" of {limit}", limit=Money(budget.limit, brief.currency)))
        style = Style.BAD if budget.spent >= budget.limit else Style.PLAIN
    yield t("Spent this month"), Cell(said, style)
    if brief.forecast is not None:
        yield t("At the month's end"), Cell(words.say(month_end_words(brief.forecast)))
    free = brief.allowance
    if free is None:
        return
    left = words.say(t("{left} of {total}", left=Quantity(free.left), total=Quantity(free.total)))
    if free.runs_out_on is not None:
        left += words.say(t(", at this pace until {day}", day=free.runs_out_on))
    yield t("Free replies left"), Cell(left, Style.WARN if free.runs_out_on is not None else Style.PLAIN)
