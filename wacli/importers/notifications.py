"""Webhook notifications out of files: what `wacli ingest` reads.

A source is one JSON body, a file of them (one a line, in an array, pretty-printed one after another), a folder of
such files, or a stream; each may be packed with gzip. Recordings of other tools wrap bodies in objects and lists of
their own (a scenario's name, the headers of the request) or write them into a string (a queue's message, a log of
requests): every object that looks like a notification is taken, wherever it stands, with exactly the bytes it was
written in. What stands inside a notification is never taken for another one: a customer may write anything there.
Everything that is none is reported with its place, and costs nothing but itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from wacli.domain.problem import NotFound
from wacli.domain.text import Text, t

from .json_stream import Broken, Document, documents
from .strict_json import decode, scan

__all__ = ["Body", "Rejected", "decode", "digest", "read"]

_OBJECT = "whatsapp_business_account"
_SUFFIXES = (".json", ".ndjson", ".jsonl", ".txt")
_NAMES = (*_SUFFIXES, *(suffix + ".gz" for suffix in _SUFFIXES))
_PACKED = b"\x1f\x8b"  # how gzip begins
_DEEPEST_WRAPPING = 8
_EXCERPT = 80
_NEXT_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\{')
_INSTANTS = re.compile(rb'"timestamp"[\s:]*"?(\d{10})')
_write_sorted = json.JSONEncoder(check_circular=False, separators=(",", ":"), sort_keys=True).encode


class Body(NamedTuple):
    """One notification: its bytes as they stand in the source, decoded, and where it begins (`file:line`)."""

    raw: bytes
    value: object
    place: str


class Rejected(NamedTuple):
    """Input that is no notification: where (`file:line`), why, and how it begins."""

    place: str
    line: int
    problem: Text
    excerpt: str


def read(source: Path | BinaryIO, name: str = "stdin") -> Iterator[Body | Rejected]:
    """Every notification of a file, a folder (recursively, sorted by name) or a binary stream called `name`.

    Raises `NotFound` (code `no-such-file`) at once when there is no such file.
    """
    if not isinstance(source, Path):
        return _read_unpacked(source, name)
    if source.is_dir():
        return _read_folder(source)
    if not source.exists():
        raise NotFound("no-such-file", t("{path} does not exist", path=str(source)))
    return _read_file(source)


def digest(value: object) -> bytes:
    """16 bytes that are the same for two bodies of the same content, however they are spaced, ordered or escaped.

    The first four are the minute of the latest `timestamp` in it, so that digests come nearly in order of time: an
    index over them grows at its end, where a page is written once for many of them and not once for each.
    """
    try:
        canonical = _write_sorted(value).encode()
    except RecursionError:
        canonical = _canonical_without_recursion(value)
    minute = max(map(int, _INSTANTS.findall(canonical)), default=0) // 60
    return minute.to_bytes(4, "big") + hashlib.sha256(canonical).digest()[:12]


def is_notification(value: object) -> bool:
    """True for a webhook body, a lone entry of one, or the bare change that Meta shows as a sample."""
    if type(value) is not dict:
        return False
    get = value.get
    return (
        get("object") == _OBJECT
        or type(get("entry")) is list
        or type(get("changes")) is list
        or (type(get("field")) is str and type(get("value")) is dict)
    )


def _read_folder(folder: Path) -> Iterator[Body | Rejected]:
    for path in sorted(folder.rglob("*")):
        if path.name.lower().endswith(_NAMES) and path.is_file():
            yield from _read_file(path)


def _read_file(path: Path) -> Iterator[Body | Rejected]:
    try:
        with path.open("rb") as stream:
            yield from _read_unpacked(stream, str(path))
    except OSError as failure:
        reason = failure.strerror or os.strerror(failure.errno or 0)
        yield Rejected(f"{path}:1", 1, t("it cannot be read: {reason}", reason=reason), "")


def _read_unpacked(stream: BinaryIO, name: str) -> Iterator[Body | Rejected]:
    """The same out of what may be packed. Where a packed file is damaged or cut off, what stands before is kept."""
    if not _is_packed(stream):
        yield from _read_stream(stream, name)
        return
    import gzip
    import zlib

    lines = _Counted(cast(BinaryIO, gzip.GzipFile(fileobj=stream)))
    try:
        yield from _read_stream(cast(BinaryIO, lines), name)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        line = lines.count + 1
        yield Rejected(f"{name}:{line}", line, t("the packed file is damaged or cut off from here on"), "")


class _Counted:
    """A stream of lines that knows how many it has given."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readline(self, size: int) -> bytes:
        """The next line."""
        line = self._stream.readline(size)
        self.count += line.endswith(b"\n")
        return line


