"""The business numbers that notifications came for."""

from __future__ import annotations

from typing import NamedTuple

from ..domain.problem import NotFound
from ..domain.text import t
from .database import Store

_COLUMNS = "id, phone_number_id, display_phone_number, waba_id"


class NumberRow(NamedTuple):
    """One business number. Everything but the internal id may be missing from old or odd payloads."""

    id: int
    phone_number_id: str | None
    display_phone_number: str | None
    waba_id: str | None

    @property
    def label(self) -> str:
        """What to call the number: as it is dialled, where a notification said so; else Meta's id of it."""
        if self.display_phone_number:
            return "+" + self.display_phone_number.removeprefix("+")
        return self.phone_number_id or f"#{self.id}"


def add(store: Store, phone_number_id: str, display_phone_number: str | None, waba_id: str | None) -> NumberRow:
    """The number, made if new: a profile may send before anything came in."""
    known = find(store, phone_number_id)
    if known is not None:
        return known  # a send should not wait for the write lock to learn that
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO numbers (key, phone_number_id, display_phone_number, waba_id) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO NOTHING",
            (phone_number_id, phone_number_id, display_phone_number, waba_id),
        )
    return get(store, phone_number_id)


def name(store: Store, phone_number_id: str, display_phone_number: str, waba_id: str | None) -> None:
    """Keeps how Meta writes a number of ours, as digits like notifications do; what one of those said stays."""
    digits = "".join(char for char in display_phone_number if char.isdigit())
    known = find(store, phone_number_id)
    if not digits or (known is not None and known.display_phone_number is not None):
        return
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO numbers (key, phone_number_id, display_phone_number, waba_id) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET display_phone_number = coalesce(display_phone_number, "
            "excluded.display_phone_number)",
            (phone_number_id, phone_number_id, digits, waba_id),
        )


def find(store: Store, phone_number_id: str) -> NumberRow | None:
    """The number with Meta's id, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} FROM numbers WHERE key = ?", (phone_number_id,))
    return None if row is None else NumberRow._make(row)


def get(store: Store, phone_number_id: str) -> NumberRow:
    """The number with Meta's id; raises NotFound."""
    number = find(store, phone_number_id)
    if number is None:
        raise NotFound("no-such-number", t("No business number {id} is in the store", id=phone_number_id))
    return number


def list_numbers(store: Store) -> list[NumberRow]:
    """All of them, in the order in which they were met."""
    return [NumberRow._make(row) for row in store.query(f"SELECT {_COLUMNS} FROM numbers ORDER BY id")]


def find_by_id(store: Store, number_id: int) -> NumberRow | None:
    """The number with our own id, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} FROM numbers WHERE id = ?", (number_id,))
    return None if row is None else NumberRow._make(row)


def find_written_to(store: Store, contact_id: int) -> NumberRow | None:
    """The number that the contact wrote to or called last, whichever of ours it is; None when they never did."""
    sql = (
        f"SELECT {', '.join('n.' + name for name in _COLUMNS.split(', '))} FROM threads t "
        "JOIN numbers n ON n.id = t.number_id WHERE t.contact_id = ? AND t.last_opener_at IS NOT NULL "
        "ORDER BY t.last_opener_at DESC, n.key LIMIT 1"
    )
    row = store.query_one(sql, (contact_id,))
    return None if row is None else NumberRow._make(row)
