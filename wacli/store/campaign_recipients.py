"""The recipients of a campaign, read: those whose turn is still to come, and the list of all with what became of them.

Whose turn it is: in the plan, not skipped, and without a send, or with one that was provably never accepted for a
reason that lies with the account or the network and not with them. Those keep the outbox row they have.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ..domain.contact import Contact, label_of
from ..domain.window import Clocks
from .database import Row, Store
from .instants import moment, moment_or_none, seconds


class Waiting(NamedTuple):
    """One whose turn is still to come. `own`: their values, in the order of the campaign's fields. `has_row`: an
    earlier attempt left its row in the outbox."""

    recipient_id: int
    own: tuple[str | None, ...]
    has_row: bool


class Present(NamedTuple):
    """The contact that a recipient is now (merged contacts find the one they have become), and their clocks on one
    business number."""

    contact: Contact
    clocks: Clocks


class Which(StrEnum):
    """Which recipients a list shows."""

    ALL = "all"
    IN = "in"
    EXCLUDED = "excluded"
    FAILED = "failed"
    WAITING = "waiting"
    REPLIED = "replied"


class RecipientRow(NamedTuple):
    """One line of the list. `state`: excluded, skipped, waiting, or the send's; `status` is WhatsApp's latest word.
    `line` of the plan. A line of a file that became no recipient has a `file_line`, and `name` is what stood there."""

    contact_id: int | None
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    reason: str | None
    line: int
    skipped_at: datetime | None
    state: str | None
    status: str | None
    error_code: int | None
    error_details: str | None
    price: int | None
    key: str | None
    wamid: str | None
    sent_at: datetime | None
    status_at: datetime | None
    own: str | None
    file_line: int | None

    @property
    def label(self) -> str:
        """What to call them; never empty. Somebody else's text: sanitise to show."""
        return label_of(self.contact_id or 0, self.name, self.username, self.phone, self.bsuid)


_MAY_GO_AGAIN = (
    "o.state = 'refused' AND o.wamid IS NULL AND (o.error_code IS NULL OR o.error_code IN "
    "(SELECT value FROM json_each(:again)))"
)
_WAITING = f"""
SELECT r.contact_id, r.own, o.id IS NOT NULL FROM campaign_recipients r
LEFT JOIN outbox o INDEXED BY outbox_campaign ON o.campaign_id = r.campaign_id AND o.recipient_id = r.contact_id
WHERE r.campaign_id = :campaign AND r.contact_id > :after AND r.reason IS NULL
  AND (o.id IS NULL OR ({_MAY_GO_AGAIN})) ORDER BY r.contact_id LIMIT :limit
"""
_WAITING_LINES = f"""
SELECT r.line, count(*) FROM campaign_recipients r
LEFT JOIN outbox o INDEXED BY outbox_campaign ON o.campaign_id = r.campaign_id AND o.recipient_id = r.contact_id
WHERE r.campaign_id = :campaign AND r.reason IS NULL AND (o.id IS NULL OR ({_MAY_GO_AGAIN})) GROUP BY r.line
"""
_PRESENT = """
SELECT j.value, c.id, coalesce(c.name, c.book_name), c.profile_name, c.phone, c.bsuid, c.parent_bsuid, c.username,
  coalesce(c.first_seen_at, c.added_at, 0), t.last_opener_at, t.referral_at, t.entry_referral_at, t.entry_started_at,
  t.entry_expires_at
FROM json_each(:ids) j LEFT JOIN contact_aliases a ON a.old_id = j.value
CROSS JOIN contacts c ON c.id = coalesce(a.contact_id, j.value)
LEFT JOIN threads t ON t.contact_id = c.id AND t.number_id = :number
"""
_LIST = """
SELECT r.contact_id, coalesce(c.name, c.book_name, c.profile_name), c.phone, c.bsuid, c.username, r.reason, r.line,
  r.skipped_at, o.state, m.status, coalesce(m.error_code, o.error_code),
  iif(o.error_code IS NULL, o.error_details, NULL), o.price, o.key, o.wamid, o.sent_at, m.status_at, r.own, NULL
FROM campaign_recipients r LEFT JOIN contact_aliases a ON a.old_id = r.contact_id
LEFT JOIN contacts c ON c.id = coalesce(a.contact_id, r.contact_id)
LEFT JOIN outbox o ON o.campaign_id = r.campaign_id AND o.recipient_id = r.contact_id
LEFT JOIN messages m ON m.id = o.message_id
WHERE r.campaign_id = :campaign AND {condition} ORDER BY r.contact_id LIMIT :limit
"""
_CONDITIONS = {
    Which.ALL: "1",
    Which.IN: "r.reason IS NULL",
    Which.EXCLUDED: "r.reason IS NOT NULL",
    Which.WAITING: f"r.reason IS NULL AND (o.id IS NULL OR ({_MAY_GO_AGAIN}))",
    Which.REPLIED: "o.wamid IS NOT NULL AND EXISTS (SELECT 1 FROM messages i WHERE i.thread_id = o.thread_id "
    "AND i.at > o.message_at AND i.at <= o.message_at + 604800 AND i.direction = 'inbound') "
    "AND m.status IS NOT 'failed'",
}
# Refused, failed, unknown, left out: never those whose turn is still to come.
_FAILED = f"""
SELECT o.recipient_id FROM outbox o INDEXED BY outbox_campaign_refused
  WHERE o.campaign_id = :campaign AND o.state = 'refused' AND NOT ({_MAY_GO_AGAIN})
UNION SELECT o.recipient_id FROM messages m INDEXED BY messages_campaign JOIN outbox o ON o.message_id = m.id
  WHERE m.campaign_id = :campaign AND m.status = 'failed'
UNION SELECT o.recipient_id FROM outbox o INDEXED BY outbox_open
  WHERE o.state IN ('queued', 'sending', 'unknown') AND o.state = 'unknown' AND o.campaign_id = :campaign
UNION SELECT contact_id FROM campaign_recipients INDEXED BY campaign_skipped
  WHERE campaign_id = :campaign AND skipped_at IS NOT NULL
"""
_REJECTS = (
    "SELECT contact_id, who, NULL, NULL, NULL, reason, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
    "NULL, line FROM campaign_rejects WHERE campaign_id = :campaign ORDER BY line LIMIT :limit"
)


