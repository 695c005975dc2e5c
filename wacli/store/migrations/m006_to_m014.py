"""The outbox's story, templates handed in, views, search, merges, listening, the owner's desk, charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .steps import migrations, run

if TYPE_CHECKING:
    from sqlite_utils import Database


@migrations()
def m006_outbox_story(database: Database) -> None:
    """What a person did about a send whose outcome was never told, and what WhatsApp told when it was asked.

    `replaces` is the key of the send that this one repeats, on a person's word only. `history` is what
    `message_history` said (a JSON list): no notification can tell it again, so it is kept here and applied again by
    a rebuild.
    """
    run(
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
    run(
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
    run(
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
    from ..views import VIEWS_1

    run(database, VIEWS_1)


@migrations()
def m010_search(database: Database) -> None:
    """Messages are found by their words. See `search_index` for why there is no trigger on INSERT."""
    from ..search_index import SEARCH_1, catch_up

    run(database, SEARCH_1)
    catch_up(database.conn)


@migrations()
def m011_contact_merges(database: Database) -> None:
    """Contacts that the owner says are one person: an edge between two parties, and what each contact was before.

    No notification tells this, so a rebuild keeps it. `kept`, `other` and `merged` are JSON (see `contact_merges`):
    enough to take the merge back.
    """
    run(
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
    run(
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
    run(
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
    from ..charge_schema import CHARGES_1, CHARGES_VIEW_1

    run(database, (*CHARGES_1, *CHARGES_VIEW_1))
