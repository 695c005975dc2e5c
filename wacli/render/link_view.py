"""A link that opens a thread in the phone app, as words and as a QR code that a phone can read off the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.identity import display_phone
from wacli.domain.text import t
from wacli.services.by_hand import Link

from .qr import qr_lines
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

LINK_FIELDS = ("contact_id", "name", "phone", "link", "text", "attachments")


def link_fields(link: Link) -> Flat:
    """One link for machines."""
    contact = link.contact
    return {
        "contact_id": contact.id or None,
        "name": contact.label,
        "phone": None if contact.phone is None else display_phone(contact.phone),
        "link": link.url,
        "text": link.text,
        "attachments": link.attachments,
    }


def link_record(link: Link, words: Words, width: int) -> Record:
    """The link, its QR code where the terminal is wide enough for it, and what is left to do by hand."""
    say = words.say
    code = qr_lines(link.url, width)
    todo = [Cell(say(t("Open it, or point the phone at the code; then tap send.")))]
    if not code:
        todo = [Cell(say(t("Open it, then tap send. The text is too long for a code on this terminal.")))]
    if link.attachments:
        names = sanitise(", ".join(link.attachments))
        todo.append(Cell(say(t("Attach by hand: {names}", names=names)), Style.WARN))
    todo.append(Cell(say(t("wacli itself sent nothing.")), Style.DIM))
    return Record(
        link_fields(link),
        (
            Paragraph(lines=(Cell(sanitise(link.contact.label), Style.STRONG), Cell(sanitise(link.url)))),
            *([Paragraph(lines=tuple(Cell(line, Style.CODE) for line in code))] if code else []),
            Paragraph(lines=tuple(todo)),
        ),
    )


def link_listing(links: Sequence[Link]) -> Listing[Link]:
    """Several links for machines."""
    return Listing(
        fields=LINK_FIELDS,
        rows=links,
        flat=link_fields,
        headings=(Heading(t("Contact"), share=1), Heading(t("Link"), share=2)),
        cells=lambda link: (Cell(sanitise(link.contact.label), Style.STRONG), Cell(sanitise(link.url))),
        empty=t("Nobody was written to"),
    )
