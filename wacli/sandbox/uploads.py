"""Resumable uploads: how samples of template headers reach Meta. Facts cloud-api.md sections 3 and 4, Meta's guide.

A session is opened with name, length and type; the bytes come in one request or in several, each from the offset that
`GET upload:...` tells; the last one answers with the handle that a template's example wants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from .book import Account, Book
from .failures import Refusal, no_such_object

TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})
LENGTH_MOST = 100 * 1024 * 1024


@dataclass(slots=True)
class Session:
    """One file on its way."""

    id: str
    account: Account
    length: int
    mime_type: str
    content: bytearray = field(default_factory=bytearray)


class Uploads:
    """All sessions."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sessions: dict[str, Session] = {}
        self.handles: set[str] = set()

    def begin(self, account: Account, app_id: str, query: Mapping[str, str]) -> dict[str, object]:
        """`POST /{app_id}/uploads`. Raises Refusal."""
        if app_id != account.app_id:
            raise no_such_object(app_id)
        length, kind = query.get("file_length", ""), query.get("file_type", "").lower()
        if not length.isdigit() or not 0 < int(length) <= LENGTH_MOST:
            raise Refusal(100, f"Param file_length must be 1 to {LENGTH_MOST}.")
        if kind not in TYPES:
            raise Refusal(100, f"Param file_type must be one of {', '.join(sorted(TYPES))}.")
        made = Session(f"upload:{self._book.trace_id()}", account, int(length), kind)
        self._sessions[made.id] = made
        return {"id": made.id}

    def has(self, node: str) -> bool:
        """True for the id of a session."""
        return node in self._sessions

    def where(self, account: Account, node: str) -> dict[str, object]:
        """`GET upload:...`: how many bytes are there."""
        return {"id": node, "file_offset": len(self._get(account, node).content)}

    def take(self, account: Account, node: str, offset: str, body: bytes) -> dict[str, object]:
        """`POST upload:...` with the bytes from `file_offset` on; the handle once all are there. Raises Refusal."""
        session = self._get(account, node)
        if not offset.isdigit() or int(offset) != len(session.content):
            raise Refusal(100, f"The header file_offset must be {len(session.content)}.")
        if len(session.content) + len(body) > session.length:
            raise Refusal(100, f"The file was announced with {session.length} bytes and has more.")
        session.content += body
        if len(session.content) < session.length:
            return {"id": session.id, "file_offset": len(session.content)}
        handle = f"4::{hashlib.sha256(session.content).hexdigest()}:{session.mime_type}"
        self.handles.add(handle)
        return {"h": handle}

    def _get(self, account: Account, node: str) -> Session:
        found = self._sessions.get(node)
        if found is None or found.account is not account:
            raise no_such_object(node)
        return found
