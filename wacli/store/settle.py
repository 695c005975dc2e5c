"""Derived columns, worked out from the kept rows with set-based SQL before a transaction commits.

Nothing here patches (but see `_APPEND`): each statement computes a column anew from what is kept, so it does not
matter in which order the rows came. The clocks of threads are in `clocks`.

`allowance_at` is when a service message was delivered: outbound, through the API, no template and no reaction; where
only a status told us of it, Meta's category decides. Groups count, as they share the allowance (facts: pricing.md
sections 1 and 10.1).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from ..domain.message import STATUS_RANK
from . import twins
from .charge_marks import mark_charges
from .clocks import CLOCKS, IN_ENTRY_POINT, REACHED, SAME_AUTHOR, clocks_sql
from .search_index import catch_up


def _rank(column: str) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{word}' THEN {rank}" for word, rank in STATUS_RANK.items()) + " END"


_STATUSES_OF_MESSAGES = f"""
UPDATE messages SET
  -- our own clock only until Meta's is known:
  at = iif(source = 4, coalesce(
    (SELECT min(s.at) FROM statuses s WHERE s.message_id = messages.id),
    (SELECT max(x.message_at) FROM outbox x WHERE x.wamid = messages.wamid), at), at),
  (status, status_at) = (
    SELECT said.status, said.at FROM (
      SELECT s.status, s.at FROM statuses s WHERE s.message_id = messages.id
      UNION ALL SELECT messages.reported_status, messages.at
    ) said WHERE {_rank("said.status")} IS NOT NULL
    ORDER BY {_rank("said.status")} DESC, said.at IS NULL, said.at LIMIT 1),
  delivered_at = (
    SELECT s.at FROM statuses s WHERE s.message_id = messages.id AND s.status IN {REACHED} AND s.at IS NOT NULL
    ORDER BY s.status <> 'delivered', s.at LIMIT 1),
  (pricing_type, pricing_category) = (
    SELECT s.pricing_type, s.pricing_category FROM statuses s
    WHERE s.message_id = messages.id AND coalesce(s.pricing_type, s.pricing_category) IS NOT NULL
    ORDER BY {_rank("s.status")} DESC, s.at DESC, s.pricing_type, s.pricing_category LIMIT 1),
  (error_code, error_text) = (
    SELECT s.error_code, s.error_text FROM statuses s
    WHERE s.message_id = messages.id AND coalesce(s.error_code, s.error_text) IS NOT NULL
    ORDER BY s.at DESC, s.error_code, s.error_text LIMIT 1),
  (entry_at, entry_expires_at) = (
    SELECT min(s.at), max(s.expires_at) FROM statuses s WHERE s.message_id = messages.id AND {IN_ENTRY_POINT})
WHERE id IN (SELECT id FROM temp.touched_messages)
"""

# A status moves the clocks of its thread only when it makes or unmakes a failure, gives the message Meta's instant, or
# speaks of a free entry point window: most do not.
_REMEMBER_MESSAGES = """
UPDATE temp.touched_messages SET (was_failed, was_at, was_entry, was_entry_until) = (
  SELECT m.status IS 'failed', m.at, m.entry_at, m.entry_expires_at FROM messages m WHERE m.id = touched_messages.id)
"""
_MOVED_BY_STATUSES = """
SELECT m.thread_id FROM temp.touched_messages w CROSS JOIN messages m ON m.id = w.id
WHERE m.thread_id IS NOT NULL AND ((m.status IS 'failed') <> w.was_failed OR m.at IS NOT w.was_at
  OR m.entry_at IS NOT w.was_entry OR m.entry_expires_at IS NOT w.was_entry_until)
"""

_ALLOWANCE_OF_MESSAGES = """
UPDATE messages SET allowance_at = iif(
    direction = 'outbound' AND origin = 'api' AND NOT is_sample AND CASE kind
      WHEN 'template' THEN 0 WHEN 'reaction' THEN 0
      WHEN 'unknown' THEN pricing_category = 'service'
      ELSE 1 END,
    delivered_at, NULL)
WHERE id IN (SELECT id FROM temp.touched_messages)
"""

_EDITS_OF_MESSAGES = f"""
UPDATE messages SET
  (edited_text, edited_at) = (
    SELECT e.text, coalesce(e.at, 0) FROM messages e
    WHERE e.target = messages.wamid AND e.kind = 'edit' AND {SAME_AUTHOR}
    ORDER BY e.at DESC, e.wamid LIMIT 1),
  revoked_at = (
    SELECT min(coalesce(e.at, 0)) FROM messages e
    WHERE e.target = messages.wamid AND e.kind = 'revoke' AND {SAME_AUTHOR})
