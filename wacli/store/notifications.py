"""Webhook notifications, verbatim, each content once. They come first; every other table can be made from them.

The seat of a notification is the first half of its digest, which begins with the time of its content (see
`importers.notifications.digest`): the index of seats grows at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime

from .database import Store
from .hashing import seats
from .instants import seconds
from .many_rows import insert_many

_INSERT = "INTO notifications (id, seat, digest, received_at, applied_at, body)"


def record_many(
    connection: sqlite3.Connection, bodies: Sequence[tuple[bytes, bytes]], now: datetime, *, is_applied: bool
) -> list[int | None]:
    """Keeps (digest, body) pairs inside a transaction; their new ids, None for those that were there already.

    `is_applied`: the caller applies their events in this same transaction.
    """
    at = seconds(now)
    applied_at = at if is_applied else None
    first = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM notifications").fetchone()[0])
    rows = [
        (first + index, _seat_of(digest), digest, at, applied_at, body) for index, (digest, body) in enumerate(bodies)
    ]
    before = connection.total_changes
    insert_many(connection, f"INSERT OR IGNORE {_INSERT}", rows)
    if connection.total_changes - before == len(rows):
        return [row[0] for row in rows]
    last = first + len(rows) - 1
    taken = {
        row[0] for row in connection.execute("SELECT id FROM notifications WHERE id BETWEEN ? AND ?", (first, last))
    }
    return [row[0] if row[0] in taken else _record_beside(connection, row) for row in rows]


def _record_beside(connection: sqlite3.Connection, row: tuple[int, int, bytes, int, int | None, bytes]) -> int | None:
    """The slow path: the seat is taken, by the same content or (once in an age) by another."""
    notification_id, first_seat, digest, *rest = row
    for seat in seats(first_seat):
        found = connection.execute("SELECT digest FROM notifications WHERE seat = ?", (seat,)).fetchone()
        if found is None:
            insert_many(connection, f"INSERT {_INSERT}", [(notification_id, seat, digest, *rest)])
            return notification_id
        if found[0] == digest:
            return None
    raise AssertionError("unreachable: seats never end")


def _seat_of(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big", signed=True)


def list_pending(store: Store, limit: int, most_bytes: int) -> list[tuple[int, bytes]]:
    """(id, body) of notifications whose events are not in the tables yet, oldest first; at least one, if there is one.

    Ends with the one that fills `most_bytes`: bodies may be large, and they come in numbers.
    """
    found: list[tuple[int, bytes]] = []
    size = 0
    sql = "SELECT id, body FROM notifications WHERE applied_at IS NULL ORDER BY id LIMIT ?"
    with closing(store.stream(sql, (limit,))) as rows:  # closed at once: a SELECT left open would hide what comes later
        for key, body in rows:
            found.append((key, body))
            size += len(body)
            if size >= most_bytes:
                break
    return found


def mark_applied(connection: sqlite3.Connection, ids: Sequence[int], now: datetime) -> list[bool]:
    """Marks them, in the transaction that applies them; says for each whether nobody else had."""
    at = seconds(now)
    statement = "UPDATE notifications SET applied_at = ? WHERE id = ? AND applied_at IS NULL"
    return [connection.execute(statement, (at, item)).rowcount > 0 for item in ids]


def replace_body(store: Store, notification_id: int, body: bytes) -> None:
    """Keeps other bytes in place of a notification's: those without somebody who was erased. Its digest stays.

    The page is emptied of the former bytes at once, and the file is to be written anew (`scrubbing`). The notification
    is no longer passed on to other programs: Meta's signature does not fit it, and they are not to know either.
    """
    with store.transaction() as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("UPDATE notifications SET body = ? WHERE id = ?", (body, notification_id))
        connection.execute("DELETE FROM forwards WHERE notification_id = ?", (notification_id,))


def stream_all(connection: sqlite3.Connection) -> Iterator[tuple[int, bytes]]:
    """(id, body) of every notification, oldest first, without holding them all."""
    yield from connection.execute("SELECT id, body FROM notifications ORDER BY id")


def mark_all_applied(connection: sqlite3.Connection, now: datetime) -> None:
    """A rebuild has applied every one of them."""
    connection.execute("UPDATE notifications SET applied_at = ? WHERE applied_at IS NULL", (seconds(now),))
