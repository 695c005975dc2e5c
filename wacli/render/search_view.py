"""Messages that were found."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.identity import display_phone
from wacli.domain.text import t
from wacli.store.search import Hit

from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

HIT_FIELDS = (
    "contact_id", "name", "phone", "thread_id", "wamid", "direction", "kind", "at", "text", "snippet",
)  # fmt: skip


def hit_fields(hit: Hit) -> Flat:
    """One message for machines."""
    return {
        "contact_id": hit.contact_id,
        "name": hit.contact,
        "phone": None if hit.phone is None else display_phone(hit.phone),
        "thread_id": hit.thread_id,
        "wamid": hit.wamid,
        "direction": hit.direction,
        "kind": hit.kind,
        "at": hit.at,
        "text": hit.text,
        "snippet": hit.snippet,
    }


def hits_listing(hits: Sequence[Hit], words: Words, *, has_more: bool) -> Listing[Hit]:
    """Newest first; what was found stands between asterisks."""
    return Listing(
        fields=HIT_FIELDS,
        rows=hits,
        flat=hit_fields,
        headings=(Heading(t("When")), Heading(t("Who"), share=1), Heading(t("Message"), share=4)),
        cells=lambda hit: (
            Cell("" if hit.at is None else words.instant(hit.at), Style.DIM),
            Cell(sanitise(hit.contact), Style.STRONG),
            Cell(("→ " if hit.direction == "outbound" else "") + sanitise(hit.snippet)),
        ),
        empty=t("No message has these words"),
        footer=(t("There are more: --limit 0"),) if has_more else (),
    )
