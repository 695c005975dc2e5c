"""The messages of one thread, newest first, each with every status it ever had."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.event import Media, Referral
from ..domain.message import Status, status_rank
from .database import Row, Store
from .hashing import seat_of, seats
from .instants import moment_or_none, seconds

_COLUMNS = (
    "id, wamid, thread_id, direction, origin, kind, at, iif(edited_at IS NULL, text, edited_text), text, edited_at, "
    "revoked_at, reply_to, target, media, referral, status, status_at, delivered_at, pricing_type, pricing_category, "
    "error_code, error_text"
)
_REACHED = (Status.DELIVERED, Status.READ, Status.PLAYED)


class StatusRow(NamedTuple):
    """One status as Meta reported it. `expires_at` is the end of a free entry point window, where it gave one."""

    status: str
    at: datetime | None
    pricing_model: str | None
    pricing_type: str | None
    pricing_category: str | None
    is_billable: bool | None
    conversation_origin: str | None
    expires_at: datetime | None
    error_code: int | None
    error_text: str | None


class MessageRow(NamedTuple):
    """One message. `text` shows the latest edit, `original_text` what was sent; a revoked one has `revoked_at`."""

    id: int
    wamid: str
    thread_id: int | None
    direction: str
    origin: str
    kind: str
    at: datetime | None
    text: str | None
    original_text: str | None
    edited_at: datetime | None
    revoked_at: datetime | None
    reply_to: str | None
    target: str | None
    media: Media | None
    referral: Referral | None
    status: str | None
    status_at: datetime | None
    delivered_at: datetime | None
    pricing_type: str | None
    pricing_category: str | None
    error_code: int | None
    error_text: str | None
    statuses: tuple[StatusRow, ...]


def list_of_thread(store: Store, thread_id: int, *, limit: int = 0, until: datetime | None = None) -> list[MessageRow]:
    """The thread's messages, newest first; 0 is no limit; `until` (included) leaves out what came later."""
    bound = "" if until is None else "AND at <= :until"
    rows = store.query(
        f"SELECT {_COLUMNS} FROM messages WHERE thread_id = :thread {bound} "
        "ORDER BY at DESC, direction DESC, id DESC LIMIT :limit",  # in one second the answer follows the question
        {"thread": thread_id, "until": None if until is None else seconds(until), "limit": limit or -1},
    )
    found = _with_statuses(store, rows, until)
    return found if until is None else [_as_of(store, row, until) for row in found]


def find(store: Store, wamid: str) -> MessageRow | None:
    """The message with this wamid, or None."""
    for seat in seats(seat_of(wamid.encode())):
        rows = store.query(f"SELECT {_COLUMNS} FROM messages WHERE seat = ?", (seat,))
        if not rows:
            return None
        if rows[0][1] == wamid:
            return _with_statuses(store, rows, None)[0]
    raise AssertionError("unreachable: seats never end")


def find_latest_inbound(
    store: Store, contact_id: int, phone_number_id: str | None, until: datetime | None = None
) -> str | None:
    """The wamid of the contact's latest message on a business number (None: on any); `until` is included."""
    row = store.query_one(
        "SELECT m.wamid FROM threads t JOIN numbers n ON n.id = t.number_id JOIN messages m ON m.thread_id = t.id "
        "WHERE t.contact_id = :contact AND (:number IS NULL OR n.phone_number_id = :number) "
        "AND m.direction = 'inbound' AND m.kind NOT IN ('reaction', 'edit', 'revoke', 'system', 'errors') "
        "AND m.origin = 'api' AND (:until IS NULL OR m.at <= :until) ORDER BY m.at DESC, m.wamid DESC LIMIT 1",
        {
            "contact": contact_id,
            "number": phone_number_id,
            "until": None if until is None else seconds(until),
        },
    )
    return None if row is None else str(row[0])


def count_of_thread(store: Store, thread_id: int, *, until: datetime | None = None) -> int:
    """How many messages the thread has; `until` (included) leaves out what came later."""
    bound = "" if until is None else "AND at <= :until"
    row = store.query_one(
        f"SELECT count(*) FROM messages WHERE thread_id = :thread {bound}",
        {"thread": thread_id, "until": None if until is None else seconds(until)},
    )
    assert row is not None
    return int(row[0])


