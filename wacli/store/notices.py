"""What Meta said about the account and its numbers, and what nobody could read yet."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Store
from .instants import moment_or_none, seconds


class NoticeRow(NamedTuple):
    """One operational event; `raw` is the JSON text of all it said."""

    phone_number_id: str | None
    field: str
    what: str | None
    at: datetime | None
    raw: str


class UnrecognisedRow(NamedTuple):
    """Something kept that could not be read, and why."""

    field: str
    why: str
    raw: str


def list_notices(store: Store, *, since: datetime | None = None, limit: int = 0) -> list[NoticeRow]:
    """Newest first; those without an instant last, and left out by `since`."""
    rows = store.query(
        "SELECT n.phone_number_id, o.field, o.what, o.at, o.raw FROM notices o JOIN numbers n ON n.id = o.number_id "
        "WHERE (:since IS NULL OR o.at >= :since) ORDER BY o.at DESC, o.field, o.id LIMIT :limit",
        {"since": None if since is None else seconds(since), "limit": limit or -1},
    )
    return [NoticeRow(number, field, what, moment_or_none(at), raw) for number, field, what, at, raw in rows]


def list_unrecognised(store: Store, *, limit: int = 0) -> list[UnrecognisedRow]:
    """In the order in which they came; 0 is no limit."""
    return [
        UnrecognisedRow._make(row)
        for row in store.query("SELECT field, why, raw FROM unrecognised ORDER BY id LIMIT ?", (limit or -1,))
    ]
