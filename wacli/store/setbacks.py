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

from .database import Store
from .instants import LATEST_INSTANT, moment_or_none, seconds

UNDELIVERABLE, HELD_BACK = 131026, 131049

# How far back a message may have been sent whose 131049 came within the last day: Meta keeps trying for 30 days.
_HELD_BACK_WITHIN = timedelta(days=31)


class Setbacks(NamedTuple):
    """`undeliverable_at`: their latest message failed with 131026, and nothing has come from them since.
    `held_back_at`: the latest 131049."""

    undeliverable_at: datetime | None = None
    held_back_at: datetime | None = None


NONE = Setbacks()

# Most contacts have none of it, and this is asked before every message.
_ANY = f"""
SELECT DISTINCT t.contact_id FROM json_each(?) j CROSS JOIN threads t ON t.contact_id = j.value
WHERE EXISTS (SELECT 1 FROM messages m INDEXED BY messages_setbacks
    WHERE m.thread_id = t.id AND m.error_code IN ({UNDELIVERABLE}, {HELD_BACK}))
  OR EXISTS (SELECT 1 FROM outbox o INDEXED BY outbox_setbacks
    WHERE o.thread_id = t.id AND o.state = 'refused' AND o.error_code IN ({UNDELIVERABLE}, {HELD_BACK}))
"""
# One row a thread: its latest send, and whether that failed with 131026.
_LATEST = f"""
SELECT t.contact_id, m.at, m.status = 'failed' AND m.error_code = {UNDELIVERABLE}, coalesce(m.status_at, m.at)
FROM json_each(:contacts) j CROSS JOIN threads t ON t.contact_id = j.value
CROSS JOIN messages m ON m.id = (SELECT o.id FROM messages o WHERE o.thread_id = t.id AND o.at <= :until
  AND o.direction = 'outbound' AND o.origin = 'api' ORDER BY o.at DESC, o.id DESC LIMIT 1)
"""
# When a contact was last heard, in any thread; asked for those only whom something has not reached.
_HEARD = """
SELECT t.contact_id, max(max(
    coalesce((SELECT o.at FROM messages o WHERE o.thread_id = t.id AND o.at <= :until AND o.direction = 'inbound'
      ORDER BY o.at DESC LIMIT 1), -1),
    coalesce((SELECT max(c.at) FROM calls c WHERE c.thread_id = t.id AND c.at <= :until AND c.opens_window = 1), -1)))
FROM json_each(:lost) j CROSS JOIN threads t ON t.contact_id = j.value GROUP BY t.contact_id
"""
_HELD_BACK = f"""
SELECT t.contact_id, max(coalesce(m.status_at, m.at))
FROM json_each(:contacts) j CROSS JOIN threads t ON t.contact_id = j.value
CROSS JOIN messages m ON m.thread_id = t.id
WHERE m.at > :held_since AND m.error_code = {HELD_BACK} AND m.status = 'failed'
  AND coalesce(m.status_at, m.at) <= :until GROUP BY t.contact_id
"""
_REFUSED_AT_ONCE = f"""
SELECT t.contact_id, o.created_at, o.error_code, o.answered_at
FROM json_each(:contacts) j CROSS JOIN threads t ON t.contact_id = j.value
CROSS JOIN outbox o INDEXED BY outbox_setbacks ON o.thread_id = t.id
WHERE o.state = 'refused' AND o.error_code IN ({UNDELIVERABLE}, {HELD_BACK}) AND o.answered_at <= :until
"""


def of_contacts(store: Store, contact_ids: Iterable[int], now: datetime, *, as_of: bool = False) -> dict[int, Setbacks]:
    """The setbacks of those contacts that have any. `as_of`: as they stood at `now` (included), else as they stand."""
    concerned = [contact_id for (contact_id,) in store.query(_ANY, (json.dumps(list(contact_ids)),))]
    if not concerned:
        return {}
    values: dict[str, object] = {
        "contacts": json.dumps(concerned),
        "until": seconds(now) if as_of else LATEST_INSTANT,
        "held_since": seconds(now - _HELD_BACK_WITHIN),
    }
    # Of each contact: when the latest send was, and when it failed with 131026 (0: it did not).
    latest: dict[int, tuple[int, int]] = {}
    for contact_id, at, is_lost, failed_at in store.query(_LATEST, values):
        _keep_latest(latest, contact_id, (at, failed_at if is_lost and failed_at <= values["until"] else 0))
    held: dict[int, int] = dict(store.query(_HELD_BACK, values))
    for contact_id, at, code, failed_at in store.query(_REFUSED_AT_ONCE, values):
        if code == UNDELIVERABLE:
            _keep_latest(latest, contact_id, (at, failed_at))
        else:
            held[contact_id] = max(failed_at, held.get(contact_id, failed_at))
    lost = {one: at for one, (_, at) in latest.items() if at}
    if lost:
        heard: dict[int, int] = dict(store.query(_HEARD, {**values, "lost": json.dumps(list(lost))}))
        lost = {one: at for one, at in lost.items() if at > heard[one]}
    return {
        one: Setbacks(moment_or_none(lost.get(one)), moment_or_none(held.get(one))) for one in lost.keys() | held.keys()
    }


def of_contact(store: Store, contact_id: int, now: datetime, *, as_of: bool = False) -> Setbacks:
    """The setbacks of one contact."""
    return of_contacts(store, (contact_id,), now, as_of=as_of).get(contact_id, NONE)


def _keep_latest(latest: dict[int, tuple[int, int]], contact_id: int, send: tuple[int, int]) -> None:
    latest[contact_id] = max(send, latest.get(contact_id, send), key=lambda one: one[0])
