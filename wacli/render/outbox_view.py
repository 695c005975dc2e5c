"""The outbox as screens: what was sent, what is not known, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wacli.domain.identity import display_phone
from wacli.domain.message import Status
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.outbox import Entry, Resolution
from wacli.services.thread import INTENDED
from wacli.store.intentions import Intention

from .board_view import KINDS
from .thread_view import STATUSES
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words, sanitise

OUTBOX_FIELDS = (
    "key", "contact_id", "name", "phone", "kind", "template", "language", "category", "text", "state", "status",
    "error", "error_text", "attempts", "wamid", "replaces", "replaced_by", "created_at", "sent_at", "answered_at",
)  # fmt: skip
_SHOWN_KEY = 8  # enough to tell one send from another; any beginning or end of a key is understood

_STATES: dict[str, tuple[Text, Style]] = {
    "queued": (t("waits for another try"), Style.WARN),
    "sending": (t("being sent"), Style.WARN),
    "accepted": (t("accepted"), Style.GOOD),
    "held": (t("held for a quality check"), Style.WARN),
    "refused": (t("refused"), Style.BAD),
    "unknown": (t("outcome unknown"), Style.BAD),
}
_NO_ENTRY: Flat = dict.fromkeys(OUTBOX_FIELDS)
_NOT_SENT = (t("not sent"), Style.BAD)
_OUTCOMES: dict[str, Text] = {
    "status": t("WhatsApp has told what became of it"),
    "history": t("WhatsApp told when it was asked"),
    "not-sent": t("it was not sent"),
    "asked": t("WhatsApp took it; asked what became of it, it had nothing to tell"),
    "open": t("still not known: its number at WhatsApp was lost with the answer, so nobody can be asked about it"),
}


def short_key(key: str) -> str:
    """The end of a key, for people: keys begin with the time, and those of one minute alike."""
    return key[-_SHOWN_KEY:]


def entry_fields(entry: Entry, words: Words) -> Flat:
    """One send for machines."""
    row = entry.row
    return {
        "key": row.key,
        "contact_id": row.contact_id,
        "name": row.name,
        "phone": None if row.phone is None else display_phone(row.phone),
        "kind": row.kind,
        "template": row.template_name,
        "language": row.template_language,
        "category": row.category,
        "text": row.text,
        "state": entry.state,
        "status": row.status,
        "error": entry.error,
        "error_text": None if entry.why is None else words.say(entry.why),
        "attempts": row.attempts,
        "wamid": row.wamid,
        "replaces": row.replaces,
        "replaced_by": row.replaced_by,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "answered_at": row.answered_at,
    }


def intention_fields(meant: Intention) -> Flat:
    """What was meant for the phone app, for machines: of a send it has no key, no outcome and no number."""
    return {
        **_NO_ENTRY,
        "contact_id": meant.contact_id,
        "name": meant.name,
        "phone": None if meant.phone is None else display_phone(meant.phone),
        "kind": "text" if meant.template_name is None else "template",
        "template": meant.template_name,
        "text": meant.text,
        "state": INTENDED,
        "attempts": 0,
        "created_at": meant.at,
    }


def outbox_listing(
    entries: Iterable[Entry | Intention], words: Words, *, more_count: int, is_all: bool
) -> Listing[Entry | Intention]:
    """The list screen. The latest word on each send, ours or WhatsApp's, and why where something went wrong."""
    empty = t("Nothing was ever sent from here")
    if not is_all:
        empty = t("Nothing is under way and nothing is unknown. Everything that was sent: wacli outbox list --all")
    count = Quantity(max(more_count, 0))
    footer = (tn("{count} more: --limit 0", "{count} more: --limit 0", count),) if more_count > 0 else ()
    return Listing(
        fields=OUTBOX_FIELDS,
        rows=entries,
        flat=lambda entry: entry_fields(entry, words) if isinstance(entry, Entry) else intention_fields(entry),
        headings=(
            Heading(t("Key")),
            Heading(t("Contact"), share=2),
            Heading(t("What"), share=2),
            Heading(t("Outcome")),
            Heading(t("Sent at")),
            Heading(t("Why"), share=4, wraps=True),
        ),
        cells=lambda entry: _cells(entry, words) if isinstance(entry, Entry) else _meant_cells(entry, words),
        empty=empty,
        footer=footer,
    )


