"""Notes that the owner wrote between the messages of a contact; nobody else ever sees them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Store
from .instants import moment, seconds


class Note(NamedTuple):
    """One note."""

    id: int
    contact_id: int
    text: str
    at: datetime


def add(store: Store, contact_id: int, text: str, now: datetime) -> Note:
    """Keeps a note."""
    with store.transaction(durable=True) as connection:
        row = connection.execute(
            "INSERT INTO notes (contact_id, text, at) VALUES (?, ?, ?) RETURNING id", (contact_id, text, seconds(now))
        ).fetchone()
    return Note(int(row[0]), contact_id, text, now)


def list_of_contact(
    store: Store, contact_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> list[Note]:
    """The notes on a contact, oldest first; both bounds are included."""
    rows = store.query(
        "SELECT id, contact_id, text, at FROM notes WHERE contact_id = :contact AND at >= coalesce(:since, at) "
        "AND at <= coalesce(:until, at) ORDER BY at, id",
        {
            "contact": contact_id,
            "since": None if since is None else seconds(since),
            "until": None if until is None else seconds(until),
        },
    )
    return [Note(note, contact, text, moment(at)) for note, contact, text, at in rows]
