"""One description of a message, and which of several descriptions of one wamid holds.

The same wamid may be described more than once: by a live notification and by the phone's history, by our own outbox
and by a status, by two payloads that disagree (placeholders in samples, retries after a change). The best description
is kept whole. "Best" is a total order over the descriptions themselves and never over arrival, so any order of
notifications ends with the same row: our own outbox beats a live notification beats the phone's history beats the
placeholder made from a status; then somebody beats nobody, then the smallest content.
"""

from __future__ import annotations

import json
from typing import NamedTuple, TypeAlias

from ..domain.event import MessageSeen, StatusSeen
from ..domain.message import Direction, Origin
from .instants import LATEST_INSTANT, instant

FROM_STATUS, FROM_HISTORY, FROM_LIVE, FROM_OUTBOX = 1, 2, 3, 4
FROM_EXPORT = 5  # of a chat the phone exported: keys of its own, told by no notification, so a rebuild keeps it

_AFTER_ALL = LATEST_INSTANT + 1
_HISTORY = Origin.HISTORY.value

OrderKey: TypeAlias = tuple[object, ...]


class Candidate(NamedTuple):
    """A description of a message, in the order of the columns of `messages` (after id, seat and wamid)."""

    source: int
    thread_id: int | None
    number_id: int
    party_id: int | None
    notification_id: int | None
    direction: str
    origin: str
    kind: str
    at: int | None
    text: str | None
    reply_to: str | None
    target: str | None
    media: str | None
    referral: str | None
    group_id: str | None
    is_sample: int
    reported_status: str | None


def candidate_of_message(
    event: MessageSeen, thread_id: int | None, number_id: int, party_id: int | None, notification_id: int | None
) -> Candidate:
    """What a notification says of a message."""
    # Unpacked and put together by position: this runs for every message, and names cost as much as the work.
    (
        _, _, _, direction, origin, kind, at, text, reply_to, group_id, target, media, referral,
        history_status, is_sample, _,
    ) = event  # fmt: skip
    return Candidate(
        FROM_HISTORY if origin == _HISTORY else FROM_LIVE,
        thread_id,
        number_id,
        party_id,
        notification_id,
        str(direction),
        str(origin),
        kind,
        instant(at),
        text,
        reply_to,
        target,
        None if media is None else _json(media._asdict()),
        None if referral is None else _json(referral._asdict()),
        group_id,
        1 if is_sample else 0,
        None if history_status is None else history_status.lower(),
    )


def candidate_of_status(
    event: StatusSeen, thread_id: int | None, number_id: int, party_id: int | None, notification_id: int | None
) -> Candidate:
    """What a status says of a message that nobody else described: somebody sent something."""
    return Candidate(
        FROM_STATUS,
        thread_id,
        number_id,
        party_id,
        notification_id,
        Direction.OUTBOUND.value,
        Origin.API.value,
        "unknown",
        instant(event.at),
        None,
        None,
        None,
        None,
        None,
        event.group_id,
        1 if event.is_sample else 0,
        None,
    )


def order_key(candidate: Candidate, number_key: str, party_key: str) -> OrderKey:
    """The smallest is the best. Ids of the store are left out: they depend on arrival."""
    c = candidate
    return (
        -c.source,
        party_key == "",
        c.kind == "media_placeholder",  # the phone's history names a file first and gives it later
        _AFTER_ALL if c.at is None else c.at,
        c.kind,
        c.direction,
        c.origin,
        c.text or "",
        c.reply_to or "",
        c.target or "",
        c.media or "",
        c.referral or "",
        c.group_id or "",
        c.is_sample,
        c.reported_status or "",
        number_key,
        party_key,
        # None and "" are different content, and compare last.
        tuple(value is None for value in c[8:]),
    )


def _json(value: dict[str, object]) -> str:
    return json.dumps({key: item for key, item in value.items() if item is not None}, ensure_ascii=False)
