"""The documented views: the store for people who bring their own SQL (`wacli db sql`, sqlite-utils, Datasette).

Instants are RFC 3339 in UTC. Columns are only ever added; a change of a view is a new migration with a new list here.
"""

from __future__ import annotations


def iso(column: str, name: str | None = None) -> str:
    """A stored instant as text, under the column's own name unless another is given."""
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, 'unixepoch') AS {name or column.rpartition('.')[2]}"


PERSON = (
    "c.id AS contact_id, coalesce(c.name, c.book_name, c.profile_name) AS name, '+' || c.phone AS phone, c.bsuid, "
    "ltrim(c.username, '@') AS username"
)

VIEWS_1 = (
    f"""CREATE VIEW v_contacts AS SELECT {PERSON}, c.profile_name,
      (SELECT group_concat(tag, ',') FROM (SELECT tag FROM tags WHERE contact_id = c.id ORDER BY tag)) AS tags, c.note,
      (SELECT k.state FROM consents k WHERE k.contact_id = c.id AND k.category = 'marketing'
        AND k.state IN ('opted-in', 'opted-out') ORDER BY k.at DESC, k.state = 'opted-out' DESC LIMIT 1) AS marketing,
      {iso("c.added_at")}, {iso("c.first_seen_at")}
    FROM contacts c""",
    f"""CREATE VIEW v_threads AS SELECT t.id AS thread_id, {PERSON}, n.phone_number_id,
      {iso("t.last_at")}, {iso("t.last_inbound_at")}, {iso("t.last_outbound_at")},
      t.last_text, t.last_kind, t.last_direction, t.unanswered_count, {iso("t.waiting_since")},
      {iso("t.closes_at", "window_closes_at")}, {iso("t.entry_started_at")}, {iso("t.entry_expires_at")}
    FROM threads t JOIN contacts c ON c.id = t.contact_id JOIN numbers n ON n.id = t.number_id""",
    f"""CREATE VIEW v_messages AS SELECT m.id AS message_id, m.wamid, m.thread_id, {PERSON}, n.phone_number_id,
      m.direction, m.origin, m.kind, {iso("m.at")},
      iif(m.edited_at IS NULL, m.text, m.edited_text) AS text, json_extract(m.media, '$.filename') AS file_name,
      m.reply_to, m.status, {iso("m.status_at")}, {iso("m.delivered_at")}, {iso("m.edited_at")},
      {iso("m.revoked_at")}, m.pricing_type, m.pricing_category, m.error_code, m.error_text, m.group_id
    FROM messages m LEFT JOIN threads t ON t.id = m.thread_id LEFT JOIN contacts c ON c.id = t.contact_id
      LEFT JOIN numbers n ON n.id = m.number_id WHERE NOT m.is_sample""",
)
