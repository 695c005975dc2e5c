"""Reading charges. Bring them up to date first (`wacli.services.charges`)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .clocks import REACHED
from .database import Store
from .instants import moment_or_none, seconds

_UNDER_WAY_AT_MOST = 5_000  # the latest sends; more of them under way are phones that have been off for long


class UnderWay(NamedTuple):
    """A message of ours that was sent and is neither delivered nor failed, as far as anybody has told."""

    key: str
    kind: str
    category: str | None
    number_id: int
    phone: str | None
    bsuid: str | None


def sum_between(store: Store, since: datetime, until: datetime) -> tuple[int, int]:
    """Micro-units charged at or after `since` and before `until`, and how many messages have no known price."""
    row = store.query_one(
        "SELECT coalesce(sum(amount), 0), count(*) - count(amount) FROM charges WHERE at >= ? AND at < ?",
        (seconds(since), seconds(until)),
    )
    assert row is not None
    return int(row[0]), int(row[1])


def list_under_way(store: Store, since: datetime, until: datetime) -> list[UnderWay]:
    """What was sent at or after `since` and before `until` and has not been told more of."""
    rows = store.query(
        f"""SELECT o.key, o.kind, o.category, t.number_id, c.phone, c.bsuid
        FROM (SELECT * FROM outbox ORDER BY id DESC LIMIT {_UNDER_WAY_AT_MOST}) o
        JOIN threads t ON t.id = o.thread_id JOIN contacts c ON c.id = t.contact_id
        LEFT JOIN messages m ON m.id = o.message_id
        WHERE o.created_at >= ? AND o.created_at < ? AND o.state IN ('sending', 'accepted', 'held', 'unknown')
          AND o.kind <> 'reaction' AND m.status IS NOT 'failed'
          AND (m.status IS NULL OR m.status NOT IN {REACHED}) ORDER BY o.id""",
        (seconds(since), seconds(until)),
    )
    return [UnderWay._make(row) for row in rows]


def written_down(store: Store, keys: list[str]) -> set[str]:
    """Those of the keys that the outbox has."""
    import json

    rows = store.query("SELECT key FROM outbox WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(keys),))
    return {key for (key,) in rows}


class NumberUse(NamedTuple):
    """A business number's free messages of a span: used, and those inside free entry points, which may count too."""

    number_id: int
    used: int
    after_ads: int


def list_allowance_use(store: Store, since: datetime, until: datetime) -> list[NumberUse]:
    """By number, charged at or after `since` and before `until`."""
    rows = store.query(
        "SELECT number_id, sum(free_reason IS 'allowance'), "
        "sum(kind = 'service' AND free_reason IS 'free_entry_point') FROM charges WHERE at >= ? AND at < ? GROUP BY 1",
        (seconds(since), seconds(until)),
    )
    return [NumberUse._make(row) for row in rows]


def list_busiest(store: Store, number_id: int, since: datetime, until: datetime, limit: int) -> list[tuple[int, int]]:
    """The threads of a number that used most free messages: (thread, how many), the busiest first."""
    rows = store.query(
        "SELECT m.thread_id, count(*) FROM charges h CROSS JOIN messages m ON m.id = h.message_id "
        "WHERE h.at >= ? AND h.at < ? AND h.number_id = ? AND h.free_reason = 'allowance' "
        "AND m.thread_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        (seconds(since), seconds(until), number_id, limit),
    )
    return [(int(thread_id), int(used)) for thread_id, used in rows]


def find_payment_refusal(store: Store, since: datetime) -> datetime | None:
    """When Meta last refused a message sent at or after `since` for want of a payment method (131042)."""
    row = store.query_one(
        "SELECT max(at) FROM (SELECT max(answered_at) AS at FROM outbox WHERE error_code = 131042 "
        "AND answered_at >= :at UNION ALL "
        "SELECT max(m.at) FROM messages m WHERE m.error_code = 131042 AND m.at >= :at)",
        {"at": seconds(since)},
    )
    return None if row is None else moment_or_none(row[0])