WHERE id IN (SELECT id FROM temp.touched_targets)
"""


def _clocks_of_threads(*, keeps_opener: bool) -> str:
    clocks = clocks_sql("SELECT id FROM temp.touched_threads", as_of=False, keeps_opener=keeps_opener)
    values = ", ".join("k." + name for name in CLOCKS.split(", "))
    return f"UPDATE threads SET ({CLOCKS}) = ({values}) FROM ({clocks}) k WHERE threads.id = k.id"


_CLOCKS_OF_THREADS = _clocks_of_threads(keeps_opener=False)
_CLOCKS_BESIDE_EXPORTS = _clocks_of_threads(keeps_opener=True)
# A thread is there as long as something is in it; one that only a losing description of a message made is not.
_EMPTY_THREADS = """
DELETE FROM threads WHERE id IN (SELECT id FROM temp.touched_threads)
  AND NOT EXISTS (SELECT 1 FROM messages WHERE thread_id = threads.id)
  AND NOT EXISTS (SELECT 1 FROM calls WHERE thread_id = threads.id)
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE thread_id = threads.id)
  AND NOT EXISTS (SELECT 1 FROM dealt_with WHERE thread_id = threads.id)
"""


# New messages at the end of a thread (later than anything in it, live, from the contact, of a kind that opens the
# window, without a referral) move its clocks in a way that needs no looking back: the same columns as above, in one
# update by key. Everything else goes the long way.
_APPEND = """
UPDATE threads SET last_at = ?1, last_inbound_at = ?1, last_opener_at = ?1, closes_at = ?1 + 86400,
  last_text = ?2, last_kind = ?3, last_direction = 'inbound',
  unanswered_count = unanswered_count + ?4, waiting_since = coalesce(waiting_since, ?5)
WHERE id = ?6
"""
# The same for what we sent ourselves: an answer later than anything in the thread, while no referral waits for one.
_ANSWER = """
UPDATE threads SET last_at = j.value ->> 1, last_outbound_at = j.value ->> 1, last_text = j.value ->> 2,
  last_kind = j.value ->> 3, last_direction = 'outbound', unanswered_count = 0, waiting_since = NULL
FROM json_each(?) j WHERE threads.id = j.value ->> 0 AND coalesce(last_at, -1) < j.value ->> 1
  AND coalesce(referral_at + 86400, -1) <= j.value ->> 1
