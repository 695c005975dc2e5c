"""Quick replies as a list and as one thing."""

from __future__ import annotations

from collections.abc import Iterable

from wacli.domain.text import t
from wacli.store.quick_replies import QuickReply

from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import sanitise, sanitise_lines

QUICK_FIELDS = ("name", "text", "added_at", "edited_at")


def quick_listing(found: Iterable[QuickReply]) -> Listing[QuickReply]:
    """All of them."""
    return Listing(
        fields=QUICK_FIELDS,
        rows=found,
        flat=quick_fields,
        headings=(Heading(t("Name")), Heading(t("Text"), share=1)),
        cells=lambda one: (Cell(sanitise(one.name), Style.STRONG), Cell(sanitise(one.text))),
        empty=t('There are no quick replies yet. Add one: wacli quick add NAME "TEXT"'),
    )


def quick_record(one: QuickReply) -> Record:
    """One of them, with its line breaks."""
    lines = (Cell(line) for line in sanitise_lines(one.text))
    return Record(quick_fields(one), (Paragraph(lines=(Cell(sanitise(one.name), Style.STRONG), *lines)),))


def quick_fields(one: QuickReply) -> Flat:
    """One for machines."""
    return {"name": one.name, "text": one.text, "added_at": one.added_at, "edited_at": one.edited_at}
