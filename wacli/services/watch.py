"""The board, looked at again whenever something happened: a generator of snapshots.

Three things make a new snapshot: another process has committed (a message came in, an answer went out), a window
crossed a threshold (it closes, an alarm is due, an ad's free time ends, a month begins), or whoever watches wants
another look (the terminal was resized). Between them only the countdowns move: then the same snapshot comes with
another instant.

Nothing here sleeps or asks the time: the clock and the pause are given. What is kept from one look to the next is one
entry for each thread of the board, so a day of watching takes no more memory than a minute.

Words of a change, for scripts (`ChangeKind`): a burst between two looks (a tenth of a second) is one change a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from wacli.domain.allowance import month_of
from wacli.domain.problem import Unavailable
from wacli.store import threads
from wacli.store.database import Store
from wacli.store.threads import BoardQuery, Which

from .board import Board, Line, board
from .prices import Prices

POLL_EVERY = 0.1  # seconds: half of it is what a change waits on average
FRESH_FOR = timedelta(minutes=5)
# However little happens: days begin, rules change, and windows beyond the screen come near.
LOOK_AT_LEAST_EVERY = timedelta(seconds=30)
_PATIENCE = 1.0  # a look that took t is followed by a pause of at least this times t: a flood costs half a core at most


# A contact on a business number: a rebuild of the store gives threads other ids, but not contacts.
Place: TypeAlias = tuple[int, int]


class ChangeKind(StrEnum):
    """What happened to a thread of the board.

    `present`: it was there at the first look. `new`: it came onto the board. `message`: the contact wrote or called.
    `updated`: anything else in its row. `closing`: somebody waits in it and the window closes soon (once for each
    window). `closed`: the window has closed. `gone`: it left the board; the row is how it was last seen.
    """

    PRESENT = "present"
    NEW = "new"
    MESSAGE = "message"
    UPDATED = "updated"
    CLOSING = "closing"
    CLOSED = "closed"
    GONE = "gone"


class Change(NamedTuple):
    """One line of the watch."""

    kind: ChangeKind
    line: Line


class Wishes(NamedTuple):
    """What to watch. `fresh_count`: how many threads with a message of the last minutes stand on top of the others.
    `warn_before`: how long before a window closes over somebody who waits an alarm is due."""

    query: BoardQuery
    warn_before: timedelta
    fresh_count: int = 0


class Snapshot(NamedTuple):
    """The board at one instant. `fresh` lines stand on top and not in `board` again. `alarms`: due now, for the first
    time. `store_is_there` False: nothing has ever come in."""

    at: datetime
    board: Board
    fresh: tuple[Line, ...]
    changes: tuple[Change, ...]
    alarms: tuple[Line, ...]
    open_count: int
    waiting_count: int
    closing_count: int  # of those who wait, how many windows close within `warn_before`
    store_is_there: bool

    @property
    def lines(self) -> list[Line]:
        """Every line, in the order in which they are shown."""
        return [*self.fresh, *self.board.lines]


class Watchable(Protocol):
    """A kept connection (`wacli.store.watched.Watched`)."""

    @property
    def store(self) -> Store | None:
        """The store as last seen."""

    def has_changed(self) -> bool:
        """Whether another look is worth it."""


class Heard(StrEnum):
    """What a pause was ended by: nothing but time, a wish to look again, or a wish to stop."""

    NOTHING = "nothing"
    LOOK = "look"
    STOP = "stop"


class View(NamedTuple):
    """With whose eyes the board is seen: the prices of the account, and whether its owner answers by hand."""

    prices: Prices
    by_hand: bool = False


def watch(
    watched: Watchable,
    view: View,
    wishes: Callable[[], Wishes],
    clock: Callable[[], datetime],
    pause: Callable[[float], Heard],
    redraw_at: Callable[[Snapshot], datetime | None] = lambda _: None,
) -> Iterator[Snapshot]:
    """Yields the board now, and again whenever it differs, until `pause` hears STOP.

    `wishes` are asked before each look. `pause` waits so many seconds and may return sooner. `redraw_at`: when the
    picture of a snapshot will look different although nothing happened. Raises what reading the store raises, except
    that a store which is locked for a moment is looked at again.
    """
    eyes = _Eyes(view)
    watched.has_changed()
    while True:
        began = clock()
        snapshot = eyes.look(watched.store, wishes(), began)
        yield snapshot
        rest = max(POLL_EVERY, _PATIENCE * (clock() - began).total_seconds())
        wake_at = eyes.wake_at(snapshot, wishes())
        redraw = redraw_at(snapshot)
        while True:
            heard = pause(rest)
            rest = POLL_EVERY
            if heard is Heard.STOP:
                return
            now = clock()
            if watched.has_changed() or heard is Heard.LOOK or now >= wake_at or now < snapshot.at:
                break
            if redraw is not None and now >= redraw:
                snapshot = snapshot._replace(at=now, changes=(), alarms=())
                yield snapshot
                redraw = redraw_at(snapshot)


class _Eyes:
    """What is remembered between two looks."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._seen: dict[Place, Line] | None = None
        self._warned: dict[Place, datetime] = {}  # the closing time that an alarm was given for
        self._last: Snapshot | None = None
        self._store: Store | None = None

    def look(self, store: Store | None, wishes: Wishes, now: datetime) -> Snapshot:
        if store is not self._store and self._seen is not None:
            # Another file: its ids are not those we have seen, so nobody is taken for somebody else.
            self._seen = {(-1 - one, number): line for (one, number), line in self._seen.items()}
            self._warned.clear()
        self._store = store
        try:
            snapshot = self._look(store, wishes, now)
        except Unavailable:
            if self._last is None:
                raise
            return self._last._replace(at=now, changes=(), alarms=())
        self._last = snapshot
        return snapshot

    def wake_at(self, snapshot: Snapshot, wishes: Wishes) -> datetime:
        """The next instant at which something differs although nobody commits."""
        now = snapshot.at
        instants = [now + LOOK_AT_LEAST_EVERY, month_of(now, self._view.prices.zone)[1]]
        for line in snapshot.lines:
            closes_at = line.verdict.window_closes_at
            entry = line.verdict.entry_point
            instants += [at for at in (closes_at, entry.free_until, entry.answer_by) if at is not None]
            if closes_at is not None:
                instants.append(closes_at - wishes.warn_before)
        instants += [line.row.last_inbound_at + FRESH_FOR for line in snapshot.fresh if line.row.last_inbound_at]
        return min(at for at in instants if at > now)

    def _look(self, store: Store | None, wishes: Wishes, now: datetime) -> Snapshot:
        if store is None:
            lines: list[Line] = []
            return Snapshot(now, Board([], 0, True, None), (), self._changes(lines, (), now), (), 0, 0, 0, False)
        query = wishes.query
        found = self._board(store, query, now)
        fresh: tuple[Line, ...] = ()
        if wishes.fresh_count and query.which is not Which.CLOSED:
            asked = query._replace(limit=wishes.fresh_count, heard_within=FRESH_FOR, is_unanswered=True)
            fresh = tuple(self._board(store, asked, now).lines)
            found = _without(found, fresh, query.limit)
        closing: list[Line] = []
        if query.which is not Which.CLOSED:
            soon = query._replace(limit=0, closing_within=wishes.warn_before, is_unanswered=True)
            closing = self._board(store, soon, now).lines
        alarms = self._due(closing, now)
        open_count, waiting_count = threads.count_open_and_waiting(store, now)
        changes = self._changes([*fresh, *found.lines], alarms, now)
        counts = open_count, waiting_count, len(closing)
        return Snapshot(now, found, fresh, changes, alarms, *counts, True)

    def _board(self, store: Store, query: BoardQuery, now: datetime) -> Board:
        return board(store, query, self._view.prices, now, by_hand=self._view.by_hand)

    def _due(self, closing: Sequence[Line], now: datetime) -> tuple[Line, ...]:
        """Those that no alarm was given for yet; each window has one."""
        due = []
        for line in closing:
            closes_at = line.verdict.window_closes_at
            assert closes_at is not None
            if self._warned.get(_place(line)) != closes_at:
                self._warned[_place(line)] = closes_at
                due.append(line)
        self._warned = {place: at for place, at in self._warned.items() if at > now}
        return tuple(due)

    def _changes(self, lines: Sequence[Line], alarms: Sequence[Line], now: datetime) -> tuple[Change, ...]:
        before, self._seen = self._seen, {_place(line): line for line in lines}
        if before is None:
            changes = [Change(ChangeKind.PRESENT, line) for line in lines]
        else:
            kinds = ((_kind(before.get(_place(line)), line), line) for line in lines)
            changes = [Change(kind, line) for kind, line in kinds if kind is not None]
            changes += [Change(ChangeKind.GONE, line) for place, line in before.items() if place not in self._seen]
        return (*changes, *(Change(ChangeKind.CLOSING, line) for line in alarms))


