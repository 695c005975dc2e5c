"""Whom the store was told to forget: keyed hashes of their identifiers, so that old files do not bring them back.

The key is random and the store's own. It keeps the list from being read or compared with another store's; it does not
keep out somebody who has the whole file and tries every phone number there is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from ..domain.identity import is_bsuid, match_key, wa_id_of

_LENGTH = 16  # bytes of each hash


class Tombstones(NamedTuple):
    """The hashes with when their owners were erased (seconds); looks identifiers up as payloads write them."""

    key: bytes
    erased_at: dict[bytes, int]

    def __bool__(self) -> bool:
        return bool(self.erased_at)

    def of(self, identifier: str) -> int | None:
        """When the person behind an identifier was erased, or None."""
        mark = mark_of(self.key, identifier)
        return None if mark is None else self.erased_at.get(mark)


def load(connection: sqlite3.Connection) -> Tombstones:
    """Every tombstone of the store; none in nearly every store."""
    rows = connection.execute("SELECT mark, erased_at FROM tombstones").fetchall()
    if not rows:
        return Tombstones(b"", {})
    return Tombstones(_key(connection), {bytes(mark): int(at) for mark, at in rows})


def add(connection: sqlite3.Connection, identifiers: Iterable[str], at: int) -> list[str]:
    """Remembers identifiers (digits or BSUIDs) as erased; returns their hashes in hex, for a certificate."""
    key = _key(connection)
    marks = sorted({mark for one in identifiers if (mark := mark_of(key, one)) is not None})
    connection.executemany(
        "INSERT INTO tombstones (mark, erased_at) VALUES (?, ?) ON CONFLICT (mark) DO UPDATE SET "
        "erased_at = max(erased_at, excluded.erased_at)",
        [(mark, at) for mark in marks],
    )
    return [mark.hex() for mark in marks]


def mark_of(key: bytes, identifier: str) -> bytes | None:
    """The keyed hash of a phone number (in any of its forms) or a BSUID; None for anything else."""
    digits = wa_id_of(identifier)
    if digits:
        said = f"phone/{match_key(digits)}"
    elif is_bsuid(identifier):
        said = f"bsuid/{identifier}"
    else:
        return None
    import hmac  # 2 ms, and what only reads the store asks for no key

    return hmac.digest(key, said.encode(), "sha256")[:_LENGTH]


def _key(connection: sqlite3.Connection) -> bytes:
    row = connection.execute("SELECT key FROM tombstone_key").fetchone()
    if row is None:
        key = os.urandom(32)
        connection.execute("INSERT INTO tombstone_key (id, key) VALUES (1, ?)", (key,))
        return key
    return bytes(row[0])
