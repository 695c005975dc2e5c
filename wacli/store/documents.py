"""The ledger of sensitive files: what went to whom and when, and none of what stood in it.

A row is written before its file is uploaded, so that a killed program leaves no file at Meta that nobody knows of.
The receipts are those of the message (`outbox_key`; where a program was killed before it could write that down, the
message that went out with the same file).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from .database import Row, Store, storable
from .instants import moment, moment_or_none, seconds


class DocumentRow(NamedTuple):
    """One file to one contact. `problem`: the code of what kept it from being sent. `status` is Meta's latest word."""

    id: int
    contact_id: int
    name: str  # of the file
    mime_type: str
    size: int
    sha256: bytes
    number_id: str | None
    media_id: str | None
    outbox_key: str | None
    problem: str | None
    started_at: datetime
    media_deleted_at: datetime | None
    state: str | None  # of the send: accepted, held, refused, unknown; None where there was none
    status: str | None
    status_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    label: str  # what to call the contact
    phone: str | None


_COLUMNS = (
    "d.id, d.contact_id, d.name, d.mime_type, d.size, d.sha256, d.number_id, d.media_id, o.key, d.problem, "
    "d.started_at, d.media_deleted_at, o.state, m.status, m.status_at, o.sent_at, m.delivered_at, "
    "(SELECT min(s.at) FROM statuses s WHERE s.message_id = m.id AND s.status IN ('read', 'played')), "
    "coalesce(c.name, c.book_name, c.profile_name), c.username, c.phone, c.bsuid"
)
_FROM = (
    "FROM documents d JOIN contacts c ON c.id = d.contact_id LEFT JOIN outbox o ON o.key = coalesce(d.outbox_key, "
    "  (SELECT s.key FROM threads t JOIN outbox s ON s.thread_id = t.id WHERE t.contact_id = d.contact_id "
    "   AND d.problem IS NULL AND s.request ->> '$.media_id' = d.media_id)) "
    "LEFT JOIN messages m ON m.id = o.message_id"
)


def start(
    store: Store, contact_id: int, name: str, mime_type: str, size: int, sha256: bytes, number_id: str, now: datetime
) -> int:
    """Notes that a file is about to be uploaded for a contact; returns the row's id."""
    with store.transaction(durable=True) as connection:
        return int(
            connection.execute(
                "INSERT INTO documents (contact_id, name, mime_type, size, sha256, number_id, started_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (contact_id, storable(name), mime_type, size, sha256, number_id, seconds(now)),
            ).fetchone()[0]
        )


def mark_uploaded(store: Store, document_id: int, media_id: str) -> None:
    """Meta has the file under this id."""
    with store.transaction(durable=True) as connection:
        connection.execute("UPDATE documents SET media_id = ? WHERE id = ?", (media_id, document_id))


def mark_handed_over(store: Store, document_id: int, outbox_key: str | None, problem: str | None) -> None:
    """The message was posted under this key, or was not, for this reason."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE documents SET outbox_key = ?, problem = ? WHERE id = ?", (outbox_key, problem, document_id)
        )


def mark_media_deleted(store: Store, document_ids: Sequence[int], now: datetime) -> None:
    """Meta does not have these files any more."""
    with store.transaction() as connection:
        connection.executemany(
            "UPDATE documents SET media_deleted_at = ? WHERE id = ?", [(seconds(now), one) for one in document_ids]
        )


def list_documents(store: Store, *, contact_id: int | None = None, limit: int = 0) -> list[DocumentRow]:
    """The ledger, newest first; 0 is no limit."""
    where = "" if contact_id is None else "WHERE d.contact_id = :contact"
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY d.started_at DESC, d.id DESC LIMIT :limit",
        {"contact": contact_id, "limit": limit or -1},
    )
    return [_row(row) for row in rows]


def list_at_meta(store: Store) -> list[DocumentRow]:
    """Those whose files Meta still has, as far as is known, oldest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE d.media_id IS NOT NULL AND d.media_deleted_at IS NULL ORDER BY d.id"
    )
    return [_row(row) for row in rows]


def _row(row: Row) -> DocumentRow:
    *columns, started_at, deleted_at, state, status, status_at, sent_at, delivered_at, read_at = row[:18]
    name, username, phone, bsuid = row[18:]
    return DocumentRow._make(
        (
            *columns,
            moment(started_at),
            moment_or_none(deleted_at),
            state,
            status,
            *map(moment_or_none, (status_at, sent_at, delivered_at, read_at)),
            label_of(row[1], name, username, phone, bsuid),
            phone,
        )
    )
