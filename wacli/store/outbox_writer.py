"""Every change of the outbox: gathered first, then written in one transaction that waits for the disk.

Waiting for the disk costs more than everything else about a send (measured: 100 to 200 us of CPU and 3 ms of time for
one commit, against 140 us for the request), so a run of sends shares its commits: what became of some messages and
the intention to send the next ones are one transaction. One send alone is two.

What WhatsApp itself said of a message outranks what our own attempt made of it: a row that a status webhook has
settled while we were still waiting stays settled.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ..domain.message import Direction, Origin, Status
from ..domain.problem import Refused
from ..domain.text import t
from .candidates import FROM_OUTBOX, Candidate
from .database import Store, storable
from .instants import seconds
from .message_rows import MessageRows
from .settle import Touched, settle


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be sent. `key` is ours and unique; `request` is the JSON body as it will be posted.

    `replaces` is the key of an earlier send that this one repeats because a person said so.
    """

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
    replaces: str | None = None


class _Taken(NamedTuple):
    """The API took it."""

    key: str
    wamid: str
    state: str
    at: int


# A status that came first has written the wamid; what our attempt says after that is no news.
_UNLESS_SETTLED = "WHERE key = ? AND wamid IS NULL"
_INSERT = (
    "INSERT INTO outbox (key, thread_id, kind, template_name, template_language, category, text, reply_to, request, "
    "replaces, state, attempts, created_at, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING"
)
_SENDING = f"UPDATE outbox SET state = 'sending', attempts = attempts + 1, sent_at = ? {_UNLESS_SETTLED}"
_QUEUED = (
    "UPDATE outbox SET state = 'queued', sent_at = NULL, error_code = ?, error_details = ?, error_trace = ? "
    f"{_UNLESS_SETTLED}"
)
_REFUSED = (
    "UPDATE outbox SET state = 'refused', answered_at = ?, error_code = ?, error_details = ?, error_trace = ? "
    f"{_UNLESS_SETTLED}"
)
_UNKNOWN = f"UPDATE outbox SET state = 'unknown', error_details = ? {_UNLESS_SETTLED}"
_TAKEN = (
    "UPDATE outbox SET state = ?, wamid = ?, answered_at = coalesce(?, answered_at), message_at = ?, message_id = ?, "
    "error_code = NULL, error_details = NULL, error_trace = NULL WHERE id = ?"
)
# `message_at`: our best guess until a status brings Meta's instant, never before what it answers.
_TO_TAKE = """
SELECT o.key, o.id, o.thread_id, th.number_id, o.kind, o.text, o.reply_to,
  coalesce(o.message_at, max(coalesce(o.sent_at, j.value ->> 1, o.created_at), coalesce(th.last_inbound_at, 0)))
FROM json_each(?) j CROSS JOIN outbox o ON o.key = j.value ->> 0 JOIN threads th ON th.id = o.thread_id
"""


class OutboxWriter:
    """What is to be written about some sends. Nothing is in the store before `write`, everything is after it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._drafts: list[tuple[Draft, str, int]] = []
        self._changes: list[tuple[str, tuple[object, ...]]] = []
        self._taken: list[_Taken] = []

    def add(self, draft: Draft, now: datetime, *, is_sending: bool = False) -> None:
        """A new send: queued, or `sending` from the start when its socket opens right after the commit."""
        self._drafts.append((draft, "sending" if is_sending else "queued", seconds(now)))

    def sending(self, key: str, now: datetime) -> None:
        """One more attempt, right before its socket opens."""
        self._changes.append((_SENDING, (seconds(now), key)))

    def queued(self, key: str, code: int | None = None, details: str | None = None, trace: str | None = None) -> None:
        """Nothing was accepted, and we will try again after a pause; why, for whoever looks meanwhile."""
        self._changes.append((_QUEUED, (code, details, trace, key)))

    def accepted(self, key: str, wamid: str, now: datetime, *, is_held: bool = False) -> None:
        """The API took it under this wamid; held: for its quality assessment. It is in its thread from now on."""
        self._taken.append(_Taken(key, wamid, "held" if is_held else "accepted", seconds(now)))

    def refused(self, key: str, now: datetime, code: int | None, details: str | None, trace: str | None = None) -> None:
        """Nothing was accepted, and nothing will be tried again."""
        self._changes.append((_REFUSED, (seconds(now), code, details, trace, key)))

    def unknown(self, key: str, details: str | None = None) -> None:
        """No answer came back: it may or may not have been sent."""
        self._changes.append((_UNKNOWN, (details, key)))

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to write."""
        return not (self._drafts or self._changes or self._taken)

    def write(self) -> set[str]:
        """Commits all of it and waits for the disk. Returns the keys whose change came too late: a status has
        settled them already (or they are not there).

        Raises Refused (`already-queued`) when the key of a new send is there already; nothing is written then.
        """
        late: set[str] = set()
        with self._store.transaction(durable=True) as connection:
            if self._taken:
                touched = Touched()
                take(connection, MessageRows(connection, touched), self._taken)
                settle(connection, touched)
            for statement, values in self._changes:
                if not connection.execute(statement, values).rowcount:
                    late.add(str(values[-1]))
            for draft, state, at in self._drafts:
                _insert(connection, draft, state, at)
        self._drafts, self._changes, self._taken = [], [], []
        return late


