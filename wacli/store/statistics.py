"""How large the store is and what is in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from .database import Store
from .instants import moment_or_none


class Statistics(NamedTuple):
    """Sizes in bytes; `free` is what VACUUM would give back; `tables` counts the rows of every table."""

    size: int
    wal_size: int
    free: int
    schema: int
    first_at: datetime | None
    last_at: datetime | None
    tables: dict[str, int]


def statistics_of(store: Store) -> Statistics:
    """Counts everything: seconds for a store of gigabytes."""

    def number(sql: str) -> int:
        row = store.query_one(sql)
        return int(row[0]) if row is not None and row[0] is not None else 0

    names = [
        row[0]
        for row in store.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'search\\_%' ESCAPE '\\' ORDER BY name"
        )
    ]
    wal = Path(f"{store.path}-wal")
    span = store.query_one("SELECT min(at), max(at) FROM messages")
    first_at, last_at = (None, None) if span is None else span
    return Statistics(
        size=number("PRAGMA page_count") * number("PRAGMA page_size"),
        wal_size=wal.stat().st_size if wal.exists() else 0,
        free=number("PRAGMA freelist_count") * number("PRAGMA page_size"),
        schema=number("PRAGMA user_version"),
        first_at=moment_or_none(first_at),
        last_at=moment_or_none(last_at),
        tables={name: number(f'SELECT count(*) FROM "{name}"') for name in names},
    )


def vacuum(store: Store) -> tuple[int, int]:
    """Writes the store anew without its gaps; its size before and after, in bytes. Raises Unavailable (`store-locked`,
    `disk-full`: it needs as much room again)."""
    before = statistics_size(store)
    store.query("VACUUM")
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, statistics_size(store)


def statistics_size(store: Store) -> int:
    """The bytes of the main file."""
    pages, size = store.query_one("PRAGMA page_count"), store.query_one("PRAGMA page_size")
    return int(pages[0]) * int(size[0]) if pages and size else 0
