"""One thread and one verdict as screens: who, both clocks, why, and what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from wacli.domain.identity import display_phone
from wacli.domain.text import Text, t, tn
from wacli.domain.verdict import Verdict
from wacli.domain.window import EntryPointState
from wacli.services.board import Line
from wacli.services.thread import INTENDED, Standing, ThreadDetail
from wacli.store.messages import MessageRow
from wacli.store.notes import Note

from .board_view import BOARD_FIELDS, KINDS, line_fields
from .verdict_words import headline, next_reply, time_left, verdict_fields
from .view import Cell, Flat, Paragraph, Record, Style
from .words import Words, sanitise, sanitise_lines

VERDICT_FIELDS = (
    "contact_id",
    "may_send",
    "verdict",
    "free_reason",
    "free_until",
    "price",
    "currency",
    "market",
    "category",
    "rate_card",
    "rules",
    "window_closes_at",
    "seconds_left",
    "entry_point",
    "reasons",
    "hint",
)

ARROWS = {"inbound": "←", "outbound": "→"}
NOTE_MARK = "✎"
_MARKS = {"sent": "✓", "delivered": "✓✓", "read": "✓✓", "played": "✓✓", "failed": "✗"}
STATUSES: dict[str, Text] = {
    "queued": t("queued"),
    "accepted": t("accepted"),
    "held": t("held for a quality check"),
    "sent": t("sent"),
    "delivered": t("delivered"),
    "read": t("read"),
    "played": t("played"),
    "failed": t("failed"),
    "unknown": t("outcome unknown"),
    INTENDED: t("link made"),
}


def verdict_record(
    standing: Standing, verdict: Verdict, now: datetime, words: Words, hint: Text | None = None
) -> Record:
    """`wacli can`: the verdict with its reasons; `hint` is what would change it."""
    lines = [Cell(words.say(headline(verdict)), Style.STRONG), *_reasons(verdict, words)]
    if hint is not None:
        lines.append(Cell("  → " + words.say(hint)))
    flat: Flat = {
        "contact_id": verdict.contact_id,
        "verdict": verdict.outcome.value,
        "category": None if verdict.category is None else verdict.category.value,
        "rate_card": verdict.rate_card,
        "rules": verdict.rules,
        "reasons": [{"code": reason.code, "text": words.say(reason.text)} for reason in verdict.reasons],
        "hint": None if hint is None else words.say(hint),
        **verdict_fields(verdict, now),
    }
    return Record(
        {key: flat[key] for key in VERDICT_FIELDS},
        (
            Paragraph(lines=(_who(standing),)),
            Paragraph(lines=tuple(lines)),
            Paragraph(pairs=_facts(verdict, now, words)),
        ),
    )


def thread_record(detail: ThreadDetail, now: datetime, words: Words) -> Record:
    """`wacli thread`: the clocks on top, the messages below, oldest first."""
    verdict = detail.verdict
    known = _known(detail.standing, verdict, now)
    flat = {key: known[key] for key in BOARD_FIELDS}  # all of them, also where the two have never met
    flat["verdict"] = verdict.outcome.value
    flat["messages"] = [message_fields(message) for message in detail.messages]
    flat["notes"] = [{"at": note.at, "text": note.text} for note in detail.notes]
    return Record(flat, _thread_paragraphs(detail, now, words))


def _thread_paragraphs(detail: ThreadDetail, now: datetime, words: Words) -> Iterator[Paragraph]:
    verdict, earlier = detail.verdict, detail.earlier_count
    yield Paragraph(lines=(_who(detail.standing),))
    yield Paragraph(
        pairs=(
            (words.say(t("Time left")), time_left(verdict, now, words)),
            (words.say(t("Next reply")), next_reply(verdict, words)),
            *_entry(verdict, words),
        )
    )
    said = _said(detail.messages, detail.notes, words)
    if earlier:
        more = tn("{count} earlier message: --limit 0", "{count} earlier messages: --limit 0", earlier)
        said.insert(0, Cell(words.say(more), Style.DIM))
    yield Paragraph(lines=tuple(said) or (Cell(words.say(t("No messages yet"))),))


def _known(standing: Standing, verdict: Verdict, now: datetime) -> Flat:
    if standing.row is not None:
        return line_fields(Line(standing.row, verdict), now)
    contact = standing.contact
    return {
        **dict.fromkeys(BOARD_FIELDS),
        "contact_id": contact.id,
        "name": contact.name or contact.profile_name,
        "phone": None if contact.phone is None else display_phone(contact.phone),
        "bsuid": contact.bsuid,
        "username": contact.username,
        "unanswered_count": 0,
        "window": "closed",
        "next_reply": verdict.outcome.value,
        "tags": contact.tags,
        **verdict_fields(verdict, now),
    }


def message_fields(message: MessageRow) -> Flat:
    """One message for machines."""
    return {
        "wamid": message.wamid or None,
        "at": message.at,
        "direction": message.direction,
        "origin": message.origin,
        "kind": message.kind,
        "text": message.text,
        "edited_at": message.edited_at,
        "revoked_at": message.revoked_at,
        "reply_to": message.reply_to,
        "target": message.target,
        "media_id": None if message.media is None else message.media.id,
        "filename": None if message.media is None else message.media.filename,
        "ad_id": None if message.referral is None else message.referral.source_id,
        "status": message.status,
        "status_at": message.status_at,
        "delivered_at": message.delivered_at,
        "pricing_type": message.pricing_type,
        "pricing_category": message.pricing_category,
        "error_code": message.error_code,
        "error": message.error_text,
    }


def _who(standing: Standing) -> Cell:
    contact = standing.contact
    parts = [contact.label]
    for part in (None if contact.phone is None else display_phone(contact.phone), contact.username, contact.bsuid):
        if part and part not in parts and "@" + part not in parts:
            parts.append(part)
    if standing.person.market:
        parts.append(standing.person.market)
    if contact.tags:
        parts.append("#" + " #".join(contact.tags))
    return Cell(sanitise("  ·  ".join(parts)), Style.STRONG)


def _reasons(verdict: Verdict, words: Words) -> tuple[Cell, ...]:
    return tuple(Cell("  · " + words.say(reason.text)) for reason in verdict.reasons)


def _facts(verdict: Verdict, now: datetime, words: Words) -> tuple[tuple[str, Cell], ...]:
    pairs = [
        (words.say(t("Time left")), time_left(verdict, now, words)),
        (words.say(t("Next reply") if verdict.category == "service" else t("Template")), next_reply(verdict, words)),
    ]
    pairs.extend(_entry(verdict, words))
    pairs.append((words.say(t("Rules")), Cell(words.say(t("of {day}", day=verdict.rules)), Style.DIM)))
    if verdict.rate_card is not None:
        pairs.append((words.say(t("Rate card")), Cell(verdict.rate_card, Style.DIM)))
    return tuple(pairs)


def _entry(verdict: Verdict, words: Words) -> tuple[tuple[str, Cell], ...]:
    entry = verdict.entry_point
    label = words.say(t("Ad window"))
    if entry.state is EntryPointState.ARMED and entry.answer_by is not None:
        return ((label, Cell(words.say(t("answer by {by} to start it", by=entry.answer_by)), Style.WARN)),)
    if entry.state is EntryPointState.RUNNING and entry.free_until is not None:
        sentence = t("free until {until}", until=entry.free_until)
        if not entry.is_confirmed:
            sentence = t("free until {until} at least (not confirmed by Meta)", until=entry.free_until)
        return ((label, Cell(words.say(sentence), Style.GOOD)),)
    if entry.state is EntryPointState.LOST and entry.answer_by is not None:
        return ((label, Cell(words.say(t("lost: nobody answered by {by}", by=entry.answer_by)), Style.DIM)),)
    return ()


def _said(messages: list[MessageRow], notes: list[Note], words: Words) -> list[Cell]:
    lines: list[Cell] = []
    day = None
    for entry in among(messages, notes):
        local = None if entry.at is None else entry.at.astimezone(words.zone)
        if local is not None and local.date() != day:
            day = local.date()
            lines.append(Cell(words.day(day), Style.DIM))
        time = "     " if local is None else local.strftime("%H:%M")
        if isinstance(entry, Note):
            mark, body, tail, style = NOTE_MARK, sanitise_lines(entry.text), "", Style.WARN
        else:
            mark = ARROWS.get(entry.direction, "→")
            body, tail, style = body_of(entry, words), _tail(entry, words), _style(entry)
        lines.append(Cell(f"  {time} {mark} {body[0]}{tail}", style))
        lines.extend(Cell(f"          {line}", style) for line in body[1:])
    return lines


def among(messages: Sequence[MessageRow], notes: Sequence[Note]) -> list[MessageRow | Note]:
    """Messages, in their order, with the notes in the places where they were written."""
    if not notes:
        return list(messages)
    entries: list[MessageRow | Note] = []
    left = list(notes)
    for message in messages:
        while left and message.at is not None and left[0].at < message.at:
            entries.append(left.pop(0))
        entries.append(message)
    return [*entries, *left]


def body_of(message: MessageRow, words: Words) -> list[str]:
    if message.revoked_at is not None:
        return [words.say(t("(deleted)"))]
    lines = sanitise_lines(message.text) if message.text else []
    if message.kind in KINDS and message.kind != "template":
        return [words.say(KINDS[message.kind]) + (" " + lines[0] if lines else ""), *lines[1:]]
    return lines or [sanitise(f"({message.kind})")]


def _style(message: MessageRow) -> Style:
    if message.status in ("failed", "unknown") and message.direction == "outbound":
        return Style.BAD
    return Style.PLAIN if message.direction == "inbound" else Style.DIM


def _tail(message: MessageRow, words: Words) -> str:
    shown = remarks_of(message, words)
    return f"   [{', '.join(shown)}]" if shown else ""


def remarks_of(message: MessageRow, words: Words) -> list[str]:
    """What is to be said of a message beside its text: edited, how far it came, what went wrong."""
    parts = []
    if message.edited_at is not None:
        parts.append(words.say(t("edited")))
    if message.origin == "app":
        parts.append(words.say(t("typed in the phone app")))
    if message.direction == "outbound" and message.status is not None:
        known = STATUSES.get(message.status)
        said = words.say(known) if known is not None else sanitise(message.status)
        parts.append(f"{_MARKS.get(message.status, '')} {said}".strip())
    if message.error_code is not None:
        parts.append(words.say(t("error {code}: {text}", code=message.error_code, text=message.error_text or "")))
    return [part for part in parts if part]
