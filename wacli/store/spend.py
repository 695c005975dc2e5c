"""Charges summed by anything: one GROUP BY over a range of `charges_at`, whatever the question.

Each sum is by the asked key and by which free, so that all totals come from the same rows: adding up any dimension
gives the same numbers. A message has one value in each dimension:

- by tag, its contact's whole set of tags ("reseller, vip"): a contact with two tags would else be counted twice;
- by ad, the ad that the thread's latest click before the message came through;
- by link, the link whose code the thread's latest opening message before it carried;
- what has no value (a reply has no template) is a line of its own, with an empty key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ..domain.contact import label_of
from .charge_schema import CONTRADICTED
from .database import Store
from .instants import seconds


class Dimension(StrEnum):
    """What charges can be summed by."""

    CONTACT = "contact"
    THREAD = "thread"
    TEMPLATE = "template"
    CATEGORY = "category"
    MARKET = "market"
    CAMPAIGN = "campaign"
    TAG = "tag"
    AD = "ad"
    LINK = "link"
    DAY = "day"
    MONTH = "month"


class Group(NamedTuple):
    """The charges of one key that are free for the same reason (None: billed). Amounts in micro-units.

    `priced_count` of the messages have a known amount.
    """

    key: str | int | None
    free_reason: str | None
    message_count: int
    amount: int
    priced_count: int
    worth: int


class _Key(NamedTuple):
    """How a dimension is found: the expression, and what has to be joined for it."""

    expression: str
    joins: str = ""


_MESSAGE = "CROSS JOIN messages m ON m.id = h.message_id"
_THREAD = f"{_MESSAGE} LEFT JOIN threads t ON t.id = m.thread_id"
_KEYS = {
    Dimension.CATEGORY: _Key("h.category"),
    Dimension.MARKET: _Key("h.market"),
    Dimension.TEMPLATE: _Key("iif(h.kind = 'template', coalesce(h.template, ''), NULL)"),
    Dimension.DAY: _Key("h.day"),
    Dimension.MONTH: _Key("substr(h.day, 1, 7)"),
    Dimension.THREAD: _Key("m.thread_id", _MESSAGE),
    Dimension.CONTACT: _Key("t.contact_id", _THREAD),
    Dimension.CAMPAIGN: _Key("(SELECT k.name FROM campaigns k WHERE k.id = m.campaign_id)", _MESSAGE),
    Dimension.TAG: _Key(
        "k.tags",
        f"{_THREAD} LEFT JOIN (SELECT contact_id, group_concat(tag, ', ') AS tags FROM "
        "(SELECT contact_id, tag FROM tags ORDER BY contact_id, tag) GROUP BY contact_id) k "
        "ON k.contact_id = t.contact_id",
    ),
    Dimension.AD: _Key(
        "(SELECT coalesce(json_extract(r.referral, '$.source_id'), json_extract(r.referral, '$.source_url'), '') "
        "FROM messages r WHERE r.thread_id = m.thread_id AND r.referral IS NOT NULL AND r.at <= h.at "
        "ORDER BY r.at DESC, r.wamid LIMIT 1)",
        _MESSAGE,
    ),
    Dimension.LINK: _Key(
        # laid out by `links.lay_out_openings`
        "(SELECT k.name FROM temp.link_openings k WHERE k.thread_id = m.thread_id AND k.at <= h.at "
        "ORDER BY k.at DESC, k.name LIMIT 1)",
        _MESSAGE,
    ),
}


COUNT_CONTRADICTED = f"SELECT count(*) FROM charges WHERE at >= ? AND at < ? AND {CONTRADICTED}"


def group_sql(by: Dimension) -> str:
    """The statement behind `list_groups`; tests explain its plan."""
    key = _KEYS[by]
    return (
        f"SELECT {key.expression}, h.free_reason, count(*), coalesce(sum(h.amount), 0), count(h.amount), "
        f"coalesce(sum(h.worth), 0) FROM charges h {key.joins} "
        "WHERE h.at >= :since AND h.at < :until GROUP BY 1, 2"
    )


def list_groups(store: Store, by: Dimension, since: datetime, until: datetime) -> Iterator[Group]:
    """The charges at or after `since` and before `until`, by key and which free; in no order."""
    rows = store.stream(group_sql(by), {"since": seconds(since), "until": seconds(until)})
    return (Group._make(row) for row in rows)


_PERSON = "c.id, coalesce(c.name, c.book_name, c.profile_name), c.username, c.phone, c.bsuid"


def contact_names(store: Store, contact_ids: list[int]) -> dict[int, str]:
    """What to call these contacts. Somebody else's text: sanitise to show."""
    sql = f"SELECT {_PERSON} FROM json_each(?) j CROSS JOIN contacts c ON c.id = j.value"
    return {row[0]: label_of(*row) for row in store.query(sql, (_listed(contact_ids),))}