def _place(line: Line) -> Place:
    return line.row.contact_id, line.row.number_id


def _kind(before: Line | None, after: Line) -> ChangeKind | None:
    """What happened between two looks at one thread; None: nothing."""
    if before is None:
        return ChangeKind.NEW
    if _shown(before) == _shown(after):
        return None
    old, new = before.row, after.row
    has_come = (old.last_inbound_at, old.clocks.last_opener_at) != (new.last_inbound_at, new.clocks.last_opener_at)
    if has_come or new.unanswered_count > old.unanswered_count:
        return ChangeKind.MESSAGE
    if before.verdict.window_is_open and not after.verdict.window_is_open:
        return ChangeKind.CLOSED
    return ChangeKind.UPDATED


def _shown(line: Line) -> tuple[object, ...]:
    """What of a line can be seen. Its reasons count the allowance: every answer would be a change of every thread."""
    verdict = line.verdict
    paid = verdict.may_send, verdict.outcome, verdict.free_reason, verdict.free_until, verdict.price, verdict.currency
    return (line.row, *paid, verdict.window_is_open, verdict.entry_point)


def _without(found: Board, fresh: Sequence[Line], limit: int) -> Board:
    """The board without the lines that stand on top of it, cut so that both together have `limit` lines."""
    on_top = {line.row.thread_id for line in fresh}
    rest = [line for line in found.lines if line.row.thread_id not in on_top]
    room = max(limit - len(fresh), 0) if limit else len(rest)
    hidden = len(found.lines) + found.more_count - len(fresh) - len(rest[:room])
    return found._replace(lines=rest[:room], more_count=max(hidden, 0))
