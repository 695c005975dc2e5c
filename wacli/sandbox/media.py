"""Files: uploaded, looked up, downloaded, deleted. Facts cloud-api.md section 3.

Ids live 30 days and download addresses 5 minutes, by the sandbox's clock; a download needs the bearer token too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message

from .book import Account, Book
from .failures import Refusal, no_such_object

KEPT_FOR = timedelta(days=30)
ADDRESS_FOR = timedelta(minutes=5)

_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS: dict[str, tuple[int, frozenset[str]]] = {
    "audio": (16 * _MB, frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})),
    "image": (5 * _MB, frozenset({"image/jpeg", "image/png"})),
    "video": (16 * _MB, frozenset({"video/mp4", "video/3gpp"})),
    "sticker": (500 * 1024, frozenset({"image/webp"})),
    "document": (
        100 * _MB,
        frozenset(
            {
                "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint", _OFFICE + "wordprocessingml.document",
                _OFFICE + "spreadsheetml.sheet", _OFFICE + "presentationml.presentation",
            }
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded file."""

    id: str
    account: Account
    kind: str
    mime_type: str
    content: bytes
    at: datetime

    @property
    def sha256(self) -> str:
        """Hex, as the recorded lookups have it."""
        return hashlib.sha256(self.content).hexdigest()


class MediaShelf:
    """All files of all accounts."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._files: dict[str, File] = {}
        self._addresses: dict[str, tuple[str, datetime]] = {}

    def upload(self, account: Account, content_type: str, body: bytes, now: datetime) -> str:
        """A multipart body in; the media id out. Raises Refusal for a missing part, a wrong type, a size."""
        fields = _parts(content_type, body)
        if "messaging_product" not in fields or fields["messaging_product"][1] != b"whatsapp":
            raise Refusal(100, "The parameter messaging_product is required.")
        if "file" not in fields:
            raise Refusal(100, "The parameter file is required.")
        part_type, content = fields["file"]
        stated = fields["type"][1].decode("ascii", "replace") if "type" in fields else ""
        mime_type = (stated or part_type).split(";")[0].strip().lower()
        kind = next((name for name, (_, types) in _KINDS.items() if mime_type in types), None)
        if kind is None:
            raise Refusal(100, f"Param file must be a file with one of the supported types, not {mime_type!r}.")
        if not content or len(content) > _KINDS[kind][0]:
            raise Refusal(
                131053, f"A file of type {mime_type} may have 1 to {_KINDS[kind][0]} bytes, not {len(content)}."
            )
        file = File(self._book.next_id("3"), account, kind, mime_type, content, now)
        self._files[file.id] = file
        return file.id

    def kind_of(self, account: Account, media_id: str, now: datetime) -> str | None:
        """image, audio ... None when the account has no such file any more."""
        file = self._find(account, media_id, now)
        return None if file is None else file.kind

    def has(self, account: Account, media_id: str, now: datetime) -> bool:
        """True while the id can be used."""
        return self._find(account, media_id, now) is not None

    def lookup(self, account: Account, media_id: str, base_url: str, now: datetime) -> dict[str, object]:
        """What `GET /{media_id}` says; the address works for five minutes."""
        file = self._get(account, media_id, now)
        key = self._book.trace_id()
        self._addresses[key] = (file.id, now + ADDRESS_FOR)
        return {
            "messaging_product": "whatsapp",
            "url": f"{base_url}/_media/{key}",
            "mime_type": file.mime_type,
            "sha256": file.sha256,
            "file_size": len(file.content),
            "id": file.id,
        }

    def download(self, account: Account, key: str, now: datetime) -> File | None:
        """The file behind an address, None when the address has run out (404: ask for a new one)."""
        media_id, until = self._addresses.get(key, ("", now))
        return self._find(account, media_id, now) if now < until else None

    def delete(self, account: Account, media_id: str, now: datetime) -> None:
        """Forget it. Raises Refusal 100/33 when there is none."""
        del self._files[self._get(account, media_id, now).id]

    def _find(self, account: Account, media_id: str, now: datetime) -> File | None:
        file = self._files.get(media_id)
        return file if file is not None and file.account is account and now < file.at + KEPT_FOR else None

    def _get(self, account: Account, media_id: str, now: datetime) -> File:
        file = self._find(account, media_id, now)
        if file is None:
            raise no_such_object(media_id)
        return file


def _parts(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """The fields of a multipart/form-data body: name -> (content type, bytes exactly as they were sent)."""
    if not content_type.lower().startswith("multipart/form-data"):
        raise Refusal(100, "An upload must be multipart/form-data.")
    outer = Message()
    outer["Content-Type"] = content_type
    boundary = outer.get_boundary()
    if not boundary:
        raise Refusal(100, "The multipart body has no boundary.")
    found: dict[str, tuple[str, bytes]] = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1", "replace"))[1:]:
        if piece.startswith(b"--"):
            break
        head, _, content = piece.partition(b"\r\n\r\n")
        part = message_from_bytes(head.strip() + b"\r\n\r\n")
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            found[name] = (part.get_content_type(), content)
    return found
