"""The schema, as numbered steps that are only ever added to. Each says why it exists.

Each step runs in one transaction together with the record of it and with `user_version`, so a killed process leaves
a store of some whole version. sqlite-utils 4 keeps the record (its `Migrations`); the write lock is taken first, so
that two processes that open an old store do the work once.

Tables are STRICT. Instants are whole seconds since 1970 (UTC). Columns that are marked derived can be computed from
the kept rows at any time: `settle` does it, `rebuild` starts from nothing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Database, Migrations

from .hashing import seats
from .mark import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

migrations = Migrations("wacli")


def migrate(connection: sqlite3.Connection, *, stop_before: str | None = None) -> None:
    """Applies what is missing, one transaction each. `stop_before` names a step, for tests."""
    database = Database(connection, execute_plugins=False)
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            missing = [step.name for step in migrations.pending(database)]
            if not missing or missing[0] == stop_before:
                connection.execute("ROLLBACK")
                return
            migrations.apply(database, stop_before=missing[1:2] or None)
            done = len(migrations.applied(database))
            connection.execute(f"PRAGMA user_version={done}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def step_after(version: int) -> str | None:
    """The name of the first step that a store of that version lacks; None for the present version."""
    names = [step.name for step in migrations.pending(Database(memory=True, execute_plugins=False))]
    return names[version] if version < len(names) else None


def _run(database: Database, statements: Sequence[str]) -> None:
    for statement in statements:
        database.execute(statement)


@migrations()
def m001_notifications(database: Database) -> None:
    """What Meta said, verbatim, before anything is understood: every other table can be made again from it.

    `applied_at` is empty between the receiver's answer and the moment its events are in the other tables.
    """
    _run(
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
    _run(
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
    _run(
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
    _run(
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
    _run(
        database,
        (
            "CREATE INDEX threads_closing ON threads(closes_at, waiting_since) WHERE closes_at IS NOT NULL",
            "CREATE INDEX threads_waiting ON threads(waiting_since, closes_at) WHERE waiting_since IS NOT NULL",
            "CREATE INDEX messages_allowance ON messages(number_id, allowance_at) WHERE allowance_at IS NOT NULL",
        ),
    )


@migrations()
def m006_outbox_story(database: Database) -> None:
    """What a person did about a send whose outcome was never told, and what WhatsApp told when it was asked.

    `replaces` is the key of the send that this one repeats, on a person's word only. `history` is what
    `message_history` said (a JSON list): no notification can tell it again, so it is kept here and applied again by
    a rebuild.
    """
    _run(
        database,
        (
            "ALTER TABLE outbox ADD COLUMN replaces TEXT",
            "ALTER TABLE outbox ADD COLUMN history TEXT",
            "CREATE INDEX outbox_replaces ON outbox(replaces) WHERE replaces IS NOT NULL",
        ),
    )


@migrations()
def m007_intentions(database: Database) -> None:
    """What the owner of a phone-app number was about to send by hand: no outbox row, as wacli sends nothing for them.

    Whether it was sent nobody tells us, unless the phone app echoes it.
    """
    _run(
        database,
        (
            """CREATE TABLE intentions (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                text TEXT NOT NULL, template_name TEXT,
                at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX intentions_contact ON intentions(contact_id, at)",
        ),
    )