RETURNING threads.id
"""
_REMEMBERED = 50_000  # threads whose last instant is kept in memory


class Appended(NamedTuple):
    """What new messages at the end of a thread come to: the last of them, how many, and when the first was."""

    last_at: int
    last_key: str
    text: str | None
    kind: str
    message_count: int
    first_at: int


class Answered(NamedTuple):
    """The last of the messages that we have just sent in a thread."""

    at: int
    key: str
    text: str | None
    kind: str


class Touched:
    """What a transaction has changed, and must be worked out again before it is committed."""

    def __init__(self) -> None:
        self.messages: set[int] = set()  # their statuses, or what they are
        self.targets: set[int] = set()  # an edit or a revoke of them may have come
        self.threads: set[int] = set()
        self.appended: dict[int, Appended] = {}  # threads that may go the short way
        self.answered: dict[int, Answered] = {}  # and those that may go the other short way
        self.exported: set[int] = set()  # threads in which nothing but an exported chat changed
        self.moved_threads: set[int] = set()  # what is in them was in two threads before
        # Messages that turned out to be another than they may have been priced as, and the earliest instant of any.
        self.repriced: set[int] = set()
        self.repriced_since: int | None = None
        self.last_at: dict[int, int] = {}  # of threads this process has met; -1 where there is nothing
        self.told: dict[int, tuple[int, int]] = {}  # threads, and the span of what may be in an exported chat as well
        self._has_exports: bool | None = None

    def append(self, thread_id: int, at: int, key: str, text: str | None, kind: str) -> None:
        """A new message that may go the short way (see `_APPEND`)."""
        old = self.appended.get(thread_id)
        if old is None:
            self.appended[thread_id] = Appended(at, key, text, kind, 1, at)
        elif (at, key) > (old.last_at, old.last_key):
            self.appended[thread_id] = Appended(at, key, text, kind, old.message_count + 1, min(old.first_at, at))
        else:
            self.appended[thread_id] = old._replace(message_count=old.message_count + 1, first_at=min(old.first_at, at))

    def answer(self, thread_id: int, at: int, key: str, text: str | None, kind: str) -> None:
        """A new message of our own that may go the short way (see `_ANSWER`)."""
        old = self.answered.get(thread_id)
        if old is None or (at, key) > (old.at, old.key):
            self.answered[thread_id] = Answered(at, key, text, kind)

    def watches_twins(self, connection: sqlite3.Connection) -> bool:
        """True when there is an exported chat that may hold the same messages: only then are spans noted."""
        if self._has_exports is None:
            self._has_exports = twins.is_needed(connection)
        return self._has_exports

    def tell(self, thread_id: int, at: int) -> None:
        """WhatsApp has described a message of that instant, maybe anew."""
        first, last = self.told.get(thread_id, (at, at))
        self.told[thread_id] = min(first, at), max(last, at)

    def reprice(self, message_id: int, *instants: int | None) -> None:
        """A message of these instants (as described before, and now) may cost something else."""
        self.repriced.add(message_id)
        known = [at for at in (*instants, self.repriced_since) if at is not None]
        self.repriced_since = min(known, default=None)

    def clear(self) -> None:
        """Everything is worked out."""
        self.moved_threads.clear()
        self.repriced.clear()
        self.repriced_since = None
        self.told.clear()
        self._has_exports = None
        self.answered.clear()
        self.messages.clear()
        self.targets.clear()
        self.threads.clear()
        self.exported.clear()
        self.appended.clear()

    def forget(self) -> None:
        """Somebody else has written, or nothing of it was committed."""
        self.clear()
        self.last_at.clear()


def prepare(connection: sqlite3.Connection) -> None:
    """Makes the temporary tables that the statements above read."""
    for name in ("touched_targets", "touched_threads"):
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY)")
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS touched_messages "
        "(id INTEGER PRIMARY KEY, was_failed INTEGER, was_at INTEGER, was_entry INTEGER, was_entry_until INTEGER)"
    )


def settle(connection: sqlite3.Connection, touched: Touched) -> bool:
    """Works out everything that was touched; True when a thread turned out to be empty and was removed."""
    is_emptied = _settle(connection, touched)
    if touched.moved_threads or touched.repriced:
        mark_charges(connection, touched.moved_threads, touched.repriced, touched.repriced_since)
    catch_up(connection)
    return is_emptied


def _settle(connection: sqlite3.Connection, touched: Touched) -> bool:
    prepare(connection)
    if touched.messages:
        _fill(connection, "touched_messages (id)", touched.messages)
        connection.execute(_REMEMBER_MESSAGES)
        connection.execute(_STATUSES_OF_MESSAGES)
        connection.execute(_ALLOWANCE_OF_MESSAGES)
        touched.threads.update(row[0] for row in connection.execute(_MOVED_BY_STATUSES))
    if touched.targets:
        _fill(connection, "touched_targets (id)", touched.targets)
        connection.execute(_EDITS_OF_MESSAGES)
    if touched.watches_twins(connection):
        _part_from_twins(connection, touched)
    if touched.answered:
        _answer(connection, touched)
    if touched.appended:
        _append(connection, touched)
    exported = touched.exported - touched.threads
    if exported:
        _work_out_clocks(connection, touched, exported, _CLOCKS_BESIDE_EXPORTS)
    if not touched.threads:
        return False
    _work_out_clocks(connection, touched, touched.threads, _CLOCKS_OF_THREADS)
    return connection.execute(_EMPTY_THREADS).rowcount > 0


def _work_out_clocks(connection: sqlite3.Connection, touched: Touched, threads: Collection[int], sql: str) -> None:
    for thread_id in threads:
        touched.last_at.pop(thread_id, None)
    _fill(connection, "touched_threads (id)", threads)
    connection.execute(sql)


def _part_from_twins(connection: sqlite3.Connection, touched: Touched) -> None:
    """Before the clocks: what an exported chat holds of the same messages goes."""
    if touched.targets:
        for thread_id, at in connection.execute(
            "SELECT m.thread_id, m.at FROM temp.touched_targets t JOIN messages m ON m.id = t.id "
            "WHERE m.thread_id IS NOT NULL AND m.at IS NOT NULL"
        ).fetchall():
            touched.tell(thread_id, at)
    for thread_id, span in touched.told.items():
        if twins.match(connection, thread_id, *span):
            touched.threads.add(thread_id)


def _append(connection: sqlite3.Connection, touched: Touched) -> None:
    appended, last_at = touched.appended, touched.last_at
    unknown = [thread_id for thread_id in appended if thread_id not in last_at]
    if unknown:
        if len(last_at) + len(unknown) > _REMEMBERED:
            last_at.clear()
            unknown = list(appended)
        last_at.update(
            connection.execute(
                "SELECT t.id, coalesce(t.last_at, -1) FROM json_each(?) j CROSS JOIN threads t ON t.id = j.value",
                (json.dumps(unknown),),
            )
        )
    rows = []
    for thread_id, new in appended.items():
        if thread_id in touched.threads:
            continue
        if last_at.get(thread_id, new.first_at) < new.first_at:
            rows.append((new.last_at, new.text, new.kind, new.message_count, new.first_at, thread_id))
            last_at[thread_id] = new.last_at
        else:
            touched.threads.add(thread_id)
    connection.executemany(_APPEND, rows)


def _answer(connection: sqlite3.Connection, touched: Touched) -> None:
    """Before `_append`: a thread in which both happened goes the long way."""
    wanted = [
        (thread_id, new.at, new.text, new.kind)
        for thread_id, new in touched.answered.items()
        if thread_id not in touched.appended
    ]
    done = {row[0] for row in connection.execute(_ANSWER, (json.dumps(wanted),)).fetchall()}
    touched.threads.update(touched.answered.keys() - done)


def _fill(connection: sqlite3.Connection, table: str, ids: Collection[int]) -> None:
    connection.execute(f"DELETE FROM temp.{table.split()[0]}")
    connection.executemany(f"INSERT INTO temp.{table} VALUES (?)", [(item,) for item in sorted(ids)])
