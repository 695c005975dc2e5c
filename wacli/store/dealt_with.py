"""Threads that the owner called dealt with: nobody waits in them until the contact writes again.

The mark says up to which of the contact's messages it holds, by their own time: a later one waits, and so does one
that was on its way when the owner looked.
"""

from __future__ import annotations

from datetime import datetime

from .database import Store
from .instants import seconds
from .settle import Touched, settle


def mark(store: Store, thread_id: int, until: datetime, now: datetime) -> None:
    """Nobody waits in the thread with what they wrote up to `until` (included)."""
    touched = Touched()
    touched.threads.add(thread_id)
    with store.transaction(durable=True) as connection:
        connection.execute(
            "INSERT INTO dealt_with (thread_id, until, at) VALUES (?, ?, ?)", (thread_id, seconds(until), seconds(now))
        )
        settle(connection, touched)
