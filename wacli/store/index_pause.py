"""Indexes that are not kept while the first address book comes into an empty store.

Making them anew at the end, out of sorted rows, takes a third of keeping them row by row. The statements that make them
are read from the store itself, so that they come back as they were.
"""

from __future__ import annotations

import sqlite3

_PAUSED = ("contacts_name", "parties_contact", "parties_phone", "tags_tag")


class IndexPause:
    """Once for an import, inside its transaction: if that is rolled back, the indexes were never gone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._statements: list[str] | None = None

    @property
    def is_on(self) -> bool:
        return bool(self._statements)

    def begin(self) -> None:
        """Once: what has begun again goes on."""
        if self._statements is None:
            found = self._connection.execute(
                f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name IN {_PAUSED}"
            ).fetchall()
            self._statements = [sql for _, sql in found]
            for name, _ in found:
                self._connection.execute(f"DROP INDEX {name}")

    def end(self) -> None:
        """The indexes are there again, for good."""
        for sql in self._statements or ():
            self._connection.execute(sql)
        self._statements = []
