"""Recorded permission: a ledger that is only added to. The latest entry of a category holds.

Entries come from the owner (with source and evidence), from the contact's own stop or resume in WhatsApp, and from
error 131050, which says that the contact has stopped marketing. Of two entries at the same instant the opt-out holds.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .contacts import get as get_contact
from .database import Store, storable
from .instants import moment, seconds

OPTED_IN, OPTED_OUT = "opted-in", "opted-out"


class Consent(NamedTuple):
    """One entry. `state` is `opted-in`, `opted-out`, or a word Meta adds; `source` says who told us."""

    contact_id: int
    category: str
    state: str
    source: str
    evidence: str | None
    at: datetime


def record(store: Store, consent: Consent) -> None:
    """Adds an entry of the owner's. Raises NotFound when there is no such contact."""
    with store.transaction() as connection:
        contact = get_contact(store, consent.contact_id)
        connection.execute(
            "INSERT INTO consents (contact_id, category, state, source, evidence, at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                contact.id,
                consent.category,
                consent.state,
                storable(consent.source),
                consent.evidence and storable(consent.evidence),
                seconds(consent.at),
            ),
        )


def list_of_contact(store: Store, contact_id: int, *, until: datetime | None = None) -> list[Consent]:
    """The whole ledger of a contact, newest first; `until` (included) leaves out what came later."""
    rows = store.query(
        "SELECT contact_id, category, state, source, evidence, at FROM consents WHERE contact_id = ? "
        "AND (? IS NULL OR at <= ?) ORDER BY at DESC, state = 'opted-out' DESC, state, source, evidence",
        (contact_id, *([None if until is None else seconds(until)] * 2)),
    )
    return [Consent._make((*row[:5], moment(row[5]))) for row in rows]


def find(store: Store, contact_id: int, category: str, *, until: datetime | None = None) -> Consent | None:
    """The entry that holds for a category, or None when nobody ever said anything. Words Meta adds decide nothing."""
    for consent in list_of_contact(store, contact_id, until=until):
        if consent.category == category and consent.state in (OPTED_IN, OPTED_OUT):
            return consent
    return None
