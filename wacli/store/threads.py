"""The board: threads by the time left to answer, in one query that reads only the rows it shows.

Every open window comes first, the one that closes soonest on top; then, when asked for, threads that wait for an
answer although their window has closed, the latest first. Both are ranges of partial indexes (`m005_board`), so the
cost does not grow with the store. `as_of` works the same columns out from what was there at an earlier instant
(included): slower, and the same rows that a store of that day would have shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ..domain.contact import label_of
from ..domain.window import CUSTOMER_SERVICE_WINDOW_FOR, Clocks
from .clocks import CLOCKS, clocks_sql
from .database import Row, Store
from .instants import moment_or_none, seconds

COUNT_AT_MOST = 1_000
_WINDOW = int(CUSTOMER_SERVICE_WINDOW_FOR.total_seconds())
_ENTRY_POINT_AT_MOST = 7 * 86_400  # the longest that any rules let it run without Meta's own word


class Which(StrEnum):
    """Which threads a board shows: `board` is every open window and every unanswered thread."""

    BOARD = "board"
    ALL = "all"
    OPEN = "open"
    CLOSED = "closed"


class Sort(StrEnum):
    """`closing`: time left, soonest first. `waiting`: longest unanswered. `recent`: latest message first. `name`."""

    CLOSING = "closing"
    WAITING = "waiting"
    RECENT = "recent"
    NAME = "name"


class BoardQuery(NamedTuple):
    """What to show. `limit` 0 is no limit; `closing_within` implies open; `may_be_free` leaves the verdict to judge.

    `heard_within`: only contacts who wrote or called within this time, the latest first.
    """

    which: Which = Which.BOARD
    sort: Sort = Sort.CLOSING
    limit: int = 0
    closing_within: timedelta | None = None
    heard_within: timedelta | None = None
    is_unanswered: bool = False
    may_be_free: bool = False
    tag: str | None = None
    number_id: int | None = None


class ThreadRow(NamedTuple):
    """One thread as a board shows it. Instants aware, UTC. `last_text` is None for a picture without words."""

    thread_id: int
    contact_id: int
    number_id: int
    phone_number_id: str | None
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    tags: tuple[str, ...]
    last_inbound_at: datetime | None
    last_outbound_at: datetime | None
    last_text: str | None
    last_kind: str | None
    last_direction: str | None
    unanswered_count: int
    waiting_since: datetime | None
    window_closes_at: datetime | None
    clocks: Clocks

    @property
    def label(self) -> str:
        """What to call the contact; never empty."""
        return label_of(self.contact_id, self.name, self.username, self.phone, self.bsuid)


class Board(NamedTuple):
    """Rows, and how many more there are: `more_count` stops counting at `COUNT_AT_MOST` (`is_more_exact`)."""

    rows: list[ThreadRow]
    more_count: int
    is_more_exact: bool


_COLUMNS = """t.id, t.contact_id, t.number_id, n.phone_number_id,
  coalesce(c.name, c.book_name, c.profile_name), c.phone, c.bsuid, c.username,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE contact_id = t.contact_id ORDER BY tag)),
  t.last_inbound_at, t.last_outbound_at, t.last_text, t.last_kind, t.last_direction,
  t.unanswered_count, t.waiting_since, t.closes_at,
  t.last_opener_at, t.referral_at, t.entry_referral_at, t.entry_started_at, t.entry_expires_at"""
_JOINS = "JOIN contacts c ON c.id = t.contact_id JOIN numbers n ON n.id = t.number_id"
# The indexed columns stand bare in these conditions: that is what lets SQLite use the partial indexes.
_OPEN = "t.closes_at > :now"
_CLOSED = "(t.closes_at IS NULL OR t.closes_at <= :now)"
_WAITING = "t.waiting_since IS NOT NULL"  # the same as unanswered_count > 0, and in the index
_MAY_BE_FREE = (
    "(t.closes_at > :now OR t.entry_expires_at > :now "
    "OR (t.entry_expires_at IS NULL AND t.entry_started_at > :entry_points_since))"
)


def list_board(store: Store, query: BoardQuery, now: datetime, *, as_of: bool = False) -> Board:
    """The threads that `query` asks for, as they stand at `now`; `as_of` when `now` is not the present."""
    sql, values = board_sql(query, now, as_of=as_of)
    rows = [_thread_row(row) for row in store.query(sql, values)]
    if not query.limit or len(rows) < query.limit:
        return Board(rows, 0, True)
    sql, values = count_sql(query, now, as_of=as_of)
    found = store.query_one(sql, values)
    assert found is not None
    more = int(found[0]) - len(rows)
    return Board(rows, min(more, COUNT_AT_MOST), more <= COUNT_AT_MOST)


def count_open_and_waiting(store: Store, now: datetime, *, at_most: int = COUNT_AT_MOST) -> tuple[int, int]:
    """How many windows are open, and how many threads wait for an answer; both stop counting at `at_most`."""
    row = store.query_one(
        f"SELECT (SELECT count(*) FROM (SELECT 1 FROM threads t WHERE {_OPEN} LIMIT :most)), "
        f"(SELECT count(*) FROM (SELECT 1 FROM threads t WHERE {_WAITING} LIMIT :most))",
        {"now": seconds(now), "most": at_most},
    )
    assert row is not None
    return int(row[0]), int(row[1])


def list_of_contact(store: Store, contact_id: int, now: datetime, *, as_of: bool = False) -> list[ThreadRow]:
    """The threads of one contact, one for each business number, the latest first."""
    sql = (
        f"{_past(as_of)} SELECT {_COLUMNS} FROM threads t {_JOINS} WHERE t.contact_id = :contact "
        "ORDER BY t.last_at DESC, t.id"
    )
    return [_thread_row(row) for row in store.query(sql, {"contact": contact_id, "until": seconds(now)})]


def list_of_contacts(store: Store, contact_ids: Iterable[int]) -> dict[int, list[ThreadRow]]:
    """The threads of several contacts as they stand, each contact's latest first; those without one are left out."""
    import json  # boards need it for nothing else

    sql = (
        f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN threads t ON t.contact_id = j.value {_JOINS} "
        "ORDER BY t.last_at DESC, t.id"
    )
    found: dict[int, list[ThreadRow]] = {}
    for row in store.query(sql, (json.dumps(list(contact_ids)),)):
        thread = _thread_row(row)
        found.setdefault(thread.contact_id, []).append(thread)
    return found


