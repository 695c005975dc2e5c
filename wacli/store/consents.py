"""Recorded permission: a ledger that is only added to. The latest entry of a category holds.

Entries come from the owner (with source and evidence), from the contact's own stop or resume in WhatsApp, from a word
that stops or restarts (`wacli.domain.stop_words`), and from error 131050, which says that the contact has stopped
marketing. What they come to is decided by `wacli.domain.consent`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ..domain.consent import OPTED_IN, OPTED_OUT, Entry, Permission, permission_of
from .database import Store, storable
from .instants import moment, seconds

__all__ = ["OPTED_IN", "OPTED_OUT", "Consent", "list_of_contact", "permission", "permissions", "record"]


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
        from .contacts import get as get_contact  # the board reads consents, and nothing else of the address book

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


def permission(store: Store, contact_id: int, *, until: datetime | None = None) -> Permission:
    """The categories a contact has agreed to and those they have stopped, as the ledger stood at `until`."""
    return _permission(list_of_contact(store, contact_id, until=until))


def permissions(store: Store, contact_ids: Iterable[int], *, until: datetime | None = None) -> dict[int, Permission]:
    """The same for those contacts that have a ledger at all, in one query."""
    rows = store.query(
        "SELECT c.contact_id, c.category, c.state, c.source FROM json_each(?) j CROSS JOIN consents c "
        "ON c.contact_id = j.value WHERE ? IS NULL OR c.at <= ? ORDER BY c.contact_id, c.at, c.state = 'opted-out', "
        "c.state DESC, c.source DESC, c.evidence DESC",
        (json.dumps(list(contact_ids)), *([None if until is None else seconds(until)] * 2)),
    )
    return {
        contact_id: permission_of(Entry._make(row[1:]) for row in ledger)
        for contact_id, ledger in groupby(rows, itemgetter(0))
    }


def _permission(newest_first: list[Consent]) -> Permission:
    return permission_of(Entry(one.category, one.state, one.source) for one in reversed(newest_first))
