"""Stores for tests, and a dump of one that says the same however its rows came to be numbered.

Internal ids depend on arrival; the dump replaces each by what it stands for: a contact by all identifiers of its
parties, a thread by contact and business number, a message by its wamid.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from wacli.domain.event import Event
from wacli.store.database import Store, open_store
from wacli.store.intake import Intake

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Dump: TypeAlias = dict[str, list[tuple[object, ...]]]

_IDS = frozenset({"id", "seat", "fingerprint", "notification_id"})


def new_store(folder: Path, name: str = "store.db") -> Store:
    """An empty store in a folder of the test."""
    return open_store(folder / name, create=True)


def count_rows(store: Store, table: str) -> int:
    """How many rows there are."""
    (row,) = store.query(f"SELECT count(*) FROM {table}")
    return int(row[0])


def apply_events(store: Store, *batches: Sequence[Event]) -> Intake:
    """Applies events, each batch in a transaction of its own."""
    intake = Intake(store)
    for batch in batches:
        with intake.transaction():
            intake.apply([(None, batch)])
    return intake


def dump(store: Store, *, with_notifications: bool = True) -> Dump:
    """Every table by natural keys, each sorted. Instants of arrival are left out; nothing else is."""
    people = _people(store)
    numbers: dict[int, str] = dict(store.query("SELECT id, key FROM numbers"))
    parties: dict[int, str] = dict(store.query("SELECT id, key FROM parties"))
    threads = {
        key: (people[contact], numbers[number])
        for key, contact, number in store.query("SELECT id, contact_id, number_id FROM threads")
    }
    messages: dict[int, str] = dict(store.query("SELECT id, wamid FROM messages"))
    names: Mapping[str, Mapping[int, object]] = {
        "contact_id": people,
        "number_id": numbers,
        "party_id": parties,
        "before_party_id": parties,
        "after_party_id": parties,
        "thread_id": threads,
        "message_id": messages,
    }
    out: Dump = {}
    for (table,) in store.query("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if table.startswith(("sqlite_", "_sqlite", "search_", "charge_")) or table == "contact_aliases":
            continue  # what depends on arrival alone: old ids, and up to which row ids the charges have seen
        if table == "notifications":
            if with_notifications:
                out[table] = sorted(store.query("SELECT digest, applied_at IS NOT NULL FROM notifications"))
            continue
        out[table] = _sorted(_rows(store, table, people, names))
    return out


def _rows(
    store: Store, table: str, people: Mapping[int, object], names: Mapping[str, Mapping[int, object]]
) -> Iterable[tuple[object, ...]]:
    columns = [row[1] for row in store.query(f"PRAGMA table_info({table})")]
    for row in store.query(f"SELECT * FROM {table}"):
        said: list[object] = [table]
        for column, value in zip(columns, row, strict=True):
            if column == "id" and table == "contacts":
                said.append(people[value])
            elif column in names and value is not None:
                said.append((column, names[column][value]))
            elif column not in _IDS:
                said.append((column, value))
        yield tuple(said)


def _people(store: Store) -> dict[int, object]:
    people: dict[int, list[str]] = {key: [] for (key,) in store.query("SELECT id FROM contacts")}
    for contact, key in store.query("SELECT contact_id, key FROM parties"):
        people[contact].append(key)
    return {contact: tuple(sorted(keys)) for contact, keys in people.items()}


def _sorted(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(rows, key=lambda row: json.dumps(row, default=repr))
