"""Rows by the dozen: many of them in one INSERT, where there are many.

SQLite compiles, binds and steps a statement once for all its rows: a third less time than as many statements of one
row (measured, with the indexes of `messages`). What is left over goes one by one, so that a statement of each length
need not be compiled.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

_ROWS_AT_ONCE = 50  # more gain nothing


def insert_many(
    connection: sqlite3.Connection, insert: str, rows: Sequence[tuple[object, ...]], on_conflict: str = ""
) -> None:
    """Writes rows of one width; `insert` is the statement up to `VALUES`, `on_conflict` what follows the rows."""
    whole = len(rows) - len(rows) % _ROWS_AT_ONCE
    if whole:
        sql = _of_rows(insert, len(rows[0]), _ROWS_AT_ONCE, on_conflict)
        for start in range(0, whole, _ROWS_AT_ONCE):
            connection.execute(sql, list(chain.from_iterable(rows[start : start + _ROWS_AT_ONCE])))
    if whole < len(rows):
        connection.executemany(_of_rows(insert, len(rows[0]), 1, on_conflict), rows[whole:])


@lru_cache(maxsize=32)
def _of_rows(insert: str, width: int, count: int, on_conflict: str) -> str:
    row = f"({', '.join('?' * width)})"
    return f"{insert} VALUES {', '.join((row,) * count)} {on_conflict}"
