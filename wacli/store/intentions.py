"""What the owner of a phone-app number was about to send by hand, through a link that wacli filled in."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .contacts import get as get_contact
from .database import Store, storable
from .instants import moment, seconds


class Intention(NamedTuple):
    """One message meant for a contact. `template_name` None: words of the owner's own."""

    contact_id: int
    text: str
    template_name: str | None
    at: datetime


def record(store: Store, intention: Intention) -> None:
    """Notes an intention. Raises NotFound when there is no such contact."""
    with store.transaction() as connection:
        contact = get_contact(store, intention.contact_id)
        connection.execute(
            "INSERT INTO intentions (contact_id, text, template_name, at) VALUES (?, ?, ?, ?)",
            (contact.id, storable(intention.text), intention.template_name, seconds(intention.at)),
        )


def list_of_contact(store: Store, contact_id: int) -> list[Intention]:
    """The intentions of a contact, newest first."""
    rows = store.query(
        "SELECT contact_id, text, template_name, at FROM intentions WHERE contact_id = ? ORDER BY at DESC, id DESC",
        (contact_id,),
    )
    return [Intention(owner, text, name, moment(at)) for owner, text, name, at in rows]
