"""How many free service messages of a month a business number has used.

What counts is a delivered service message: outbound, through the Cloud API, no template and no reaction, one-to-one
and group alike (facts pricing.md section 1). Whether messages inside a free entry point window use it up is not
known (section 8.2): they are counted, which can only make the forecast too careful. So are the messages that are
still under way: the next one is judged as if they had been delivered, or ten sent in a row would all be "the last free
one".
"""

from __future__ import annotations

from datetime import datetime

from .database import Store
from .instants import seconds

USED_SQL = (
    "SELECT count(*) FROM (SELECT 1 FROM messages WHERE number_id = :number AND allowance_at >= :since "
    "AND allowance_at < :until LIMIT :at_most)"
)


def count_used(store: Store, number_id: int, since: datetime, until: datetime, *, at_most: int) -> int:
    """Service messages delivered at or after `since` and before `until`; stops counting at `at_most`."""
    row = store.query_one(
        USED_SQL, {"number": number_id, "since": seconds(since), "until": seconds(until), "at_most": at_most}
    )
    assert row is not None
    return int(row[0])


# Only the latest sends can still be under way in any number: a shop that has a thousand undelivered ones has phones
# that are switched off, and each would be looked at again for every message.
_LATEST = 1_000
_UNDER_WAY_SQL = f"""
SELECT count(*) FROM (SELECT * FROM outbox ORDER BY id DESC LIMIT {_LATEST}) o
JOIN threads t ON t.id = o.thread_id AND t.number_id = :number
LEFT JOIN messages m ON m.id = o.message_id
WHERE o.created_at >= :since AND o.created_at < :until AND o.kind NOT IN ('template', 'reaction')
  AND o.state IN ('sending', 'accepted', 'held', 'unknown')
  AND (m.delivered_at IS NULL OR m.delivered_at >= :until) AND m.status IS NOT 'failed'
"""


def count_under_way(store: Store, number_id: int, since: datetime, until: datetime) -> int:
    """Service messages of ours, sent at or after `since` and before `until`, of which nobody has said more yet."""
    row = store.query_one(_UNDER_WAY_SQL, {"number": number_id, "since": seconds(since), "until": seconds(until)})
    assert row is not None
    return int(row[0])
