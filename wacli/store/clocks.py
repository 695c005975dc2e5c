"""The clocks of a thread as one SELECT over its messages, calls and statuses: now, or as of an earlier instant.

Rules and sources: facts pricing.md sections 8.1 and 8.2; domain.message and domain.window. Prudent choices, where
nothing is known:

- An answer is an outbound message that did not fail, from the API or typed in the app; edits and revokes are no
  answers. A message of the contact in the same second as an answer counts as answered.
- An away message or a greeting that wacli sent by itself is no answer either: the customer still waits. (For the free
  entry point window it is one: Meta asks only whether the business sent something.)
- What the owner called dealt with (`dealt_with`) waits no more; it is no answer, and moves no other clock.
- Nobody writes to somebody who was erased: no window of theirs is open any more.
- The free entry point window is started by the first live API message at or after the referral and within 24 h of
  it. Where Meta reports one that we saw no referral for (a Page button carries none), its first status starts it.
"""

from __future__ import annotations

from collections.abc import Collection

from ..domain.identity import INVENTED_GLOB
from ..domain.message import WINDOW_OPENING_KINDS, Status

_DAY = 86_400


def among(words: Collection[str]) -> str:
    """A list for IN, of words that are constants of ours."""
    return "(" + ", ".join(f"'{word}'" for word in sorted(words)) + ")"


OPENERS = among(WINDOW_OPENING_KINDS)
NO_ANSWER = "('edit', 'revoke')"
# What the last line of a thread is never made of: marks on other messages, and what nobody reads.
NOT_READ_KINDS = frozenset({"edit", "revoke", "reaction", "system", "errors"})
NOT_READ = among(NOT_READ_KINDS)
IN_ENTRY_POINT = (
    "s.expires_at IS NOT NULL AND (s.pricing_type = 'free_entry_point' "
    "OR s.conversation_origin IN ('referral_conversion', 'free_entry_point'))"
)
REACHED = among((Status.DELIVERED, Status.READ, Status.PLAYED))

# Only the author edits or deletes, so an edit counts inside the same thread and direction. Outside of threads (groups,
# samples) the same party must have written both.
SAME_AUTHOR = (
    "e.direction = messages.direction AND (e.thread_id = messages.thread_id OR (e.thread_id IS NULL "
    "AND messages.thread_id IS NULL AND e.group_id IS messages.group_id AND e.party_id IS messages.party_id))"
)

# An away message or a greeting says that nobody has answered yet.
_BY_A_PERSON = (
    "NOT EXISTS (SELECT 1 FROM absence_messages z JOIN outbox x ON x.key = z.key "
    "WHERE z.thread_id = o.thread_id AND x.wamid = o.wamid)"
)

_IS_ERASED = (
    "EXISTS (SELECT 1 FROM main.threads h JOIN contacts x ON x.id = h.contact_id "
    f"WHERE h.id = a.id AND x.phone IS NULL AND x.bsuid GLOB '{INVENTED_GLOB}')"
)

_NOW_STANDS = "o.status IS NOT 'failed'"
_THEN_STANDS = f"""((o.reported_status IS NOT 'failed'
    AND NOT EXISTS (SELECT 1 FROM statuses s WHERE s.message_id = o.id AND s.status = 'failed' AND s.at <= :until)
    OR EXISTS (SELECT 1 FROM statuses s WHERE s.message_id = o.id AND s.status IN {REACHED} AND s.at <= :until)))"""

_NOW_TEXT = "iif(o.revoked_at IS NOT NULL, NULL, iif(o.edited_at IS NOT NULL, o.edited_text, o.text))"
_THEN_TEXT = f"""CASE
    WHEN EXISTS (SELECT 1 FROM messages e WHERE e.target = o.wamid AND e.kind = 'revoke' AND e.at <= :until
      AND {SAME_AUTHOR.replace("messages.", "o.")}) THEN NULL
    ELSE coalesce((SELECT e.text FROM messages e WHERE e.target = o.wamid AND e.kind = 'edit' AND e.at <= :until
      AND {SAME_AUTHOR.replace("messages.", "o.")} ORDER BY e.at DESC, e.wamid LIMIT 1), o.text) END"""

