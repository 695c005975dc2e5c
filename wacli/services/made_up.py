"""What a made-up notification borrows from the store, so that it fits in: the number, the contact, the last message.

Read only. A notification about somebody whom the store knows carries that person's own identifiers; anything else
would make a second contact of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..domain.contact import Contact
from ..domain.message import Direction
from ..store import messages, numbers, threads
from ..store.database import Store
from .people import list_candidates

_NO_TARGET = frozenset({"edit", "revoke", "reaction", "system", "errors"})
_LATEST = 30


class Borrowed(NamedTuple):
    """`display` is the business number as the store knows it, `last` the wamid of the latest message asked for."""

    display: str | None
    contact: Contact | None
    last: str | None


def borrow(
    store: Store, phone_number_id: str | None, who: str, country: str | None, direction: Direction | None, now: datetime
) -> Borrowed:
    """What the store knows of `who` on that number; `last` is their latest message in `direction`."""
    number = None if phone_number_id is None else numbers.find(store, phone_number_id)
    found = list_candidates(store, who, country)
    contact = found[0] if len(found) == 1 else None
    last = None
    if contact is not None and direction is not None:
        last = _last(store, contact, phone_number_id, direction, now)
    return Borrowed(None if number is None else number.display_phone_number, contact, last)


def _last(
    store: Store, contact: Contact, phone_number_id: str | None, direction: Direction, now: datetime
) -> str | None:
    for row in threads.list_of_contact(store, contact.id, now):
        if phone_number_id in (None, row.phone_number_id):
            for message in messages.list_of_thread(store, row.thread_id, limit=_LATEST):
                if message.direction == direction and message.kind not in _NO_TARGET:
                    return message.wamid
    return None