def board_sql(query: BoardQuery, now: datetime, *, as_of: bool = False) -> tuple[str, dict[str, object]]:
    """The one SELECT behind a board, and its values. Tests explain its plan."""
    parts = [
        f"SELECT * FROM (SELECT t.id, {place} AS place, {key} AS key FROM threads t{_joined_for(query)} "
        f"WHERE {condition} ORDER BY {order} LIMIT :limit)"
        for place, (condition, key, order) in enumerate(_parts(query))
    ]
    sql = (
        f"{_past(as_of)} SELECT {_COLUMNS} FROM ({' UNION ALL '.join(parts)}) k "
        f"CROSS JOIN threads t ON t.id = k.id {_JOINS} ORDER BY k.place, k.key, k.id LIMIT :limit"
    )
    return sql, _values(query, now, query.limit or -1)


def count_sql(query: BoardQuery, now: datetime, *, as_of: bool = False) -> tuple[str, dict[str, object]]:
    """How many threads a board without a limit would have; counts a little past what anybody wants to know."""
    parts = [
        f"SELECT * FROM (SELECT 1 FROM threads t WHERE {condition} LIMIT :limit)" for condition, _, _ in _parts(query)
    ]
    sql = f"{_past(as_of)} SELECT count(*) FROM ({' UNION ALL '.join(parts)})"
    return sql, _values(query, now, query.limit + COUNT_AT_MOST + 1)


