"""Quick replies: texts that the owner gave a name. Names are told apart without regard to case."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Row, Store
from .instants import moment, moment_or_none, seconds


class QuickReply(NamedTuple):
    """One text with its name; the text may hold fields of a contact, such as {name}."""

    name: str
    text: str
    added_at: datetime
    edited_at: datetime | None


_COLUMNS = "name, text, added_at, edited_at"


def list_all(store: Store) -> list[QuickReply]:
    """All of them, by name."""
    return [_quick_reply(row) for row in store.query(f"SELECT {_COLUMNS} FROM quick_replies ORDER BY name")]


def find(store: Store, name: str) -> QuickReply | None:
    """The one with this name, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} FROM quick_replies WHERE name = ?", (name,))
    return None if row is None else _quick_reply(row)


def add(store: Store, name: str, text: str, now: datetime) -> bool:
    """Keeps a new one; False when the name is taken."""
    with store.transaction(durable=True) as connection:
        done = connection.execute(
            "INSERT INTO quick_replies (name, text, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (name, text, seconds(now)),
        )
    return done.rowcount > 0


def edit(store: Store, name: str, text: str, now: datetime) -> None:
    """Gives it another text."""
    with store.transaction(durable=True) as connection:
        connection.execute(
            "UPDATE quick_replies SET text = ?, edited_at = ? WHERE name = ?", (text, seconds(now), name)
        )


def remove(store: Store, name: str) -> None:
    """Forgets it."""
    with store.transaction(durable=True) as connection:
        connection.execute("DELETE FROM quick_replies WHERE name = ?", (name,))


def _quick_reply(row: Row) -> QuickReply:
    name, text, added_at, edited_at = row
    return QuickReply(name, text, moment(added_at), moment_or_none(edited_at))
