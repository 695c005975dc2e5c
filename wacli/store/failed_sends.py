"""What of ours did not arrive lately: failed by WhatsApp's word, refused at once, or gone out with no answer.

Read through partial indexes over the few that failed (`m013_desk`), never by walking the messages.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from .database import Row, Store
from .instants import moment, seconds


class FailedSend(NamedTuple):
    """One message. `state`: failed, refused or unknown. `at`: when that was known (for unknown: when it was sent)."""

    contact_id: int
    name: str | None
    phone: str | None
    label: str
    state: str
    at: datetime
    kind: str
    text: str | None
    error_code: int | None
    error_text: str | None


# The list of three is the condition of the index `outbox_open`, word for word: without it SQLite does not use it.
_WHO = "c.id, coalesce(c.name, c.book_name, c.profile_name), c.username, c.phone, c.bsuid"
_SQL = f"""
SELECT {_WHO}, 'failed' AS state, m.status_at AS at, m.kind, m.text, m.error_code, m.error_text
FROM messages m JOIN threads t ON t.id = m.thread_id JOIN contacts c ON c.id = t.contact_id
WHERE m.status = 'failed' AND m.status_at >= :since AND m.status_at < :until AND m.direction = 'outbound'
UNION ALL
SELECT {_WHO}, 'refused', o.answered_at, o.kind, o.text, o.error_code, o.error_details
FROM outbox o JOIN threads t ON t.id = o.thread_id JOIN contacts c ON c.id = t.contact_id
WHERE o.state = 'refused' AND o.answered_at >= :since AND o.answered_at < :until
UNION ALL
SELECT {_WHO}, 'unknown', coalesce(o.sent_at, o.created_at), o.kind, o.text, o.error_code, o.error_details
FROM outbox o JOIN threads t ON t.id = o.thread_id JOIN contacts c ON c.id = t.contact_id
WHERE o.state IN ('queued', 'sending', 'unknown') AND o.state = 'unknown' AND o.created_at < :until
"""


def list_failed(store: Store, since: datetime, until: datetime) -> list[FailedSend]:
    """Newest first. Failed at or after `since` and before `until`; what nobody knows the outcome of stands until
    somebody settles it, however old it is."""
    rows = store.query(f"{_SQL} ORDER BY at DESC, state", {"since": seconds(since), "until": seconds(until)})
    return [_failed_send(row) for row in rows]


def _failed_send(row: Row) -> FailedSend:
    contact_id, name, username, phone, bsuid, state, at, kind, text, code, details = row
    label = label_of(contact_id, name, username, phone, bsuid)
    return FailedSend(contact_id, name, phone, label, state, moment(at), kind, text, code, details)