def take(connection: sqlite3.Connection, rows: MessageRows, taken: Sequence[_Taken]) -> None:
    """Puts accepted sends into their threads."""
    by_key = {one.key: one for one in taken}
    wanted = json.dumps([(one.key, one.at) for one in taken])
    described: list[tuple[str, Candidate]] = []
    found: list[tuple[str, int, int]] = []
    for key, row_id, thread_id, number_id, kind, text, reply_to, at in connection.execute(_TO_TAKE, (wanted,)):
        one = by_key[key]
        found.append((key, row_id, at))
        reported = (Status.HELD if one.state == "held" else Status.ACCEPTED).value
        described.append((one.wamid, _candidate(thread_id, number_id, kind, at, text, reply_to, reported)))
    ids = rows.put_sent(described) if described else []
    connection.executemany(
        _TAKEN,
        [
            (by_key[key].state, by_key[key].wamid, by_key[key].at, at, message_id, row_id)
            for (key, row_id, at), message_id in zip(found, ids, strict=True)
        ],
    )


def settle_by_status(connection: sqlite3.Connection, rows: MessageRows, key: str, wamid: str, at: int | None) -> bool:
    """A status with our key proves the API took it, whatever became of its answer. False when the key is not ours."""
    row = connection.execute("SELECT wamid FROM outbox WHERE key = ?", (key,)).fetchone()
    if row is None:
        return False
    if row[0] is None:
        connection.execute(
            "UPDATE outbox SET wamid = ?, state = 'accepted', error_code = NULL, error_details = NULL, "
            "error_trace = NULL, answered_at = ? WHERE key = ?",
            (wamid, at, key),
        )
        _take_again(connection, rows, [(key, at)])
    return True


def take_in_all(connection: sqlite3.Connection, rows: MessageRows) -> None:
    """Puts every accepted send into its thread again: for a rebuild."""
    keys = connection.execute("SELECT key, NULL FROM outbox WHERE wamid IS NOT NULL ORDER BY id").fetchall()
    _take_again(connection, rows, keys)


def _take_again(connection: sqlite3.Connection, rows: MessageRows, keys: Iterable[tuple[str, int | None]]) -> None:
    for key, at in keys:
        found = connection.execute(_TO_TAKE, (json.dumps([(key, at)]),)).fetchone()
        _, row_id, thread_id, number_id, kind, text, reply_to, message_at = found
        wamid, state = connection.execute("SELECT wamid, state FROM outbox WHERE id = ?", (row_id,)).fetchone()
        reported = (Status.HELD if state == "held" else Status.ACCEPTED).value
        message_id, _ = rows.put(wamid, _candidate(thread_id, number_id, kind, message_at, text, reply_to, reported))
        connection.execute(
            "UPDATE outbox SET message_at = ?, message_id = ? WHERE id = ?", (message_at, message_id, row_id)
        )
        rows.touch(message_id)


def _insert(connection: sqlite3.Connection, draft: Draft, state: str, at: int) -> None:
    where = (draft.contact_id, draft.number_id)
    thread = connection.execute("SELECT id FROM threads WHERE contact_id = ? AND number_id = ?", where).fetchone()
    if thread is None:
        thread = connection.execute(
            "INSERT INTO threads (contact_id, number_id) VALUES (?, ?) RETURNING id", where
        ).fetchone()
    is_sending = state == "sending"
    values = (
        draft.key,
        thread[0],
        draft.kind,
        draft.template_name,
        draft.template_language,
        draft.category,
        draft.text and storable(draft.text),
        draft.reply_to,
        storable(draft.request),
        draft.replaces,
        state,
        int(is_sending),
        at,
        at if is_sending else None,
    )
    if not connection.execute(_INSERT, values).rowcount:
        raise Refused(
            "already-queued",
            t("This message is in the outbox already"),
            t("See what became of it: wacli outbox show {key}", key=draft.key),
            {"key": draft.key},
        )


def _candidate(
    thread_id: int, number_id: int, kind: str, at: int, text: str | None, reply_to: str | None, reported: str
) -> Candidate:
    """How what we sent describes itself, in the order of the columns."""
    return Candidate(
        source=FROM_OUTBOX,
        thread_id=thread_id,
        number_id=number_id,
        party_id=None,
        notification_id=None,
        direction=Direction.OUTBOUND.value,
        origin=Origin.API.value,
        kind=kind,
        at=at,
        text=text,
        reply_to=reply_to,
        target=None,
        media=None,
        referral=None,
        group_id=None,
        is_sample=0,
        reported_status=reported,
    )
