"""Emptying everything that notifications can tell again, and nothing that only the owner knows.

Kept: notifications, templates, the outbox, what the owner typed (names, notes, tags, consents by hand, contacts added
or merged by hand, quick replies, threads called dealt with), and the messages of exported chats, which no notification
tells again. Contacts keep their ids: a person met again under an identifier they were known by is given the same row.
"""

from __future__ import annotations

import sqlite3

from . import twins
from .candidates import FROM_EXPORT
from .contact_merges import ENDS
from .search_index import forget_all

_EMPTY = (
    "charges",
    "charge_state",
    "charge_marks",
    "pricing_words",
    "statuses",
    "calls",
    "notices",
    "unrecognised",
    "template_changes",
    "book_entries",
    "identity_changes",
    "identity_keys",
)
_HAS_OWNERS_WORD = (
    "name IS NOT NULL OR note IS NOT NULL OR added_at IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM tags WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM consents WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM intentions WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM campaigns k JOIN campaign_recipients r ON r.campaign_id = k.id "
    "WHERE r.contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM documents WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM identity_confirmations WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM notes WHERE contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM dealt_with d JOIN threads t ON t.id = d.thread_id WHERE t.contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM outbox o JOIN threads t ON t.id = o.thread_id WHERE t.contact_id = contacts.id) "
    "OR EXISTS (SELECT 1 FROM messages m JOIN threads t ON t.id = m.thread_id "
    f"WHERE t.contact_id = contacts.id AND m.source = {FROM_EXPORT})"
)


def begin(connection: sqlite3.Connection) -> set[int]:
    """Empties the tables, and remembers (in `temp.former`) who was who; returns threads to be worked out anew."""
    connection.execute("DROP TABLE IF EXISTS temp.former")
    connection.execute("DROP TABLE IF EXISTS temp.former_end")
    connection.execute(
        "CREATE TEMP TABLE former AS SELECT key, contact_id, phone, phone_key, bsuid, parent_bsuid FROM parties"
    )
    connection.execute("CREATE UNIQUE INDEX temp.former_key ON former(key)")
    connection.execute("CREATE TEMP TABLE former_end AS SELECT coalesce(max(seq), 0) AS id FROM sqlite_sequence")
    connection.execute("UPDATE outbox SET message_id = NULL")
    forget_all(connection)
    for table in _EMPTY:
        connection.execute(f"DELETE FROM {table}")
    connection.execute(f"DELETE FROM messages WHERE source <> {FROM_EXPORT}")
    twins.put_back(connection)
    connection.execute("DELETE FROM party_labels WHERE NOT is_owners")
    connection.execute("DELETE FROM consents WHERE fingerprint IS NOT NULL")
    connection.execute(
        "DELETE FROM threads WHERE id NOT IN (SELECT thread_id FROM outbox UNION SELECT thread_id FROM dealt_with) "
        "AND id NOT IN (SELECT thread_id FROM messages WHERE thread_id IS NOT NULL)"
    )
    connection.execute(f"DELETE FROM parties WHERE owned_at IS NULL AND key NOT IN ({ENDS})")
    connection.execute("UPDATE parties SET first_at = NULL, moved_at = NULL")
    return {row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM messages WHERE thread_id IS NOT NULL")}


def finish(connection: sqlite3.Connection) -> set[int]:
    """Drops contacts nobody speaks of any more, unless the owner did; returns contacts to be shown anew.

    A contact of the owner that no notification mentions now keeps the identifiers it had.
    """
    connection.execute(
        "INSERT INTO parties (contact_id, key, phone, phone_key, bsuid, parent_bsuid) "
        "SELECT f.contact_id, f.key, f.phone, f.phone_key, f.bsuid, f.parent_bsuid FROM temp.former f "
        f"JOIN contacts ON contacts.id = f.contact_id WHERE ({_HAS_OWNERS_WORD}) "
        "AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.contact_id = contacts.id) "
        "AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.key = f.key)"
    )
    connection.execute(
        "DELETE FROM contact_aliases WHERE contact_id IN (SELECT id FROM contacts WHERE NOT EXISTS "
        f"(SELECT 1 FROM parties p WHERE p.contact_id = contacts.id) AND NOT ({_HAS_OWNERS_WORD}))"
    )
    connection.execute(
        "DELETE FROM contacts WHERE NOT EXISTS (SELECT 1 FROM parties p WHERE p.contact_id = contacts.id) "
        f"AND NOT ({_HAS_OWNERS_WORD})"
    )
    # Ids that came and went within the rebuild were never shown to anybody.
    connection.execute("DELETE FROM contact_aliases WHERE old_id > (SELECT id FROM temp.former_end)")
    connection.execute("DROP TABLE temp.former")
    connection.execute("DROP TABLE temp.former_end")
    return {row[0] for row in connection.execute("SELECT id FROM contacts")}