_NOW_ENTRIES = "SELECT o.entry_at AS at, o.entry_expires_at AS expires_at FROM messages o WHERE {of_thread}"
_THEN_ENTRIES = f"""SELECT min(s.at) AS at, max(s.expires_at) AS expires_at FROM messages o
    JOIN statuses s ON s.message_id = o.id AND s.at <= :until AND {IN_ENTRY_POINT}
    WHERE {{of_thread}} AND o.at <= :until GROUP BY o.id"""


_LAST_OPENER = (
    "SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.direction = 'inbound' "
    f"AND o.origin = 'api' AND o.kind IN {OPENERS} ORDER BY o.at DESC LIMIT 1"
)
_LAST_OPENER_KEPT = "SELECT k.last_opener_at FROM main.threads k WHERE k.id = t.id"


def clocks_sql(threads: str, *, as_of: bool, keeps_opener: bool = False) -> str:
    """A SELECT of the derived columns (`CLOCKS`) of the threads whose ids `threads` selects.

    `as_of`: as they stood at the instant bound to `:until` (which is included), else as they stand with every row.
    `keeps_opener`: nothing has come or gone that opens a window, so what the thread says of that holds. Looking for
    the last message that did would go through all of an imported chat, as none of it opens one.
    """
    bound = " AND o.at <= :until" if as_of else ""
    dealt_bound = " AND d.at <= :until" if as_of else ""
    call_bound = " AND c.at <= :until" if as_of else ""
    stands = _THEN_STANDS if as_of else _NOW_STANDS
    text = _THEN_TEXT if as_of else _NOW_TEXT
    of_thread = "o.thread_id = {thread}.id AND o.entry_expires_at IS NOT NULL"
    entries = (_THEN_ENTRIES if as_of else _NOW_ENTRIES).format(of_thread=of_thread.format(thread="b"))
    opener = _LAST_OPENER_KEPT if keeps_opener else _LAST_OPENER.format(bound=bound)
    answer = f"o.direction = 'outbound' AND o.kind NOT IN {NO_ANSWER} AND {stands}"
    waiting = (
        f"o.thread_id = b.id AND o.at > max(coalesce(b.answered_at, -1), coalesce(b.dealt_until, -1)){bound} "
        "AND o.direction = 'inbound'"
    )
    return f"""
WITH a AS MATERIALIZED (
  SELECT t.id,
    (SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.direction = 'inbound'
      ORDER BY o.at DESC LIMIT 1) AS last_inbound_at,
    (SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND {answer}
      AND {_BY_A_PERSON} ORDER BY o.at DESC LIMIT 1) AS answered_at,
    (SELECT max(d.until) FROM dealt_with d WHERE d.thread_id = t.id{dealt_bound}) AS dealt_until,
    (SELECT o.id FROM messages o WHERE o.thread_id = t.id AND o.at IS NOT NULL{bound} AND o.kind NOT IN {NOT_READ}
      ORDER BY o.at DESC, o.direction DESC, o.wamid DESC LIMIT 1) AS last_id,
    (SELECT max(o.at) FROM messages o WHERE o.thread_id = t.id{bound}) AS last_message_at,
    ({opener}) AS message_opener_at,
    (SELECT max(c.at) FROM calls c WHERE c.thread_id = t.id{call_bound}) AS last_call_at,
    -- a call opens the window when it begins: its later events (a missed call ends too) do not move that
    (SELECT max(k.at) FROM (SELECT min(c.at) AS at FROM calls c WHERE c.thread_id = t.id AND c.opens_window = 1
      {call_bound} GROUP BY c.key) k) AS call_opener_at,
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
    iif({_IS_ERASED}, NULL,
      nullif(max(coalesce(message_opener_at, -1), coalesce(call_opener_at, -1)), -1)) AS last_opener_at,
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
