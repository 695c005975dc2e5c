"""What Meta would say about the price of one message, by the sandbox's date. Own rules; amounts are the ledger's.

Facts: pricing.md sections 1, 2.1, 3, 8.2 and 10.1. Periods by the account's own days:

- 2022-02-01..2023-05-31  `CBP`: one 24 h conversation at a time, named after who began it; 1,000 a month and account
  free, of any kind until 2023-04-03, then only user-initiated ones.
- 2023-06-01..2025-06-30  `CBP`: one 24 h conversation per category; service conversations free from 2024-11-01
  (before: 1,000 a month per account).
- 2025-07-01..2026-09-30  `PMP`: templates billed, utility inside an open window and everything not a template free.
- from 2026-10-01         templates always billed; non-templates free for the first 1,000 delivered a month and
  business number, then billed.

A free entry point makes all of them free, as `referral_conversion`. Not known, and therefore the sandbox's choice:
messages inside an entry point do not use up the 1,000; reactions carry no `pricing` at all; a message takes its
place among the 1,000 when it is sent, and gives it back when it fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from .windows import Thread

FREE_MESSAGES_A_MONTH = 1000
CONVERSATIONS_FROM = date(2022, 2, 1)
ONLY_ANSWERS_FREE_FROM = date(2023, 4, 4)
CATEGORIES_FROM = date(2023, 6, 1)
SERVICE_FREE_FROM = date(2024, 11, 1)
PER_MESSAGE_FROM = date(2025, 7, 1)
SERVICE_BILLED_FROM = date(2026, 10, 1)
CONVERSATION_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Pricing:
    """One message's bill as its webhooks tell it. `kind` is regular, free_customer_service or free_entry_point.

    `free_because`, which no webhook tells: allowance, rules, free_entry_point; None for a billed one.
    """

    model: str
    kind: str
    category: str
    conversation_id: str | None = None
    conversation_until: datetime | None = None
    free_because: str | None = None

    @property
    def is_billed(self) -> bool:
        """True when delivery costs money."""
        return self.kind == "regular"

    def as_json(self) -> dict[str, object]:
        """The `pricing` object; `type` came with per-message pricing."""
        billable = self.is_billed
        shown: dict[str, object] = {"billable": billable, "pricing_model": self.model, "category": self.category}
        return shown | {"type": self.kind} if self.model == "PMP" else shown


@dataclass(slots=True)
class Allowance:
    """The free messages used, by (number or account, month); ids, so that a failed one gives its place back."""

    used: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def take(self, owner: str, month: str, key: str) -> bool:
        """True when `key` still fits into the free ones of that month (it is then counted)."""
        taken = self.used.setdefault((owner, month), set())
        if key in taken:
            return True
        if len(taken) >= FREE_MESSAGES_A_MONTH:
            return False
        taken.add(key)
        return True

    def give_back(self, key: str) -> None:
        """The message was never delivered."""
        for taken in self.used.values():
            taken.discard(key)

    def count(self, owner: str, month: str) -> int:
        """How many were used."""
        return len(self.used.get((owner, month), ()))


@dataclass(frozen=True, slots=True)
class Sending:
    """One message about to go out. `category` is lower case; service is every non-template."""

    wamid: str
    number_id: str
    waba_id: str
    category: str
    at: datetime
    zone: tzinfo


def judge(sending: Sending, thread: Thread, allowance: Allowance) -> Pricing:
    """The price of a message that goes out now; opens conversations and counts allowances on the way."""
    on = sending.at.astimezone(sending.zone).date()
    if thread.is_entry_running(sending.at):
        model = "PMP" if on >= PER_MESSAGE_FROM else "CBP"
        return Pricing(
            model, "free_entry_point", "referral_conversion", thread.entry_id, thread.entry_until, "free_entry_point"
        )
    if on < PER_MESSAGE_FROM:
        return _by_conversation(sending, thread, allowance, on)
    free_because = _per_message(sending, thread, allowance, on)
    kind = "regular" if free_because is None else "free_customer_service"
    return Pricing("PMP", kind, sending.category, free_because=free_because)


def month_of(on: date) -> str:
    """The key of an allowance's month."""
    return f"{on:%Y-%m}"


def _per_message(sending: Sending, thread: Thread, allowance: Allowance, on: date) -> str | None:
    """Why it is free, None when it is billed."""
    if on < SERVICE_BILLED_FROM:
        is_free = sending.category == "service" or (sending.category == "utility" and thread.is_open(sending.at))
        return "rules" if is_free else None
    if sending.category == "service" and allowance.take(sending.number_id, month_of(on), sending.wamid):
        return "allowance"
    return None


def _by_conversation(sending: Sending, thread: Thread, allowance: Allowance, on: date) -> Pricing:
    running = {key: kept for key, kept in thread.conversations.items() if sending.at < kept[1]}
    category = _conversation_of(sending, thread, running, on)
    kept, free_because = running.get(category), None
    if kept is None:
        free_because = _conversation_free(sending, allowance, category, on)
        kept = (sending.wamid.encode().hex()[-32:], sending.at + CONVERSATION_FOR, free_because is None)
    thread.conversations = running | {category: kept}
    kind = "regular" if kept[2] else "free_customer_service"
    return Pricing("CBP", kind, category, kept[0], kept[1], free_because)


def _conversation_of(sending: Sending, thread: Thread, running: dict[str, tuple[str, datetime, bool]], on: date) -> str:
    """The conversation that a message belongs to: one that runs, or the one that it opens."""
    if on < CATEGORIES_FROM:
        if running:
            return max(running, key=lambda key: running[key][1])
        return "user_initiated" if thread.is_open(sending.at) else "business_initiated"
    if sending.category == "service" and "service" not in running and running:
        return max(running, key=lambda key: running[key][1])  # free-form inside another open conversation
    return sending.category


def _conversation_free(sending: Sending, allowance: Allowance, category: str, on: date) -> str | None:
    """Why the conversation that this message opens is free, None when it is billed."""
    if category == "service" and on >= SERVICE_FREE_FROM:
        return "rules"
    draws = category in ("service", "user_initiated") or on < ONLY_ANSWERS_FREE_FROM
    if draws and allowance.take(sending.waba_id, month_of(on), sending.wamid):
        return "allowance"
    return None
