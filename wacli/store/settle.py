"""Derived columns, worked out from the kept rows with set-based SQL.

Nothing here patches: each statement computes a column anew from what is kept, so it does not matter in which order
the rows came. The same SQL with a bound in time (`clocks_as_of`) answers `--at`.

Rules and sources: facts pricing.md sections 1 (reactions are never billed and do not use the allowance), 8.1, 8.2,
10.1; domain.message and domain.window. Prudent choices, where nothing is known:

- An answer is an outbound message that did not fail, from the API or typed in the app; edits and revokes are no
  answers. A message of the contact in the same second as an answer counts as answered.
- The free entry point window is started by the first live API message at or after the referral and within 24 h of
  it. Where Meta reports one that we saw no referral for (a Page button carries none), its first status starts it.
- `allowance_at` is when a service message was delivered: outbound, through the API, no template and no reaction;
  where only a status told us of it, Meta's category decides. Groups count, as they share the allowance.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from ..domain.message import STATUS_RANK, WINDOW_OPENING_KINDS, Status

_DAY = 86_400
_FOREVER = 1 << 62


def _among(words: Collection[str]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in sorted(words)) + ")"


def _rank(column: str) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{word}' THEN {rank}" for word, rank in STATUS_RANK.items()) + " END"


OPENERS = _among(WINDOW_OPENING_KINDS)
_NO_ANSWER = "('edit', 'revoke')"
# What the last line of a thread is never made of: marks on other messages, and what nobody reads.
NOT_READ = "('edit', 'revoke', 'reaction', 'system', 'errors')"
_IN_ENTRY_POINT = (
    "s.expires_at IS NOT NULL AND (s.pricing_type = 'free_entry_point' "
    "OR s.conversation_origin IN ('referral_conversion', 'free_entry_point'))"
)
_REACHED = _among((Status.DELIVERED, Status.READ, Status.PLAYED))

_STATUSES_OF_MESSAGES = f"""
UPDATE messages SET
  -- our own clock only until Meta's is known:
  at = iif(source = 4, coalesce(
    (SELECT min(s.at) FROM statuses s WHERE s.message_id = messages.id),
    (SELECT max(x.message_at) FROM outbox x WHERE x.wamid = messages.wamid), at), at),
  (status, status_at) = (
    SELECT said.status, said.at FROM (
      SELECT s.status, s.at FROM statuses s WHERE s.message_id = messages.id
      UNION ALL SELECT messages.reported_status, messages.at
    ) said WHERE {_rank("said.status")} IS NOT NULL
    ORDER BY {_rank("said.status")} DESC, said.at IS NULL, said.at LIMIT 1),
  delivered_at = (
    SELECT s.at FROM statuses s WHERE s.message_id = messages.id AND s.status IN {_REACHED} AND s.at IS NOT NULL
    ORDER BY s.status <> 'delivered', s.at LIMIT 1),
  (pricing_type, pricing_category) = (
    SELECT s.pricing_type, s.pricing_category FROM statuses s
    WHERE s.message_id = messages.id AND coalesce(s.pricing_type, s.pricing_category) IS NOT NULL
    ORDER BY {_rank("s.status")} DESC, s.at DESC, s.pricing_type, s.pricing_category LIMIT 1),
  (error_code, error_text) = (
    SELECT s.error_code, s.error_text FROM statuses s
    WHERE s.message_id = messages.id AND coalesce(s.error_code, s.error_text) IS NOT NULL
    ORDER BY s.at DESC, s.error_code, s.error_text LIMIT 1),
  (entry_at, entry_expires_at) = (
    SELECT min(s.at), max(s.expires_at) FROM statuses s WHERE s.message_id = messages.id AND {_IN_ENTRY_POINT})
WHERE id IN (SELECT id FROM temp.touched_messages)
"""

_ALLOWANCE_OF_MESSAGES = """
UPDATE messages SET allowance_at = iif(
    direction = 'outbound' AND origin = 'api' AND NOT is_sample AND CASE kind
      WHEN 'template' THEN 0 WHEN 'reaction' THEN 0
      WHEN 'unknown' THEN pricing_category = 'service'
      ELSE 1 END,
    delivered_at, NULL)
