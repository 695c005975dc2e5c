"""What became of a campaign: counted by index, and its people one by one.

Refused because of the account, the network or a stop is not the recipient's fate: nothing was accepted, and a resume
sends to them. Which of Meta's codes are of that kind is read from the table of codes (facts: cloud-api.md section 6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from wacli.cloudapi.failure_codes import ADVICE, FailureClass, Scope, advice_for
from wacli.domain.campaign import Campaign, ReasonCount, Report, state_of
from wacli.domain.identity import display_phone
from wacli.store import campaign_counts, campaign_recipients, campaigns
from wacli.store.campaign_recipients import RecipientRow, Which
from wacli.store.database import Store

__all__ = ["Person", "Which", "count_left", "count_of", "list_reports", "people", "report"]


class Person(NamedTuple):
    """One recipient. `state`: excluded, skipped, waiting, or the latest word on the send; `reason` where one is known.

    `file_line`: where it stands in the file, of a line that became no recipient.
    `price` and `free_reason`: as judged at the send, else as planned; in the campaign's currency.
    """

    contact_id: int | None
    label: str
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    state: str
    reason: str | None
    line: int
    price_micros: int | None
    key: str | None
    wamid: str | None
    sent_at: datetime | None
    status_at: datetime | None
    file_line: int | None = None


@lru_cache(maxsize=1)
def codes_to_send_again() -> frozenset[int]:
    """Meta's codes that say nothing about the recipient or the message: too fast, out of money, a revoked token."""
    return frozenset(code for code in ADVICE if _is_about_the_run(code))


def _is_about_the_run(code: int) -> bool:
    advice = advice_for(code)
    return advice is not None and (advice.scope is Scope.RUN or advice.kind is FailureClass.RETRY)


def report(store: Store, campaign: Campaign, now: datetime) -> Report:
    """The campaign counted as it stands."""
    tally = campaign_counts.count_campaign(store, campaign.id)
    again = codes_to_send_again()
    final: Counter[str] = Counter()
    for code, count in tally.refusals:
        if code is not None and code not in again:
            final[f"api-{code}"] += count
    refused = sum(final.values())
    counts = tally.counts
    replied = 0
    if campaign.started_at is not None:
        replied = campaign_counts.count_replied(store, campaign.id, campaign.number_id, campaign.started_at)
    settled = counts.taken + counts.unknown + counts.under_way + counts.skipped + refused
    waiting = max(campaign.recipient_count - settled, 0)
    failures = Counter({one.reason: one.recipient_count for one in tally.failures}) + final
    return Report(
        campaign,
        state_of(campaign, waiting, now),
        counts._replace(refused=refused, waiting=waiting, replied=replied),
        tally.skipped,
        tuple(ReasonCount(*pair) for pair in failures.most_common()),
    )


def count_left(store: Store, campaign: Campaign) -> dict[int, int]:
    """How many have their turn still to come, by line of the plan."""
    return campaign_recipients.count_waiting(store, campaign.id, codes_to_send_again())


def list_reports(store: Store, now: datetime, *, limit: int = 0) -> Iterator[Report]:
    """Every campaign counted, newest first."""
    for campaign in campaigns.list_campaigns(store, limit=limit):
        yield report(store, campaign, now)


def count_of(counted: Report, which: Which) -> int:
    """How many the list of these people would have."""
    campaign, counts = counted.campaign, counted.counts
    return {
        Which.ALL: campaign.recipient_count + campaign.excluded_count,
        Which.IN: campaign.recipient_count - counts.skipped,
        Which.EXCLUDED: campaign.excluded_count + counts.skipped,
        Which.FAILED: counts.failed + counts.refused + counts.unknown + counts.skipped,
        Which.WAITING: counts.waiting,
        Which.REPLIED: counts.replied,
    }[which]


def people(store: Store, campaign: Campaign, which: Which, *, limit: int = 0) -> Iterator[Person]:
    """The recipients, by contact id; 0 is no limit."""
    rows = campaign_recipients.stream_recipients(store, campaign.id, which, codes_to_send_again(), limit=limit)
    return (_person(row) for row in rows)


def _person(row: RecipientRow) -> Person:
    state, reason = _state(row)
    return Person(
        row.contact_id, row.label if row.contact_id is not None else row.name or "", row.name,
        None if row.phone is None else display_phone(row.phone), row.bsuid, row.username, state, reason, row.line,
        row.price, row.key, row.wamid, row.sent_at, row.status_at, row.file_line,
    )  # fmt: skip


def _state(row: RecipientRow) -> tuple[str, str | None]:
    if row.reason is not None:
        return "skipped" if row.skipped_at is not None else "excluded", row.reason
    if row.state is None:
        return "waiting", None
    state = row.status or row.state
    code = row.error_code
    if state == "failed":
        return state, "unknown" if code is None else f"api-{code}"
    if state == "refused":
        if code is None or code in codes_to_send_again():
            return "waiting", row.error_details if code is None else f"api-{code}"
        return state, f"api-{code}"
    return state, "unknown" if state == "unknown" else None
