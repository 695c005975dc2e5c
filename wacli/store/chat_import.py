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
from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain
from typing import Any

from ..domain.chat_export import ChatMessage
from ..domain.event import Number
from ..domain.message import Direction, Origin
from . import twins
from .candidates import FROM_EXPORT, Candidate
from .hashing import SEAT_DIGITS, ExportKeys, seat_of
from .intake import Intake
from .search_index import catch_up

_IN, _OUT, _HISTORY = Direction.INBOUND.value, Direction.OUTBOUND.value, Origin.HISTORY.value
_ROWS_AT_ONCE = 250  # of one INSERT: half the cost of as many of one row
_COLUMNS = "source, thread_id, number_id, origin, seat, wamid, direction, kind, at, text, media"
_INDEXED_AT_ONCE = 20_000  # messages: their words are put into the index while the next ones are being read
_EMPTY_DIGEST = blake2b(digest_size=16)
ROW_WIDTH = 7  # values of a row: seat, key, direction, kind, at, text, media
_KEY_OF_ROW, AT_OF_ROW = 1, 4
_OLD_PARTS = 3  # `export:<contact>:<hash>`: what an earlier wacli wrote


class ChatRows:
    """Writes one chat into one thread, within one transaction of the intake."""

    def __init__(self, intake: Intake, contact_id: int, number: Number, me: str | None) -> None:
        self._intake = intake
        self._number_id = intake.number_id(number)
        self.thread_id = intake.parties.thread_of(contact_id, self._number_id)
        first = twins.first_key(intake.connection, self.thread_id)
        self._is_new = first is None
        scope = contact_id if first is None else int(first.split(":")[1])
        is_old_form = first is not None and first.count(":") + 1 == _OLD_PARTS
        self._is_first = not intake.messages.has_any(self.thread_id)
        self.describe = _Description(me, scope, is_old_form=is_old_form).of
        self._added = self._unindexed = 0
        self._waiting: list[Any] = []  # values of rows that do not fill an INSERT yet

    def put(self, values: list[Any]) -> None:
        """Takes of what was described whatever is not known yet, to be written by `finish` at the latest."""
        if not self._is_new:
            known = twins.known(self._intake.connection, self.thread_id, values[::ROW_WIDTH])
            if known:
                rows = (values[start : start + ROW_WIDTH] for start in range(0, len(values), ROW_WIDTH))
                values = list(chain.from_iterable(row for row in rows if row[_KEY_OF_ROW] not in known))
        self._waiting += values
        while len(self._waiting) >= _ROWS_AT_ONCE * ROW_WIDTH:
            self._write(self._waiting[: _ROWS_AT_ONCE * ROW_WIDTH])
            del self._waiting[: _ROWS_AT_ONCE * ROW_WIDTH]

    def finish(self) -> int:
        """After the last message: writes what is left. How many messages were new to the store."""
        if self._waiting:
            self._write(self._waiting)
        if not self._added:
            return 0
        self._intake.messages.touch_exported(self.thread_id)
        if self._is_first:
            return self._added
        return self._added - twins.match(self._intake.connection, self.thread_id)

    def _write(self, values: list[Any]) -> None:
        count = len(values) // ROW_WIDTH
        same = f"({FROM_EXPORT}, {self.thread_id}, {self._number_id}, '{_HISTORY}', ?, ?, ?, ?, ?, ?, ?)"
        sql = f"INSERT INTO messages ({_COLUMNS}) VALUES {', '.join((same,) * count)}"
        try:
            self._intake.connection.execute(sql, values)
        except sqlite3.IntegrityError:  # a file that repeats itself; or two keys under one integer, one in billions
            rows = (values[start : start + ROW_WIDTH] for start in range(0, len(values), ROW_WIDTH))
            count = sum(self._intake.messages.put_many([self._candidate(*row) for row in rows]))
        self._added += count
        self._unindexed += count
        if self._unindexed >= _INDEXED_AT_ONCE:
            self._unindexed = 0
            catch_up(self._intake.connection)

    def _candidate(self, seat: int, key: str, *said: Any) -> tuple[str, Candidate]:
        del seat
        direction, kind, at, text, media = said
        return key, Candidate(
            FROM_EXPORT, self.thread_id, self._number_id, None, None, direction, _HISTORY, kind, at,
            text, None, None, media, None, None, 0, None,
        )  # fmt: skip


class _Description:
    """Makes rows of messages. It needs no store, so another process can do it."""

    def __init__(self, me: str | None, scope: int, *, is_old_form: bool) -> None:
        self._me, self._scope = me, scope
        self._keys = None if is_old_form else ExportKeys(scope)

    def of(self, messages: Iterable[ChatMessage | tuple[Any, ...]]) -> list[Any]:
        """The rows of these messages, the values of one after those of another: `ROW_WIDTH` of each. WhatsApp's own
        announcements are left out."""
        me, keys, before = self._me, self._keys, -1
        fresh = _EMPTY_DIGEST.copy
        prefix, base = f"export:{self._scope}:", 0
        values: list[Any] = []
        for _, at, local, author, text, kind, file_name, _, ordinal in messages:
            if author is None or kind == "system":
                continue
            minute, direction, media = local // 60, _OUT if author == me else _IN, None
            # What no text can hold keeps the parts apart.
            if file_name is None:
                said = f"{minute}\0{direction}\0{text or kind}\0\0{ordinal}"
            else:
                said = f"{minute}\0{direction}\0{text or kind}\0{file_name}\0{ordinal}"
                media = json.dumps({"filename": file_name}, ensure_ascii=False)
            state = fresh()
            state.update(said.encode("utf-8", "surrogatepass"))
            digest = state.hexdigest()
            if keys is None:
                key = prefix + digest
                seat = seat_of(key.encode())
            else:
                if minute != before:
                    before, (prefix, base) = minute, keys.of_minute(minute)
                key, seat = prefix + digest, base + int(digest[:SEAT_DIGITS], 16)
            values += (seat, key, direction, kind, at, text or None, media)
        return values
