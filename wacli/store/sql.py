"""The owner's own SQL: reading only unless they say otherwise; one statement at a time.

The connection itself is read-only, and `ATTACH` is refused too: it could make a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from typing import NamedTuple

from ..domain.problem import Invalid, Refused
from ..domain.text import t
from .database import Row, Store, problem_of

_REFUSED_READING = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}


class Answer(NamedTuple):
    """What a statement gives: names of its columns (made different where they are alike), and rows as they come."""

    columns: tuple[str, ...]
    rows: Generator[Row, None, None]  # close it before the store
    changed_count: int


def run_sql(store: Store, sql: str, *, may_write: bool) -> Answer:
    """Runs one statement. Raises Invalid (`bad-sql`), and Refused (`read-only`) for one that writes."""
    connection = store.connection
    if not may_write:
        connection.set_authorizer(_reading_only)
    try:
        cursor = connection.execute(sql)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _problem(error, store) from error
    described = cursor.description or ()
    columns = _distinct([str(column[0]) for column in described])
    return Answer(columns, _rows(cursor, store), max(cursor.rowcount, 0))


def _rows(cursor: sqlite3.Cursor, store: Store) -> Generator[Row, None, None]:
    try:
        yield from cursor
    except sqlite3.Error as error:
        raise _problem(error, store) from error


def _reading_only(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in _REFUSED_READING else sqlite3.SQLITE_OK


def _problem(error: Exception, store: Store) -> Exception:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_READONLY", "SQLITE_AUTH")):
        return Refused(
            "read-only",
            t("this statement would change something; nothing was changed"),
            t("Add --write if you mean it; `wacli db backup` first"),
        )
    if isinstance(error, sqlite3.Error) and name.startswith(
        ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_CANTOPEN")
    ):
        return problem_of(error, store.path)
    return Invalid(
        "bad-sql",
        t("SQLite says: {reason}", reason=str(error)),
        t("Tables for you: v_contacts, v_threads, v_messages, v_charges; see wacli db stats"),
    )


def _distinct(names: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in found:
            number += 1
            candidate = f"{name}_{number}"
        found.append(candidate)
    return tuple(found)