WHERE id IN (SELECT id FROM temp.touched_messages)
"""

# Only the author edits or deletes, so an edit counts inside the same thread and direction. Outside of threads (groups,
# samples) the same party must have written both.
_SAME_AUTHOR = (
    "e.direction = messages.direction AND (e.thread_id = messages.thread_id OR (e.thread_id IS NULL "
    "AND messages.thread_id IS NULL AND e.group_id IS messages.group_id AND e.party_id IS messages.party_id))"
)
_EDITS_OF_MESSAGES = f"""
UPDATE messages SET
  (edited_text, edited_at) = (
    SELECT e.text, coalesce(e.at, 0) FROM messages e
    WHERE e.target = messages.wamid AND e.kind = 'edit' AND {_SAME_AUTHOR}
    ORDER BY e.at DESC, e.wamid LIMIT 1),
  revoked_at = (
    SELECT min(coalesce(e.at, 0)) FROM messages e
    WHERE e.target = messages.wamid AND e.kind = 'revoke' AND {_SAME_AUTHOR})
WHERE id IN (SELECT id FROM temp.touched_targets)
"""

_NOW_FAILED = "o.status IS NOT 'failed'"
_THEN_FAILED = f"""(o.reported_status IS NOT 'failed' AND (
    NOT EXISTS (SELECT 1 FROM statuses s WHERE s.message_id = o.id AND s.status = 'failed' AND s.at <= :until)
    OR EXISTS (SELECT 1 FROM statuses s WHERE s.message_id = o.id AND s.status IN {_REACHED} AND s.at <= :until)))"""

_NOW_TEXT = "iif(o.revoked_at IS NOT NULL, NULL, iif(o.edited_at IS NOT NULL, o.edited_text, o.text))"
_THEN_TEXT = f"""CASE
    WHEN EXISTS (SELECT 1 FROM messages e WHERE e.target = o.wamid AND e.kind = 'revoke' AND e.at <= :until
      AND {_SAME_AUTHOR.replace("messages.", "o.")}) THEN NULL
    ELSE coalesce((SELECT e.text FROM messages e WHERE e.target = o.wamid AND e.kind = 'edit' AND e.at <= :until
      AND {_SAME_AUTHOR.replace("messages.", "o.")} ORDER BY e.at DESC, e.wamid LIMIT 1), o.text) END"""

_NOW_ENTRIES = "SELECT o.entry_at AS at, o.entry_expires_at AS expires_at FROM messages o WHERE {of_thread}"
_THEN_ENTRIES = f"""SELECT min(s.at) AS at, max(s.expires_at) AS expires_at FROM messages o
    JOIN statuses s ON s.message_id = o.id AND s.at <= :until AND {_IN_ENTRY_POINT} WHERE {{of_thread}} GROUP BY o.id"""


def clocks_sql(threads: str, *, as_of: bool) -> str:
    """A SELECT of the derived columns (`CLOCKS`) of the threads whose ids `threads` selects.

    `as_of`: as they stood at the instant bound to `:until` (which is included), else as they stand with every row.
    """
    bound = " AND o.at <= :until" if as_of else ""
    call_bound = " AND c.at <= :until" if as_of else ""
    not_failed = _THEN_FAILED if as_of else _NOW_FAILED
    text = _THEN_TEXT if as_of else _NOW_TEXT
    of_thread = "o.thread_id = {thread}.id AND o.entry_expires_at IS NOT NULL"
    entries = (_THEN_ENTRIES if as_of else _NOW_ENTRIES).format(of_thread=of_thread.format(thread="b"))
    answer = f"o.direction = 'outbound' AND o.kind NOT IN {_NO_ANSWER} AND {not_failed}"
    waiting = f"o.thread_id = b.id AND o.at > coalesce(b.answered_at, -1){bound} AND o.direction = 'inbound'"
    return f"""
