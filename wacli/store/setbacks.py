"""What went wrong with the last messages to a contact, and still stands in the way of the next.

Read from the messages (Meta's statuses) and from the outbox (what the API refused at once, which makes no message).
Source: facts cloud-api.md section 6: 131026 marks the contact until they show themselves again; 131049 asks for 24 h
of patience with marketing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from .candidates import LATEST_INSTANT
from .database import Store
from .instants import moment_or_none, seconds

UNDELIVERABLE, HELD_BACK = 131026, 131049

# How far back a message may have been sent whose 131049 came within the last day: Meta keeps trying for 30 days.
_HELD_BACK_WITHIN = timedelta(days=31)


class Setbacks(NamedTuple):
    """`undeliverable_at`: their latest message failed with 131026, and nothing has come from them since.
    `held_back_at`: the latest 131049."""

    undeliverable_at: datetime | None = None
    held_back_at: datetime | None = None


NONE = Setbacks()

_SQL = f"""
WITH asked AS (SELECT value AS contact_id FROM json_each(:contacts)),
own AS MATERIALIZED (
  SELECT t.contact_id, t.id FROM asked CROSS JOIN threads t ON t.contact_id = asked.contact_id),
latest AS (
  SELECT own.contact_id, m.at AS at, m.status = 'failed' AND coalesce(m.status_at, m.at) <= :until AS failed,
    m.error_code AS code, coalesce(m.status_at, m.at) AS failed_at
  FROM own JOIN messages m ON m.id = (SELECT o.id FROM messages o WHERE o.thread_id = own.id AND o.at <= :until
    AND o.direction = 'outbound' AND o.origin = 'api' ORDER BY o.at DESC, o.id DESC LIMIT 1)
  UNION ALL
  SELECT own.contact_id, b.created_at, 1, b.error_code, b.answered_at
  FROM own JOIN outbox b ON b.id = (SELECT o.id FROM outbox o WHERE o.thread_id = own.id AND o.state = 'refused'
    AND o.error_code = {UNDELIVERABLE} AND o.answered_at <= :until ORDER BY o.created_at DESC, o.id DESC LIMIT 1)
),
reached AS (
  SELECT own.contact_id, max(m.at) AS at FROM own JOIN messages m ON m.id = (
    SELECT o.id FROM messages o WHERE o.thread_id = own.id AND o.at <= :until AND o.direction = 'inbound'
    ORDER BY o.at DESC LIMIT 1) GROUP BY own.contact_id
  UNION ALL
  SELECT own.contact_id, max(c.at) FROM own JOIN calls c ON c.thread_id = own.id
  WHERE c.opens_window = 1 AND c.at <= :until GROUP BY own.contact_id
),
held AS (
  SELECT own.contact_id, max(coalesce(m.status_at, m.at)) AS at FROM own JOIN messages m ON m.thread_id = own.id
  WHERE m.at > :held_since AND m.error_code = {HELD_BACK} AND m.status = 'failed'
    AND coalesce(m.status_at, m.at) <= :until GROUP BY own.contact_id
  UNION ALL
  SELECT own.contact_id, max(b.answered_at) FROM own JOIN outbox b ON b.thread_id = own.id
  WHERE b.state = 'refused' AND b.error_code = {HELD_BACK} AND b.answered_at <= :until GROUP BY own.contact_id
)
SELECT asked.contact_id,
  (SELECT iif(l.failed AND l.code = {UNDELIVERABLE} AND l.failed_at > coalesce(
      (SELECT max(r.at) FROM reached r WHERE r.contact_id = asked.contact_id), -1), l.failed_at, NULL)
    FROM latest l WHERE l.contact_id = asked.contact_id ORDER BY l.at DESC, l.failed LIMIT 1),
  (SELECT max(h.at) FROM held h WHERE h.contact_id = asked.contact_id)
FROM asked
"""


def of_contacts(store: Store, contact_ids: Iterable[int], now: datetime, *, as_of: bool = False) -> dict[int, Setbacks]:
    """The setbacks of those contacts that have any. `as_of`: as they stood at `now` (included), else as they stand."""
    values = {
        "contacts": json.dumps(list(contact_ids)),
        "until": seconds(now) if as_of else LATEST_INSTANT,
        "held_since": seconds(now - _HELD_BACK_WITHIN),
    }
    return {
        contact_id: Setbacks(moment_or_none(undeliverable_at), moment_or_none(held_back_at))
        for contact_id, undeliverable_at, held_back_at in store.query(_SQL, values)
        if undeliverable_at is not None or held_back_at is not None
    }


def of_contact(store: Store, contact_id: int, now: datetime, *, as_of: bool = False) -> Setbacks:
    """The setbacks of one contact."""
    return of_contacts(store, (contact_id,), now, as_of=as_of).get(contact_id, NONE)
