"""The chat of a zip file that was cut short: found by its local header, unpacked as far as it goes.

A truncated archive has lost its directory (which stands at the end), but each member begins with a header of its own
(APPNOTE.TXT 4.3.7), and deflate can be read without knowing its length. What comes out is the chat up to the break.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import IO

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_SEARCHED = 4 << 20  # bytes from the beginning of the file to look at, per step
_CHAT_NAME = re.compile(rb"(?i)(?:^|/)(?:_chat|[^/]*whatsapp[^/]*)\.txt$")
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class SalvagedMember:
    """A member known by its local header alone."""

    name: str
    reopen: Callable[[], IO[bytes]]
    offset: int
    method: int
    size: int  # packed bytes, 0 when the header does not say

    def open(self) -> IO[bytes]:
        """The member's bytes up to the break."""
        return _Salvage(self)  # type: ignore[return-value]


class _Salvage:
    def __init__(self, member: SalvagedMember) -> None:
        self._source = member.reopen()
        self._source.seek(member.offset)
        self._inflate = zlib.decompressobj(-15) if member.method == _DEFLATED else None
        self._left = member.size or (1 << 62)
        self._pending = b""
        self._is_over = False

    def read(self, size: int = -1, /) -> bytes:
        if self._inflate is None:
            data = self._source.read(min(self._left, 1 << 16 if size < 0 else size))
            self._left -= len(data)
            return data
        while not (self._inflate.eof or self._is_over):
            packed = self._pending or self._source.read(1 << 12)
            if not packed:
                return b""
            before = self._inflate.copy()
            try:
                data = self._inflate.decompress(packed, 1 << 20)
            except zlib.error:
                self._is_over = True
                return _up_to_the_error(before, packed)
            self._pending = self._inflate.unconsumed_tail
            if data:
                return data
        return b""

    def close(self) -> None:
        self._source.close()


def _up_to_the_error(inflate: zlib._Decompress, packed: bytes) -> bytes:
    """What can be unpacked of `packed` before the byte that makes no sense."""
    found = bytearray()
    with suppress(zlib.error):
        for place in range(len(packed)):
            found += inflate.decompress(packed[place : place + 1])
    return bytes(found)


def salvaged_member(reopen: Callable[[], IO[bytes]]) -> SalvagedMember | None:
    """The first member that is named like a chat, or None when the file has none."""
    with closing(reopen()) as source:
        base, window = 0, source.read(_SEARCHED)
        while window:
            start = window.find(b"PK\x03\x04")
            while start >= 0:
                member = _member_at(window, start, base, reopen)
                if member is not None:
                    return member
                start = window.find(b"PK\x03\x04", start + 4)
            keep = window[-1024:]  # a header may lie across the edge
            more = source.read(_SEARCHED)
            base += len(window) - len(keep)
            window = keep + more if more else b""
    return None


def _member_at(window: bytes, start: int, base: int, reopen: Callable[[], IO[bytes]]) -> SalvagedMember | None:
    if start + _HEADER.size > len(window):
        return None
    _, _, flags, method, _, _, _, packed, _, name_length, extra_length = _HEADER.unpack_from(window, start)
    name = window[start + _HEADER.size : start + _HEADER.size + name_length]
    if not _CHAT_NAME.search(name) or b".." in name or method not in (_STORED, _DEFLATED) or flags & 1:
        return None
    offset = base + start + _HEADER.size + name_length + extra_length
    return SalvagedMember(name.decode("utf-8", "replace"), reopen, offset, method, 0 if flags & 8 else packed)
