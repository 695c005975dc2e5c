"""The live board: one frame of it for people, one line a change for scripts.

A frame is lines of styled cells, exactly as wide and high as the terminal: rich draws it (`wacli.render.live`), a test
reads it. It is painted here and not by a rich table, which costs 0.65 ms a row: a board that counts down all day has
to be cheap. Countdowns show minutes, and the last ten minutes of a window second by second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias, TypeVar

from wacli.domain.text import Quantity, Text, t, tn
from wacli.domain.window import EntryPointState
from wacli.services.board import Line
from wacli.services.watch import Change, Snapshot

from .board_view import BOARD_FIELDS, allowance_left, has_ads, line_cells, line_fields, line_headings
from .table import GAP, fit
from .view import Cell, Flat, Heading, Listing, Style
from .words import Words, sanitise

CHANGE_FIELDS = ("change", "at", *BOARD_FIELDS)
_SECONDS_FROM = timedelta(minutes=10)  # the last minutes are counted in seconds
_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
_A_LITTLE = timedelta(milliseconds=50)  # past the boundary, not on it
_TIME_LEFT_COLUMN, _NEXT_REPLY_COLUMN = 3, 4
_NARROW = 100
_NO_TITLE = Text("", None, 1, {})
_AD_COUNTS = (EntryPointState.ARMED, EntryPointState.RUNNING)
_FURNITURE = 8  # lines of a frame that are no threads
_LOW, _BLANKS = 12, 2  # a terminal that is lower than this has no blank lines
_SLIM, _SLIM_COLUMNS = 60, (0, 1, 3, 4)  # and a slim one shows who, how many wait and since when, how long there is

Painted: TypeAlias = list[Cell]
Part = TypeVar("Part")


class Size(NamedTuple):
    """The terminal, in cells."""

    width: int
    height: int


class Furniture(NamedTuple):
    """What a frame says beside the board: whose it is, when alarms are due, and a remark."""

    title: str
    warn_before: timedelta
    remark: Text | None = None


def changes_listing(changes: Iterator[tuple[datetime, Change]]) -> Listing[tuple[datetime, Change]]:
    """The changes as a list that ends when watching does: for scripts only."""
    return Listing(
        fields=CHANGE_FIELDS,
        rows=changes,
        flat=lambda row: change_fields(*row),
        headings=(),
        cells=lambda _: (),
        empty=t("Nothing happened."),
    )


def change_fields(at: datetime, change: Change) -> Flat:
    """One change for machines: what happened, when it was seen, and the thread row."""
    return {"change": change.kind.value, "at": at, **line_fields(change.line, at)}


def rows_that_fit(size: Size) -> int:
    """How many threads a frame of that size shows."""
    return max(size.height - _FURNITURE + (_BLANKS if size.height < _LOW else 0), 1)


def redraw_at(snapshot: Snapshot) -> datetime:
    """When a frame of this snapshot will look different although nothing happens: the clock's next minute at the
    latest, sooner when a countdown or a waiting time moves."""
    now = snapshot.at
    soonest = now.replace(second=0, microsecond=0) + _MINUTE
    for line in snapshot.lines:
        closes_at, since = line.verdict.window_closes_at, line.row.waiting_since
        if closes_at is not None and closes_at > now:
            step = _SECOND if closes_at - now <= _SECONDS_FROM else _MINUTE
            soonest = min(soonest, now + ((closes_at - now) % step or step) + _A_LITTLE)
        if since is not None and now - since < _MINUTE:
            soonest = min(soonest, now + _SECOND)
    return soonest


def frame(snapshot: Snapshot, words: Words, size: Size, furniture: Furniture) -> list[Painted]:
    """The whole screen, line by line; at most `size.height` lines, each `size.width` cells wide."""
    top = [
        _header(snapshot, words, size.width, furniture.title),
        _counts(snapshot, words, furniture.warn_before),
        [],
    ]
    if snapshot.lines:
        top += _table(snapshot, words, size.width, furniture.warn_before)
    else:
        top.append([Cell(words.say(_empty(snapshot)))])
    bottom = _bottom(snapshot, words, furniture)
    if size.height < _LOW:
        top, bottom = ([line for line in part if line] for part in (top, bottom))
    space = size.height - len(top) - len(bottom)
    painted = [*top, *([[]] * max(space, 0)), *bottom] if space >= 0 else [*top[: size.height - 1], bottom[-1]]
    return [_cut(line, size.width) for line in painted[: size.height]]


def _empty(snapshot: Snapshot) -> Text:
    if snapshot.store_is_there:
        return t("Nobody is waiting and no window is open.")
    return t("No messages have come in yet. They appear here as soon as they do: wacli listen")


def _header(snapshot: Snapshot, words: Words, width: int, title: str) -> Painted:
    from rich.cells import cell_len

    name, time = f"wacli · {sanitise(title)}", words.instant(snapshot.at)
    gap = width - cell_len(name) - cell_len(time)
    return [Cell(name + " " * max(gap, 1), Style.STRONG), Cell(time, Style.DIM)]


def _counts(snapshot: Snapshot, words: Words, warn_before: timedelta) -> Painted:
    is_open, waiting = Quantity(snapshot.open_count), Quantity(snapshot.waiting_count)
    cells = [
        Cell(words.say(tn("{count} window open", "{count} windows open", is_open))),
        Cell(" · "),
        Cell(
            words.say(tn("{count} waiting for an answer", "{count} waiting for an answer", waiting)),
            Style.WARN if waiting else Style.PLAIN,
        ),
    ]
    if snapshot.closing_count:
        soon = Quantity(snapshot.closing_count)
        within = words.short_duration(warn_before)
        said = tn("{count} closes within {within}", "{count} close within {within}", soon, within=within)
        cells += [Cell(" · "), Cell(words.say(said), Style.BAD)]
    return cells


def _bottom(snapshot: Snapshot, words: Words, furniture: Furniture) -> list[Painted]:
    more, state = snapshot.board.more_count, snapshot.board.allowance
    first: list[Text] = []
    if furniture.remark is not None:
        first.append(furniture.remark)
    if more:
        count = Quantity(more)
        first.append(
            tn("{count} more below.", "{count} more below.", count)
            if snapshot.board.is_more_exact
            else t("More than {count} more below.", count=count)
        )
    if state is not None:
        first.append(allowance_left(state))
    keys = words.say(t("q: quit · ●: a message of the last minutes · !: answer now"))
    return [[], [Cell(" ".join(words.say(one) for one in first), Style.DIM)], [Cell(keys, Style.DIM)]]


def _table(snapshot: Snapshot, words: Words, width: int, warn_before: timedelta) -> list[Painted]:
    from rich.cells import cell_len

    lines = snapshot.lines
    with_ads = has_ads(lines)
    is_narrow = width < _NARROW
    chosen = _SLIM_COLUMNS if width < _SLIM else None
    headings = _pick(_headings(with_ads=with_ads and not is_narrow), chosen)
    titles = [words.say(heading.title) if heading.title.one else " " for heading in headings]
    fresh = {line.row.thread_id for line in snapshot.fresh}
    rows = [
        _pick(
            (
                _mark(line, snapshot.at, warn_before, is_fresh=line.row.thread_id in fresh),
                *_cells(line, snapshot.at, words, with_ads=with_ads, is_narrow=is_narrow),
            ),
            chosen,
        )
        for line in lines
    ]
    natural = [max(cell_len(title), *(cell_len(row[place].text) for row in rows)) for place, title in enumerate(titles)]
    widths = fit(natural, headings, width - GAP * (len(headings) - 1) + 1)  # the mark stands one cell apart
    head = [Cell(title, Style.DIM) for title in titles]
    rule = [Cell("─" * min(sum(widths) + GAP * (len(widths) - 1) - 1, width), Style.DIM)]
    return [_row(head, headings, widths), rule, *(_row(row, headings, widths) for row in rows)]


def _pick(cells: tuple[Part, ...], chosen: tuple[int, ...] | None) -> tuple[Part, ...]:
    return cells if chosen is None else tuple(cells[place] for place in chosen)


def _mark(line: Line, now: datetime, warn_before: timedelta, *, is_fresh: bool) -> Cell:
    closes_at = line.verdict.window_closes_at
    if line.row.unanswered_count and closes_at is not None and now < closes_at <= now + warn_before:
        return Cell("!", Style.BAD)
    return Cell("●", Style.GOOD) if is_fresh else Cell(" ")


def _headings(*, with_ads: bool) -> tuple[Heading, ...]:
    """The board's own columns after one for the mark; names get a little more of the room than in a table."""
    contact, last, *others = line_headings(with_ads=with_ads)
    return (Heading(_NO_TITLE), contact._replace(share=2), last._replace(share=3), *others)