def _parts(query: BoardQuery) -> list[tuple[str, str, str]]:
    """(condition, sort key, order) of each range of threads, in the order in which they are shown."""
    narrower = "".join(
        f" AND {condition}"
        for condition, is_asked in (
            (_WAITING, query.is_unanswered),
            (_MAY_BE_FREE, query.may_be_free),
            ("t.closes_at <= :closing_until", query.closing_within is not None),
            ("t.closes_at > :heard_since", query.heard_within is not None),
            ("t.number_id = :number", query.number_id is not None),
            ("EXISTS (SELECT 1 FROM tags g WHERE g.contact_id = t.contact_id AND g.tag = :tag)", query.tag is not None),
        )
        if is_asked
    )
    is_open = query.which is Which.OPEN or query.closing_within is not None
    opened = (_OPEN + narrower, "t.closes_at", "t.closes_at, t.waiting_since, t.id")
    if query.heard_within is not None:  # whoever was heard last has the most time left
        return [(_OPEN + narrower, "-t.closes_at", "t.closes_at DESC, t.id")]
    if query.sort is not Sort.CLOSING:
        condition = {
            Which.BOARD: f"({_OPEN} OR {_WAITING})",
            Which.ALL: "1",
            Which.OPEN: _OPEN,
            Which.CLOSED: _CLOSED,
        }[Which.OPEN if is_open else query.which]
        return [(condition + narrower, *_SORTED[query.sort])]
    waiting = (
        f"{_WAITING} AND {_CLOSED}{narrower}",
        "-t.waiting_since",
        "t.waiting_since DESC, t.closes_at DESC, t.id DESC",
    )
    closed = (
        _CLOSED + narrower,
        "-coalesce(t.closes_at, t.last_at, 0)",
        "coalesce(t.closes_at, t.last_at, 0) DESC, t.id",
    )
    if is_open:
        return [opened]
    if query.which is Which.CLOSED:
        return [waiting if query.is_unanswered else closed]
    if query.which is Which.ALL and not query.is_unanswered:
        return [opened, closed]
    return [opened, waiting]


_SORTED = {
    Sort.WAITING: ("coalesce(t.waiting_since, 9e15)", "coalesce(t.waiting_since, 9e15), t.id"),
    Sort.RECENT: ("-coalesce(t.last_at, 0)", "coalesce(t.last_at, 0) DESC, t.id"),
    Sort.NAME: (
        "coalesce(p.name, p.book_name, p.profile_name, p.username, p.phone, p.bsuid, '') COLLATE NOCASE",
        "coalesce(p.name, p.book_name, p.profile_name, p.username, p.phone, p.bsuid, '') COLLATE NOCASE, t.id",
    ),
}


def _joined_for(query: BoardQuery) -> str:
    return " JOIN contacts p ON p.id = t.contact_id" if query.sort is Sort.NAME else ""


def _values(query: BoardQuery, now: datetime, limit: int) -> dict[str, object]:
    at = seconds(now)
    within, heard = query.closing_within, query.heard_within
    return {
        "now": at,
        "until": at,
        "closing_until": None if within is None else at + int(within.total_seconds()),
        "heard_since": None if heard is None else at - int(heard.total_seconds()) + _WINDOW,
        "entry_points_since": at - _ENTRY_POINT_AT_MOST,
        "number": query.number_id,
        "tag": query.tag,
        "limit": limit,
    }


def _past(as_of: bool) -> str:
    """Puts threads as they stood in the place of the table, for the statement that follows."""
    if not as_of:
        return ""
    columns = ", ".join("k." + name for name in CLOCKS.split(", "))
    return (
        f"WITH threads AS MATERIALIZED (SELECT m.id, m.contact_id, m.number_id, {columns} FROM main.threads m "
        f"JOIN ({clocks_sql('SELECT id FROM main.threads', as_of=True)}) k ON k.id = m.id WHERE k.last_at IS NOT NULL)"
    )


def _thread_row(row: Row) -> ThreadRow:
    *who, tags, inbound_at, outbound_at, text, kind, direction, count, waiting, closes_at = row[:17]
    opener_at, referral_at, entry_referral_at, started_at, expires_at = row[17:]
    clocks = Clocks(
        last_opener_at=moment_or_none(opener_at),
        referral_at=moment_or_none(referral_at),
        entry_referral_at=moment_or_none(entry_referral_at),
        entry_started_at=moment_or_none(started_at),
        entry_expires_at=moment_or_none(expires_at),
    )
    return ThreadRow._make(
        (
            *who,
            () if tags == "[]" else _tags(tags),
            moment_or_none(inbound_at),
            moment_or_none(outbound_at),
            text,
            kind,
            direction,
            count,
            moment_or_none(waiting),
            moment_or_none(closes_at),
            clocks,
        )
    )


def _tags(text: str) -> tuple[str, ...]:
    import json

    return tuple(json.loads(text))