WITH a AS MATERIALIZED (
  SELECT t.id,
    (SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.direction = 'inbound'
      ORDER BY o.at DESC LIMIT 1) AS last_inbound_at,
    (SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND {answer}
      ORDER BY o.at DESC LIMIT 1) AS answered_at,
    (SELECT o.id FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.kind NOT IN {NOT_READ}
      ORDER BY o.at DESC, o.wamid DESC LIMIT 1) AS last_id,
    (SELECT max(o.at) FROM messages o WHERE o.thread_id = t.id{bound}) AS last_message_at,
    (SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.direction = 'inbound'
      AND o.origin = 'api' AND o.kind IN {OPENERS} ORDER BY o.at DESC LIMIT 1) AS message_opener_at,
    (SELECT max(c.at) FROM calls c WHERE c.thread_id = t.id{call_bound}) AS last_call_at,
    (SELECT max(c.at) FROM calls c WHERE c.thread_id = t.id AND c.opens_window = 1{call_bound}) AS call_opener_at,
    (SELECT max(o.at) FROM messages o WHERE o.thread_id = t.id AND o.referral IS NOT NULL{bound}
      AND o.direction = 'inbound' AND o.origin = 'api') AS referral_at,
    (SELECT r.at FROM messages r WHERE r.thread_id = t.id AND r.referral IS NOT NULL{bound.replace("o.", "r.")}
      AND r.direction = 'inbound' AND r.origin = 'api' AND EXISTS (
        SELECT 1 FROM messages o WHERE o.thread_id = t.id AND o.at >= r.at AND o.at < r.at + {_DAY}{bound}
        AND o.origin = 'api' AND {answer})
      ORDER BY r.at DESC LIMIT 1) AS entry_referral_at
  FROM ({threads}) t
), b AS MATERIALIZED (
  SELECT a.*,
    nullif(max(coalesce(message_opener_at, -1), coalesce(call_opener_at, -1)), -1) AS last_opener_at,
    (SELECT min(o.at) FROM messages o WHERE o.thread_id = a.id AND o.at >= a.entry_referral_at
      AND o.at < a.entry_referral_at + {_DAY}{bound} AND o.origin = 'api' AND {answer}) AS answered_entry_at
  FROM a
), c AS MATERIALIZED (
  SELECT b.*,
    (SELECT max(e.expires_at) FROM ({entries}) e WHERE e.expires_at > coalesce(b.answered_entry_at, -1))
      AS expires_at
  FROM b
)
SELECT b.id,
  nullif(max(coalesce(b.last_message_at, -1), coalesce(b.last_call_at, -1)), -1) AS last_at,
  b.last_inbound_at, b.answered_at AS last_outbound_at,
  {text} AS last_text, o.kind AS last_kind, o.direction AS last_direction,
  b.last_opener_at, b.last_opener_at + {_DAY} AS closes_at,
  (SELECT count(*) FROM messages o WHERE {waiting} AND o.kind IN {OPENERS}) AS unanswered_count,
  (SELECT min(o.at) FROM messages o WHERE {waiting} AND o.kind IN {OPENERS}) AS waiting_since,
  b.referral_at, b.entry_referral_at,
  coalesce(b.answered_entry_at,
    (SELECT min(e.at) FROM ({entries}) e WHERE e.expires_at = b.expires_at)) AS entry_started_at,
  b.expires_at AS entry_expires_at
FROM c b LEFT JOIN messages o ON o.id = b.last_id
"""


CLOCKS = (
    "last_at, last_inbound_at, last_outbound_at, last_text, last_kind, last_direction, last_opener_at, closes_at, "
    "unanswered_count, waiting_since, referral_at, entry_referral_at, entry_started_at, entry_expires_at"
)
_CLOCKS_OF_THREADS = (
    f"UPDATE threads SET ({CLOCKS}) = ({', '.join('k.' + name for name in CLOCKS.split(', '))}) "
    f"FROM ({clocks_sql('SELECT id FROM temp.touched_threads', as_of=False)}) k WHERE threads.id = k.id"
)
# A thread is there as long as something is in it; one that only a losing description of a message made is not.
_EMPTY_THREADS = """
DELETE FROM threads WHERE id IN (SELECT id FROM temp.touched_threads)
  AND NOT EXISTS (SELECT 1 FROM messages WHERE thread_id = threads.id)
  AND NOT EXISTS (SELECT 1 FROM calls WHERE thread_id = threads.id)
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE thread_id = threads.id)
"""


class Touched:
    """What a transaction has changed, and must be worked out again before it is committed."""

    def __init__(self) -> None:
        self.messages: set[int] = set()  # their statuses, or what they are
        self.targets: set[int] = set()  # an edit or a revoke of them may have come
        self.threads: set[int] = set()

    def clear(self) -> None:
        self.messages.clear()
        self.targets.clear()
        self.threads.clear()


def prepare(connection: sqlite3.Connection) -> None:
    """Makes the temporary tables that the statements above read."""
    for name in ("touched_messages", "touched_targets", "touched_threads"):
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY)")


def settle(connection: sqlite3.Connection, touched: Touched) -> bool:
    """Works out everything that was touched; True when a thread turned out to be empty and was removed."""
    prepare(connection)
    if touched.messages:
        _fill(connection, "touched_messages", touched.messages)
        connection.execute(_STATUSES_OF_MESSAGES)
        connection.execute(_ALLOWANCE_OF_MESSAGES)
    if touched.targets:
        _fill(connection, "touched_targets", touched.targets)
        connection.execute(_EDITS_OF_MESSAGES)
    if not touched.threads:
        return False
    _fill(connection, "touched_threads", touched.threads)
    connection.execute(_CLOCKS_OF_THREADS)
    return connection.execute(_EMPTY_THREADS).rowcount > 0


def _fill(connection: sqlite3.Connection, table: str, ids: Collection[int]) -> None:
    connection.execute(f"DELETE FROM temp.{table}")
    connection.executemany(f"INSERT INTO temp.{table} VALUES (?)", [(item,) for item in sorted(ids)])
