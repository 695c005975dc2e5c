"""Sends that are written down one change at a time: for tests of what the outbox keeps. A run shares its commits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from wacli.store import outbox
from wacli.store.database import Store
from wacli.store.outbox import Draft, OutboxRow, OutboxWriter


def written(store: Store, *changes: Callable[[OutboxWriter], None]) -> set[str]:
    """Commits these changes together; the keys whose change came too late."""
    writer = OutboxWriter(store)
    for change in changes:
        change(writer)
    return writer.write()


def add(store: Store, draft: Draft, now: datetime) -> OutboxRow:
    """A send, queued."""
    written(store, lambda writer: writer.add(draft, now))
    return outbox.get(store, draft.key)


def sending(store: Store, key: str, now: datetime) -> set[str]:
    """Right before its socket opens."""
    return written(store, lambda writer: writer.sending(key, now))


def accepted(store: Store, key: str, wamid: str, now: datetime, *, is_held: bool = False) -> None:
    """The API took it."""
    written(store, lambda writer: writer.accepted(key, wamid, now, is_held=is_held))
