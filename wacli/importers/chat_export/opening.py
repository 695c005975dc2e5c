"""From a file or an archive to the chat in it: which member, under which limits, as a stream that can be opened
again.

Facts: cloud-api.md section 13 (`_chat.txt` in a zip on iOS, `WhatsApp Chat with X.txt` on Android, the words in
the phone's language) and issue 8, "Bad input". Nothing is ever unpacked to disk: paths that lead out of an
archive harm nobody here, but an archive that has them was not made by WhatsApp, so its such members are left
out and named.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from ...domain.finding import Findings
from ...domain.problem import Invalid, Refused
from ...domain.text import t, tn
from ..sources import Reopen, reopenable
from ..text_blocks import Readable

if TYPE_CHECKING:
    import zipfile

CHAT_LIMIT = 2 << 30  # bytes of text; a million lines are about 0.1
_RATIO_LIMIT, _RATIO_MATTERS_FROM = 400, 64 << 20  # text packs 10 to 1; nothing honest of this size packs 400 to 1
_MEMBER_LIMIT = 200_000
_FIRST = 1 << 16  # bytes of text
_TITLE = re.compile(
    r"(?i)(?:whatsapp|chat|discussion|conversa|conversación|conversazione)\b.*?"
    r"(?:\bwith\b|\bcon\b|\bmit\b|\bavec\b|\bcom(?: o)?\b|\bdengan\b|\bmet\b"
    r"|\bmed\b|\bс контактом\b|\bс\b|\bz\b| - )\s*(?P<who>.+)"
)


@dataclass(frozen=True, slots=True)
class OpenedChat:
    """A chat that can be read as often as needed. `attachments` maps the names of files that came with it to bytes."""

    name: str
    title: str | None
    attachments: dict[str, int]
    opener: Callable[[], IO[bytes]]

    @contextmanager
    def stream(self) -> Iterator[Readable]:
        """The text from its beginning, as bytes, never more than `CHAT_LIMIT`."""
        with closing(self.opener()) as source:
            yield _Limited(source, self.name)


class _Limited:
    """Passes bytes on up to the limit, and turns what an archive can fail with into sentences."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name, self._left = stream, name, CHAT_LIMIT

    def read(self, size: int = -1, /) -> bytes:
        import zipfile

        try:
            data = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise DamagedMember(str(error)) from error
        self._left -= len(data)
        if self._left < 0:
            raise Refused(
                "chat-too-large",
                t("{file} unpacks to more than {limit} bytes: not a chat", file=self._name, limit=CHAT_LIMIT),
                t("Export the chat again, without media"),
            )
        return data


class DamagedMember(Exception):
    """The archive breaks off or lies about its contents inside the chat itself."""


def opened(source: Path | BinaryIO, findings: Findings) -> OpenedChat:
    """The chat in `source`: a text file, or the right member of a zip. Raises `NotFound`, `Invalid` or `Refused`.

    A stream that cannot seek is kept in a temporary file first (up to `CHAT_LIMIT` bytes).
    """
    name, reopen = reopenable(source, CHAT_LIMIT)
    with closing(reopen()) as probe:
        signature = probe.read(4)
    if signature[:2] != b"PK":
        if not signature:
            raise Invalid("empty-file", t("{file} is empty", file=name), t("Export the chat again on the phone"))
        return OpenedChat(name, title_of(name), {}, reopen)
    return _from_archive(name, reopen, findings)


