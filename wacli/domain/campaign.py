"""A campaign: one template to many, planned, priced, approved, sent, counted.

The plan is frozen: who is in, who is out and why, the values, the price by market and by what makes a message free.
At the moment of sending each message is judged again; the plan only says who was meant. Nobody is written to twice for
one campaign: a send's key is made of the campaign and the recipient.

`line` of a recipient is `4 * market + situation`, the market's place in the campaign's list: everybody on one line has
the same verdict on money (`wacli.domain.pricing.charge` is asked once a line).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from .category import Category
from .pricing import FreeReason
from .quote import QuoteLine, Span
from .text import Text

OUTSIDE, IN_WINDOW, IN_ENTRY_POINT = 0, 1, 2  # situations: the last two are bits
SITUATIONS = 4
NO_LIMIT = 2**62  # people in 24 hours
LATE_AFTER = timedelta(hours=1)  # a campaign that nobody started this long after its time waits for a word
GOES_ON_AFTER = ("hours", "asleep")  # reasons to stop that pass by themselves
TYPED_ABOVE = 100  # billed messages: above that the amount is typed instead of a "y"
FAILURES_LOOKED_AT_FROM = 20  # attempts: a share of fewer says nothing


class State(StrEnum):
    """Where a campaign stands. `missed`: its time has passed and nobody started it; `partly`: begun, not finished."""

    PLANNED = "planned"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    PARTLY = "partly"
    DONE = "done"
    CANCELLED = "cancelled"


class Exclusion(StrEnum):
    """Why somebody is out, beside the codes of `domain.obstacles` and `domain.verdict`."""

    MISSING_VALUE = "missing-value"
    BAD_VALUE = "bad-value"
    NOT_SAFE = "not-safe"
    DUPLICATE = "duplicate"
    UNKNOWN_PERSON = "unknown-person"
    UNREADABLE = "unreadable"
    GONE = "gone"


class Hours(NamedTuple):
    """Sent only from `opens` (included) to `closes` (excluded) by a clock on the wall: the recipient's, or the
    account's. Past midnight where `closes` is not later than `opens`."""

    opens: time
    closes: time
    of_recipient: bool = False

    def holds(self, local: datetime) -> bool:
        """Is this local time inside?"""
        at = local.time()
        if self.opens < self.closes:
            return self.opens <= at < self.closes
        return at >= self.opens or at < self.closes


class Approval(NamedTuple):
    """What the owner agreed to. `max_cost` of the whole campaign; `stop_if_failed` a fraction; None: no such limit."""

    at: datetime
    max_cost: Decimal | None = None
    stop_if_failed: Decimal | None = None
    a_second: int | None = None
    only_free: bool = False
    hours: Hours | None = None


class LineCharge(NamedTuple):
    """What a message costs on one line of the plan: free, and which free, or a price (None: no card says)."""

    free_reason: FreeReason | None
    price: Decimal | None


class Amount(NamedTuple):
    """What the plan comes to: expected, and between what and what. None: no card says."""

    total: Decimal | None
    span: Span


class Campaign(NamedTuple):
    """One campaign as it is kept. `given`: the template's values as typed, `{field}` standing for what each recipient
    has of their own; `fields` names those. `markets` are in the order that `line` counts by."""

    id: int
    name: str
    token: str
    number_id: int
    phone_number_id: str | None
    template_name: str
    template_language: str
    category: Category | None
    audience: str
    given: Mapping[str, str]
    fields: tuple[str, ...]
    assumed_opt_in: str | None
    tries_again: bool
    currency: str
    rules: str
    rate_card: str | None
    markets: tuple[str, ...]
    lines: tuple[QuoteLine, ...]
    charges: Mapping[int, LineCharge]
    amount: Amount
    excluded: Mapping[str, int]
    recipient_count: int
    planned_at: datetime
    approval: Approval | None = None
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None
    stopped_by: str | None = None

    @property
    def excluded_count(self) -> int:
        """Everybody who is out."""
        return sum(self.excluded.values())


class Plan(NamedTuple):
    """A plan with what it means for the account. `limit` None: nobody told wacli how many people may be written to.

    `outside_window_count`: recipients who count towards the limit; `people_so_far` were written to in the last 24 h.
    `is_kept` False: a dry run.
    """

    campaign: Campaign
    outside_window_count: int
    people_so_far: int
    limit: int | None
    assumptions: tuple[Text, ...]
    is_kept: bool = True
    new_contact_count: int = 0


class Counts(NamedTuple):
    """What has become of the recipients. `waiting`: not tried, or provably not sent, so a resume sends them."""

    accepted: int = 0  # taken by WhatsApp, nothing heard since
    held: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    refused: int = 0
    unknown: int = 0
    under_way: int = 0
    skipped: int = 0
    waiting: int = 0
    replied: int = 0
    cost: Decimal = Decimal(0)
    cost_on_the_way: Decimal = Decimal(0)  # of `cost`, what has not arrived as far as we heard
    unpriced: int = 0  # taken, at a price that no card says

    @property
    def taken(self) -> int:
        """Those that WhatsApp took, whatever came of them."""
        return self.on_the_way + self.delivered + self.read + self.failed

    @property
    def on_the_way(self) -> int:
        """Taken, and neither arrived nor failed as far as we heard."""
        return self.accepted + self.held + self.sent


class ReasonCount(NamedTuple):
    """So many for one reason: a code of Meta's (`api-131026`) or of ours."""

    reason: str
    recipient_count: int


class Report(NamedTuple):
    """What `campaigns show` tells."""

    campaign: Campaign
    state: State
    counts: Counts
    skipped: tuple[ReasonCount, ...] = ()
    failures: tuple[ReasonCount, ...] = ()


def as_typed(name: str) -> str:
    """A campaign's name as it stands on a command line: in quotation marks where it has spaces."""
    import shlex

    return shlex.quote(name)


def key_of(token: str, recipient_id: int) -> str:
    """The outbox key of a campaign's send to this recipient: the same for ever, and nobody else's."""
    return blake2b(f"{token}:{recipient_id}".encode(), digest_size=16).hexdigest()


def state_of(campaign: Campaign, waiting_count: int, now: datetime) -> State:
    """Where it stands at `now`."""
    if campaign.cancelled_at is not None:
        return State.CANCELLED
    if campaign.started_at is not None:
        return State.PARTLY if waiting_count else State.DONE
    if campaign.approval is None or campaign.due_at is None:
        return State.PLANNED
    return State.MISSED if is_missed(campaign, now) else State.SCHEDULED


def is_missed(campaign: Campaign, now: datetime) -> bool:
    """Its time has passed, nobody started it, and it must not fire late without being told to."""
    return campaign.due_at is not None and campaign.started_at is None and now >= campaign.due_at + LATE_AFTER


def is_due(campaign: Campaign, now: datetime, local_now: datetime) -> bool:
    """May it be started, or gone on with, by whoever keeps the appointments? Its own hours are kept as well."""
    approval = campaign.approval
    if (
        approval is None
        or campaign.due_at is None
        or campaign.cancelled_at is not None
        or campaign.ended_at is not None
    ):
        return False
    if now < campaign.due_at or is_missed(campaign, now) or campaign.stopped_by not in (None, *GOES_ON_AFTER):
        return False
    hours = approval.hours
    return hours is None or hours.of_recipient or hours.holds(local_now)
