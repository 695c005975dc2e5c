"""Messages of an exported chat, in the thread of one contact.

An export has no message ids: a message is known by its minute on the phone's clock, its side, its text, its file and
its ordinal among equals (facts: cloud-api.md section 13), within one chat. `export:<contact>:<hash>` is its key. The
contact in the key is the one whose chat it was when it was first imported; after a merge the old id goes on in use.

Its origin is the phone's history: never billed, and it opens no window (see `clocks`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from ..domain.chat_export import ChatMessage
from ..domain.event import Number
from ..domain.message import Direction, Origin
from .candidates import FROM_EXPORT, Candidate
from .intake import Intake

_IN, _OUT, _HISTORY = Direction.INBOUND.value, Direction.OUTBOUND.value, Origin.HISTORY.value


class ChatRows:
    """Writes one chat into one thread, within one transaction of the intake."""

    def __init__(self, intake: Intake, contact_id: int, number: Number, me: str | None) -> None:
        self._intake = intake
        self._me = me
        self._number_id = intake.number_id(number)
        self.thread_id = intake.parties.thread_of(contact_id, self._number_id)
        self._scope = self._scope_of(contact_id)
        self._told = self._told_by_whatsapp()

    def put(self, messages: Sequence[ChatMessage]) -> int:
        """How many of the messages are new; what WhatsApp itself has told us already is left out."""
        described = list(self._described(messages))
        known = self._intake.messages.known([key for key, _ in described])
        new = [(key, candidate) for key, candidate in described if key not in known]
        if new:
            self._intake.messages.put_many(new)
        return len(new)

    def _described(self, messages: Iterable[ChatMessage]) -> Iterator[tuple[str, Candidate]]:
        scope, me, told = self._scope, self._me, self._told
        thread_id, number_id = self.thread_id, self._number_id
        for _, at, local, author, text, kind, file_name, _, ordinal in messages:
            direction = _OUT if author == me else _IN
            if told and self._is_told(at, direction, text):
                continue
            # What no text can hold keeps the parts apart.
            said = f"{local // 60}\0{direction}\0{text or kind}\0{file_name or ''}\0{ordinal}"
            key = scope + blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
            media = None if file_name is None else json.dumps({"filename": file_name}, ensure_ascii=False)
            yield (
                key,
                Candidate(
                    FROM_EXPORT, thread_id, number_id, None, None, direction, _HISTORY, kind, at, text or None,
                    None, None, media, None, None, 0, None,
                ),
            )  # fmt: skip

    def _is_told(self, at: int, direction: str, text: str) -> bool:
        key = (at // 60, direction, text)
        if self._told[key] > 0:
            self._told[key] -= 1
            return True
        return False

    def _scope_of(self, contact_id: int) -> str:
        row = self._intake.connection.execute(
            "SELECT wamid FROM messages WHERE thread_id = ? AND source = ? LIMIT 1", (self.thread_id, FROM_EXPORT)
        ).fetchone()
        return f"export:{contact_id}:" if row is None else str(row[0])[: str(row[0]).rindex(":") + 1]

    def _told_by_whatsapp(self) -> Counter[tuple[int, str, str]]:
        rows = self._intake.connection.execute(
            "SELECT at / 60, direction, coalesce(text, '') FROM messages "
            "WHERE thread_id = ? AND source <> ? AND at IS NOT NULL",
            (self.thread_id, FROM_EXPORT),
        )
        return Counter((minute, direction, text) for minute, direction, text in rows)