def _from_archive(name: str, reopen: Reopen, findings: Findings) -> OpenedChat:
    import zipfile

    raw = reopen()
    try:
        with zipfile.ZipFile(raw) as archive:
            members = _safe_members(archive, name, findings)
            chat = _chosen(archive, members, name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _salvaged(name, reopen, findings)
    finally:
        raw.close()
    _refuse_bomb(chat, name)
    if _is_damaged_at_once(reopen, chat):
        return _salvaged(name, reopen, findings)
    attachments = {PurePosixPath(member.filename).name: member.file_size for member in members if member is not chat}
    title = title_of(PurePosixPath(chat.filename).name) or title_of(name)
    return OpenedChat(chat.filename, title, attachments, lambda: cast(IO[bytes], _Member(reopen, chat)))


def _is_damaged_at_once(reopen: Reopen, chat: zipfile.ZipInfo) -> bool:
    """True when not even the first messages can be unpacked as the directory of the archive promises."""
    import zipfile

    try:
        with closing(_Member(reopen, chat)) as member:
            member.read(_FIRST)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return True
    return False


class _Member:
    """One member of an archive; closing it closes the archive."""

    def __init__(self, reopen: Reopen, member: zipfile.ZipInfo) -> None:
        import zipfile

        self._raw = reopen()
        self._archive = zipfile.ZipFile(self._raw)
        self._stream = self._archive.open(member)
        self.read = self._stream.read

    def close(self) -> None:
        """Closes the member, the archive and the file."""
        for each in (self._stream, self._archive, self._raw):
            each.close()


def _salvaged(name: str, reopen: Reopen, findings: Findings) -> OpenedChat:
    from .broken_archive import salvaged_member

    member = salvaged_member(reopen)
    if member is None:
        raise Invalid(
            "broken-archive",
            t("{file} is a damaged zip file, and no chat can be found in it", file=name),
            t("Export the chat again on the phone, or copy the file again"),
        ) from None
    findings.add(
        0,
        "broken-archive",
        t("{file} is cut short: what is there of {member} was read", file=name, member=member.name),
    )
    return OpenedChat(member.name, title_of(member.name) or title_of(name), {}, member.open)


def _safe_members(archive: zipfile.ZipFile, name: str, findings: Findings) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > _MEMBER_LIMIT:
        raise Refused("archive-too-large", t("{file} holds {count} files: not a chat", file=name, count=len(entries)))
    safe = []
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path) or _is_link(entry):
            findings.add(
                0, "unsafe-path", t("{member} in {file} leads out of the archive: left out", member=path, file=name)
            )
        elif not (entry.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith("._") or parts[-1] == ".DS_Store"):
            safe.append(entry)
    return safe


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 16) & 0o170000 == 0o120000


def _chosen(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    texts = [member for member in members if member.filename.lower().endswith(".txt")]
    if not texts:
        files = len(members)
        raise Invalid(
            "no-chat-in-archive",
            tn(
                "{file} holds {count} file and no chat text",
                "{file} holds {count} files and no chat text",
                files,
                file=name,
            ),
            t("Export the chat again; the archive must hold a .txt file"),
        )
    best = min(_rank(member) for member in texts)
    chosen = [member for member in texts if _rank(member) == best]
    if len(chosen) > 1:
        chosen = [member for member in chosen if _begins_like_a_chat(archive, member)] or chosen
    if len(chosen) > 1:
        raise Invalid(
            "several-chats",
            t("{file} holds several chats: {members}", file=name, members=", ".join(m.filename for m in chosen[:5])),
            t("Unpack it and give one .txt file at a time"),
        )
    if chosen[0].flag_bits & 1:
        raise Invalid("encrypted-archive", t("{file} is protected by a password", file=name), t("Unpack it first"))
    return chosen[0]


def _rank(member: zipfile.ZipInfo) -> tuple[int, int]:
    path = PurePosixPath(member.filename)
    stem = path.name.lower()
    kind = 0 if stem == "_chat.txt" else 1 if "whatsapp" in stem else 2
    return kind, len(path.parts)


def _begins_like_a_chat(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    from .shapes import plain, stamp_of

    with archive.open(member) as stream:
        head = plain(stream.read(4096).decode("utf-8", "replace"))
    return any(stamp_of(line) is not None for line in head.split("\n")[:5])


def _refuse_bomb(member: zipfile.ZipInfo, name: str) -> None:
    size, packed = member.file_size, max(member.compress_size, 1)
    if size > CHAT_LIMIT or (size > _RATIO_MATTERS_FROM and size // packed > _RATIO_LIMIT):
        raise Refused(
            "chat-too-large",
            t(
                "{member} in {file} would unpack to {size} bytes: not a chat",
                member=member.filename,
                file=name,
                size=size,
            ),
            t("Export the chat again, without media"),
        )


def title_of(file_name: str) -> str | None:
    """Whose chat it is, by the name WhatsApp gave the file (in the phone's language); None for other names."""
    stem = re.sub(r"(?i)(?:\.(?:txt|zip))+$", "", file_name.strip())
    match = _TITLE.search(stem)
    return match["who"].strip() or None if match is not None else None
