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
from datetime import datetime
from typing import NamedTuple

from ..domain.message import Direction, Origin, Status
from ..domain.problem import Refused
from ..domain.text import t
from .candidates import FROM_OUTBOX, Candidate
from .database import Row, Store, storable
from .instants import seconds
from .message_rows import MessageRows
from .settle import Touched, settle


class Draft(NamedTuple):
    """A message about to be sent. `key` is ours and unique; `request` is the JSON body as it will be posted.

    `replaces` is the key of an earlier send that this one repeats because a person said so. A send of a campaign
    names it and its recipient, and the price that its verdict found, in micro-units.
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
    campaign_id: int | None = None
    recipient_id: int | None = None
    price: int | None = None


class _Taken(NamedTuple):
    """The API took it."""

    key: str
    wamid: str
    state: str
    at: int


# A status that came first has written the wamid; what our attempt says after that is no news.
_UNLESS_SETTLED = "WHERE key = ? AND wamid IS NULL"
_THREADS = "INSERT INTO threads (contact_id, number_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_INSERT = (
    "INSERT INTO outbox (key, thread_id, kind, template_name, template_language, category, text, reply_to, request, "
    "replaces, campaign_id, recipient_id, price, state, attempts, created_at, sent_at) VALUES "
    "(?, (SELECT id FROM threads WHERE contact_id = ? AND number_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
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
# `message_at`: our best guess until a status brings Meta's instant, never before what it answers.
_MESSAGE_AT = (
    "coalesce(outbox.message_at, "
    "max(coalesce(outbox.sent_at, {at}, outbox.created_at), coalesce(threads.last_inbound_at, 0)))"
)
# One statement for all of a batch: [key, wamid, state, instant, place in the batch] each.
_TAKEN = f"""
UPDATE outbox SET wamid = j.value ->> 1, state = j.value ->> 2, answered_at = coalesce(j.value ->> 3, answered_at),
  message_at = {_MESSAGE_AT.format(at="j.value ->> 3")},
  error_code = NULL, error_details = NULL, error_trace = NULL
FROM json_each(?) j, threads WHERE outbox.key = j.value ->> 0 AND threads.id = outbox.thread_id
RETURNING outbox.id, outbox.wamid, outbox.thread_id, (SELECT t.number_id FROM threads t WHERE t.id = outbox.thread_id),
  outbox.kind, outbox.message_at, outbox.text, outbox.reply_to, outbox.state, outbox.campaign_id, outbox.price
"""
_OF_CAMPAIGN = "UPDATE messages SET campaign_id = ?, price = ? WHERE id = ?"


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
            if self._drafts:
                _insert(connection, self._drafts)
        self._drafts, self._changes, self._taken = [], [], []
        return late


def take(connection: sqlite3.Connection, rows: MessageRows, taken: Sequence[_Taken]) -> None:
    """Puts accepted sends into their threads."""
    found = connection.execute(_TAKEN, (json.dumps(taken),)).fetchall()
    if not found:
        return
    ids = rows.put_sent([_described(*row[1:9]) for row in found])
    links = [(message_id, row[0]) for message_id, row in zip(ids, found, strict=True)]
    connection.executemany("UPDATE outbox SET message_id = ? WHERE id = ?", links)
    _mark_campaign(connection, zip(ids, found, strict=True))


def settle_by_status(connection: sqlite3.Connection, rows: MessageRows, key: str, wamid: str, at: int | None) -> bool:
    """A status with our key proves the API took it, whatever became of its answer. False when the key is not ours."""
    row = connection.execute("SELECT wamid FROM outbox WHERE key = ?", (key,)).fetchone()
    if row is None:
        return False
    if row[0] is None:
        _take_again(connection, rows, [(key, wamid, "accepted", at)])
    return True


def take_in_all(connection: sqlite3.Connection, rows: MessageRows) -> None:
    """Puts every accepted send into its thread again: for a rebuild."""
    accepted = "SELECT key, wamid, state, NULL FROM outbox WHERE wamid IS NOT NULL ORDER BY id"
    _take_again(connection, rows, connection.execute(accepted).fetchall())


def _take_again(
    connection: sqlite3.Connection, rows: MessageRows, taken: Iterable[tuple[str, str, str, int | None]]
) -> None:
    """The long way, for messages that others may have spoken of already."""
    for one in taken:
        row = connection.execute(_TAKEN, (json.dumps([one]),)).fetchall()[0]
        message_id, _ = rows.put(*_described(*row[1:9]))
        connection.execute("UPDATE outbox SET message_id = ? WHERE id = ?", (message_id, row[0]))
        _mark_campaign(connection, [(message_id, row)])
        rows.touch(message_id)


def _mark_campaign(connection: sqlite3.Connection, sends: Iterable[tuple[int, Row]]) -> None:
    """The message of a campaign's send says so itself, for the index that counts campaigns."""
    marks = [(row[9], row[10], message_id) for message_id, row in sends if row[9] is not None]
    if marks:
        connection.executemany(_OF_CAMPAIGN, marks)


def _insert(connection: sqlite3.Connection, drafts: Sequence[tuple[Draft, str, int]]) -> None:
    connection.executemany(_THREADS, [(draft.contact_id, draft.number_id) for draft, _, _ in drafts])
    values = [
        (
            draft.key,
            draft.contact_id,
            draft.number_id,
            draft.kind,
            draft.template_name,
            draft.template_language,
            draft.category,
            draft.text and storable(draft.text),
            draft.reply_to,
            draft.request,
            draft.replaces,
            draft.campaign_id,
            draft.recipient_id,
            draft.price,
            state,
            int(state == "sending"),
            at,
            at if state == "sending" else None,
        )
        for draft, state, at in drafts
    ]
    if connection.executemany(_INSERT, values).rowcount == len(values):
        return
    raise Refused(
        "already-queued",
        t("This message is in the outbox already"),
        t("See what became of it: wacli outbox list --all"),
        {"keys": [draft.key for draft, _, _ in drafts]},
    )


def _described(
    wamid: str, thread_id: int, number_id: int, kind: str, at: int, text: str | None, reply_to: str | None, state: str
) -> tuple[str, Candidate]:
    """How what we sent describes itself, in the order of the columns."""
    reported = _HELD if state == "held" else _ACCEPTED
    return wamid, Candidate(
        FROM_OUTBOX,
        thread_id,
        number_id,
        None,  # the party: nobody told us by which identifier
        None,  # no notification
        _OUTBOUND,
        _API,
        kind,
        at,
        text,
        reply_to,
        None,
        None,
        None,
        None,
        0,
        reported,
    )


_OUTBOUND, _API = Direction.OUTBOUND.value, Origin.API.value
_HELD, _ACCEPTED = Status.HELD.value, Status.ACCEPTED.value