def thread_names(store: Store, thread_ids: list[int]) -> dict[int, tuple[int, str]]:
    """By thread: its contact, and what to call them."""
    rows = store.query(
        f"SELECT t.id, {_PERSON} FROM json_each(?) j CROSS JOIN threads t ON t.id = j.value "
        "JOIN contacts c ON c.id = t.contact_id",
        (_listed(thread_ids),),
    )
    return {row[0]: (row[1], label_of(*row[1:])) for row in rows}


def ad_names(store: Store, ads: list[str]) -> dict[str, str]:
    """By ad: its headline, where any click told one."""
    rows = store.query(
        "SELECT coalesce(json_extract(referral, '$.source_id'), json_extract(referral, '$.source_url')) AS ad, "
        "min(json_extract(referral, '$.headline')) FROM messages WHERE referral IS NOT NULL "
        "AND ad IN (SELECT value FROM json_each(?)) GROUP BY 1",
        (_listed(ads),),
    )
    return {ad: headline for ad, headline in rows if headline}


def sum_of_messages(store: Store, message_ids: Sequence[int]) -> int:
    """Micro-units charged for these messages, as far as prices are known."""
    row = store.query_one(
        "SELECT coalesce(sum(h.amount), 0) FROM json_each(?) j CROSS JOIN charges h ON h.message_id = j.value",
        (_listed(message_ids),),
    )
    assert row is not None
    return int(row[0])


def list_card_ids(store: Store, since: datetime, until: datetime) -> list[str]:
    """The rate cards that charges of a span rest on."""
    rows = store.query(
        "SELECT DISTINCT card_id FROM charges WHERE at >= ? AND at < ? AND card_id IS NOT NULL ORDER BY 1",
        (seconds(since), seconds(until)),
    )
    return [str(row[0]) for row in rows]


def first_charged_at(store: Store) -> int | None:
    """The instant of the oldest charge, None when there is none."""
    row = store.query_one("SELECT min(at) FROM charges")
    return None if row is None else row[0]


def count_contradicted(store: Store, since: datetime, until: datetime) -> int:
    """Messages of which Meta says that they are billed where we say free, or the other way round."""
    row = store.query_one(
        COUNT_CONTRADICTED,
        (seconds(since), seconds(until)),
    )
    assert row is not None
    return int(row[0])


def _listed(keys: Sequence[object]) -> str:
    import json  # only lists of names need it

    return json.dumps(keys)


class DayOfNumber(NamedTuple):
    """A business number's day: worth (micro-units, at list rates) of its billed templates and of those that the rules
    of the day made free, and its service messages outside of free entry points, with the worth of the valued ones."""

    number_id: int
    day: str
    billed_worth: int
    rules_worth: int
    service_count: int
    service_worth: int
    valued_count: int


def list_days(store: Store, since: datetime, until: datetime) -> list[DayOfNumber]:
    """The days at or after `since` and before `until` on which anything was charged."""
    rows = store.query(
        """SELECT number_id, day,
          coalesce(sum(iif(kind = 'template' AND free_reason IS NULL, worth, 0)), 0),
          coalesce(sum(iif(kind = 'template' AND free_reason = 'rules', worth, 0)), 0),
          sum(is_service), coalesce(sum(iif(is_service, worth, 0)), 0), count(iif(is_service, worth, NULL))
        FROM (SELECT *, kind = 'service' AND origin = 'api' AND free_reason IS NOT 'free_entry_point' AS is_service
          FROM charges WHERE at >= ? AND at < ?) GROUP BY 1, 2""",
        (seconds(since), seconds(until)),
    )
    return [DayOfNumber._make(row) for row in rows]
