"""What the owner's own tables know of a person who asked to be forgotten, taken out; what money needs stays.

The contact's row stays as a number without a name, and so do the rows of the outbox: the bill of a past month must
not change because somebody was forgotten. Everything that notifications tell is made again from the rewritten
notifications (`wacli.services.erasure`).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.identity import INVENTED_GLOB, Party
from . import dealt_with
from .candidates import FROM_EXPORT
from .database import Store
from .instants import moment, seconds
from .parties import party_key

ERASED = "(erased)"  # stands where a name stood

_THEM = "(SELECT value FROM json_each(:ids))"
_THEIR_THREADS = f"(SELECT id FROM threads WHERE contact_id IN {_THEM})"
# table -> what is done with the rows of the person; a test names every table with a contact in it.
TAKEN_OUT: Mapping[str, str] = {
    "tags": f"DELETE FROM tags WHERE contact_id IN {_THEM}",
    "consents": f"DELETE FROM consents WHERE contact_id IN {_THEM}",
    "intentions": f"DELETE FROM intentions WHERE contact_id IN {_THEM}",
    "notes": f"DELETE FROM notes WHERE contact_id IN {_THEM}",
    "campaign_recipients": f"UPDATE campaign_recipients SET own = NULL WHERE contact_id IN {_THEM} "
    f"OR contact_id IN (SELECT old_id FROM contact_aliases WHERE contact_id IN {_THEM})",
    "campaign_rejects": f"UPDATE campaign_rejects SET who = '{ERASED}' WHERE contact_id IN {_THEM}",
    "contact_merges": f"DELETE FROM contact_merges WHERE kept_id IN {_THEM} OR other_id IN {_THEM} "
    f"OR other_id IN (SELECT old_id FROM contact_aliases WHERE contact_id IN {_THEM})",
    "identity_confirmations": f"DELETE FROM identity_confirmations WHERE contact_id IN {_THEM}",
    "documents": f"UPDATE documents SET name = '{ERASED}' WHERE contact_id IN {_THEM}",
    "contacts": f"UPDATE contacts SET name = '{ERASED}', note = NULL, book_name = NULL, profile_name = NULL, "
    f"username = NULL, phone = NULL, phone_key = NULL, bsuid = NULL, parent_bsuid = NULL WHERE id IN {_THEM}",
    "dealt_with": f"DELETE FROM dealt_with WHERE thread_id IN {_THEIR_THREADS}",
    "messages": f"DELETE FROM messages WHERE source = {FROM_EXPORT} AND thread_id IN {_THEIR_THREADS}",
    "twins": f"DELETE FROM twins WHERE thread_id IN {_THEIR_THREADS}",
    "outbox": "UPDATE outbox SET text = NULL, request = json_object('type', request ->> '$.type'), history = NULL, "
    "error_details = NULL, error_trace = NULL, reply_to = NULL, wamid = renamed(wamid) "
    f"WHERE thread_id IN {_THEIR_THREADS}",
}

_SHORTEST = 3
_OWN_WORDS = (
    "SELECT 'segment', name, name || ' ' || audience || ' ' || coalesce(condition, '') FROM segments "
    "UNION ALL SELECT 'campaign', name, name || ' ' || audience || ' ' || given FROM campaigns "
    "UNION ALL SELECT 'quick reply', name, name || ' ' || text FROM quick_replies "
    "UNION ALL SELECT 'link', name, name || ' ' || text FROM links"
)


class Known(NamedTuple):
    """Everything by which notifications may speak of these people."""

    phone_keys: frozenset[str]
    bsuids: frozenset[str]  # parents too
    wamids: frozenset[str]
    country: str | None  # of a BSUID, where one is known


def known_of(store: Store, contact_ids: Sequence[int]) -> Known:
    """Their identifiers, past ones included, and the ids of their messages."""
    ids = {"ids": json.dumps(contact_ids)}
    phones: set[str] = set()
    bsuids: set[str] = set()
    country = None
    for phone_key, bsuid, parent in store.query(
        f"SELECT phone_key, bsuid, parent_bsuid FROM parties WHERE contact_id IN {_THEM}",
        ids,
    ):
        phones |= {phone_key} - {None}
        bsuids |= {bsuid, parent} - {None}
        country = country or (bsuid[:2] if bsuid else None)
    wamids = {
        row[0]
        for row in store.query(
            f"SELECT wamid FROM messages WHERE thread_id IN {_THEIR_THREADS} OR party_id IN "
            f"(SELECT id FROM parties WHERE contact_id IN {_THEM}) "
            f"UNION SELECT wamid FROM outbox WHERE wamid IS NOT NULL AND thread_id IN {_THEIR_THREADS}",
            ids,
        )
    }
    return Known(frozenset(phones), frozenset(bsuids), frozenset(wamids), country)


def rewrite_notifications(connection: sqlite3.Connection, rewritten: Callable[[bytes], bytes | None]) -> int:
    """Gives every notification that `rewritten` answers for its new bytes; returns how many.

    Its digest stays: the same body coming in again is known, and not applied.
    """
    changed = []
    for notification_id, body in connection.execute("SELECT id, body FROM notifications ORDER BY id"):
        new = rewritten(body)
        if new is not None:
            changed.append((new, notification_id))
    connection.executemany("UPDATE notifications SET body = ? WHERE id = ?", changed)
    # Nor are they passed on (`listen --forward-to`): the signature fits the former bytes only.
    connection.executemany("DELETE FROM forwards WHERE notification_id = ?", [(key,) for _, key in changed])
    return len(changed)


def take_out(
    connection: sqlite3.Connection,
    contact_ids: Sequence[int],
    invented: Mapping[int, str],
    renamed: Callable[[str | None], str | None],
    now: datetime,
) -> dict[str, int]:
    """Empties the owner's tables of these people; how many rows of each were changed.

    Inside a rebuild, after its tables were emptied: the parties that the owner typed go, and the invented BSUID of
    each contact takes their place.
    """
    connection.create_function("renamed", 1, renamed, deterministic=True)
    ids = {"ids": json.dumps(contact_ids)}
    counts = {table: connection.execute(sql, ids).rowcount for table, sql in TAKEN_OUT.items()}
    theirs = f"SELECT id FROM parties WHERE contact_id IN {_THEM}"
    connection.execute(f"DELETE FROM party_labels WHERE party_id IN ({theirs})", ids)
    connection.execute(f"DELETE FROM parties WHERE contact_id IN {_THEM}", ids)
    connection.execute(f"DELETE FROM temp.former WHERE contact_id IN {_THEM}", ids)
    connection.executemany(
        "INSERT INTO parties (contact_id, key, bsuid, owned_at) VALUES (?, ?, ?, ?)",
        [
            (contact_id, party_key(Party(bsuid=bsuid)), bsuid, seconds(now))
            for contact_id, bsuid in sorted(invented.items())
        ],
    )
    connection.create_function("renamed", 1, None)
    return counts


def wait_no_more(store: Store, contact_ids: Sequence[int], now: datetime) -> None:
    """Nobody waits for an answer in their threads any more, and no window is open: nothing can be sent.

    Each thread is worked out anew, and the mark keeps a rebuild from taking the short way with it (see `settle`).
    """
    rows = store.query(
        f"SELECT id, last_inbound_at FROM threads WHERE contact_id IN {_THEM}", {"ids": json.dumps(contact_ids)}
    )
    for thread_id, last_inbound_at in rows:
        dealt_with.mark(store, thread_id, moment(last_inbound_at or 0), now)


def list_mentions(store: Store, contact_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Where the owner's own words, which are not about these people only, still name them: kind and name of each.

    Looked for before they are erased. A name has three letters at least: shorter ones stand in any text.
    """
    rows = store.query(
        f"SELECT name, book_name, profile_name, phone, bsuid, username FROM contacts WHERE id IN {_THEM}",
        {"ids": json.dumps(contact_ids)},
    )
    names = {re.escape(name) for row in rows for name in row if name and name != ERASED and len(name) >= _SHORTEST}
    if not names:
        return []
    named = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(names))})(?!\w)", re.IGNORECASE)
    found = store.query(_OWN_WORDS)
    return [(kind, name) for kind, name, words in found if named.search(words)]


def list_silent_since(store: Store, before: datetime) -> list[int]:
    """The contacts of whom nothing was heard, and to whom nothing was sent, since then; erased ones left out."""
    rows = store.query(
        "SELECT c.id FROM contacts c WHERE coalesce(c.bsuid, '') NOT GLOB :erased AND coalesce("
        "  (SELECT max(t.last_at) FROM threads t WHERE t.contact_id = c.id), c.added_at, c.first_seen_at, 0) < :before "
        "ORDER BY c.id",
        {"erased": INVENTED_GLOB, "before": seconds(before)},
    )
    return [int(row[0]) for row in rows]
