"""What we mean to send, written down before a socket opens, and what became of it.

States: queued -> sending -> accepted | held | refused | unknown. `sending` that nobody is sending any more (a killed
process) is `unknown`: it may or may not have gone out, and nothing repeats it. A status webhook that carries our key
settles it. Every write here waits for the disk (`durable`): nobody can tell us again.

The instant of a sent message is Meta's as soon as a status gives one; until then it is our clock's, but never before
the contact's last message, so that a slow clock here cannot make an answer look like no answer.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from ..domain.message import Direction, Origin, Status
from ..domain.problem import NotFound, Refused
from ..domain.text import t
from .candidates import FROM_OUTBOX, Candidate
from .database import Row, Store, storable
from .instants import moment, moment_or_none, seconds
from .message_rows import MessageRows
from .settle import Touched, settle

_COLUMNS = (
    "o.id, o.key, o.thread_id, th.contact_id, o.kind, o.template_name, o.template_language, o.category, o.text, "
    "o.reply_to, o.request, o.state, o.attempts, o.wamid, o.error_code, o.error_details, o.error_trace, "
    "o.created_at, o.sent_at, o.answered_at, m.status"
)
_FROM = "FROM outbox o JOIN threads th ON th.id = o.thread_id LEFT JOIN messages m ON m.id = o.message_id"


class Draft(NamedTuple):
    """A message about to be sent. `key` is ours and unique; `request` is the JSON body as it will be posted."""

    key: str
    contact_id: int
    number_id: int
    kind: str
    request: str
    text: str | None = None
    template_name: str | None = None
    template_language: str | None = None
    category: str | None = None
    reply_to: str | None = None


class OutboxRow(NamedTuple):
    """One send. Instants aware, UTC. `status` is Meta's latest word on the message, None while there is none."""

    id: int
    key: str
    thread_id: int
    contact_id: int
    kind: str
    template_name: str | None
    template_language: str | None
    category: str | None
    text: str | None
    reply_to: str | None
    request: str
    state: str
    attempts: int
    wamid: str | None
    error_code: int | None
    error_details: str | None
    error_trace: str | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    status: str | None


def add(store: Store, draft: Draft, now: datetime) -> OutboxRow:
    """Writes a send down, `queued`. Raises Refused (`already-queued`) when its key is there already."""
    with store.transaction(durable=True) as connection:
        if connection.execute("SELECT 1 FROM outbox WHERE key = ?", (draft.key,)).fetchone():
            raise Refused(
                "already-queued",
                t("This message is in the outbox already"),
                t("See what became of it: wacli thread WHO"),
                {"key": draft.key},
            )
        connection.execute(
            "INSERT INTO threads (contact_id, number_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (draft.contact_id, draft.number_id),
        )
        (thread_id,) = connection.execute(
            "SELECT id FROM threads WHERE contact_id = ? AND number_id = ?", (draft.contact_id, draft.number_id)
        ).fetchone()
        connection.execute(
            "INSERT INTO outbox (key, thread_id, kind, template_name, template_language, category, text, reply_to, "
            "request, state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)",
            (
                draft.key,
                thread_id,
                draft.kind,
                draft.template_name,
                draft.template_language,
                draft.category,
                draft.text and storable(draft.text),
                draft.reply_to,
                storable(draft.request),
                seconds(now),
            ),
        )
    return get(store, draft.key)


def mark_sending(store: Store, key: str, now: datetime) -> None:
    """Right before the socket opens."""
    _mark(store, key, "state = 'sending', attempts = attempts + 1, sent_at = ?", (seconds(now),))


def mark_queued(store: Store, key: str) -> None:
    """The API said, before it took anything, that we should try again: back in the queue."""
    _mark(store, key, "state = 'queued', sent_at = NULL", ())


def mark_accepted(store: Store, key: str, wamid: str, now: datetime, *, is_held: bool = False) -> None:
    """The API took it under this wamid; held: for its quality assessment. The message is in its thread from now on."""
    with store.transaction(durable=True) as connection:
        get(store, key)
        connection.execute(
            "UPDATE outbox SET state = ?, wamid = ?, answered_at = ?, error_code = NULL, error_details = NULL, "
            "error_trace = NULL WHERE key = ?",
            ("held" if is_held else "accepted", wamid, seconds(now), key),
        )
        touched = Touched()
        take_in(connection, MessageRows(connection, touched), key, seconds(now))
        settle(connection, touched)


def mark_refused(
    store: Store, key: str, now: datetime, code: int | None, details: str | None, trace: str | None = None
) -> None:
    """The API understood and said no."""
    _mark(
        store,
        key,
        "state = 'refused', answered_at = ?, error_code = ?, error_details = ?, error_trace = ?",
        (seconds(now), code, details, trace),
    )


