"""What the owner of a phone-app number was about to send by hand, through a link that wacli filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from .database import Store, storable
from .instants import moment, seconds

_COLUMNS = "i.contact_id, coalesce(c.name, c.book_name, c.profile_name), c.phone, c.bsuid, c.username, i.text, "
_FROM = f"SELECT {_COLUMNS} i.template_name, i.at FROM intentions i JOIN contacts c ON c.id = i.contact_id"


class Intention(NamedTuple):
    """One message meant for a contact. `template_name` None: words of the owner's own."""

    contact_id: int
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    text: str
    template_name: str | None
    at: datetime

    @property
    def label(self) -> str:
        """What to call the contact. Somebody else's text: sanitise to show."""
        return label_of(self.contact_id, self.name, self.username, self.phone, self.bsuid)


def record(store: Store, contact_id: int, text: str, template_name: str | None, now: datetime) -> None:
    """Notes an intention. Raises NotFound when there is no such contact."""
    from .contacts import get as get_contact  # who only reads needs none of it

    with store.transaction() as connection:
        contact = get_contact(store, contact_id)
        connection.execute(
            "INSERT INTO intentions (contact_id, text, template_name, at) VALUES (?, ?, ?, ?)",
            (contact.id, storable(text), template_name, seconds(now)),
        )


def list_of_contact(store: Store, contact_id: int) -> list[Intention]:
    """The intentions of a contact, newest first."""
    rows = store.query(f"{_FROM} WHERE i.contact_id = ? ORDER BY i.at DESC, i.id DESC", (contact_id,))
    return [_intention(*row) for row in rows]


def stream_all(store: Store, *, limit: int = 0) -> Iterator[Intention]:
    """Every intention, newest first; 0 is no limit."""
    rows = store.stream(f"{_FROM} ORDER BY i.at DESC, i.id DESC LIMIT ?", (limit or -1,))
    return (_intention(*row) for row in rows)


def count_all(store: Store) -> int:
    """How many there ever were."""
    row = store.query_one("SELECT count(*) FROM intentions")
    assert row is not None
    return int(row[0])


def _intention(
    contact_id: int,
    name: str | None,
    phone: str | None,
    bsuid: str | None,
    username: str | None,
    text: str,
    template_name: str | None,
    at: int,
) -> Intention:
    return Intention(contact_id, name, phone, bsuid, username, text, template_name, moment(at))
