"""Counting campaigns and what a plan weighs itself against, by index and without reading messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ..domain.campaign import IN_WINDOW, NO_LIMIT, SITUATIONS, Counts, ReasonCount
from ..domain.money import from_micros
from .account_facts import find_limit
from .database import Store
from .instants import seconds

REPLIED_WITHIN_S = 7 * 86_400
_FIELDS = {"accepted": "accepted", "held": "held", "sent": "sent", "delivered": "delivered", "read": "read",
           "played": "read", "failed": "failed"}  # fmt: skip
_ARRIVED = frozenset({"delivered", "read"})

_TAKEN = (
    "SELECT status, error_code, count(*), sum(price), sum(price IS NULL) FROM messages INDEXED BY messages_campaign "
    "WHERE campaign_id = ? GROUP BY status, error_code"
)
_REFUSED = (
    "SELECT error_code, count(*) FROM outbox INDEXED BY outbox_campaign_refused "
    "WHERE campaign_id = ? AND state = 'refused' GROUP BY error_code"
)
_OPEN = (
    "SELECT o.state, count(*) FROM outbox o INDEXED BY outbox_open "
    "WHERE o.state IN ('queued', 'sending', 'unknown') AND o.campaign_id = ? GROUP BY o.state"
)
_SKIPPED = (
    "SELECT reason, count(*) FROM campaign_recipients INDEXED BY campaign_skipped "
    "WHERE campaign_id = ? AND skipped_at IS NOT NULL GROUP BY reason"
)
# Threads with an opening message after the campaign began, by index; then whether it answers this send.
_REPLIED = f"""
SELECT count(*) FROM threads t INDEXED BY threads_closing
CROSS JOIN outbox o INDEXED BY outbox_campaign_thread
  ON o.campaign_id = :campaign AND o.thread_id = t.id AND o.wamid IS NOT NULL
WHERE t.closes_at >= :since + 86400 AND t.number_id = :number AND t.last_inbound_at > o.message_at
  AND (t.last_inbound_at <= o.message_at + {REPLIED_WITHIN_S} OR EXISTS (
    SELECT 1 FROM messages i WHERE i.thread_id = t.id AND i.at > o.message_at
      AND i.at <= o.message_at + {REPLIED_WITHIN_S} AND i.direction = 'inbound'))
"""
# Of those, whom it never reached, so that they answered something else: few fail, and they are found by index.
_REPLIED_TO_NOTHING = f"""
SELECT count(*) FROM messages m INDEXED BY messages_campaign
CROSS JOIN threads t ON t.id = m.thread_id AND t.closes_at >= :since + 86400 AND t.number_id = :number
CROSS JOIN outbox o INDEXED BY outbox_campaign_thread
  ON o.campaign_id = :campaign AND o.thread_id = t.id AND o.wamid IS NOT NULL AND o.message_id = m.id
WHERE m.campaign_id = :campaign AND m.status = 'failed'
  AND EXISTS (SELECT 1 FROM messages i WHERE i.thread_id = t.id AND i.at > o.message_at
    AND i.at <= o.message_at + {REPLIED_WITHIN_S} AND i.direction = 'inbound')
