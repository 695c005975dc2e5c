"""Files: what WhatsApp takes, checked before the upload; upload, lookup, download with its checksum, delete.

Source: facts cloud-api.md section 3. Meta answers a file of the wrong kind or size with 131053 only after it has gone
up; here kind, size and the first bytes are looked at first. MB is read as 1,048,576 bytes: the larger of the two
readings, so that nothing is refused here that Meta would take. `sha256` is hex in lookups and base64 in webhooks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import Quantity, Text, t

from .client import Client, segment
from .failures import ApiError

_MB, _KB = 1024 * 1024, 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."

# extension -> (kind, MIME type)
KINDS: Mapping[str, tuple[str, str]] = {
    "jpg": ("image", "image/jpeg"),
    "jpeg": ("image", "image/jpeg"),
    "png": ("image", "image/png"),
    "mp4": ("video", "video/mp4"),
    "3gp": ("video", "video/3gpp"),
    "3gpp": ("video", "video/3gpp"),
    "aac": ("audio", "audio/aac"),
    "amr": ("audio", "audio/amr"),
    "mp3": ("audio", "audio/mpeg"),
    "m4a": ("audio", "audio/mp4"),
    "ogg": ("audio", "audio/ogg"),
    "opus": ("audio", "audio/ogg"),
    "webp": ("sticker", "image/webp"),
    "txt": ("document", "text/plain"),
    "pdf": ("document", "application/pdf"),
    "doc": ("document", "application/msword"),
    "docx": ("document", _OFFICE + "wordprocessingml.document"),
    "xls": ("document", "application/vnd.ms-excel"),
    "xlsx": ("document", _OFFICE + "spreadsheetml.sheet"),
    "ppt": ("document", "application/vnd.ms-powerpoint"),
    "pptx": ("document", _OFFICE + "presentationml.presentation"),
}
LIMITS: Mapping[str, int] = {
    "audio": 16 * _MB,
    "image": 5 * _MB,
    "video": 16 * _MB,
    "document": 100 * _MB,
    "sticker": 100 * _KB,
}
ANIMATED_STICKER_LIMIT = 500 * _KB

_FIRST_BYTES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
    "image/webp": (b"RIFF",),
    "audio/ogg": (b"OggS",),
}
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that WhatsApp will take, as far as can be told from here."""

    path: Path
    name: str
    kind: str  # image, video, audio, document, sticker
    mime_type: str
    size: int


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file at Meta. The `url` works for 5 minutes and needs the token."""

    id: str
    url: str | None
    mime_type: str | None
    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What arrived. `is_verified` is False when Meta gave no checksum to compare with."""

    size: int
    sha256: str
    is_verified: bool


def inspect(path: Path) -> LocalFile:
    """The file with its kind. Raises `Invalid` for a missing or empty file, a wrong kind, one too large.

    Codes: `no-file`, `empty-file`, `bad-media`, `file-too-large`.
    """
    extension = path.suffix.lower().removeprefix(".")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        raise Invalid(
            "no-file", t("The file {name} cannot be read", name=path.name or str(path)), t("Check its path")
        ) from None
    if not size:
        raise Invalid("empty-file", t("The file {name} is empty", name=path.name), t("Choose another file"))
    found = KINDS.get(extension)
    if found is None:
        raise _wrong_kind(path, t("WhatsApp takes no files of the kind .{extension}", extension=extension or "?"))
    kind, mime_type = found
    starts = _FIRST_BYTES.get(mime_type)
    if starts is not None and not head.startswith(starts):
        raise _wrong_kind(path, t("its content is not what .{extension} promises", extension=extension))
    if mime_type == "audio/ogg":
        _check_voice(path, head)
    _check_size(path, kind, size, head)
    return LocalFile(path, path.name, kind, mime_type, size)


def upload(client: Client, phone_number_id: str, file: LocalFile) -> str:
    """Uploads a file and returns its media id (kept by Meta for 30 days). Sends no message, may be repeated."""
    from urllib3.filepost import encode_multipart_formdata

    content = file.path.read_bytes()
    body, content_type = encode_multipart_formdata(
        {"messaging_product": "whatsapp", "type": file.mime_type, "file": (file.name, content, file.mime_type)}
    )
    told = client.post_bytes(f"{segment(phone_number_id)}/media", body, content_type)
    media_id = told.get("id")
    if not isinstance(media_id, str) or not media_id:
        raise Unavailable("bad-answer", t("WhatsApp took the file but gave it no id"), t("Try again"))
    return media_id


