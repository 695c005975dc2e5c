"""A live thread: what happened as lines for scripts, and the picture of it for a terminal.

The picture is lines of styled cells, as wide as the terminal; whoever owns the terminal draws them. Text is broken
between words by the cells it takes, so that wide characters count twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from wacli.domain.identity import display_phone
from wacli.domain.text import Quantity, Text, mark, t
from wacli.domain.verdict import MaySend, Outcome, Verdict
from wacli.services.live_thread import Look, News
from wacli.store.messages import MessageRow
from wacli.store.notes import Note
from wacli.store.quick_replies import QuickReply

from .thread_view import ARROWS, NOTE_MARK, among, body_of, remarks_of
from .verdict_words import next_reply, time_left
from .view import Cell, Flat, Listing, Style
from .words import Words, sanitise, sanitise_lines

NEWS_FIELDS = ("event", "at", "direction", "status", "text", "kind", "wamid", "error_code", "error")
_SECONDS_FROM = timedelta(minutes=10)
_INDENT = " " * 10
_QUICK_WIDTH = 60  # characters of a quick reply that are enough to know it by

HELP = (
    ("/template NAME KEY=VALUE", mark("send a template; the only thing that may go while the window is shut")),
    ("/file PATH [WORDS]", mark("send a picture, a document, a video, with words under it")),
    ("/quick NAME", mark("send a quick reply; without a name: which there are")),
    ("/note TEXT", mark("write a note that only you see")),
    ("/close", mark("this thread is dealt with: it waits again when they write")),
    ("/quit", mark("leave; Ctrl-D does the same")),
    ("//word", mark("say a word that begins with /")),
)


def news_listing(happened: Iterator[News]) -> Listing[News]:
    """What happens in a thread, as a list that ends when the chat does."""
    return Listing(
        fields=NEWS_FIELDS,
        rows=happened,
        flat=news_fields,
        headings=(),
        cells=lambda _: (),
        empty=t("Nothing happened."),
    )


def news_fields(one: News) -> Flat:
    """One thing that happened, for machines."""
    entry, flat = one.entry, dict.fromkeys(NEWS_FIELDS)
    if isinstance(entry, Note):
        return {**flat, "event": one.kind.value, "at": entry.at, "text": entry.text, "kind": "note"}
    return {
        "event": one.kind.value,
        "at": entry.at,
        "direction": entry.direction,
        "status": entry.status,
        "text": entry.text,
        "kind": entry.kind,
        "wamid": entry.wamid or None,
        "error_code": entry.error_code,
        "error": entry.error_text,
    }


def news_lines(one: News, words: Words) -> list[Cell]:
    """The same for somebody who reads lines."""
    return [Cell("".join(cell.text for cell in line), line[0].style) for line in entry_lines(one.entry, words, 0)]


def picture(look: Look, words: Words, width: int) -> list[list[Cell]]:
    """The whole thread, oldest first, broken into lines that fit."""
    detail = look.detail
    lines: list[list[Cell]] = []
    if detail.earlier_count:
        earlier = t("{count} earlier: wacli thread WHO --limit 0", count=Quantity(detail.earlier_count))
        lines.append([Cell(words.say(earlier), Style.DIM)])
    day = None
    for entry in among(detail.messages, detail.notes):
        local = None if entry.at is None else entry.at.astimezone(words.zone)
        if local is not None and local.date() != day:
            day = local.date()
            if lines:
                lines.append([])
            lines.append([Cell(words.day(day), Style.DIM)])
        lines += entry_lines(entry, words, width)
    return lines or [[Cell(words.say(t("No messages yet")), Style.DIM)]]


def entry_lines(entry: MessageRow | Note, words: Words, width: int) -> list[list[Cell]]:
    """One message or note. `width` 0: as wide as it is."""
    local = None if entry.at is None else entry.at.astimezone(words.zone)
    time = "     " if local is None else local.strftime("%H:%M")
    if isinstance(entry, Note):
        sign, style, body, tail = NOTE_MARK, Style.WARN, sanitise_lines(entry.text), Cell("")
    else:
        is_ours = entry.direction != "inbound"
        sign, style = ARROWS.get(entry.direction, "→"), Style.PLAIN
        body = body_of(entry, words)
        remarks = ", ".join(remarks_of(entry, words))
        tail = Cell(remarks and f"  {remarks}", _tail_style(entry) if is_ours else Style.DIM)
    pieces = [piece for line in body for piece in wrapped(line, width - len(_INDENT) if width else 0)]
    lines = [[Cell(f"  {time} ", Style.DIM), Cell(f"{sign} ", _sign_style(entry)), Cell(pieces[0], style)]]
    lines += [[Cell(_INDENT), Cell(piece, style)] for piece in pieces[1:]]
    return _with_tail(lines, tail, width)


def _with_tail(lines: list[list[Cell]], tail: Cell, width: int) -> list[list[Cell]]:
    """What is said of a message behind its last word, or below it where there is no room."""
    if not tail.text:
        return lines
    from rich.cells import cell_len

    if width and sum(cell_len(cell.text) for cell in lines[-1]) + cell_len(tail.text) > width:
        room = width - len(_INDENT)
        return [*lines, *([Cell(_INDENT), tail._replace(text=one)] for one in wrapped(tail.text.strip(), room))]
    lines[-1] = [*lines[-1], tail]
    return lines


def _sign_style(entry: MessageRow | Note) -> Style:
    if isinstance(entry, Note):
        return Style.WARN
    return Style.GOOD if entry.direction == "inbound" else Style.DIM


def _tail_style(message: MessageRow) -> Style:
    if message.status in ("failed", "unknown"):
        return Style.BAD
    return Style.GOOD if message.status in ("read", "played") else Style.DIM


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken between words where there are any; 0: one line."""
    from rich.cells import cell_len, chop_cells

    if not width or cell_len(text) <= width:
        return [text]
    width = max(width, 2)
    lines, line, size = [], "", 0
    for word in text.split(" "):
        for number, piece in enumerate(chop_cells(word, width) or [""]):
            length = cell_len(piece)
            gap = 1 if line and not number else 0
            if line and size + gap + length > width:
                lines.append(line)
                line, size, gap = "", 0, 0
            line, size = line + " " * gap + piece, size + gap + length
    return [*lines, line]


