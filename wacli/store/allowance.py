"""How many free service messages of a month a business number has used.

What counts is a delivered service message: outbound, through the Cloud API, no template and no reaction, one-to-one
and group alike (facts pricing.md section 1). Whether messages inside a free entry point window use it up is not
known (section 8.2): they are counted, which can only make the forecast too careful.
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
