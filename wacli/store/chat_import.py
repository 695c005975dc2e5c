"""Messages of an exported chat, in the thread of one contact.

An export has no message ids: a message is known by its minute on the phone's clock, its side, its text, its file and
its ordinal among equals (facts: cloud-api.md section 13), within one chat. `export:<contact>:<minute>:<hash>` is its
key. The contact in the key is the one whose chat it was when it was first imported; after a merge the old id goes on
in use.

Its origin is the phone's history: never billed, and it opens no window (see `clocks`). What WhatsApp itself has told
as well, before or after, is one message (see `twins`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

from ..domain.chat_export import ChatMessage
from ..domain.event import Number
from ..domain.message import Direction, Origin
from . import twins
from .candidates import FROM_EXPORT, Candidate
from .hashing import ExportKeys, seat_of
from .intake import Intake

_IN, _OUT, _HISTORY = Direction.INBOUND.value, Direction.OUTBOUND.value, Origin.HISTORY.value
_ROWS_AT_ONCE = 500  # of one INSERT: half the cost of as many of one row
_COLUMNS = "source, thread_id, number_id, origin, seat, wamid, direction, kind, at, text, media"
_OLD_PARTS = 3  # `export:<contact>:<hash>`: what an earlier wacli wrote


class _Row(NamedTuple):
    """What differs from message to message."""

    seat: int
    key: str
    direction: str
    kind: str
    at: int
    text: str | None
    media: str | None


class ChatRows:
    """Writes one chat into one thread, within one transaction of the intake."""

    def __init__(self, intake: Intake, contact_id: int, number: Number, me: str | None) -> None:
        self._intake = intake
        self._me = me
        self._number_id = intake.number_id(number)
        self.thread_id = intake.parties.thread_of(contact_id, self._number_id)
        first = twins.first_key(intake.connection, self.thread_id)
        self._is_new = first is None
        self._scope = contact_id if first is None else int(first.split(":")[1])
        self._is_old_form = first is not None and first.count(":") + 1 == _OLD_PARTS
        self._added = 0

    def put(self, messages: Sequence[ChatMessage]) -> int:
        """Writes what is not known yet; returns how many that are."""
        rows = list(self._described(messages))
        if not self._is_new:
            known = twins.known(self._intake.connection, self.thread_id, [row.seat for row in rows])
            rows = [row for row in rows if row.key not in known]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self._write(rows[start : start + _ROWS_AT_ONCE])
        self._intake.messages.touch_threads([self.thread_id])
        self._added += len(rows)
        return len(rows)

    def finish(self) -> int:
        """After the last message: how many of those that were new WhatsApp has told as well."""
        if not self._added:
            return 0
        return twins.match(self._intake.connection, self.thread_id)

    def _described(self, messages: Iterable[ChatMessage]) -> Iterator[_Row]:
        me, key_of = self._me, self._old_key if self._is_old_form else ExportKeys(self._scope).of
        row = tuple.__new__  # half the time of calling the class, a million times
        for _, at, local, author, text, kind, file_name, _, ordinal in messages:
            direction = _OUT if author == me else _IN
            minute = local // 60
            # What no text can hold keeps the parts apart.
            said = f"{minute}\0{direction}\0{text or kind}\0{file_name or ''}\0{ordinal}"
            digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            key, seat = key_of(minute, digest)
            media = None if file_name is None else json.dumps({"filename": file_name}, ensure_ascii=False)
            yield row(_Row, (seat, key, direction, kind, at, text or None, media))

    def _old_key(self, minute: int, digest: bytes) -> tuple[str, int]:
        del minute
        key = f"export:{self._scope}:{digest.hex()}"
        return key, seat_of(key.encode())

    def _write(self, rows: Sequence[_Row]) -> None:
        same = f"({FROM_EXPORT}, {self.thread_id}, {self._number_id}, '{_HISTORY}', ?, ?, ?, ?, ?, ?, ?)"
        sql = f"INSERT INTO messages ({_COLUMNS}) VALUES {', '.join((same,) * len(rows))}"
        try:
            self._intake.connection.execute(sql, list(chain.from_iterable(rows)))
        except sqlite3.IntegrityError:  # two keys under one integer: one in billions
            self._intake.messages.put_many([(row.key, self._candidate(row)) for row in rows])

    def _candidate(self, row: _Row) -> Candidate:
        return Candidate(
            FROM_EXPORT, self.thread_id, self._number_id, None, None, row.direction, _HISTORY, row.kind, row.at,
            row.text, None, None, row.media, None, None, 0, None,
        )  # fmt: skip
