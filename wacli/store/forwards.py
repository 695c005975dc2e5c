"""Notifications that wait to be passed on to another program, with the headers they came with.

A row is written in the transaction that keeps the notification and goes when the other side has taken it, so nothing
is lost between a commit and a crash; at worst something is passed on twice, as Meta itself does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from .database import Store
from .instants import moment, seconds

Headers: TypeAlias = Sequence[tuple[str, str]]


class Forward(NamedTuple):
    """One that waits. `attempts` have been made in vain since `queued_at`."""

    notification_id: int
    body: bytes
    headers: Headers
    attempts: int
    queued_at: datetime


def add_all(store: Store, rows: Iterable[tuple[int, Headers]], now: datetime) -> None:
    """Puts notifications (id, headers) into the queue; joins the transaction it is called in."""
    at = seconds(now)
    with store.transaction() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO forwards (notification_id, headers, queued_at, next_at) VALUES (?, ?, ?, ?)",
            [(key, json.dumps(list(headers)), at, at) for key, headers in rows],
        )


def list_due(store: Store, now: datetime, limit: int) -> list[Forward]:
    """What may be tried now, oldest first."""
    rows = store.query(
        "SELECT f.notification_id, n.body, f.headers, f.attempts, f.queued_at FROM forwards f "
        "JOIN notifications n ON n.id = f.notification_id WHERE f.next_at <= ? ORDER BY f.notification_id LIMIT ?",
        (seconds(now), limit),
    )
    return [
        Forward(row[0], row[1], [(name, value) for name, value in json.loads(row[2])], row[3], moment(row[4]))
        for row in rows
    ]


def remove(store: Store, notification_id: int) -> None:
    """It has been taken, or is not wanted."""
    with store.transaction() as connection:
        connection.execute("DELETE FROM forwards WHERE notification_id = ?", (notification_id,))


def put_off(store: Store, notification_id: int, until: datetime) -> None:
    """It was tried in vain, and is to be tried again then."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE forwards SET attempts = attempts + 1, next_at = ? WHERE notification_id = ?",
            (seconds(until), notification_id),
        )


def give_up(store: Store, before: datetime) -> int:
    """Drops what was queued before that instant, and what has lost its notification; how many there were."""
    with store.transaction() as connection:
        return connection.execute(
            "DELETE FROM forwards WHERE queued_at < ? OR notification_id NOT IN (SELECT id FROM notifications)",
            (seconds(before),),
        ).rowcount
