"""Messages that began with an ad or a post, each with what the clocks made of it.

An answer through the API within 24 h starts the free entry point window; Meta's own word on its end stands in the
statuses of what was sent inside it (facts: pricing.md section 8.2). The same rules as in `clocks`, for every referral
and not only a thread's last.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from ..domain.event import Referral
from .clocks import NO_ANSWER
from .database import Row, Store
from .instants import moment, moment_or_none, seconds

_DAY = 86_400
_LONGEST = 7 * _DAY  # no entry point runs longer: what Meta says of a later one is not about this


class ReferralRow(NamedTuple):
    """One chat that an ad or a post opened. `started_at`: the answer in time; `expires_at`: Meta's word, if it came."""

    message_id: int
    thread_id: int
    contact_id: int
    label: str
    at: datetime
    referral: Referral
    text: str | None
    started_at: datetime | None
    expires_at: datetime | None


def list_referrals(
    store: Store, until: datetime, *, since: datetime | None = None, source_id: str | None = None
) -> list[ReferralRow]:
    """Every referral, oldest first: from `since` on, up to `until` (included), of one ad where it is named."""
    answer = (
        "SELECT min(o.at) FROM messages o WHERE o.thread_id = m.thread_id AND o.at >= m.at AND o.at < m.at + "
        f"{_DAY} AND o.at <= :until AND o.direction = 'outbound' AND o.origin = 'api' AND o.kind NOT IN {NO_ANSWER} "
        "AND o.status IS NOT 'failed'"
    )
    rows = store.query(
        "SELECT r.*, (SELECT max(o.entry_expires_at) FROM messages o WHERE o.thread_id = r.thread_id "
        "  AND o.entry_expires_at > r.started_at AND o.entry_at >= r.started_at "
        f"  AND o.entry_at < r.started_at + {_LONGEST}) AS expires_at "
        "FROM (SELECT m.id, m.thread_id, t.contact_id, coalesce(c.name, c.book_name, c.profile_name), c.username, "
        f"  c.phone, c.bsuid, m.at, m.referral, m.text, ({answer}) AS started_at "
        "  FROM messages m JOIN threads t ON t.id = m.thread_id JOIN contacts c ON c.id = t.contact_id "
        "  WHERE m.referral IS NOT NULL AND m.direction = 'inbound' AND m.origin = 'api' AND m.at <= :until "
        "  AND (:since IS NULL OR m.at >= :since) "
        "  AND (:source IS NULL OR m.referral ->> '$.source_id' = :source)) r ORDER BY r.at, r.id",
        {"until": seconds(until), "since": None if since is None else seconds(since), "source": source_id},
    )
    return [_referral(row) for row in rows]


def _referral(row: Row) -> ReferralRow:
    message_id, thread_id, contact_id, name, username, phone, bsuid, at, referral, text, started_at, expires_at = row
    return ReferralRow(
        message_id,
        thread_id,
        contact_id,
        label_of(contact_id, name, username, phone, bsuid),
        moment(at),
        Referral(**(dict.fromkeys(Referral._fields) | json.loads(referral))),
        text,
        moment_or_none(started_at),
        moment_or_none(expires_at),
    )