def _with_statuses(store: Store, rows: Sequence[Row], until: datetime | None) -> list[MessageRow]:
    said: dict[int, list[StatusRow]] = {}
    found = store.query(
        "SELECT message_id, status, at, pricing_model, pricing_type, pricing_category, billable, conversation_origin, "
        "expires_at, error_code, error_text FROM statuses WHERE message_id IN (SELECT value FROM json_each(?)) "
        "AND (? IS NULL OR at <= ?) ORDER BY message_id, at, id",
        (json.dumps([row[0] for row in rows]), *([None if until is None else seconds(until)] * 2)),
    )
    for message_id, status, at, model, pricing, category, billable, origin, expires_at, code, words in found:
        is_billable = None if billable is None else bool(billable)
        said.setdefault(message_id, []).append(
            StatusRow(
                status, moment_or_none(at), model, pricing, category, is_billable, origin,
                moment_or_none(expires_at), code, words,
            )
        )  # fmt: skip
    return [_message_row(row, tuple(said.get(row[0], ()))) for row in rows]


def _message_row(row: Row, statuses: tuple[StatusRow, ...]) -> MessageRow:
    values = list(row)
    for place in (6, 9, 10, 16, 17):
        values[place] = moment_or_none(values[place])
    values[13] = None if row[13] is None else Media(**(dict.fromkeys(Media._fields) | json.loads(row[13])))
    values[14] = None if row[14] is None else Referral(**(dict.fromkeys(Referral._fields) | json.loads(row[14])))
    return MessageRow._make((*values, statuses))


def _as_of(store: Store, row: MessageRow, until: datetime) -> MessageRow:
    """The message as it stood at `until`: the same rules as `settle`, with what was said up to then."""
    dated = [(one, one.at) for one in row.statuses if one.at is not None]
    said = [(one.status, at) for one, at in dated] + _reported(store, row)
    known = [(-status_rank(word), at, word) for word, at in said if status_rank(word) >= 0]
    _, status_at, status = min(known, default=(0, None, None))
    reached = [(one.status != Status.DELIVERED, at) for one, at in dated if one.status in _REACHED]
    priced = [one for one, _ in dated if one.pricing_type or one.pricing_category]
    price = max(priced, key=lambda one: status_rank(one.status), default=None)
    wrong = max((pair for pair in dated if pair[0].error_code or pair[0].error_text), key=_when, default=None)
    if row.edited_at is not None and row.edited_at > until:
        row = _edited_until(store, row, until)
    return row._replace(
        revoked_at=None if row.revoked_at is not None and row.revoked_at > until else row.revoked_at,
        status=status,
        status_at=status_at,
        delivered_at=min(reached)[1] if reached else None,
        pricing_type=None if price is None else price.pricing_type,
        pricing_category=None if price is None else price.pricing_category,
        error_code=None if wrong is None else wrong[0].error_code,
        error_text=None if wrong is None else wrong[0].error_text,
    )


def _when(dated: tuple[StatusRow, datetime]) -> datetime:
    return dated[1]


def _reported(store: Store, row: MessageRow) -> list[tuple[str, datetime]]:
    """What the outbox, or the phone's history, said of a message when it was written down."""
    found = store.query_one("SELECT reported_status FROM messages WHERE id = ?", (row.id,))
    return [] if found is None or found[0] is None or row.at is None else [(found[0], row.at)]


def _edited_until(store: Store, row: MessageRow, until: datetime) -> MessageRow:
    found = store.query_one(
        "SELECT text, at FROM messages WHERE target = ? AND kind = 'edit' AND thread_id = ? AND direction = ? "
        "AND at <= ? ORDER BY at DESC, wamid LIMIT 1",
        (row.wamid, row.thread_id, row.direction, seconds(until)),
    )
    text, at = (row.original_text, None) if found is None else found
    return row._replace(text=text, edited_at=moment_or_none(at))