@migrations()
def m008_template_pushes(database: Database) -> None:
    """Templates handed in from here, so that Meta's limits hold (it tells nobody how many are left), and an index that
    answers when a template was last used without reading the outbox."""
    _run(
        database,
        (
            """CREATE TABLE template_pushes (
                id INTEGER PRIMARY KEY,
                waba_id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,
                what TEXT NOT NULL CHECK (what IN ('create', 'edit')),
                category TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('sending', 'accepted', 'refused', 'unknown')),
                template_id TEXT, error_code INTEGER,
                at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX template_pushes_at ON template_pushes(waba_id, what, at)",
            "CREATE INDEX outbox_template ON outbox(template_name, template_language, created_at) "
            "WHERE template_name IS NOT NULL AND wamid IS NOT NULL",
        ),
    )


@migrations()
def m009_views(database: Database) -> None:
    """Views that stay as they are while the tables change: for everybody's own SQL."""
    from .views import VIEWS_1

    _run(database, VIEWS_1)


@migrations()
def m010_search(database: Database) -> None:
    """Messages are found by their words. See `search_index` for why there is no trigger on INSERT."""
    from .search_index import SEARCH_1, catch_up

    _run(database, SEARCH_1)
    catch_up(database.conn)


@migrations()
def m011_contact_merges(database: Database) -> None:
    """Contacts that the owner says are one person: an edge between two parties, and what each contact was before.

    No notification tells this, so a rebuild keeps it. `kept`, `other` and `merged` are JSON (see `contact_merges`):
    enough to take the merge back.
    """
    _run(
        database,
        (
            """CREATE TABLE contact_merges (
                id INTEGER PRIMARY KEY,
                at INTEGER NOT NULL, undone_at INTEGER,
                kept_id INTEGER NOT NULL, other_id INTEGER NOT NULL,
                kept_key TEXT NOT NULL, other_key TEXT NOT NULL,
                evidence TEXT NOT NULL,
                kept TEXT NOT NULL, other TEXT NOT NULL, merged TEXT NOT NULL
            ) STRICT""",
        ),
    )


@migrations()
def m012_listen(database: Database) -> None:
    """What `listen` has still to pass on, and the away messages and greetings it has sent.

    An absence message is noted before it is sent, so that none is ever sent twice. `triggered_at` is the instant of
    the contact's message that it answers, `key` the outbox row (there is none where a process died in between).
    """
    _run(
        database,
        (
            """CREATE TABLE forwards (
                notification_id INTEGER PRIMARY KEY,
                headers TEXT NOT NULL,
                queued_at INTEGER NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                next_at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX forwards_next ON forwards(next_at)",
            """CREATE TABLE absence_messages (
                id INTEGER PRIMARY KEY,
                thread_id INTEGER NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('away', 'greeting')),
                triggered_at INTEGER NOT NULL,
                key TEXT NOT NULL UNIQUE,
                at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX absence_messages_thread ON absence_messages(thread_id, triggered_at)",
        ),
    )


@migrations()
def m013_desk(database: Database) -> None:
    """What lies on the owner's desk: quick replies, notes between the messages, and threads they called dealt with.

    Nothing of it can be told again by a notification, so a rebuild leaves it. A thread is dealt with up to an instant
    of its contact's own messages: one that comes later waits again, in whatever order they were taken in. And two
    indexes for the morning: what failed lately, without reading every message.
    """
    _run(
        database,
        (
            """CREATE TABLE quick_replies (
                name TEXT PRIMARY KEY COLLATE NOCASE,
                text TEXT NOT NULL,
                added_at INTEGER NOT NULL, edited_at INTEGER
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE notes (
                id INTEGER PRIMARY KEY,
                contact_id INTEGER NOT NULL REFERENCES contacts(id),
                text TEXT NOT NULL, at INTEGER NOT NULL
            ) STRICT""",
            "CREATE INDEX notes_contact ON notes(contact_id, at)",
            """CREATE TABLE dealt_with (
                id INTEGER PRIMARY KEY,
                thread_id INTEGER NOT NULL REFERENCES threads(id),
                until INTEGER NOT NULL, -- the contact's last message that was seen (included)
                at INTEGER NOT NULL -- when the owner said so
            ) STRICT""",
            "CREATE INDEX dealt_with_thread ON dealt_with(thread_id, until)",
            "CREATE INDEX messages_failed ON messages(status_at) WHERE status = 'failed'",
            "CREATE INDEX outbox_refused ON outbox(answered_at) WHERE state = 'refused'",
        ),
    )


@migrations()
def m014_charges(database: Database) -> None:
    """What each delivered message costs by our rule, beside Meta's word on it. Money commands fill it in."""
    from .charge_schema import CHARGES_1, CHARGES_VIEW_1

    _run(database, (*CHARGES_1, *CHARGES_VIEW_1))


@migrations()
def m015_setbacks(database: Database) -> None:
    """What stands in the way of the next message is asked for before each of a run: not by reading all the thread."""
    _run(
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
    _run(
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
    from .campaign_schema import CAMPAIGNS_1

    _run(database, CAMPAIGNS_1)


@migrations()
def m018_links(database: Database) -> None:
    """The links an owner made to start a chat. What came through them is found by their codes (see `links`)."""
    _run(
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
    _run(
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
    _run(
        database,
        (
            "CREATE TABLE tombstones (mark BLOB PRIMARY KEY, erased_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "CREATE TABLE tombstone_key (id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL) STRICT",
        ),
    )


@migrations()
def m021_contradictions(database: Database) -> None:
    """How many charges Meta contradicts, without reading the month a second time."""
    from .charge_schema import CONTRADICTED

    _run(database, (f"CREATE INDEX charges_contradicted ON charges(at) WHERE {CONTRADICTED}",))


@migrations()
def m022_campaign_replies(database: Database) -> None:
    """Who answered a campaign is counted by going from the threads that were written in to their send, a hundred
    thousand of them: by an index, and without reading requests."""
    _run(
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
    _run(
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
        text = _without_escapes(body) if b"\\u" in body else body  # a key may be written in escapes
        minute = max(map(int, latest.findall(text)), default=0) // 60
        new = minute.to_bytes(4, "big") + old[:12]
        for seat in seats(int.from_bytes(new[:8], "big", signed=True)):
            statement = "UPDATE OR IGNORE notifications SET seat = ?, digest = ? WHERE id = ?"
            if connection.execute(statement, (seat, new, item)).rowcount:
                break


def _without_escapes(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body)).encode()
    except (ValueError, RecursionError):  # no longer to be read
        return body
