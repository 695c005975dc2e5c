"""Rows written many at a time are the rows that were given, whatever their number."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from wacli.store.many_rows import insert_many


def _table() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE shelf (id INTEGER PRIMARY KEY, place INTEGER UNIQUE, text TEXT)")
    return connection


@given(st.integers(0, 230), st.integers(1, 120))
def test_what_is_there_already_is_left_out_and_the_rest_is_written(count: int, distinct: int) -> None:
    rows = [(number, number % distinct, f"row {number}") for number in range(count)]
    for insert, on_conflict in (("INSERT OR IGNORE INTO shelf", ""), ("INSERT INTO shelf", "ON CONFLICT DO NOTHING")):
        connection = _table()
        insert_many(connection, insert, rows, on_conflict)
        assert connection.execute("SELECT * FROM shelf ORDER BY id").fetchall() == rows[:distinct]
        assert connection.total_changes == min(count, distinct)
        connection.close()