def _is_packed(stream: BinaryIO) -> bool:
    if isinstance(stream, BufferedReader):
        return stream.peek(len(_PACKED)).startswith(_PACKED)
    if not stream.seekable():
        return False
    start = stream.read(len(_PACKED))
    stream.seek(-len(start), os.SEEK_CUR)
    return start == _PACKED


def _read_stream(stream: BinaryIO, name: str) -> Iterator[Body | Rejected]:
    strange_line = 0
    for found in documents(stream):
        place = f"{name}:{found.line}"
        if isinstance(found, Broken):
            yield Rejected(place, found.line, found.problem, found.excerpt)
        elif is_notification(found.value):
            yield Body(found.text[found.start : found.end].encode(), found.value, place)
        elif _holds_notification(found.value, _DEEPEST_WRAPPING):
            yield from _wrapped(found, name)
        elif found.line != strange_line:  # a list of a million numbers on a line is one mistake
            strange_line = found.line
            excerpt = found.text[found.start : found.start + _EXCERPT].strip()
            yield Rejected(place, found.line, t("this is JSON, but no WhatsApp notification"), excerpt)


def _holds_notification(value: object, depth: int) -> bool:
    if type(value) is str:
        value = _written_in(value)
    if depth == 0 or type(value) not in (dict, list):
        return False
    if is_notification(value):
        return True
    parts = value.values() if type(value) is dict else value if type(value) is list else ()
    return any(_holds_notification(part, depth - 1) for part in parts)


def _written_in(text: str) -> object:
    """The value that a string of JSON is, or None."""
    text = text.strip()
    if text[:1] not in ("{", "[") or '"' not in text:
        return None
    try:
        value, end = scan(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _wrapped(document: Document, name: str, depth: int = _DEEPEST_WRAPPING) -> Iterator[Body]:
    """The notifications inside a document: walks its text, so that each keeps its own bytes."""
    text, line, counted = document.text, document.line, document.start
    at = document.start if type(document.value) is str else document.start + 1
    while (part := _NEXT_PART.search(text, at, document.end)) is not None:
        at = part.end()
        if part.group() != "{":
            written, _ = scan(text, part.start())
            value = _written_in(written)
            if depth and _holds_notification([value], depth):
                line += text.count("\n", counted, part.start())
                counted = part.start()
                yield from _written(written.strip(), value, line, name, depth - 1)
            continue
        value, end = scan(text, part.start())
        if is_notification(value):
            line += text.count("\n", counted, part.start())
            counted = part.start()
            yield Body(text[counted:end].encode(), value, f"{name}:{line}")
            at = end
        elif not _holds_notification(value, _DEEPEST_WRAPPING):
            at = end


def _written(text: str, value: object, line: int, name: str, depth: int) -> Iterator[Body]:
    """The notifications in a string of JSON that stands on a line."""
    if is_notification(value):
        yield Body(text.encode(errors="replace"), value, f"{name}:{line}")
        return
    for body in _wrapped(Document(1, text, 0, len(text), value), name, depth):
        yield body._replace(place=f"{name}:{line}")


def _canonical_without_recursion(value: object) -> bytes:
    """For bodies nested more deeply than the json module writes: any text will do that is the same for the same."""
    parts: list[str] = []
    waiting: list[object] = [value]
    while waiting:
        part = waiting.pop()
        if type(part) is dict:
            parts.append(f"{{{len(part)}")
            for key in sorted(part, reverse=True):
                waiting += (part[key], key)
        elif type(part) is list:
            parts.append(f"[{len(part)}")
            waiting += reversed(part)
        else:
            parts.append(_write_sorted(part))
    return "\n".join(parts).encode()