"""


class Tally(NamedTuple):
    """A campaign counted. `refusals` are (Meta's code, None where the request never left; how many)."""

    counts: Counts
    skipped: tuple[ReasonCount, ...]
    failures: tuple[ReasonCount, ...]
    refusals: tuple[tuple[int | None, int], ...]


def count_campaign(store: Store, campaign_id: int) -> Tally:
    """Everything that became of it but the replies and who is still waiting: a few index scans."""
    found: dict[str, int] = {}
    failures: list[ReasonCount] = []
    cost = on_the_way = unpriced = 0
    for status, code, count, price, missing in store.query(_TAKEN, (campaign_id,)):
        word = _FIELDS.get(status or "accepted", "accepted")
        found[word] = found.get(word, 0) + count
        if word == "failed":
            failures.append(ReasonCount("unknown" if code is None else f"api-{code}", count))
        else:
            cost += price or 0
            on_the_way += 0 if word in _ARRIVED else price or 0
            unpriced += missing
    open_rows: dict[str, int] = dict(store.query(_OPEN, (campaign_id,)))
    refusals = tuple((code, count) for code, count in store.query(_REFUSED, (campaign_id,)))
    skipped = tuple(ReasonCount(*row) for row in store.query(_SKIPPED, (campaign_id,)))
    counts = Counts(
        **found,
        unknown=open_rows.pop("unknown", 0),
        under_way=sum(open_rows.values()),
        skipped=sum(one.recipient_count for one in skipped),
        cost=from_micros(cost) if cost else Decimal(0),
        cost_on_the_way=from_micros(on_the_way) if on_the_way else Decimal(0),
        unpriced=unpriced,
    )
    return Tally(counts, skipped, tuple(failures), refusals)


def count_replied(store: Store, campaign_id: int, number_id: int, since: datetime) -> int:
    """Recipients who wrote within seven days of the message. `since`: when the campaign began."""
    values = {"campaign": campaign_id, "number": number_id, "since": seconds(since)}
    row, failed = store.query_one(_REPLIED, values), store.query_one(_REPLIED_TO_NOTHING, values)
    assert row is not None
    assert failed is not None
    return int(row[0]) - int(failed[0])


def count_failed(store: Store, campaign_id: int) -> int:
    """How many WhatsApp took and could not deliver, as far as webhooks have told."""
    row = store.query_one(
        "SELECT count(*) FROM messages INDEXED BY messages_campaign WHERE campaign_id = ? AND status = 'failed'",
        (campaign_id,),
    )
    assert row is not None
    return int(row[0])


def contact_count(store: Store) -> int:
    """How many contacts were ever made: their ids are never used twice."""
    row = store.query_one("SELECT seq FROM sqlite_sequence WHERE name = 'contacts'")
    return 0 if row is None else int(row[0])


def people_since(store: Store, since: datetime, campaign_id: int) -> int:
    """Different people whom templates were sent to since then, without those whom this campaign counts anyway: at
    most so many count towards the messaging limit beside its own, which looks at each person once in 24 hours."""
    row = store.query_one(
        "SELECT count(DISTINCT o.thread_id) FROM outbox o WHERE o.id >= ? AND o.created_at >= ? "
        "AND o.kind = 'template' AND o.state <> 'refused' AND NOT EXISTS (SELECT 1 FROM threads t "
        "JOIN campaign_recipients r ON r.campaign_id = ? AND r.contact_id = t.contact_id "
        f"WHERE t.id = o.thread_id AND r.reason IS NULL AND NOT r.line % {SITUATIONS} & {IN_WINDOW})",
        (_first_since(store, since), seconds(since), campaign_id),
    )
    assert row is not None
    return int(row[0])


def billed_since(store: Store, category: str, since: datetime) -> Iterable[tuple[str | None, str | None, int]]:
    """(prefix, country of a BSUID, count) of the templates of a category that Meta billed since then."""
    return [
        (prefix, country, count)
        for prefix, country, count in store.query(
            "SELECT substr(c.phone, 1, 4), iif(c.phone IS NULL, substr(c.bsuid, 1, 2), NULL), count(*) FROM outbox o "
            "JOIN messages m ON m.id = o.message_id JOIN threads t ON t.id = o.thread_id "
            "JOIN contacts c ON c.id = t.contact_id WHERE o.id >= ? AND o.created_at >= ? AND o.category = ? "
            "AND m.pricing_type = 'regular' AND m.delivered_at IS NOT NULL GROUP BY 1, 2",
            (_first_since(store, since), seconds(since), category),
        )
    ]


def messaging_limit(store: Store) -> int | None:
    """How many people may be written to in 24 hours, by Meta's latest word: to the webhook, or to `doctor`. None: it
    never said.

    Source: facts cloud-api.md section 10 (`business_capability_update`: a number, -1 for no limit, or TIER_... words).
    """
    asked = find_limit(store)
    for raw, at in store.query(
        "SELECT raw, at FROM notices WHERE field IN ('business_capability_update', 'phone_number_quality_update') "
        "ORDER BY at DESC, id DESC LIMIT 20"
    ):
        told = json.loads(raw)
        value = told.get("max_daily_conversations_per_business") if isinstance(told, dict) else None
        limit = _limit(value)
        if limit is not None:
            return asked.people if asked is not None and (at is None or seconds(asked.told_at) >= at) else limit
    return None if asked is None else asked.people


def _limit(told: object) -> int | None:
    if isinstance(told, bool) or told is None:
        return None
    text = str(told).removeprefix("TIER_")
    if text in ("-1", "UNLIMITED"):
        return NO_LIMIT
    thousands = text.endswith("K")
    text = text.removesuffix("K")
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) * (1000 if thousands else 1)


def _first_since(store: Store, since: datetime) -> int:
    """The first outbox row of that time: rows are written in the order of time, so halving finds it."""
    row = store.query_one("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM outbox")
    assert row is not None
    low, high = int(row[0]), int(row[1]) + 1
    at = seconds(since)
    while low < high:
        middle = (low + high) // 2
        found = store.query_one("SELECT created_at FROM outbox WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
        if found is None or found[0] >= at:
            high = middle
        else:
            low = middle + 1
    return low
