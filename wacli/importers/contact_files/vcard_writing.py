"""Contacts as vCard 3.0 (RFC 2426), which every phone reads; `read_contacts` gives back what was written.

BSUIDs and usernames have no property of their own: `X-WACLI-BSUID` and `X-WACLI-USERNAME`, ignored by others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .rows import ContactRow

_LINE_OCTETS = 75
_SPECIAL = re.compile(r"([\\;,])")


def write_vcard(contacts: Iterable[ContactRow]) -> Iterator[str]:
    """One card after the other, lines ended with CRLF and folded at 75 octets; write the pieces as UTF-8."""
    for contact in contacts:
        name = contact.name or contact.username or ("+" + contact.phone if contact.phone else contact.bsuid or "")
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_escaped(name)};;;;", f"FN:{_escaped(name)}"]
        if contact.phone:
            lines.append(f"TEL;TYPE=CELL:+{contact.phone}")
        if contact.bsuid:
            lines.append(f"X-WACLI-BSUID:{contact.bsuid}")
        if contact.username:
            lines.append(f"X-WACLI-USERNAME:{contact.username}")
        if contact.tags:
            lines.append("CATEGORIES:" + ",".join(_escaped(tag) for tag in contact.tags))
        if contact.note:
            lines.append(f"NOTE:{_escaped(contact.note)}")
        lines.append("END:VCARD")
        yield "".join(_folded(line) + "\r\n" for line in lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    if len(line) <= _LINE_OCTETS // 4 or len(line.encode()) <= _LINE_OCTETS:
        return line
    pieces: list[str] = []
    piece: list[str] = []
    size = 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _LINE_OCTETS:
            pieces.append("".join(piece))
            piece, size = [], 1  # the space that marks the continuation
        piece.append(char)
        size += octets
    pieces.append("".join(piece))
    return "\r\n ".join(pieces)
