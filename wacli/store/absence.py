"""What decides whether an away message or a greeting is due, and which were sent: noted before they go out.

A note is a row of ours that no notification can tell again, so a rebuild leaves it. The board takes the messages that
were noted here for no answers (`clocks`): a customer who got one still waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..domain.message import WINDOW_OPENING_KINDS
from ..domain.window import CUSTOMER_SERVICE_WINDOW_FOR
from .clocks import among
from .database import Store
from .instants import moment, moment_or_none, seconds

_OPENERS = among(WINDOW_OPENING_KINDS)
_FROM_THEM = f"m.direction = 'inbound' AND m.origin = 'api' AND m.is_sample = 0 AND m.kind IN {_OPENERS}"


class Candidate(NamedTuple):
    """A thread whose contact was heard of lately. `last_answer_at`: the shop's last answer, ours apart."""

    thread_id: int
    contact_id: int
    last_heard_at: datetime
    last_answer_at: datetime | None


class Heard(NamedTuple):
    """One message of a contact that opens the window."""

    wamid: str
    at: datetime
    kind: str


def list_candidates(store: Store, phone_number_id: str, since: datetime) -> list[Candidate]:
    """Threads of a business number in which a contact has opened or renewed the window at or after `since`."""
    rows = store.query(
        "SELECT t.id, t.contact_id, t.last_opener_at, t.last_outbound_at "
        "FROM threads t JOIN numbers n ON n.id = t.number_id "
        "WHERE t.closes_at >= ? AND n.phone_number_id = ? ORDER BY t.id",
        (seconds(since + CUSTOMER_SERVICE_WINDOW_FOR), phone_number_id),
    )
    return [
        Candidate(thread_id, contact_id, moment(heard), moment_or_none(answer))
        for thread_id, contact_id, heard, answer in rows
    ]


def list_heard(store: Store, thread_id: int, since: datetime) -> list[Heard]:
    """The contact's live messages at or after `since`, oldest first."""
    rows = store.query(
        f"SELECT m.wamid, m.at, m.kind FROM messages m WHERE m.thread_id = ? AND m.at >= ? AND {_FROM_THEM} "
        "ORDER BY m.at, m.id",
        (thread_id, seconds(since)),
    )
    return [Heard(wamid, moment(at), kind) for wamid, at, kind in rows]


def find_earlier_at(store: Store, thread_id: int, before: datetime) -> datetime | None:
    """When the contact was last heard of before that instant, in whatever way; None: never."""
    row = store.query_one(
        "SELECT max(at) FROM (SELECT max(m.at) AS at FROM messages m WHERE m.thread_id = :thread AND m.at < :before "
        "AND m.direction = 'inbound' UNION ALL "
        "SELECT max(c.at) FROM calls c WHERE c.thread_id = :thread AND c.at < :before)",
        {"thread": thread_id, "before": seconds(before)},
    )
    return moment_or_none(None if row is None else row[0])


def find_last_sent_at(store: Store, thread_id: int, until: datetime) -> datetime | None:
    """The shop's last message of any kind at or before that instant."""
    row = store.query_one(
        "SELECT max(m.at) FROM messages m WHERE m.thread_id = ? AND m.at <= ? AND m.direction = 'outbound'",
        (thread_id, seconds(until)),
    )
    return moment_or_none(None if row is None else row[0])


def window_began_at(store: Store, thread_id: int, at: datetime) -> datetime:
    """When the customer service window that is open at `at` was opened: it goes on as long as something of the
    contact's renews it in time."""
    began = at
    for earlier in _openers_back(store, thread_id, at):
        if began - earlier >= CUSTOMER_SERVICE_WINDOW_FOR:
            break
        began = earlier
    return began


def was_sent(store: Store, thread_id: int, kinds: Sequence[str], since: datetime) -> bool:
    """True when one of these kinds answered a message of the contact at or after `since`, or was about to."""
    return (
        store.query_one(
            "SELECT 1 FROM absence_messages WHERE thread_id = ? AND triggered_at >= ? "
            "AND kind IN (SELECT value FROM json_each(?)) LIMIT 1",
            (thread_id, seconds(since), json.dumps(list(kinds))),
        )
        is not None
    )


class AbsenceNote(NamedTuple):
    """One that is about to be sent: of which kind, the instant of the message it answers, its key in the outbox."""

    thread_id: int
    kind: str
    triggered_at: datetime
    key: str


def claim(store: Store, note: AbsenceNote, window_began: datetime, now: datetime) -> bool:
    """Notes it; False when one of its kind was noted in this window already.

    Waits for the disk: whoever asks after a crash must find it.
    """
    with store.transaction(durable=True) as connection:
        if was_sent(store, note.thread_id, (note.kind,), window_began):
            return False
        connection.execute(
            "INSERT INTO absence_messages (thread_id, kind, triggered_at, key, at) VALUES (?, ?, ?, ?, ?)",
            (note.thread_id, note.kind, seconds(note.triggered_at), note.key, seconds(now)),
        )
    return True


def _openers_back(store: Store, thread_id: int, at: datetime) -> Iterator[datetime]:
    """What opened or renewed the window at or before `at`, latest first, a piece at a time."""
    until, step = seconds(at) + 1, timedelta(days=2).total_seconds()
    while True:
        rows = store.query(
            "SELECT m.at FROM messages m WHERE m.thread_id = :thread AND m.at < :until AND m.at >= :since "
            f"AND {_FROM_THEM} UNION ALL "
            "SELECT c.at FROM calls c WHERE c.thread_id = :thread AND c.at < :until AND c.at >= :since "
            "AND c.opens_window = 1 ORDER BY 1 DESC",
            {"thread": thread_id, "until": until, "since": until - int(step)},
        )
        if not rows:
            return
        yield from (moment(row[0]) for row in rows)
        until = rows[-1][0]