def look_up(client: Client, media_id: str) -> MediaFile:
    """Where a file is now. Raises `ApiRefused` when it is gone (uploads live 30 days, received files 7)."""
    return parse_media(client.get(segment(media_id))) or MediaFile(media_id, None, None, None, None)


def parse_media(told: dict[str, Any]) -> MediaFile | None:
    """A file from Meta's JSON, None without an id; `file_size` comes as a number or as digits."""
    media_id = told.get("id")
    if not isinstance(media_id, str):
        return None
    size = told.get("file_size")
    if isinstance(size, str):
        size = int(size) if size.isascii() and size.isdigit() else None
    texts = {key: value for key, value in told.items() if isinstance(value, str) and value}
    return MediaFile(
        media_id, texts.get("url"), texts.get("mime_type"), texts.get("sha256"), size if isinstance(size, int) else None
    )


def download(client: Client, media_id: str, target: Path) -> Downloaded:
    """Fetches a file into `target`, which appears only when it is whole and its checksum is right.

    An address that has expired is asked for once more. Raises `ApiRefused`, `Unavailable` (`media-damaged`, ...).
    """
    part = target.with_name(target.name + ".part")
    try:
        for attempt in (1, 2):
            file = look_up(client, media_id)
            if file.url is None:
                raise Unavailable("bad-answer", t("WhatsApp gave no address for the file"), t("Try again"))
            try:
                with part.open("wb") as out:
                    result = _fetch(client, file, out)
                break
            except ApiError as problem:
                if attempt == 2 or problem.failure.http_status != 404:
                    raise
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return result


def delete(client: Client, media_id: str) -> None:
    """Deletes a file at Meta; messages that were sent with it keep it."""
    client.delete(segment(media_id))


def same_checksum(given: str | None, digest: bytes) -> bool | None:
    """Whether a checksum in hex or base64 is this SHA-256; None when it is neither."""
    if given is None:
        return None
    if len(given) == 64:
        try:
            return bytes.fromhex(given) == digest
        except ValueError:
            return None
    try:
        decoded = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded == digest if len(decoded) == 32 else None


def _fetch(client: Client, file: MediaFile, out: BinaryIO) -> Downloaded:
    digest = hashlib.sha256()
    size = 0

    def take(piece: bytes) -> None:
        nonlocal size
        digest.update(piece)
        size += len(piece)
        out.write(piece)

    client.download(file.url or "", take)
    matches = same_checksum(file.sha256, digest.digest())
    if matches is False:
        raise Unavailable(
            "media-damaged",
            t("The file arrived damaged: its checksum is not the one WhatsApp gave"),
            t("Fetch it again"),
            {"expected": file.sha256, "got": digest.hexdigest()},
        )
    return Downloaded(size, digest.hexdigest(), matches is True)


def _check_size(path: Path, kind: str, size: int, head: bytes) -> None:
    limit = LIMITS[kind]
    if kind == "sticker" and head[12:16] == b"VP8X" and len(head) > 20 and head[20] & 0x02:
        limit = ANIMATED_STICKER_LIMIT
    if size <= limit:
        return
    can_be_document = size <= LIMITS["document"] and kind in ("image", "video", "audio")
    hint = t("Make it smaller, or send a link to it in the text") if can_be_document else t("Make it smaller")
    raise Invalid(
        "file-too-large",
        t(
            "The file {name} has {size} kB; WhatsApp takes {limit} kB for this kind ({kind})",
            name=path.name,
            size=Quantity(-(-size // _KB)),
            limit=Quantity(limit // _KB),
            kind=kind,
        ),
        hint,
        {"size": size, "limit": limit},
    )


def _check_voice(path: Path, head: bytes) -> None:
    at = head.find(b"OpusHead")
    if at < 0:
        raise _wrong_kind(path, t("an OGG file must hold OPUS sound"))
    if head[at + 9 : at + 10] != b"\x01":
        raise _wrong_kind(path, t("WhatsApp takes OPUS sound with one channel only (mono)"))


def _wrong_kind(path: Path, why: Text) -> Invalid:
    return Invalid(
        "bad-media",
        t("The file {name} cannot be sent: {why}", name=path.name, why=why),
        t("Send one of: {kinds}", kinds=", ".join(sorted(KINDS))),
    )