def list_waiting(store: Store, campaign_id: int, again: Collection[int], after: int, limit: int) -> list[Waiting]:
    """The next ones by id. `again`: Meta's codes after which a refused send may be tried once more."""
    rows = store.query(
        _WAITING,
        {"campaign": campaign_id, "again": json.dumps(sorted(again)), "after": after, "limit": limit},
    )
    return [Waiting(one, tuple(json.loads(own)) if own else (), bool(has_row)) for one, own, has_row in rows]


def count_waiting(store: Store, campaign_id: int, again: Collection[int]) -> dict[int, int]:
    """How many of `list_waiting` there are on each line of the plan."""
    return dict(store.query(_WAITING_LINES, {"campaign": campaign_id, "again": json.dumps(sorted(again))}))


def present(store: Store, recipient_ids: Iterable[int], number_id: int) -> dict[int, Present]:
    """Who the recipients are now; who is gone is not among them."""
    found = {}
    for row in store.query(_PRESENT, {"ids": json.dumps(list(recipient_ids)), "number": number_id}):
        recipient_id, contact_id, name, profile_name, phone, bsuid, parent, username, at, *clocks = row
        contact = Contact(contact_id, name, profile_name, phone, bsuid, parent, username, (), None, moment(at))
        found[recipient_id] = Present(contact, Clocks(*map(moment_or_none, clocks)))
    return found


def has_send(store: Store, campaign_id: int, contact_id: int) -> bool:
    """Has the person been sent this campaign as another recipient, before two contacts became one?"""
    row = store.query_one(
        "SELECT 1 FROM threads t JOIN outbox o ON o.thread_id = t.id AND o.campaign_id = :campaign "
        "WHERE t.contact_id = :contact AND o.state <> 'refused' LIMIT 1",
        {"campaign": campaign_id, "contact": contact_id},
    )
    return row is not None


def skip(store: Store, campaign_id: int, skipped: Iterable[tuple[int, str]], now: datetime) -> None:
    """(recipient, reason) each: a rule forbade it when their turn came."""
    with store.transaction() as connection:
        connection.executemany(
            "UPDATE campaign_recipients SET reason = ?, skipped_at = ? WHERE campaign_id = ? AND contact_id = ? "
            "AND reason IS NULL",
            [(reason, seconds(now), campaign_id, recipient_id) for recipient_id, reason in skipped],
        )


def stream_recipients(
    store: Store, campaign_id: int, which: Which, again: Collection[int], *, limit: int = 0
) -> Iterator[RecipientRow]:
    """The list, by contact id; 0 is no limit. Lines of a file that became nobody stand at the end of the excluded."""
    condition = f"r.contact_id IN ({_FAILED})" if which is Which.FAILED else _CONDITIONS[which]
    values = {"campaign": campaign_id, "again": json.dumps(sorted(again)), "limit": limit or -1}
    count = 0
    for row in store.stream(_LIST.format(condition=condition), values):
        count += 1
        yield _row(row)
    if which in (Which.ALL, Which.EXCLUDED) and (not limit or count < limit):
        values["limit"] = limit - count if limit else -1
        for row in store.stream(_REJECTS, values):
            yield _row(row)


def _row(row: Row) -> RecipientRow:
    values = list(row)
    for place in (7, 15, 16):
        values[place] = moment_or_none(values[place])
    return RecipientRow._make(values)
