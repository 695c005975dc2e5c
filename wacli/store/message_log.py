"""The messages of a span in the order of time, as plain rows: for asking what they would have cost in other ways.

What is heard (a contact's messages and calls that open a window) and what is charged (see `charge_upkeep`: bring the
charges up to date first). The windows and entry points that were open at the beginning are known from the days before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from .clocks import OPENERS
from .database import Store
from .instants import seconds

_LOOK_BACK_S = 8 * 86_400  # longer than any free entry point window
_PERSON = "c.phone, c.bsuid"


class LogRow(NamedTuple):
    """One message. `at` seconds since 1970. Of a heard one only `has_referral` and the person say anything more."""

    at: int
    is_charged: int
    place: int  # the message's id; 0 for a call
    thread_id: int | None
    number_id: int
    kind: str | None  # template, service, reaction
    category: str | None
    origin: str | None
    entry_until: int | None
    has_referral: int
    phone: str | None
    bsuid: str | None


_LOG = f"""
SELECT m.at, 0, m.id, m.thread_id, m.number_id, NULL, NULL, NULL, NULL, m.referral IS NOT NULL, {_PERSON}
  FROM messages m JOIN threads t ON t.id = m.thread_id JOIN contacts c ON c.id = t.contact_id
  WHERE m.direction = 'inbound' AND m.origin = 'api' AND NOT m.is_sample AND m.at >= :heard_since AND m.at < :until
    AND (m.kind IN {OPENERS} OR m.referral IS NOT NULL)
UNION ALL
SELECT k.at, 0, 0, k.thread_id, k.number_id, NULL, NULL, NULL, NULL, 0, {_PERSON}
  FROM calls k JOIN threads t ON t.id = k.thread_id JOIN contacts c ON c.id = t.contact_id
  WHERE k.opens_window = 1 AND k.at >= :heard_since AND k.at < :until
UNION ALL
SELECT h.at, 1, h.message_id, m.thread_id, h.number_id, h.kind, h.category, h.origin, h.entry_until, 0, {_PERSON}
  FROM charges h JOIN messages m ON m.id = h.message_id
  LEFT JOIN threads t ON t.id = m.thread_id LEFT JOIN contacts c ON c.id = t.contact_id
  WHERE h.at >= :since AND h.at < :until
ORDER BY 1, 2, 3
"""


def stream(store: Store, since: datetime, until: datetime) -> Iterator[LogRow]:
    """What was charged from `since` on and before `until`, with what was heard (from eight days earlier on)."""
    first = seconds(since)
    bounds = {"since": first, "heard_since": first - _LOOK_BACK_S, "until": seconds(until)}
    return map(LogRow._make, store.stream(_LOG, bounds))
