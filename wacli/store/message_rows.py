"""Writing rows of `messages`: insert what is new, and let the better of two descriptions of one wamid stay.

Used by `intake` (notifications) and `outbox` (what we sent). Everything that a write touches is noted in `Touched`
and worked out by `settle` before the transaction commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from .candidates import FROM_STATUS, Candidate, order_key
from .hashing import seat_of, seats
from .settle import Touched

_COLUMNS = ", ".join(Candidate._fields)
_INSERT = f"INTO messages (id, seat, wamid, {_COLUMNS}) VALUES ({', '.join('?' * (len(Candidate._fields) + 3))})"
_REPLACE = f"UPDATE messages SET {', '.join(name + ' = ?' for name in Candidate._fields)} WHERE id = ?"
_MARKS = frozenset({"edit", "revoke"})


class MessageRows:
    """The rows of one store, within one transaction at a time."""

    def __init__(self, connection: sqlite3.Connection, touched: Touched) -> None:
        self._connection = connection
        self._touched = touched

    def touch(self, message_id: int) -> None:
        """A status of the message came: it and its thread are to be worked out again."""
        self._touched.messages.add(message_id)
        row = self._connection.execute("SELECT thread_id FROM messages WHERE id = ?", (message_id,)).fetchone()
        if row is not None and row[0] is not None:
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

    def put_many(self, described: Sequence[tuple[str, Candidate]]) -> list[bool]:
        """Writes descriptions in bulk; says for each whether its message was not known before."""
        first = self._next_id()
        rows = [
            (first + index, seat_of(wamid.encode()), wamid, *candidate)
            for index, (wamid, candidate) in enumerate(described)
        ]
        before = self._connection.total_changes
        self._connection.executemany(f"INSERT OR IGNORE {_INSERT}", rows)
        last = first + len(rows) - 1
        if self._connection.total_changes - before == len(rows):
            is_new = [True] * len(rows)
        else:
            taken = {
                row[0]
                for row in self._connection.execute("SELECT id FROM messages WHERE id BETWEEN ? AND ?", (first, last))
            }
            is_new = [
                row[0] in taken or self.put(wamid, candidate)[1]
                for row, (wamid, candidate) in zip(rows, described, strict=True)
            ]
        self._note(first, last, described)
        return is_new

    def put(self, wamid: str, candidate: Candidate) -> tuple[int, bool]:
        """Writes one description unless a better one is there; returns the id, and whether the message is news."""
        for seat in seats(seat_of(wamid.encode())):
            row = self._connection.execute("SELECT id, source, wamid FROM messages WHERE seat = ?", (seat,)).fetchone()
            if row is None:
                message_id = self._next_id()
                self._connection.execute(f"INSERT {_INSERT}", (message_id, seat, wamid, *candidate))
                self._note(message_id, message_id, [(wamid, candidate)])
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
        touched.messages.add(message_id)
        touched.targets.add(message_id)
        touched.threads |= {one.thread_id for one in (kept, candidate) if one.thread_id is not None}
        self._touch_targets([one.target for one in (kept, candidate) if one.kind in _MARKS and one.target])

    def _order(self, candidate: Candidate) -> tuple[object, ...]:
        number = self._connection.execute("SELECT key FROM numbers WHERE id = ?", (candidate.number_id,)).fetchone()
        party = self._connection.execute("SELECT key FROM parties WHERE id = ?", (candidate.party_id,)).fetchone()
        return order_key(candidate, number[0] if number else "", party[0] if party else "")

    def _note(self, first: int, last: int, described: Sequence[tuple[str, Candidate]]) -> None:
        """Notes what new rows touch: their threads, what they edit, and whether they were edited before they came."""
        touched = self._touched
        touched.threads.update(c.thread_id for _, c in described if c.thread_id is not None)
        if any(c.reported_status is not None for _, c in described):
            touched.messages.update(range(first, last + 1))
        self._touch_targets([c.target for _, c in described if c.target is not None and c.kind in _MARKS])
        touched.targets.update(
            row[0]
            for row in self._connection.execute(
                "SELECT id FROM messages WHERE id BETWEEN ? AND ? AND EXISTS ("
                "SELECT 1 FROM messages e WHERE e.target = messages.wamid AND e.kind IN ('edit', 'revoke'))",
                (first, last),
            )
        )

    def _touch_targets(self, wamids: Sequence[str]) -> None:
        for wamid in wamids:
            message_id, _ = self.find(wamid)
            if message_id is not None:
                self._touched.targets.add(message_id)
                self.touch(message_id)

    def _next_id(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(id), 0) + 1 FROM messages").fetchone()[0])
