"""Is this still the person we knew: identity keys as webhooks told them, and what the owner confirmed.

A contact whose key is another one than the one last confirmed (or, with nothing confirmed, than the first one seen),
or to whom a message failed with 137000 since, is to be asked before anything sensitive is sent (facts: cloud-api.md
section 6, 137000: ask the user).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Store, storable
from .instants import moment_or_none, seconds

KEY_CHANGED = 137000


class Identity(NamedTuple):
    """What is known. `key_hash`: the latest; `changed_at`: since when it is not the confirmed one; None: it is."""

    key_hash: str | None
    is_changed: bool
    changed_at: datetime | None


def of_contact(store: Store, contact_id: int) -> Identity:
    """The identity of a contact as it stands."""
    keys = store.query(
        "SELECT k.key_hash, min(k.first_at), max(k.last_at) FROM parties p JOIN identity_keys k ON k.party_id = p.id "
        "WHERE p.contact_id = ? GROUP BY k.key_hash ORDER BY coalesce(max(k.last_at), 0) DESC, k.key_hash",
        (contact_id,),
    )
    confirmed = store.query_one(
        "SELECT key_hash, at FROM identity_confirmations WHERE contact_id = ? ORDER BY at DESC, id DESC LIMIT 1",
        (contact_id,),
    )
    latest, since = (keys[0][0], keys[0][1]) if keys else (None, None)
    failed_at = _failed_at(store, contact_id, -1 if confirmed is None else int(confirmed[1]))
    if confirmed is None or confirmed[0] is None:
        known = min(keys, key=lambda key: key[1] or 0)[0] if keys else None
        if confirmed is not None and since is not None and since <= confirmed[1]:
            known = latest
    else:
        known = confirmed[0]
    if latest != known:
        return Identity(latest, True, moment_or_none(since))
    return Identity(latest, failed_at is not None, moment_or_none(failed_at))


def confirm(store: Store, contact_id: int, evidence: str, now: datetime) -> None:
    """The owner asked them, and it is them: the key they have now is the one to go by."""
    latest = of_contact(store, contact_id).key_hash
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO identity_confirmations (contact_id, key_hash, evidence, at) VALUES (?, ?, ?, ?)",
            (contact_id, latest, storable(evidence), seconds(now)),
        )


def _failed_at(store: Store, contact_id: int, after: int) -> int | None:
    row = store.query_one(
        "SELECT max(at) FROM (SELECT coalesce(m.status_at, m.at) AS at FROM threads t JOIN messages m "
        "  ON m.thread_id = t.id WHERE t.contact_id = :contact AND m.error_code = :code "
        "UNION ALL SELECT o.answered_at FROM threads t JOIN outbox o ON o.thread_id = t.id "
        "  WHERE t.contact_id = :contact AND o.error_code = :code) WHERE at > :after",
        {"contact": contact_id, "code": KEY_CHANGED, "after": after},
    )
    return None if row is None or row[0] is None else int(row[0])
