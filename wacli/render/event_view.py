"""Events as they come in (`wacli listen --print`): one line each, for people or for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from wacli.domain.event import (
    CallSeen,
    ContactSynced,
    Event,
    IdentityChanged,
    IdentityKeySeen,
    MessageSeen,
    NoticeSeen,
    PreferenceStated,
    StatusSeen,
    TemplateChanged,
    Unrecognised,
)
from wacli.domain.event_kind import EventKind, kind_of
from wacli.domain.identity import Party, display_phone
from wacli.domain.text import Text, t

from .table import GAP, paint
from .thread_view import STATUSES
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

EVENT_FIELDS = (
    "event", "at", "notification_id", "phone_number_id", "name", "phone", "bsuid", "username", "wamid", "direction",
    "kind", "text", "status", "category", "error_code", "error_text",
)  # fmt: skip
_TITLES: dict[EventKind, Text] = {
    EventKind.MESSAGE: t("message"),
    EventKind.STATUS: t("status"),
    EventKind.ECHO: t("phone app"),
    EventKind.HISTORY: t("history"),
    EventKind.CALL: t("call"),
    EventKind.IDENTITY: t("identity"),
    EventKind.CONTACT: t("address book"),
    EventKind.PREFERENCE: t("preference"),
    EventKind.TEMPLATE: t("template"),
    EventKind.NOTICE: t("notice"),
    EventKind.UNKNOWN: t("unknown"),
}
_COLUMNS = (8, 12, 20, None)  # the widths of a line's parts; the last takes the rest
_LOUD = {EventKind.MESSAGE: Style.STRONG, EventKind.CALL: Style.STRONG, EventKind.UNKNOWN: Style.WARN}


class Happening(NamedTuple):
    """One event and the notification that told it."""

    notification_id: int
    event: Event


def happening_listing(items: Iterable[Happening], words: Words) -> Listing[Happening]:
    """The stream of events; machines get each row as soon as it is known."""
    return Listing(
        fields=EVENT_FIELDS,
        rows=items,
        flat=happening_fields,
        headings=(Heading(t("When")), Heading(t("Event")), Heading(t("Contact")), Heading(t("What"), share=1)),
        cells=lambda item: happening_cells(item, words),
        empty=t("Nothing came in"),
    )


def happening_fields(item: Happening) -> Flat:
    """One event for machines: the same keys for every kind, null where it has no such thing."""
    event = item.event
    party = _party(event)
    said: Flat = {
        "event": kind_of(event).value,
        "at": _instant(event),
        "notification_id": item.notification_id,
        "phone_number_id": event.number.phone_number_id,
        "name": party.name,
        "phone": None if party.phone is None else display_phone(party.phone),
        "bsuid": party.bsuid,
        "username": party.username,
    }
    return {**dict.fromkeys(EVENT_FIELDS), **said, **_details(event)}


def _details(event: Event) -> Flat:
    if isinstance(event, MessageSeen):
        return {"wamid": event.key, "direction": event.direction, "kind": event.kind, "text": event.text}
    if isinstance(event, StatusSeen):
        return {
            "wamid": event.key,
            "direction": "outbound",
            "status": event.status,
            "category": event.pricing_category,
            "error_code": event.error_code,
            "error_text": event.error_text,
        }
    if isinstance(event, CallSeen):
        return {"wamid": event.key, "direction": event.direction, "kind": event.event}
    if isinstance(event, PreferenceStated):
        return {"kind": event.value, "category": event.category, "text": event.detail}
    if isinstance(event, TemplateChanged):
        return {"name": event.name, "kind": event.what, "status": event.after, "text": event.reason}
    if isinstance(event, NoticeSeen):
        return {"kind": event.field, "status": event.what}
    if isinstance(event, Unrecognised):
        return {"kind": event.field, "text": event.why}
    if isinstance(event, ContactSynced):
        return {"kind": "removed" if event.is_removed else "added"}
    if isinstance(event, IdentityKeySeen):
        return {"kind": "key"}
    return {"kind": "moved"}


def happening_cells(item: Happening, words: Words) -> tuple[Cell, ...]:
    """When, what sort, who, and what: one line for people."""
    event = item.event
    kind = kind_of(event)
    at = _instant(event)
    when = "" if at is None else f"{at.astimezone(words.zone):%H:%M:%S}"
    what, style = _what(event, words)
    return (
        Cell(when, Style.DIM),
        Cell(words.say(_TITLES[kind]), _LOUD.get(kind, Style.PLAIN)),
        Cell(sanitise(_who(event)), Style.STRONG),
        Cell(sanitise(what), style),
    )


def happening_line(item: Happening, words: Words, width: int, colour: bool) -> str:
    """The same as one line of a stream: columns that stay where they are, cut off at the terminal's edge."""
    from rich.cells import cell_len, set_cell_size

    left, parts = width, []
    for cell, column in zip(happening_cells(item, words), _COLUMNS, strict=True):
        room = min(column or left, left)
        if room <= 0:
            break
        text = cell.text if cell_len(cell.text) <= room else set_cell_size(cell.text, room - 1) + "…"
        padding = " " * (room - cell_len(text)) if column else ""
        parts.append(paint(Cell(text, cell.style), colour) + padding)
        left -= room + GAP
    return (" " * GAP).join(parts).rstrip()


def _what(event: Event, words: Words) -> tuple[str, Style]:
    if isinstance(event, MessageSeen):
        return event.text if event.text and event.kind == "text" else f"({event.kind}) {event.text or ''}", Style.PLAIN
    if isinstance(event, StatusSeen):
        label = words.say(STATUSES[event.status]) if event.status in STATUSES else event.status
        if event.status == "failed":
            return f"{label}: {event.error_code or ''} {event.error_text or ''}", Style.BAD
        return label, Style.GOOD if event.status in ("delivered", "read", "played") else Style.PLAIN
    details = _details(event)
    parts = (details.get("kind"), details.get("category"), details.get("status"), details.get("text"))
    return " ".join(str(part) for part in parts if part), Style.PLAIN


def _who(event: Event) -> str:
    party = _party(event)
    if isinstance(event, TemplateChanged):
        return event.name or ""
    phone = None if party.phone is None else display_phone(party.phone)
    return party.name or (f"@{party.username}" if party.username else None) or phone or party.bsuid or ""


def _party(event: Event) -> Party:
    if isinstance(event, IdentityChanged):
        return event.after
    return getattr(event, "party", None) or Party()


def _instant(event: Event) -> datetime | None:
    at: int | None = getattr(event, "at", None)
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):  # no instant that a calendar knows
        return None
