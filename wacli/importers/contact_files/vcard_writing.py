"""Contacts as vCard 3.0 (RFC 2426), which every phone reads; `read_contacts` gives back what was written.

BSUIDs and usernames have no property of their own: `X-WACLI-BSUID` and `X-WACLI-USERNAME`, ignored by others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...domain.contact_import import GivenPerson

_LINE_OCTETS = 75
_SPECIAL = re.compile(r"([\\;,])")


def write_vcard(people: Iterable[GivenPerson]) -> Iterator[str]:
    """One card after the other, lines ended with CRLF and folded at 75 octets; write the pieces as UTF-8.

    A card must have a name: who has none is called by the first identifier.
    """
    for _, given, phones, bsuids, username, tags, note in people:
        name = given or username or next((f"+{phone}" for phone in phones), None) or next(iter(bsuids), "")
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_escaped(name)};;;;", f"FN:{_escaped(name)}"]
        lines += [f"TEL;TYPE=CELL:+{phone}" for phone in phones]
        lines += [f"X-WACLI-BSUID:{bsuid}" for bsuid in bsuids]
        if username:
            lines.append(f"X-WACLI-USERNAME:{username}")
        if tags:
            lines.append("CATEGORIES:" + ",".join(_escaped(tag) for tag in tags))
        if note:
            lines.append(f"NOTE:{_escaped(note)}")
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
