"""The first tables: notifications, people, threads, the account, and the indexes of the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..mark import APPLICATION_ID
from .steps import migrations, run

if TYPE_CHECKING:
    from sqlite_utils import Database


@migrations()
def m001_notifications(database: Database) -> None:
    """What Meta said, verbatim, before anything is understood: every other table can be made again from it.

    `applied_at` is empty between the receiver's answer and the moment its events are in the other tables.
    """
    run(
        database,
        (
            f"PRAGMA application_id={APPLICATION_ID}",
            """CREATE TABLE numbers (
                id INTEGER PRIMARY KEY,
                key TEXT NOT NULL UNIQUE,
                phone_number_id TEXT, display_phone_number TEXT, waba_id TEXT
            ) STRICT""",
            """CREATE TABLE notifications (
                id INTEGER PRIMARY KEY,
                seat INTEGER NOT NULL UNIQUE,
                digest BLOB NOT NULL,
                received_at INTEGER NOT NULL,
                applied_at INTEGER,
                body BLOB NOT NULL
            ) STRICT""",
            "CREATE INDEX notifications_pending ON notifications(id) WHERE applied_at IS NULL",
        ),
    )


@migrations()
def m002_contacts(database: Database) -> None:
    """People, whose number, BSUID and username may each be missing and may each change.

    A `party` is one combination of identifiers that some payload (or the owner) showed, and is never forgotten: the
    contact is whatever parties share an identifier. So old numbers still find the person.
    """
    run(
        database,
        (
            """CREATE TABLE contacts (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT, note TEXT, added_at INTEGER,
                -- derived from the parties:
                book_name TEXT, profile_name TEXT, username TEXT,
                phone TEXT, phone_key TEXT, bsuid TEXT, parent_bsuid TEXT,
                first_seen_at INTEGER
            ) STRICT""",
            "CREATE INDEX contacts_name ON contacts(name COLLATE NOCASE) WHERE name IS NOT NULL",
            """CREATE TABLE parties (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER REFERENCES contacts(id),
                key TEXT NOT NULL UNIQUE,
                phone TEXT, phone_key TEXT, bsuid TEXT, parent_bsuid TEXT,
                first_at INTEGER, moved_at INTEGER,
                owned_at INTEGER -- when the owner typed it; empty where only payloads showed it
            ) STRICT""",
            "CREATE INDEX parties_contact ON parties(contact_id)",
            "CREATE INDEX parties_phone ON parties(phone_key) WHERE phone_key IS NOT NULL",
            "CREATE INDEX parties_bsuid ON parties(bsuid) WHERE bsuid IS NOT NULL",
            "CREATE INDEX parties_parent ON parties(parent_bsuid) WHERE parent_bsuid IS NOT NULL",
            """CREATE TABLE party_labels (
                party_id INTEGER NOT NULL REFERENCES parties(id),
                kind TEXT NOT NULL CHECK (kind IN ('profile_name', 'username')),
                text TEXT NOT NULL,
                first_at INTEGER,
                is_owners INTEGER NOT NULL DEFAULT 0, -- the owner typed it
                PRIMARY KEY (party_id, kind, text)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX party_labels_text ON party_labels(text COLLATE NOCASE)",
            """CREATE TABLE book_entries (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                party_id INTEGER NOT NULL REFERENCES parties(id),
                name TEXT, is_removed INTEGER NOT NULL, at INTEGER
            ) STRICT""",
            "CREATE INDEX book_entries_party ON book_entries(party_id)",
            """CREATE TABLE identity_changes (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                before_party_id INTEGER REFERENCES parties(id),
                after_party_id INTEGER REFERENCES parties(id),
                at INTEGER, raw TEXT NOT NULL
            ) STRICT""",
            # A contact that turned out to be another one: its old id still finds the person.
            """CREATE TABLE contact_aliases (
                old_id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id)
            ) STRICT""",
            "CREATE INDEX contact_aliases_contact ON contact_aliases(contact_id)",
            """CREATE TABLE tags (
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                tag TEXT NOT NULL,
                PRIMARY KEY (contact_id, tag)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX tags_tag ON tags(tag)",
            """CREATE TABLE consents (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER UNIQUE, -- of what WhatsApp told us; empty where the owner recorded it
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                category TEXT NOT NULL, state TEXT NOT NULL,
                source TEXT NOT NULL, evidence TEXT, at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX consents_contact ON consents(contact_id, category, at)",
        ),
    )


