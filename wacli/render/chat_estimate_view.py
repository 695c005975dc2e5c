"""What exported chats would cost through the API, by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from wacli.domain.money import Money
from wacli.domain.text import Text, t
from wacli.services.chat_estimate import MonthOfChats

from .view import Cell, Heading, Listing, Paragraph, Record, Style
from .words import Words


def chat_estimate_record(
    months: Sequence[MonthOfChats], currency: str, on: date, card: str | None, assumptions: Sequence[Text], words: Words
) -> Record:
    """One object for scripts; a table of months and what was assumed for people."""
    total = sum((month.amount for month in months), Decimal())
    unknown = sum(month.unknown_count for month in months)
    flat = {
        "on": on.isoformat(),
        "currency": currency,
        "rate_card": card,
        "months": [_fields(month) for month in months],
        "total": None if unknown else total,
        "known_total": total,
        "app_total": Decimal(0),
        "missed_windows": sum(month.missed_count for month in months),
        "assumptions": [words.say(line) for line in assumptions],
    }
    shown = words.money(Money(total, currency))
    verdict = t("Through the API: {total}. In the phone app: nothing.", total=shown)
    if unknown:
        verdict = t(
            "Through the API: {total} and {unknown} messages of unknown price. In the phone app: nothing.",
            total=shown,
            unknown=unknown,
        )
    return Record(
        flat,
        (
            Paragraph(table=_table(months, currency, words)),
            Paragraph(lines=(Cell(words.say(verdict), Style.STRONG),)),
            Paragraph(lines=tuple(Cell(words.say(line), Style.DIM) for line in assumptions)),
        ),
    )


def _fields(month: MonthOfChats) -> dict[str, object]:
    return {
        "month": f"{month.month:%Y-%m}",
        "inbound_count": month.inbound_count,
        "reply_count": month.reply_count,
        "template_count": month.template_count,
        "free_count": month.free_count,
        "billed_count": month.billed_count,
        "unknown_count": month.unknown_count,
        "window_count": month.window_count,
        "missed_count": month.missed_count,
        "amount": None if month.unknown_count else month.amount,
    }


def _table(months: Sequence[MonthOfChats], currency: str, words: Words) -> Listing[object]:
    def cells(row: object) -> tuple[Cell, ...]:
        assert isinstance(row, MonthOfChats)
        counts = (row.inbound_count, row.reply_count, row.template_count, row.free_count, row.billed_count)
        return (
            Cell(f"{row.month:%Y-%m}"),
            *(Cell(words.number(count)) for count in counts),
            Cell(words.number(row.missed_count), Style.WARN if row.missed_count else Style.DIM),
            Cell("?" if row.unknown_count else words.money(Money(row.amount, currency)), Style.STRONG),
        )

    counted = (t("Month"), t("From them"), t("Replies"), t("Templates"), t("Free"), t("Billed"))
    titles = (*counted, t("Windows missed"), t("Cost"))
    return Listing(
        fields=(),
        rows=list(months),
        flat=lambda _: {},
        headings=tuple(Heading(title, right=place > 0) for place, title in enumerate(titles)),
        cells=cells,
        empty=t("There are no messages"),
    )
