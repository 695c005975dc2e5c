"""The tables of campaigns, as the migration makes them. Amounts are whole micro-units of the campaign's currency.

A campaign's recipients are the frozen plan: `reason` says why somebody is out, `line` the market and what made the
message free (see `domain.campaign`), `own` the values that differ from person to person (a JSON list in the order of
`campaigns.fields`). `skipped_at` is set when a rule forbade the message at the moment of sending.

What became of a recipient is read from the outbox and its message: `outbox.campaign_id`, `recipient_id` and `price`
(what the verdict said right before the send), and the copies of the first and the last in `messages`, which a rebuild
makes again, so that one covering index counts a campaign of a million.
"""

from __future__ import annotations

CAMPAIGNS_1 = (
    """CREATE TABLE campaigns (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        token TEXT NOT NULL, -- keys of its sends are made of it
        number_id INTEGER NOT NULL REFERENCES numbers(id),
        template_name TEXT NOT NULL, template_language TEXT NOT NULL, category TEXT,
        audience TEXT NOT NULL, given TEXT NOT NULL, fields TEXT NOT NULL,
        assumed_opt_in TEXT, tries_again INTEGER NOT NULL,
        currency TEXT NOT NULL, rules TEXT NOT NULL, rate_card TEXT,
        markets TEXT NOT NULL, quote TEXT NOT NULL, excluded TEXT NOT NULL, -- JSON
        recipient_count INTEGER NOT NULL, -- who is in
        planned_at INTEGER NOT NULL,
        approval TEXT, -- JSON: what the owner agreed to
        approved_at INTEGER, due_at INTEGER, started_at INTEGER, ended_at INTEGER, cancelled_at INTEGER,
        stopped_by TEXT -- why the last run ended early
    ) STRICT""",
    "CREATE INDEX campaigns_due ON campaigns(approved_at) WHERE approved_at IS NOT NULL AND ended_at IS NULL "
    "AND cancelled_at IS NULL",
    """CREATE TABLE campaign_recipients (
        campaign_id INTEGER NOT NULL, -- no REFERENCES: a million rows would look the same campaign up again
        contact_id INTEGER NOT NULL, -- a merged contact keeps its old id here; aliases find the person
        reason TEXT,
        line INTEGER NOT NULL,
        own TEXT,
        skipped_at INTEGER,
        PRIMARY KEY (campaign_id, contact_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX campaign_skipped ON campaign_recipients(campaign_id, reason) WHERE skipped_at IS NOT NULL",
    # Lines of a file that became no recipient: unreadable, unknown, the same person again.
    """CREATE TABLE campaign_rejects (
        campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
        line INTEGER NOT NULL,
        who TEXT NOT NULL, reason TEXT NOT NULL, contact_id INTEGER,
        PRIMARY KEY (campaign_id, line)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        audience TEXT NOT NULL, condition TEXT,
        created_at INTEGER NOT NULL
    ) STRICT""",
    "ALTER TABLE outbox ADD COLUMN campaign_id INTEGER",
    "ALTER TABLE outbox ADD COLUMN recipient_id INTEGER",
    "ALTER TABLE outbox ADD COLUMN price INTEGER",
    "CREATE UNIQUE INDEX outbox_campaign ON outbox(campaign_id, recipient_id) WHERE campaign_id IS NOT NULL",
    "CREATE INDEX outbox_campaign_refused ON outbox(campaign_id, error_code) "
    "WHERE campaign_id IS NOT NULL AND state = 'refused'",
    # Derived from the outbox row:
    "ALTER TABLE messages ADD COLUMN campaign_id INTEGER",
    "ALTER TABLE messages ADD COLUMN price INTEGER",
    "CREATE INDEX messages_campaign ON messages(campaign_id, status, error_code, price) WHERE campaign_id IS NOT NULL",
    # What a plan of a million asks of the ledger and of ad clicks, without reading the tables.
    "CREATE INDEX consents_category ON consents(category, contact_id, at, state, source)",
    "CREATE INDEX consents_start ON consents(contact_id) WHERE source = 'start-word'",
    "CREATE INDEX threads_entry ON threads(entry_started_at) WHERE entry_started_at IS NOT NULL",
)
