"""The board as a screen: who waits, how long you may answer, and what the next answer costs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wacli.domain.identity import display_phone
from wacli.domain.text import Quantity, Text, t, tn
from wacli.domain.verdict import Outcome
from wacli.services.board import AllowanceState, Board, Line
from wacli.store.threads import ThreadRow

from .verdict_words import entry_point, next_reply, time_left, verdict_fields
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

_TAIL = (
    "last_inbound_at",
    "last_outbound_at",
    "last_text",
    "unanswered_count",
    "waiting_since",
    "window",
    "window_closes_at",
    "seconds_left",
    "may_send",
    "next_reply",
    "free_reason",
    "free_until",
    "price",
    "currency",
    "entry_point",
    "tags",
)
BOARD_FIELDS = ("contact_id", "name", "phone", "bsuid", "username", "market", *_TAIL)


def line_fields(line: Line, now: datetime) -> Flat:
    """One thread row for machines: the keys that COMMANDS.md promises."""
    row, verdict = line
    return {
        "contact_id": row.contact_id,
        "name": row.name,
        "phone": None if row.phone is None else display_phone(row.phone),
        "bsuid": row.bsuid,
        "username": row.username,
        "last_inbound_at": row.last_inbound_at,
        "last_outbound_at": row.last_outbound_at,
        "last_text": row.last_text,
        "unanswered_count": row.unanswered_count,
        "waiting_since": row.waiting_since,
        "window": "open" if verdict.window_is_open else "closed",
        "next_reply": verdict.outcome.value,
        "tags": row.tags,
        **verdict_fields(verdict, now),
    }


def board_listing(board: Board, now: datetime, words: Words) -> Listing[Line]:
    """The list screen; the ad column is there only when some thread came through an ad."""
    with_ads = has_ads(board.lines)
    return Listing(
        fields=BOARD_FIELDS,
        rows=board.lines,
        flat=lambda line: line_fields(line, now),
        headings=line_headings(with_ads=with_ads),
        cells=lambda line: line_cells(line, now, words, with_ads=with_ads),
        empty=t("Nobody is waiting and no window is open. Every thread: wacli threads --all"),
        footer=tuple(_footer(board)),
    )


def has_ads(lines: Iterable[Line]) -> bool:
    """True when some thread came through an ad, and the board needs its column."""
    return any(line.verdict.entry_point.state != "none" for line in lines)


def line_headings(*, with_ads: bool) -> tuple[Heading, ...]:
    """The columns of a board."""
    headings = (
        Heading(t("Contact"), share=1),
        Heading(t("Last message"), share=2),
        Heading(t("Waiting"), right=True),
        Heading(t("Time left")),
        Heading(t("Next reply")),
    )
    return (*headings, Heading(t("Ad"))) if with_ads else headings


def line_cells(line: Line, now: datetime, words: Words, *, with_ads: bool) -> tuple[Cell, ...]:
    """The cells of one thread."""
    row, verdict = line
    is_waiting = row.unanswered_count > 0
    cells = (
        Cell(sanitise(row.label), Style.STRONG if is_waiting else Style.PLAIN),
        Cell(_last_words(row, words), Style.PLAIN if is_waiting else Style.DIM),
        _waiting(line, now, words),
        time_left(verdict, now, words),
        next_reply(verdict, words),
    )
    return (*cells, entry_point(verdict, now, words)) if with_ads else cells


def _last_words(row: ThreadRow, words: Words) -> str:
    mark = "→ " if row.last_direction == "outbound" else "← "
    if row.last_text:
        return mark + sanitise(row.last_text[:500])
    kind = row.last_kind
    if kind is None:  # a thread of calls alone, or of a send that nobody knows the outcome of
        return mark + words.say(t("(call)")) if row.clocks.last_opener_at is not None else ""
    return mark + (words.say(KINDS[kind]) if kind in KINDS else sanitise(kind))


KINDS: dict[str, Text] = {
    "image": t("(picture)"),
    "video": t("(video)"),
    "audio": t("(voice or audio)"),
    "voice": t("(voice or audio)"),
    "document": t("(document)"),
    "sticker": t("(sticker)"),
    "location": t("(place)"),
    "contacts": t("(contact card)"),
    "order": t("(order)"),
    "reaction": t("(reaction)"),
    "unsupported": t("(not shown by the API: look in the phone)"),
    "unknown": t("(sent by another program)"),
    "template": t("(template)"),
}


def _waiting(line: Line, now: datetime, words: Words) -> Cell:
    row = line.row
    if row.unanswered_count == 0 or row.waiting_since is None:
        return Cell("")
    return Cell(f"{row.unanswered_count} · {words.short_duration(now - row.waiting_since, 1)}", Style.WARN)


def _footer(board: Board) -> list[Text]:
    lines = []
    if board.more_count:
        count = Quantity(board.more_count)
        lines.append(
            tn("{count} more: wacli threads --limit 0", "{count} more: wacli threads --limit 0", count)
            if board.is_more_exact
            else t("More than {count} more: wacli threads --limit 0", count=count)
        )
    if board.allowance is not None:
        lines.append(allowance_left(board.allowance))
    first = next((line for line in board.lines if line.row.unanswered_count and line.verdict.window_is_open), None)
    if first is not None and first.verdict.outcome in (Outcome.FREE, Outcome.BILLED):
        lines.append(t('Answer the first: wacli reply {who} "..."', who=_typed(first)))
    return lines


def allowance_left(state: AllowanceState) -> Text:
    """The month's free replies that are left, as a sentence."""
    return t("Free replies left this month: {left} of {total}.", left=Quantity(state.left), total=Quantity(state.total))


def _typed(line: Line) -> str:
    name = line.row.label
    return f"'{name}'" if not name.replace(" ", "").isalnum() or " " in name else name
