"""Keys for "have we kept this already?".

A unique index over a 64-bit integer costs 40% less than one over the text of a wamid. The integer is only the way to
the row: the text is compared, and where two texts meet under one integer the next free integer is taken
(`seats`). No row is ever taken out of such a chain without the whole table being written anew.

Messages of an exported chat come in the order of time, a million at once; hashes would scatter them over the whole
index. Their keys (`ExportKeys`) name the minute, and so does the integer: the index grows at one end. A shop sends the
same words to many people in one minute, so each chat begins elsewhere within the minute: no chat sits in the way of
another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b

_LOWEST, _SPAN = -(1 << 63), 1 << 64
_EXPORTED, _EXPORT_PARTS = b"export:", 4
_HASH_BITS = 36
SEAT_DIGITS = _HASH_BITS // 4
_MINUTES = (1 << 27) - 1  # since 1970, until 2225
_STRIDE = 0x9E3779B97  # odd, so that no two chats begin at one place (the golden ratio spreads them)


def seat_of(key: bytes) -> int:
    """The signed 64-bit integer under which a key is looked for first."""
    if key.startswith(_EXPORTED):
        parts = key.split(b":")
        if len(parts) == _EXPORT_PARTS:
            return (int(parts[2], 16) << _HASH_BITS) - _offset(int(parts[1])) + int(parts[3][:SEAT_DIGITS], 16)
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big", signed=True)


class ExportKeys:
    """Keys of the messages of one exported chat, each with its seat."""

    def __init__(self, scope: int) -> None:
        self._begins = f"export:{scope}:"
        self._offset = _offset(scope)

    def of_minute(self, minute: int) -> tuple[str, int]:
        """What goes before the digest, in hex, of what a message says in that minute of the phone's clock; and what
        the first `SEAT_DIGITS` of it are added to, to make the seat."""
        minute &= _MINUTES
        return f"{self._begins}{minute:x}:", (minute << _HASH_BITS) - self._offset


def _offset(scope: int) -> int:
    return scope * _STRIDE & (1 << _HASH_BITS) - 1


def seats(first: int) -> Iterator[int]:
    """The integers to look under, in turn, when another key sits on the first."""
    seat = first
    while True:
        yield seat
        seat = (seat + 1 - _LOWEST) % _SPAN + _LOWEST


def fingerprint(*parts: object) -> int:
    """One integer for the whole content of a small row (a status, a call, a notice): equal content, equal integer."""
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return seat_of(text.encode("ascii"))