def _cells(entry: Entry, words: Words) -> tuple[Cell, ...]:
    row = entry.row
    return (
        Cell(short_key(row.key), Style.DIM),
        Cell(sanitise(row.label), Style.STRONG),
        Cell(_what(entry, words)),
        _outcome(entry, words),
        Cell(words.instant(row.sent_at or row.created_at), Style.DIM),
        Cell("" if entry.why is None else words.say(entry.why)),
    )


def _meant_cells(meant: Intention, words: Words) -> tuple[Cell, ...]:
    return (
        Cell("-", Style.DIM),
        Cell(sanitise(meant.label), Style.STRONG),
        Cell(sanitise(meant.template_name or meant.text[:200])),
        Cell(words.say(STATUSES[INTENDED]), Style.DIM),
        Cell(words.instant(meant.at), Style.DIM),
        Cell(""),
    )


def _what(entry: Entry, words: Words) -> str:
    row = entry.row
    if row.template_name is not None:
        return sanitise(row.template_name)
    if row.text:
        return sanitise(row.text[:200])
    return words.say(KINDS[row.kind]) if row.kind in KINDS else sanitise(row.kind)


def _outcome(entry: Entry, words: Words) -> Cell:
    row = entry.row
    if row.replaced_by is not None and entry.state == "unknown":
        return Cell(words.say(t("unknown, sent again")), Style.WARN)
    if row.status is not None and row.status in STATUSES:
        return Cell(words.say(STATUSES[row.status]), Style.BAD if row.status == Status.FAILED else Style.GOOD)
    label, style = _STATES[entry.state]
    if entry.state == "refused" and row.error_code is None:
        label, style = _NOT_SENT
    return Cell(words.say(label), style)


def entry_record(entry: Entry, words: Words) -> Record:
    """One send with everything known of it; Meta's own words and trace for whoever asks its support."""
    row, say = entry.row, words.say
    flat = {
        **entry_fields(entry, words),
        "reply_to": row.reply_to,
        "error_details": row.error_details if row.error_code is not None else None,
        "error_trace": row.error_trace,
        "phone_number_id": row.phone_number_id,
        "request": row.request,
    }
    shown = (
        (say(t("Key")), row.key),
        (say(t("Template")), row.template_name),
        (say(t("Tries")), str(row.attempts)),
        (say(t("Written down")), words.instant(row.created_at)),
        (say(t("Sent at")), None if row.sent_at is None else words.instant(row.sent_at)),
        (say(t("Answered at")), None if row.answered_at is None else words.instant(row.answered_at)),
        (say(t("Number at WhatsApp")), row.wamid),
        (say(t("Meta says")), row.error_details if row.error_code is not None else None),
        (say(t("Trace")), row.error_trace),
        (say(t("Sends again")), row.replaces),
        (say(t("Sent again as")), row.replaced_by),
    )
    outcome = _outcome(entry, words)
    why = () if entry.why is None else (Cell(say(entry.why)),)
    advice = () if entry.state != "unknown" or row.replaced_by is not None else _advice(entry, words)
    return Record(
        flat,
        (
            Paragraph(lines=(Cell(f"{sanitise(row.label)}  ·  {_what(entry, words)}", Style.STRONG), outcome, *why)),
            Paragraph(pairs=tuple((label, Cell(sanitise(value))) for label, value in shown if value)),
            *([Paragraph(lines=advice)] if advice else []),
        ),
    )


def _advice(entry: Entry, words: Words) -> tuple[Cell, ...]:
    key = short_key(entry.row.key)
    return (
        Cell(words.say(t("It may or may not have gone out. A webhook settles it by itself when it comes."))),
        Cell(words.say(t("Otherwise ask {name}. If it did not arrive: wacli outbox resolve --resend {key}",
                         name=entry.row.label, key=key))),
    )  # fmt: skip


def resolution_listing(found: Sequence[Resolution], words: Words) -> Listing[Resolution]:
    """What an attempt to find out came to, one line for each send."""
    return Listing(
        fields=("resolution", *OUTBOX_FIELDS),
        rows=found,
        flat=lambda one: {"resolution": one.how, **entry_fields(one.entry, words)},
        headings=(
            Heading(t("Key")),
            Heading(t("Contact"), share=1),
            Heading(t("Outcome")),
            Heading(t("How it is known"), share=2, wraps=True),
        ),
        cells=lambda one: (
            Cell(short_key(one.entry.row.key), Style.DIM),
            Cell(sanitise(one.entry.row.label), Style.STRONG),
            _outcome(one.entry, words),
            Cell(words.say(_OUTCOMES[one.how])),
        ),
        empty=t("Nothing is unknown"),
    )
