"""How templates were used, and in which markets the contacts are: counted in the store, without reading a message.

What counts is what the API took from here (an outbox row with a wamid) and did not report as failed. Numbers come as
prefixes: a market is decided by four digits at most (`domain.market`), so a few hundred groups stand for any number of
people.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Store
from .instants import moment, seconds

PREFIX_LENGTH = 4  # the longest calling-code prefix that decides a market


class UseCount(NamedTuple):
    """So many messages of a template to recipients with this prefix (or BSUID country), billed as `pricing_type`.

    `pricing_type` is Meta's word (`regular`, `free_customer_service`, `free_entry_point`), None before a status.
    """

    prefix: str | None
    country: str | None
    pricing_type: str | None
    message_count: int


class PeopleCount(NamedTuple):
    """So many contacts with this prefix, or without a number and with this BSUID country."""

    prefix: str | None
    country: str | None
    contact_count: int


def last_used(store: Store, *, until: datetime) -> dict[tuple[str, str], datetime]:
    """When each template was last sent from here, by name and language; `until` is included."""
    rows = store.query(
        "SELECT template_name, template_language, max(created_at) FROM outbox WHERE template_name IS NOT NULL "
        "AND wamid IS NOT NULL AND created_at <= ? GROUP BY template_name, template_language",
        (seconds(until),),
    )
    return {(name, language): moment(at) for name, language, at in rows}


def count_sent(store: Store, name: str, language: str, since: datetime, until: datetime) -> list[UseCount]:
    """Messages of one template from `since` (included) to `until` (excluded), by recipient's prefix and billing."""
    rows = store.query(
        f"SELECT substr(c.phone, 1, {PREFIX_LENGTH}), iif(c.phone IS NULL, substr(c.bsuid, 1, 2), NULL), "
        "m.pricing_type, count(*) "
        "FROM outbox o JOIN threads th ON th.id = o.thread_id JOIN contacts c ON c.id = th.contact_id "
        "LEFT JOIN messages m ON m.id = o.message_id "
        "WHERE o.template_name = ? AND o.template_language = ? AND o.wamid IS NOT NULL "
        "AND o.created_at >= ? AND o.created_at < ? AND coalesce(m.status, '') <> 'failed' GROUP BY 1, 2, 3",
        (name, language, seconds(since), seconds(until)),
    )
    return [UseCount._make(row) for row in rows]


def count_people(store: Store) -> list[PeopleCount]:
    """All contacts who can be reached, by the prefix of their number, else the country of their BSUID."""
    rows = store.query(
        f"SELECT substr(phone, 1, {PREFIX_LENGTH}), iif(phone IS NULL, substr(bsuid, 1, 2), NULL), count(*) "
        "FROM contacts WHERE phone IS NOT NULL OR bsuid IS NOT NULL GROUP BY 1, 2"
    )
    return [PeopleCount._make(row) for row in rows]
