"""What was handed in to Meta, from here: written down before the call, so that the limits hold over a killed process.

Meta counts 100 creations an hour for an account, and for an approved template one edit a day and ten in 30 days
(facts: cloud-api.md section 4), and tells nobody how many are left. `refused` ones are not counted; one whose answer
was lost (`unknown`) is. The category asked for is known here only: Meta lists what it decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .database import Row, Store
from .instants import moment, seconds

CREATE, EDIT = "create", "edit"
SENDING, ACCEPTED, REFUSED, UNKNOWN = "sending", "accepted", "refused", "unknown"

_COLUMNS = "id, waba_id, name, language, what, category, state, template_id, error_code, at"


@dataclass(frozen=True, slots=True)
class NewPush:
    """What is about to be handed in. `category` as Meta spells it."""

    waba_id: str
    name: str
    language: str
    what: str  # create or edit
    category: str
    template_id: str | None = None


class PushRow(NamedTuple):
    """One hand-in. `at` is aware, UTC."""

    id: int
    waba_id: str
    name: str
    language: str
    what: str
    category: str
    state: str
    template_id: str | None
    error_code: int | None
    at: datetime


def add(store: Store, push: NewPush, now: datetime) -> int:
    """Writes it down, `sending`, and waits for the disk; returns its id."""
    with store.transaction(durable=True) as connection:
        (row_id,) = connection.execute(
            "INSERT INTO template_pushes (waba_id, name, language, what, category, state, template_id, at) "
            "VALUES (?, ?, ?, ?, ?, 'sending', ?, ?) RETURNING id",
            (push.waba_id, push.name, push.language, push.what, push.category, push.template_id, seconds(now)),
        ).fetchone()
    return int(row_id)


def mark(
    store: Store, push_id: int, state: str, *, template_id: str | None = None, error_code: int | None = None
) -> None:
    """What became of it: accepted, refused or unknown."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE template_pushes SET state = ?, template_id = coalesce(?, template_id), error_code = ? WHERE id = ?",
            (state, template_id, error_code, push_id),
        )


def list_counted(store: Store, waba_id: str, what: str, since: datetime) -> list[PushRow]:
    """What counts against a limit of this account after `since`, oldest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} FROM template_pushes WHERE waba_id = ? AND what = ? AND state <> 'refused' AND at > ? "
        "ORDER BY at, id",
        (waba_id, what, seconds(since)),
    )
    return [_row(row) for row in rows]


def requested_categories(store: Store) -> dict[tuple[str, str], str]:
    """The category last asked for, by name and language, of what was handed in from here and taken."""
    rows = store.query("SELECT name, language, category FROM template_pushes WHERE state = 'accepted' ORDER BY at, id")
    return {(name, language): category for name, language, category in rows}


def _row(row: Row) -> PushRow:
    return PushRow._make((*row[:9], moment(row[9])))
