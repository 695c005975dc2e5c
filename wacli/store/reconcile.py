"""Our charges beside Meta's words on them, for `wacli reconcile`. Bring the charges up to date first.

Meta's word on one message says that it is billed and under which category, never how much: its amount here is ours at
the list rate. In the years of conversations Meta's word was on the conversation, so single messages are compared from
2025-07-01 on only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from .database import Store
from .instants import moment, seconds

_SAYS_BILLED = "iif(h.said_type IS NOT NULL, h.said_type = 'regular', h.said_billable = 1)"
_SPAN = "h.at >= :since AND h.at < :until AND h.origin = 'api'"
_SAID = "replace(replace(lower(h.said_category), '_', '-'), 'marketing-lite', 'marketing')"
_BY_MESSAGE = "h.rule_id >= '2025-07-01' AND (h.said_type IS NOT NULL OR h.said_billable IS NOT NULL)"
_EXEMPT = (
    "EXISTS (SELECT 1 FROM pricing_words w WHERE w.message_id = h.message_id "
    "AND json_extract(w.raw, '$.subtype') = 'paid_exempt')"
)
_DIFFERS = (
    f"{_SPAN} AND {_BY_MESSAGE} AND ((h.free_reason IS NULL) <> {_SAYS_BILLED} "
    f"OR (h.free_reason IS NULL AND {_SAYS_BILLED} AND h.category IS NOT {_SAID}) "
    f"OR (h.free_reason IS NULL AND {_EXEMPT}))"
)


class Billed(NamedTuple):
    """Billed messages of one category and market; the amount in micro-units, as far as prices are known."""

    category: str | None
    market: str | None
    message_count: int
    amount: int


class Free(NamedTuple):
    """How many messages are free by our rule, by Meta's word, and how many Meta has said nothing of."""

    own: int
    said: int
    silent: int


class DifferingRow(NamedTuple):
    """A message of which Meta says otherwise. Amount in micro-units; `is_exempt`: Meta calls it exempt."""

    message_id: int
    wamid: str
    thread_id: int | None
    at: datetime
    kind: str
    category: str | None
    free_reason: str | None
    amount: int | None
    rule_id: str
    said_type: str | None
    said_category: str | None
    is_exempt: bool


def list_own(store: Store, since: datetime, until: datetime) -> list[Billed]:
    """What we say is billed."""
    return _billed(
        store,
        "SELECT h.category, h.market, count(*), coalesce(sum(h.amount), 0) FROM charges h "
        f"WHERE {_SPAN} AND h.free_reason IS NULL GROUP BY 1, 2",
        since,
        until,
    )


def list_said(store: Store, since: datetime, until: datetime) -> list[Billed]:
    """What Meta's statuses say is billed, at our prices."""
    return _billed(
        store,
        f"SELECT {_SAID}, h.market, count(*), coalesce(sum(iif(h.free_reason IS NULL, h.amount, h.worth)), 0) "
        f"FROM charges h WHERE {_SPAN} AND {_SAYS_BILLED} AND NOT {_EXEMPT} GROUP BY 1, 2",
        since,
        until,
    )


def count_free(store: Store, since: datetime, until: datetime) -> Free:
    """The rest."""
    row = store.query_one(
        f"SELECT coalesce(sum(h.free_reason IS NOT NULL), 0), coalesce(sum(NOT {_SAYS_BILLED}), 0), "
        f"coalesce(sum(h.said_type IS NULL AND h.said_billable IS NULL), 0) FROM charges h WHERE {_SPAN}",
        _values(since, until),
    )
    assert row is not None
    return Free._make(row)


def list_differing(store: Store, since: datetime, until: datetime) -> Iterator[DifferingRow]:
    """The messages of which Meta says otherwise, oldest first."""
    rows = store.stream(
        "SELECT h.message_id, m.wamid, m.thread_id, h.at, h.kind, h.category, h.free_reason, h.amount, h.rule_id, "
        f"h.said_type, {_SAID}, {_EXEMPT} FROM charges h CROSS JOIN messages m ON m.id = h.message_id "
        f"WHERE {_DIFFERS} ORDER BY h.at, m.wamid",
        _values(since, until),
    )
    for row in rows:
        yield DifferingRow._make((*row[:3], moment(row[3]), *row[4:11], bool(row[11])))


def _billed(store: Store, sql: str, since: datetime, until: datetime) -> list[Billed]:
    return [Billed._make(row) for row in store.query(sql, _values(since, until))]


def _values(since: datetime, until: datetime) -> dict[str, int]:
    return {"since": seconds(since), "until": seconds(until)}