@migrations()
def m003_threads(database: Database) -> None:
    """Messages, their statuses and calls, and the thread's clocks kept beside them so that a board needs no GROUP BY.

    `messages.seat` is a 64-bit hash of the wamid (see `hashing`). `source` says who described the message: 4 our own
    outbox, 3 a live notification, 2 the phone's history, 1 only a status. A thread of NULL: a group, a sample of
    Meta's dashboard, or nobody known.
    """
    run(
        database,
        (
            """CREATE TABLE threads (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                number_id INTEGER NOT NULL REFERENCES numbers(id),
                -- derived from the messages, calls and statuses:
                last_at INTEGER, last_inbound_at INTEGER, last_outbound_at INTEGER,
                last_text TEXT, last_kind TEXT, last_direction TEXT,
                last_opener_at INTEGER, closes_at INTEGER,
                unanswered_count INTEGER NOT NULL DEFAULT 0, waiting_since INTEGER,
                referral_at INTEGER, entry_referral_at INTEGER, entry_started_at INTEGER, entry_expires_at INTEGER,
                UNIQUE (contact_id, number_id)
            ) STRICT""",
            """CREATE TABLE messages (
                id INTEGER PRIMARY KEY,
                seat INTEGER NOT NULL UNIQUE,
                wamid TEXT NOT NULL,
                source INTEGER NOT NULL,
                thread_id INTEGER REFERENCES threads(id),
                number_id INTEGER NOT NULL,
                party_id INTEGER,
                notification_id INTEGER,
                direction TEXT NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL,
                at INTEGER, text TEXT, reply_to TEXT, target TEXT,
                media TEXT, referral TEXT, group_id TEXT,
                is_sample INTEGER NOT NULL DEFAULT 0,
                reported_status TEXT,
                -- derived from the statuses, edits and revokes:
                status TEXT, status_at INTEGER, delivered_at INTEGER,
                pricing_type TEXT, pricing_category TEXT, error_code INTEGER, error_text TEXT,
                entry_at INTEGER, entry_expires_at INTEGER,
                allowance_at INTEGER,
                edited_text TEXT, edited_at INTEGER, revoked_at INTEGER
            ) STRICT""",
            "CREATE INDEX messages_thread ON messages(thread_id, at)",
            "CREATE INDEX messages_target ON messages(target) WHERE kind IN ('edit', 'revoke')",
            "CREATE INDEX messages_referral ON messages(thread_id, at) WHERE referral IS NOT NULL",
            "CREATE INDEX messages_entry ON messages(thread_id, entry_expires_at) WHERE entry_expires_at IS NOT NULL",
            """CREATE TABLE statuses (
                id INTEGER PRIMARY KEY,
                message_id INTEGER NOT NULL REFERENCES messages(id),
                fingerprint INTEGER NOT NULL,
                status TEXT NOT NULL, at INTEGER, party_id INTEGER, callback_data TEXT,
                conversation_id TEXT, conversation_origin TEXT, expires_at INTEGER,
                pricing_model TEXT, pricing_type TEXT, pricing_category TEXT, billable INTEGER,
                error_code INTEGER, error_text TEXT,
                UNIQUE (message_id, fingerprint)
            ) STRICT""",
            """CREATE TABLE calls (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                key TEXT NOT NULL, event TEXT NOT NULL, direction TEXT NOT NULL, at INTEGER,
                opens_window INTEGER NOT NULL,
                thread_id INTEGER REFERENCES threads(id), number_id INTEGER NOT NULL, party_id INTEGER,
                raw TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX calls_thread ON calls(thread_id, at)",
        ),
    )


@migrations()
def m004_account(database: Database) -> None:
    """What is said about the account, what nobody understood yet, the templates, and what we meant to send.

    The outbox row is committed before a socket opens; `key` travels as `biz_opaque_callback_data`, so a status can
    settle a send whose answer was lost.
    """
    run(
        database,
        (
            """CREATE TABLE notices (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                number_id INTEGER NOT NULL, field TEXT NOT NULL, what TEXT, at INTEGER, raw TEXT NOT NULL
            ) STRICT""",
            """CREATE TABLE unrecognised (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                number_id INTEGER NOT NULL, field TEXT NOT NULL, why TEXT NOT NULL, raw TEXT NOT NULL
            ) STRICT""",
            """CREATE TABLE template_changes (
                id INTEGER PRIMARY KEY,
                fingerprint INTEGER NOT NULL UNIQUE,
                number_id INTEGER NOT NULL, template_id TEXT, name TEXT, language TEXT,
                what TEXT NOT NULL, before TEXT, after TEXT, reason TEXT, at INTEGER, raw TEXT NOT NULL
            ) STRICT""",
            "CREATE INDEX template_changes_name ON template_changes(name, language, what, at)",
            """CREATE TABLE templates (
                id INTEGER PRIMARY KEY,
                template_id TEXT,
                name TEXT NOT NULL, language TEXT NOT NULL,
                status TEXT NOT NULL, category TEXT, requested_category TEXT, quality TEXT,
                rejected_reason TEXT, parameter_format TEXT,
                components TEXT NOT NULL, raw TEXT NOT NULL,
                pulled_at INTEGER NOT NULL, is_gone INTEGER NOT NULL DEFAULT 0,
                UNIQUE (name, language)
            ) STRICT""",
            """CREATE TABLE outbox (
                id INTEGER PRIMARY KEY,
                key TEXT NOT NULL UNIQUE,
                thread_id INTEGER NOT NULL REFERENCES threads(id),
                kind TEXT NOT NULL, template_name TEXT, template_language TEXT, category TEXT,
                text TEXT, reply_to TEXT, request TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'held', 'refused', 'unknown')),
                attempts INTEGER NOT NULL DEFAULT 0,
                wamid TEXT, message_id INTEGER,
                error_code INTEGER, error_details TEXT, error_trace TEXT,
                created_at INTEGER NOT NULL, sent_at INTEGER, answered_at INTEGER,
                message_at INTEGER -- the instant of the message, never before what it answers
            ) STRICT""",
            "CREATE INDEX outbox_thread ON outbox(thread_id, created_at)",
            "CREATE INDEX outbox_open ON outbox(state) WHERE state IN ('queued', 'sending', 'unknown')",
            "CREATE INDEX outbox_wamid ON outbox(wamid) WHERE wamid IS NOT NULL",
        ),
    )


@migrations()
def m005_board(database: Database) -> None:
    """The board reads a handful of rows out of any number of threads, and the allowance out of any number of messages.

    Measured at 100,000 threads and 2,000,000 messages: see tests/benchmarks.
    """
    run(
        database,
        (
            "CREATE INDEX threads_closing ON threads(closes_at, waiting_since) WHERE closes_at IS NOT NULL",
            "CREATE INDEX threads_waiting ON threads(waiting_since, closes_at) WHERE waiting_since IS NOT NULL",
            "CREATE INDEX messages_allowance ON messages(number_id, allowance_at) WHERE allowance_at IS NOT NULL",
        ),
    )