def mark_unknown(store: Store, key: str, details: str | None = None) -> None:
    """No answer came back: it may or may not have been sent."""
    _mark(store, key, "state = 'unknown', error_details = ?", (details,))


def mark_interrupted(store: Store) -> int:
    """Every `sending` becomes `unknown`: for a start at which nothing is being sent. Returns how many there were."""
    with store.transaction(durable=True) as connection:
        return connection.execute("UPDATE outbox SET state = 'unknown' WHERE state = 'sending'").rowcount


def find(store: Store, key: str) -> OutboxRow | None:
    """The send with this key, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} {_FROM} WHERE o.key = ?", (key,))
    return None if row is None else _row(row)


def get(store: Store, key: str) -> OutboxRow:
    """The send with this key; raises NotFound."""
    row = find(store, key)
    if row is None:
        raise NotFound("no-such-send", t("Nothing was ever queued under {key}", key=key))
    return row


def list_open(store: Store) -> list[OutboxRow]:
    """What is queued, being sent, or unknown, oldest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE o.state IN ('queued', 'sending', 'unknown') ORDER BY o.created_at, o.id"
    )
    return [_row(row) for row in rows]


def list_of_thread(store: Store, thread_id: int, limit: int = 0) -> list[OutboxRow]:
    """The sends of one thread, newest first; 0 is no limit."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE o.thread_id = ? ORDER BY o.created_at DESC, o.id DESC LIMIT ?",
        (thread_id, limit or -1),
    )
    return [_row(row) for row in rows]


def list_without_message(store: Store, thread_id: int) -> list[OutboxRow]:
    """The sends of one thread that no answer and no status has made a message of, newest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE o.thread_id = ? AND o.wamid IS NULL ORDER BY o.created_at DESC, o.id DESC",
        (thread_id,),
    )
    return [_row(row) for row in rows]


def settle_by_status(connection: sqlite3.Connection, rows: MessageRows, key: str, wamid: str, at: int | None) -> bool:
    """A status with our key proves the API took it, whatever became of its answer. False when the key is not ours."""
    row = connection.execute("SELECT state, wamid FROM outbox WHERE key = ?", (key,)).fetchone()
    if row is None:
        return False
    if row[1] is None:
        connection.execute(
            "UPDATE outbox SET wamid = ?, state = 'accepted', error_details = NULL, answered_at = ? WHERE key = ?",
            (wamid, at, key),
        )
        take_in(connection, rows, key, at)
    return True


def take_in_all(connection: sqlite3.Connection, rows: MessageRows) -> None:
    """Puts every accepted send into its thread again: for a rebuild."""
    for (key,) in connection.execute("SELECT key FROM outbox WHERE wamid IS NOT NULL ORDER BY id").fetchall():
        take_in(connection, rows, key, None)


def take_in(connection: sqlite3.Connection, rows: MessageRows, key: str, at: int | None) -> None:
    """Puts an accepted send into its thread; `at` is our best guess until a status brings Meta's."""
    connection.execute(
        "UPDATE outbox SET message_at = coalesce(message_at, max(coalesce(sent_at, ?, created_at), coalesce("
        "(SELECT last_inbound_at FROM threads WHERE id = outbox.thread_id), 0))) WHERE key = ?",
        (at, key),
    )
    row = connection.execute(
        "SELECT o.wamid, o.thread_id, th.number_id, o.kind, o.message_at, o.text, o.reply_to, o.state "
        "FROM outbox o JOIN threads th ON th.id = o.thread_id WHERE o.key = ?",
        (key,),
    ).fetchone()
    wamid, thread_id, number_id, kind, message_at, text, reply_to, state = row
    candidate = Candidate(
        source=FROM_OUTBOX,
        thread_id=thread_id,
        number_id=number_id,
        party_id=None,
        notification_id=None,
        direction=Direction.OUTBOUND.value,
        origin=Origin.API.value,
        kind=kind,
        at=message_at,
        text=text,
        reply_to=reply_to,
        target=None,
        media=None,
        referral=None,
        group_id=None,
        is_sample=0,
        reported_status=(Status.HELD if state == "held" else Status.ACCEPTED).value,
    )
    message_id, _ = rows.put(wamid, candidate)
    connection.execute("UPDATE outbox SET message_id = ? WHERE key = ?", (message_id, key))
    rows.touch(message_id)


def _mark(store: Store, key: str, change: str, values: tuple[object, ...]) -> None:
    with store.transaction(durable=True) as connection:
        if not connection.execute(f"UPDATE outbox SET {change} WHERE key = ?", (*values, key)).rowcount:
            get(store, key)


def _row(row: Row) -> OutboxRow:
    *columns, created_at, sent_at, answered_at, status = row
    return OutboxRow._make((*columns, moment(created_at), moment_or_none(sent_at), moment_or_none(answered_at), status))