def title(look: Look) -> str:
    """Who this is, in one line."""
    contact = look.detail.standing.contact
    parts = [contact.label]
    for part in (None if contact.phone is None else display_phone(contact.phone), contact.username):
        if part and part not in parts and "@" + part not in parts:
            parts.append(part)
    if contact.tags:
        parts.append("#" + " #".join(contact.tags))
    return sanitise(" · ".join(parts))


def prompt(look: Look, now: datetime, words: Words) -> list[Cell]:
    """The countdown and the price of the next message: what stands above the line that is typed."""
    verdict = look.detail.verdict
    if verdict.outcome is Outcome.BLOCKED:
        reason = verdict.reasons[0].text if verdict.reasons else t("blocked")
        return [Cell(words.say(reason), Style.BAD)]
    if verdict.may_send is MaySend.TEMPLATE_ONLY:
        closed = time_left(verdict, now, words)
        only = words.say(t("only /template NAME KEY=VALUE may go"))
        return [closed._replace(style=Style.WARN), Cell(" · "), Cell(only, Style.WARN)]
    cells = [_countdown(verdict, now, words), Cell(" · "), next_reply(verdict, words)]
    if look.allowance is not None:
        left = t("{left} of {total} left", left=Quantity(look.allowance.left), total=Quantity(look.allowance.total))
        cells += [Cell(" · "), Cell(words.say(left), Style.DIM)]
    return cells


def _countdown(verdict: Verdict, now: datetime, words: Words) -> Cell:
    cell = time_left(verdict, now, words)
    closes_at = verdict.window_closes_at
    if closes_at is None or closes_at <= now:
        return cell
    left = closes_at - now
    if left < _SECONDS_FROM:
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        cell = cell._replace(text=f"{minutes}:{seconds:02}")
    return cell._replace(text=words.say(t("{left} left", left=cell.text)))


def help_lines(words: Words) -> list[Cell]:
    """What can be typed."""
    width = max(len(command) for command, _ in HELP)
    return [Cell(f"  {command.ljust(width)}  {words.say(said)}", Style.DIM) for command, said in HELP]


def quick_lines(found: Sequence[QuickReply], words: Words) -> list[Cell]:
    """Which quick replies there are: their names, and how each begins."""
    if not found:
        return [Cell(words.say(t('There are no quick replies yet. Add one: wacli quick add NAME "TEXT"')), Style.DIM)]
    width = max(len(one.name) for one in found)
    return [Cell(f"  /quick {one.name.ljust(width)}  {_beginning(sanitise(one.text))}", Style.DIM) for one in found]


def _beginning(text: str) -> str:
    return text if len(text) <= _QUICK_WIDTH else text[: _QUICK_WIDTH - 1] + "…"


def keys() -> Text:
    """What the keys do."""
    return t("Enter sends · Alt-Enter: new line · PgUp, PgDn · /help · Ctrl-D: leave")


def cut(cells: Sequence[Cell], width: int) -> list[Cell]:
    """The cells in at most `width` of the terminal's."""
    from rich.cells import cell_len, set_cell_size

    left = width
    kept: list[Cell] = []
    for cell in cells:
        size = cell_len(cell.text)
        if size > left:
            return [*kept, cell._replace(text=set_cell_size(cell.text, max(left - 1, 0)) + "…" * (left > 0))]
        kept.append(cell)
        left -= size
    return kept
