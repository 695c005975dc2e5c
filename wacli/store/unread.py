"""Who gets offers and never reads them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .clocks import among
from .database import Store
from .instants import seconds

_READ = among(("read", "played"))


class Unread(NamedTuple):
    """A thread with at least so many marketing templates in a row that nobody read; `amount` in micro-units."""

    thread_id: int
    message_count: int
    amount: int


def list_unread_marketing(store: Store, since: datetime, until: datetime, at_least: int) -> list[Unread]:
    """Threads whose latest `at_least` marketing templates of the span were all delivered and none read, the dearest
    first. Somebody who wrote back has read."""
    rows = store.query(
        f"""SELECT m.thread_id, count(*), coalesce(sum(h.amount), 0)
        FROM charges h JOIN messages m ON m.id = h.message_id
        WHERE h.at >= :since AND h.at < :until AND h.category = 'marketing' AND m.thread_id IS NOT NULL
        GROUP BY m.thread_id
        HAVING count(*) >= :least AND sum(m.status IN {_READ}) = 0 AND NOT EXISTS (
          SELECT 1 FROM messages i WHERE i.thread_id = m.thread_id AND i.direction = 'inbound' AND i.at >= :since)
        ORDER BY 3 DESC, 1""",
        {"since": seconds(since), "until": seconds(until), "least": at_least},
    )
    return [Unread._make(row) for row in rows]