def _cells(line: Line, now: datetime, words: Words, *, with_ads: bool, is_narrow: bool) -> tuple[Cell, ...]:
    """The board's own cells, with the last minutes of a window as a clock that runs. A narrow terminal has no column
    for ads: what there is to say of one takes the place of the next reply, which it makes free."""
    cells = list(line_cells(line, now, words, with_ads=with_ads))
    if with_ads and is_narrow:
        ad = cells.pop()
        if ad.text and line.verdict.entry_point.state in _AD_COUNTS and line.verdict.window_is_open:
            cells[_NEXT_REPLY_COLUMN] = ad
    closes_at = line.verdict.window_closes_at
    left = timedelta(0) if closes_at is None else closes_at - now
    if timedelta(0) < left < _SECONDS_FROM:
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        cells[_TIME_LEFT_COLUMN] = cells[_TIME_LEFT_COLUMN]._replace(text=f"{minutes}:{seconds:02}")
    return tuple(cells)


def _row(cells: Sequence[Cell], headings: Sequence[Heading], widths: Sequence[int]) -> Painted:
    painted = []
    for place, (cell, heading, width) in enumerate(zip(cells, headings, widths, strict=True)):
        text = _fitted(cell.text, width, right=heading.right)
        gap = "" if place == len(cells) - 1 else " " * (1 if place == 0 else GAP)
        painted.append(cell._replace(text=text))
        if gap:
            painted.append(Cell(gap))
    return painted


def _fitted(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly so many cells; what is too long ends in an ellipsis."""
    from rich.cells import cell_len, set_cell_size

    size = cell_len(text)
    if size > width:
        return set_cell_size(text, max(width - 1, 0)) + "…" if width else ""
    return " " * (width - size) + text if right else text + " " * (width - size)


def _cut(line: Painted, width: int) -> Painted:
    """The line in exactly `width` cells."""
    from rich.cells import cell_len

    cut: Painted = []
    left = width
    for cell in line:
        size = cell_len(cell.text)
        if size > left:
            cut.append(cell._replace(text=_fitted(cell.text, left)))
            return cut
        cut.append(cell)
        left -= size
    if left:
        cut.append(Cell(" " * left))
    return cut
