"""The tables of charges, and the view for everybody's own SQL. See `charge_upkeep` for how they are kept right.

Amounts are whole micro-units (a millionth of the currency unit). An amount of NULL: billed, but at a price that
nobody published where we can read it.
"""

from __future__ import annotations

from .views import PERSON, iso

# Meta says that it is billed where we say free, or the other way round. In the years of conversations its word was on
# the conversation.
CONTRADICTED = (
    "said_type IS NOT NULL AND origin = 'api' AND (said_type = 'regular') <> (free_reason IS NULL) "
    "AND rule_id >= '2025-07-01'"
)
CHARGES_1 = (
    """CREATE TABLE charges (
        message_id INTEGER PRIMARY KEY REFERENCES messages(id) ON DELETE CASCADE,
        number_id INTEGER NOT NULL,
        at INTEGER NOT NULL,
        day TEXT NOT NULL, -- the account's calendar day, 2026-11-22
        kind TEXT NOT NULL, -- template, service or reaction
        origin TEXT NOT NULL,
        category TEXT, market TEXT, template TEXT,
        amount INTEGER, worth INTEGER, currency TEXT NOT NULL,
        free_reason TEXT, tier TEXT, card_id TEXT, rule_id TEXT,
        entry_until INTEGER, -- Meta's word on the end of the free entry point, where this message brought it
        -- Meta's word on the bill:
        said_model TEXT, said_type TEXT, said_category TEXT, said_billable INTEGER
    ) STRICT""",
    "CREATE INDEX charges_at ON charges(at)",
    # One row once anything was charged: what the charges rest on, and from which instant on they are to be made anew.
    """CREATE TABLE charge_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        basis TEXT NOT NULL,
        last_message_id INTEGER NOT NULL, last_status_id INTEGER NOT NULL, last_call_id INTEGER NOT NULL,
        stale_since INTEGER, marked_since INTEGER,
        run INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE charge_marks (message_id INTEGER PRIMARY KEY) STRICT",
    # What a status said of the price beyond the columns of `statuses`, word for word: a subtype, whatever Meta adds.
    """CREATE TABLE pricing_words (
        message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
        raw TEXT NOT NULL,
        PRIMARY KEY (message_id, raw)
    ) STRICT, WITHOUT ROWID""",
)


def _decimal(column: str, name: str) -> str:
    """Micro-units as an exact decimal text: 25000 -> 0.025000."""
    return f"iif({column} IS NULL, NULL, printf('%d.%06d', {column} / 1000000, {column} % 1000000)) AS {name}"


CHARGES_VIEW_1 = (
    f"""CREATE VIEW v_charges AS SELECT h.message_id, m.wamid, m.thread_id, {PERSON}, n.phone_number_id,
      {iso("h.at")}, h.day, h.kind, h.origin, h.category, h.market, h.template,
      {_decimal("h.amount", "amount")}, h.currency, h.amount AS amount_micros, h.free_reason,
      {_decimal("h.worth", "worth")}, h.worth AS worth_micros, h.tier, h.card_id, h.rule_id,
      h.said_model AS meta_model, h.said_type AS meta_type, h.said_category AS meta_category,
      (SELECT json_extract(w.raw, '$.subtype') FROM pricing_words w WHERE w.message_id = h.message_id
        ORDER BY json_extract(w.raw, '$.subtype') IS NULL, w.raw LIMIT 1) AS meta_subtype,
      h.said_billable AS meta_billable,
      (SELECT w.raw FROM pricing_words w WHERE w.message_id = h.message_id ORDER BY w.raw LIMIT 1) AS meta_raw
    FROM charges h JOIN messages m ON m.id = h.message_id JOIN numbers n ON n.id = h.number_id
      LEFT JOIN threads t ON t.id = m.thread_id LEFT JOIN contacts c ON c.id = t.contact_id""",
)
