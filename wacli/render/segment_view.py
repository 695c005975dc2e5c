"""Saved segments as a list."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.segment import Segment
from wacli.domain.text import t

from .view import Cell, Heading, Listing, Style
from .words import Words, sanitise

SEGMENT_FIELDS = ("name", "audience", "condition", "contacts", "created_at")


def segments_listing(rows: Sequence[tuple[Segment, int | None]], words: Words) -> Listing[tuple[Segment, int | None]]:
    """Each segment with how many contacts are in it now."""
    return Listing(
        fields=SEGMENT_FIELDS,
        rows=rows,
        flat=lambda row: {
            "name": row[0].name,
            "audience": row[0].audience,
            "condition": row[0].condition,
            "contacts": row[1],
            "created_at": row[0].created_at,
        },
        headings=(
            Heading(t("Segment")),
            Heading(t("Audience"), share=1),
            Heading(t("Condition"), share=2, wraps=True),
            Heading(t("Contacts"), right=True),
        ),
        cells=lambda row: (
            Cell(sanitise(row[0].name), Style.STRONG),
            Cell(sanitise(row[0].audience)),
            Cell(sanitise(row[0].condition or "")),
            Cell("" if row[1] is None else words.number(row[1])),
        ),
        empty=t("No segment yet. Keep one: wacli campaigns segments add NAME --to tag:vip"),
    )
