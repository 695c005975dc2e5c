"""Writing rows of `messages`: insert what is new, and let the better of two descriptions of one wamid stay.

Used by `intake` (notifications) and `outbox` (what we sent). Everything that a write touches is noted in `Touched`
and worked out by `settle` before the transaction commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ..domain.message import WINDOW_OPENING_KINDS, Direction, Origin
from .candidates import FROM_EXPORT, FROM_LIVE, FROM_OUTBOX, FROM_STATUS, Candidate, order_key
from .clocks import NOT_READ_KINDS
from .hashing import seat_of, seats
from .many_rows import insert_many
from .settle import Touched

_COLUMNS = ", ".join(Candidate._fields)
_INSERT = f"INTO messages (id, seat, wamid, {_COLUMNS})"
# Most messages are plain: what stands after their text is empty, and need not be bound.
_PLAIN = Candidate._fields[: Candidate._fields.index("text") + 1]
_INSERT_PLAIN = f"INTO messages (id, seat, wamid, {', '.join(_PLAIN)})"
_NOTHING_MORE = (None, None, None, None, None, 0, None)
_REPLACE = f"UPDATE messages SET {', '.join(name + ' = ?' for name in Candidate._fields)} WHERE id = ?"
_MARKS = frozenset({"edit", "revoke"})

_ANY_EDIT = "SELECT 1 FROM messages WHERE kind IN ('edit', 'revoke') LIMIT 1"
_EDITED_EARLIER = (
    "SELECT id, thread_id FROM messages WHERE id BETWEEN ? AND ? AND EXISTS ("
    "SELECT 1 FROM messages e WHERE e.target = messages.wamid AND e.kind IN ('edit', 'revoke'))"
)
_INBOUND, _API = Direction.INBOUND.value, Origin.API.value
# No status can have come for a row that is this new, so what we know ourselves is what holds.
_STATUS_AS_REPORTED = "UPDATE messages SET status = reported_status, status_at = at WHERE id BETWEEN ? AND ?"


class MessageRows:
    """The rows of one store, within one transaction at a time."""

    def __init__(self, connection: sqlite3.Connection, touched: Touched) -> None:
        self._connection = connection
        self._touched = touched

    def touch(self, message_id: int) -> None:
        """A status of the message came: it is to be worked out again, and its thread when that makes a difference."""
        self._touched.messages.add(message_id)

    def touch_threads(self, thread_ids: Iterable[int]) -> None:
        """The threads are to be worked out again."""
        self._touched.threads.update(thread_ids)

    def touch_exported(self, thread_id: int) -> None:
        """The thread is to be worked out again, as messages of an exported chat came or went."""
        self._touched.exported.add(thread_id)

    def _touch_with_thread(self, message_id: int) -> None:
        self._touched.messages.add(message_id)
        row = self._connection.execute("SELECT thread_id FROM messages WHERE id = ?", (message_id,)).fetchone()
        if row[0] is not None:
            self._touched.threads.add(row[0])

    def find(self, wamid: str) -> tuple[int | None, int]:
        """The id and source of the message, or (None, 0)."""
        for seat in seats(seat_of(wamid.encode())):
            row = self._connection.execute("SELECT id, source, wamid FROM messages WHERE seat = ?", (seat,)).fetchone()
            if row is None:
                return None, 0
            if row[2] == wamid:
                return row[0], row[1]
        raise AssertionError("unreachable: seats never end")

    def has_any(self, thread_id: int) -> bool:
        """True when there is a message in the thread."""
        sql = "SELECT 1 FROM messages WHERE thread_id = ? LIMIT 1"
        return self._connection.execute(sql, (thread_id,)).fetchone() is not None

    def put_many(self, described: Sequence[tuple[str, Candidate]]) -> list[bool]:
        """Writes descriptions in bulk; says for each whether its message was not known before."""
        first, last, are_new = self._insert(described)
        if are_new:
            is_new = [True] * len(described)
        else:
            taken = {
                row[0]
                for row in self._connection.execute("SELECT id FROM messages WHERE id BETWEEN ? AND ?", (first, last))
            }
            is_new = [
                first + index in taken or self.put(wamid, candidate)[1]
                for index, (wamid, candidate) in enumerate(described)
            ]
        self._note(first, last, described, are_new=are_new)
        return is_new

    def put_sent(self, described: Sequence[tuple[str, Candidate]]) -> list[int]:
        """Writes what we sent ourselves, in bulk; returns the ids. Short where nobody else spoke of them before."""
        first, last, are_new = self._insert(described)
        if not are_new:
            self._note(first, last, described, are_new=False)
            return [self.put(wamid, candidate)[0] for wamid, candidate in described]
        self._connection.execute(_STATUS_AS_REPORTED, (first, last))
        self._note(first, last, described, are_new=True)
        return list(range(first, last + 1))

    def _insert(self, described: Sequence[tuple[str, Candidate]]) -> tuple[int, int, bool]:
        """Bulk insert that skips what is there: first and last id, and whether all of them were new."""
        first = self._next_id()
        plain: list[tuple[object, ...]] = []
        other: list[tuple[object, ...]] = []
        length = len(_PLAIN)
        for message_id, (wamid, candidate) in enumerate(described, first):
            if candidate[length:] == _NOTHING_MORE:
                plain.append((message_id, seat_of(wamid.encode()), wamid, *candidate[:length]))
            else:
                other.append((message_id, seat_of(wamid.encode()), wamid, *candidate))
        before = self._connection.total_changes
        insert_many(self._connection, f"INSERT OR IGNORE {_INSERT_PLAIN}", plain)
        insert_many(self._connection, f"INSERT OR IGNORE {_INSERT}", other)
        return first, first + len(described) - 1, self._connection.total_changes - before == len(described)

    def put(self, wamid: str, candidate: Candidate) -> tuple[int, bool]:
        """Writes one description unless a better one is there; returns the id, and whether the message is news."""
        for seat in seats(seat_of(wamid.encode())):
            row = self._connection.execute("SELECT id, source, wamid FROM messages WHERE seat = ?", (seat,)).fetchone()
            if row is None:
                message_id = self._next_id()
                insert_many(self._connection, f"INSERT {_INSERT}", [(message_id, seat, wamid, *candidate)])
                self._note(message_id, message_id, [(wamid, candidate)], are_new=False)
                return message_id, True
            if row[2] == wamid:
                is_news = row[1] == FROM_STATUS and candidate.source != FROM_STATUS
                self._settle_conflict(row[0], candidate)
                return row[0], is_news
        raise AssertionError("unreachable: seats never end")

    def targets_of_edits_in(self, thread_id: int) -> set[int]:
        """The messages that edits and revokes of a thread are about: its author may have become known by a merge."""
        rows = self._connection.execute(
            "SELECT target FROM messages WHERE thread_id = ? AND kind IN ('edit', 'revoke')", (thread_id,)
        ).fetchall()
        return {found for (target,) in rows if target and (found := self.find(target)[0]) is not None}

    def _settle_conflict(self, message_id: int, candidate: Candidate) -> None:
        kept = Candidate._make(
            self._connection.execute(f"SELECT {_COLUMNS} FROM messages WHERE id = ?", (message_id,)).fetchone()
        )
        if self._order(candidate) >= self._order(kept):
            if candidate.thread_id is not None and candidate.thread_id != kept.thread_id:
                self._touched.threads.add(candidate.thread_id)  # made for this description alone, it is empty
            return
        self._connection.execute(_REPLACE, (*candidate, message_id))
        touched = self._touched
        if touched.watches_twins(self._connection):
            self._tell(candidate)
        touched.messages.add(message_id)
        touched.targets.add(message_id)
        touched.reprice(message_id, kept.at, candidate.at)
        touched.threads |= {one.thread_id for one in (kept, candidate) if one.thread_id is not None}
        self._touch_targets([one.target for one in (kept, candidate) if one.kind in _MARKS and one.target])

    def _order(self, candidate: Candidate) -> tuple[object, ...]:
        number = self._connection.execute("SELECT key FROM numbers WHERE id = ?", (candidate.number_id,)).fetchone()
        party = self._connection.execute("SELECT key FROM parties WHERE id = ?", (candidate.party_id,)).fetchone()
        return order_key(candidate, number[0] if number else "", party[0] if party else "")

    def _note(self, first: int, last: int, described: Sequence[tuple[str, Candidate]], *, are_new: bool) -> None:
        """Notes what rows touch: their threads, what they edit, and whether they were edited before they came."""
        touched = self._touched
        marked: list[str] = []
        is_reported = False
        append, answer, touch = touched.append, touched.answer, touched.threads.add
        for wamid, candidate in described:
            source, thread_id, _, _, _, direction, origin, kind, at, text, _, target, _, referral, *_, reported = (
                candidate
            )
            if thread_id is not None:
                if not are_new or at is None:
                    touch(thread_id)
                elif (
                    source == FROM_LIVE
                    and direction == _INBOUND
                    and origin == _API
                    and referral is None
                    and kind in WINDOW_OPENING_KINDS
                ):
                    append(thread_id, at, wamid, text, kind)
                elif source == FROM_OUTBOX and kind not in NOT_READ_KINDS:
                    answer(thread_id, at, wamid, text, kind)
                else:
                    touch(thread_id)
            if target is not None and kind in _MARKS:
                marked.append(target)
            if reported is not None and not (are_new and source == FROM_OUTBOX):
                is_reported = True
        if touched.watches_twins(self._connection):
            for _, candidate in described:
                self._tell(candidate)
        if is_reported:
            touched.messages.update(range(first, last + 1))
        if marked:
            self._touch_targets(marked)
        if self._connection.execute(_ANY_EDIT).fetchone() is not None:
            for message_id, thread_id in self._connection.execute(_EDITED_EARLIER, (first, last)).fetchall():
                touched.targets.add(message_id)
                if thread_id is not None:
                    touched.threads.add(thread_id)

    def _tell(self, candidate: Candidate) -> None:
        if candidate.thread_id is not None and candidate.at is not None and candidate.source != FROM_EXPORT:
            self._touched.tell(candidate.thread_id, candidate.at)

    def _touch_targets(self, wamids: Sequence[str]) -> None:
        for wamid in wamids:
            message_id, _ = self.find(wamid)
            if message_id is not None:
                self._touched.targets.add(message_id)
                self._touch_with_thread(message_id)

    def _next_id(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM messages").fetchone()[0])
