"""Links and what came in through them, as screens."""

from __future__ import annotations

from collections.abc import Sequence

from wacli.cloudapi.managed_links import ManagedLink
from wacli.domain.identity import display_phone
from wacli.domain.money import Money
from wacli.domain.text import Text, t, tn
from wacli.services.links import Door, LinkReport

from .qr import qr_lines
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise, sanitise_lines

DOOR_FIELDS = (
    "name", "link", "text", "code", "phone", "managed_code", "created_at", "retired_at",
)  # fmt: skip
REPORT_FIELDS = (
    "name", "link", "code", "chats", "new_contacts", "answered", "waiting", "missed", "converted", "tags", "last_at",
    "messages", "spent", "saved", "currency",
)  # fmt: skip
MANAGED_FIELDS = ("managed_code", "link", "text")


def door_fields(door: Door) -> Flat:
    """One link for machines."""
    link = door.link
    return {
        "name": link.name,
        "link": door.url,
        "text": link.text,
        "code": link.code,
        "phone": display_phone(link.phone),
        "managed_code": link.managed_code,
        "created_at": link.created_at,
        "retired_at": link.retired_at,
    }


def door_record(door: Door, words: Words, width: int, remarks: Sequence[Text] = ()) -> Record:
    """One link with its QR code, where the terminal is wide enough for it."""
    say = words.say
    code = qr_lines(door.url, width)
    text = sanitise_lines(door.link.text)
    hint = (
        t("Point a phone at the code to try it.") if code else t("This terminal is too narrow for the code: --png FILE")
    )
    last = [Cell(say(hint), Style.DIM), *(Cell(say(remark)) for remark in remarks)]
    return Record(
        door_fields(door),
        (
            Paragraph(lines=(Cell(sanitise(door.link.name), Style.STRONG), Cell(sanitise(door.url)))),
            *([Paragraph(lines=tuple(Cell(line, Style.CODE) for line in code))] if code else []),
            Paragraph(lines=(Cell(say(t("They send:")), Style.DIM), *(Cell(line) for line in text))),
            Paragraph(lines=tuple(last)),
        ),
    )


def doors_listing(doors: Sequence[Door]) -> Listing[Door]:
    """The links."""
    return Listing(
        fields=DOOR_FIELDS,
        rows=doors,
        flat=door_fields,
        headings=(
            Heading(t("Name"), share=2),
            Heading(t("Code")),
            Heading(t("They send"), share=3),
            Heading(t("Link"), share=3),
        ),
        cells=lambda door: (
            Cell(sanitise(door.link.name), Style.DIM if door.link.retired_at else Style.STRONG),
            Cell(door.link.code, Style.DIM),
            Cell(sanitise(door.link.text)),
            Cell(sanitise(door.url), Style.DIM),
        ),
        empty=t('No links yet. Make one: wacli links create NAME --text "Hello, I would like to order"'),
    )


def managed_listing(links: Sequence[ManagedLink]) -> Listing[ManagedLink]:
    """The links that Meta keeps for the number, whoever made them."""
    return Listing(
        fields=MANAGED_FIELDS,
        rows=links,
        flat=lambda link: {"managed_code": link.code, "link": link.url, "text": link.text},
        headings=(Heading(t("Code")), Heading(t("They send"), share=3), Heading(t("Link"), share=2)),
        cells=lambda link: (
            Cell(sanitise(link.code), Style.STRONG),
            Cell(sanitise(link.text or "")),
            Cell(sanitise(link.url), Style.DIM),
        ),
        empty=t("Meta keeps no links for this number"),
    )


def report_fields(found: LinkReport, currency: str) -> Flat:
    """What came in through one link, for machines."""
    return {
        "name": found.door.link.name,
        "link": found.door.url,
        "code": found.door.link.code,
        "chats": found.chat_count,
        "new_contacts": found.new_count,
        "answered": found.answered_count,
        "waiting": found.waiting_count,
        "missed": found.missed_count,
        "converted": found.converted_count,
        "tags": dict(found.tags),
        "last_at": found.last_at,
        "messages": found.spent.message_count,
        "spent": found.spent.amount,
        "saved": found.spent.saved,
        "currency": currency,
    }


def report_listing(
    reports: Sequence[LinkReport], words: Words, converted: str | None, currency: str
) -> Listing[LinkReport]:
    """The links by the chats they brought. The last column: people with the tag asked for, else the common tags."""
    last = t("Tags") if converted is None else t("#{tag}", tag=converted)
    return Listing(
        fields=REPORT_FIELDS,
        rows=reports,
        flat=lambda found: report_fields(found, currency),
        headings=(
            Heading(t("Link"), share=2),
            Heading(t("Chats"), right=True),
            Heading(t("New people"), right=True),
            Heading(t("Answered in 24 h"), right=True),
            Heading(t("Waiting"), right=True),
            Heading(t("Missed"), right=True),
            Heading(last, right=converted is not None, share=0 if converted is not None else 1),
            Heading(t("Spent"), right=True),
        ),
        cells=lambda found: _report_cells(found, words, currency),
        empty=t('No links yet. Make one: wacli links create NAME --text "Hello, I would like to order"'),
        footer=(_total(reports),) if len(reports) > 1 else (),
    )


def _report_cells(found: LinkReport, words: Words, currency: str) -> tuple[Cell, ...]:
    tags = ", ".join(f"{tag} {words.number(count)}" for tag, count in found.tags[:4])
    retired = found.door.link.retired_at is not None
    return (
        Cell(sanitise(found.door.link.name), Style.DIM if retired else Style.STRONG),
        Cell(words.number(found.chat_count)),
        Cell(words.number(found.new_count)),
        Cell(words.number(found.answered_count), Style.GOOD if found.answered_count else Style.PLAIN),
        Cell(words.number(found.waiting_count), Style.WARN if found.waiting_count else Style.DIM),
        Cell(words.number(found.missed_count), Style.BAD if found.missed_count else Style.DIM),
        Cell(sanitise(tags) if found.converted_count is None else words.number(found.converted_count)),
        Cell(words.money(Money(found.spent.amount, currency)) if found.spent.message_count else ""),
    )


def _total(reports: Sequence[LinkReport]) -> Text:
    chats = sum(found.chat_count for found in reports)
    return tn("{count} chat in all", "{count} chats in all", chats)
