"""From campaigns to now. A NEW MIGRATION GOES HERE, at the end, with the next number, and adds one to
`mark.SCHEMA_VERSION`. Where the file grows long, the next begins: `mNNN_on.py`, and this one is then `m015_to_mNNN.py`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..hashing import seats
from .steps import migrations, run

if TYPE_CHECKING:
    from sqlite_utils import Database


@migrations()
def m015_setbacks(database: Database) -> None:
    """What stands in the way of the next message is asked for before each of a run: not by reading all the thread."""
    run(
        database,
        (
            "CREATE INDEX messages_setbacks ON messages(thread_id, at) WHERE error_code IN (131026, 131049)",
            "CREATE INDEX outbox_setbacks ON outbox(thread_id) "
            "WHERE state = 'refused' AND error_code IN (131026, 131049)",
        ),
    )


@migrations()
def m016_account_facts(database: Database) -> None:
    """Whether the account has a payment method, as Meta last said: without one nothing is delivered past the free
    messages, and `allowance` must say so without asking anybody."""
    run(
        database,
        (
            """CREATE TABLE account_facts (
                waba_id TEXT PRIMARY KEY,
                has_payment_method INTEGER, told_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID""",
            # What Meta refused for want of one:
            "CREATE INDEX messages_unpaid ON messages(at) WHERE error_code = 131042",
            "CREATE INDEX outbox_unpaid ON outbox(answered_at) WHERE error_code = 131042",
        ),
    )


@migrations()
def m017_campaigns(database: Database) -> None:
    """One template to many: who was planned, who was left out and why, and which sends belong to it.

    A send knows its campaign and recipient; that pair is unique, so nobody is written to twice for one campaign
    whatever process dies when. Counting a campaign reads one partial index and no message.
    """
    from ..campaign_schema import CAMPAIGNS_1

    run(database, CAMPAIGNS_1)


@migrations()
def m018_links(database: Database) -> None:
    """The links an owner made to start a chat. What came through them is found by their codes (see `links`)."""
    run(
        database,
        (
            """CREATE TABLE links (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL COLLATE NOCASE UNIQUE,
                code TEXT NOT NULL UNIQUE,
                text TEXT NOT NULL, phone TEXT NOT NULL,
                managed_code TEXT, managed_url TEXT, -- where Meta keeps it (message_qrdls)
                created_at INTEGER NOT NULL, retired_at INTEGER
            ) STRICT""",
        ),
    )


@migrations()
def m019_documents(database: Database) -> None:
    """Sensitive files: a ledger that keeps none of their content; identity keys, and what the owner confirmed of them.

    `documents.outbox_key` is empty until the message was handed over. A key is seen again and again: one row for each,
    with when it was first and last seen.
    """
    run(
        database,
        (
            """CREATE TABLE documents (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                name TEXT NOT NULL, mime_type TEXT NOT NULL,
                size INTEGER NOT NULL, sha256 BLOB NOT NULL,
                number_id TEXT, -- Meta's id of the business number: media belong to it
                media_id TEXT, outbox_key TEXT UNIQUE,
                problem TEXT, -- the code of what kept it from being sent
                started_at INTEGER NOT NULL,
                media_deleted_at INTEGER
            ) STRICT""",
            "CREATE INDEX documents_contact ON documents(contact_id)",
            "CREATE INDEX documents_media ON documents(media_id) "
            "WHERE media_id IS NOT NULL AND media_deleted_at IS NULL",
            """CREATE TABLE identity_keys (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                party_id INTEGER NOT NULL REFERENCES parties(id),
                key_hash TEXT NOT NULL, first_at INTEGER, last_at INTEGER
            ) STRICT""",
            "CREATE INDEX identity_keys_party ON identity_keys(party_id)",
            """CREATE TABLE identity_confirmations (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                key_hash TEXT, evidence TEXT NOT NULL, at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX identity_confirmations_contact ON identity_confirmations(contact_id, at)",
        ),
    )


@migrations()
def m020_tombstones(database: Database) -> None:
    """People whom the store was told to forget, as keyed hashes: old notifications must not bring them back."""
    run(
        database,
        (
            "CREATE TABLE tombstones (mark BLOB PRIMARY KEY, erased_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "CREATE TABLE tombstone_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT",
        ),
    )


@migrations()
def m021_contradictions(database: Database) -> None:
    """How many charges Meta contradicts, without reading the month a second time."""
    from ..charge_schema import CONTRADICTED

    run(database, (f"CREATE INDEX charges_contradicted ON charges(at) WHERE {CONTRADICTED}",))


@migrations()
def m022_campaign_replies(database: Database) -> None:
    """Who answered a campaign is counted by going from the threads that were written in to their send, a hundred
    thousand of them: by an index, and without reading requests."""
    run(
        database,
        (
            "CREATE INDEX outbox_campaign_thread ON outbox(campaign_id, thread_id, message_at) "
            "WHERE campaign_id IS NOT NULL AND wamid IS NOT NULL",
        ),
    )


@migrations()
def m023_twins(database: Database) -> None:
    """Messages of exported chats that WhatsApp has told as well (see `twins`), and a way to the others.

    Kept apart, so that nobody who reads messages has to know of them.
    """
    run(
        database,
        (
            """CREATE TABLE twins (
                id INTEGER PRIMARY KEY,
                seat INTEGER NOT NULL, wamid TEXT NOT NULL UNIQUE,
                thread_id INTEGER NOT NULL, number_id INTEGER NOT NULL,
                direction TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, text TEXT, media TEXT
            ) STRICT""",
            "CREATE INDEX twins_seat ON twins(seat)",
            "CREATE INDEX twins_thread ON twins(thread_id, at)",
            "CREATE INDEX messages_exported ON messages(thread_id, at) WHERE source = 5",
        ),
    )


@migrations()
def m024_digests_in_order(database: Database) -> None:
    """Digests of notifications begin with the minute of their content, and seats with them, so that their index grows
    at its end: measured, a page less to write for each notification of a large store.
    """
    connection = database.conn
    latest = re.compile(rb'"timestamp"[\s:]*"?(\d{10})')
    ids = [row[0] for row in connection.execute("SELECT id FROM notifications ORDER BY id")]
    for item in ids:
        old, body = connection.execute("SELECT digest, body FROM notifications WHERE id = ?", (item,)).fetchone()
        text = json.dumps(json.loads(body)).encode() if b"\\u" in body else body  # a key may be written in escapes
        minute = max(map(int, latest.findall(text)), default=0) // 60
        new = minute.to_bytes(4, "big") + old[:12]
        for seat in seats(int.from_bytes(new[:8], "big", signed=True)):
            statement = "UPDATE OR IGNORE notifications SET seat = ?, digest = ? WHERE id = ?"
            if connection.execute(statement, (seat, new, item)).rowcount:
                break


@migrations()
def m025_words_in_larger_pieces(database: Database) -> None:
    """Words of up to 8 MB of new messages are gathered before they are written, and pieces are merged by eights:
    measured, a quarter less time for the words of a chat of a million messages."""
    run(
        database,
        (
            f"INSERT INTO search_messages (search_messages, rank) VALUES ('hashsize', {8 << 20})",
            "INSERT INTO search_messages (search_messages, rank) VALUES ('automerge', 8)",
        ),
    )


@migrations()
def m026_messaging_limit(database: Database) -> None:
    """How many people may be written to in 24 hours, as Meta said when `doctor` asked: `campaigns plan` asks nobody."""
    run(
        database,
        (
            "ALTER TABLE account_facts ADD COLUMN messaging_limit INTEGER",
            "ALTER TABLE account_facts ADD COLUMN limit_told_at INTEGER",
        ),
    )
