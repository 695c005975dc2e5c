"""The sandbox's own two clocks of a thread, written from the facts and not from wacli.domain.window.

Customer service window: 24 h from the customer's last message or call, half-open. Free entry point: armed by a
message with a referral, started by an answer within 24 h of it; 24 h until 2023-02-28, 72 h until 2026-09-27, up to 7
days from 2026-09-28.
Facts: pricing.md section 8. The sandbox grants the full 7 days unless its world says otherwise; a client that counts
72 h then and ignores `expiration_timestamp` is caught.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

WINDOW_FOR = timedelta(hours=24)
ANSWER_AD_WITHIN = timedelta(hours=24)
THREE_DAYS_FROM = date(2023, 3, 1)
SEVEN_DAYS_FROM = date(2026, 9, 28)
# Reactions, edits, deletes, system and unsupported events: no official statement; the prudent reading opens nothing.
OPENING_KINDS = frozenset(
    {"text", "image", "audio", "video", "document", "sticker", "location", "contacts", "button", "interactive", "order"}
)


@dataclass(slots=True)
class Thread:
    """What one customer and one business number have between them."""

    opened_at: datetime | None = None
    ad_at: datetime | None = None
    entry_from: datetime | None = None
    entry_until: datetime | None = None
    entry_id: str | None = None
    entry_by: str | None = None  # the message that started it
    # Before 2025-07-01: by category, the open conversation's id, its end, and whether it is billed.
    conversations: dict[str, tuple[str, datetime, bool]] = field(default_factory=dict)

    def hears(self, at: datetime, *, is_ad: bool = False) -> None:
        """The customer wrote or called at `at`, in whatever order it becomes known."""
        if self.opened_at is None or at > self.opened_at:
            self.opened_at = at
        if is_ad and (self.ad_at is None or at > self.ad_at):
            self.ad_at = at

    def closes_at(self) -> datetime | None:
        """The end of the customer service window, excluded."""
        return None if self.opened_at is None else self.opened_at + WINDOW_FOR

    def is_open(self, now: datetime) -> bool:
        """True while free-form messages are allowed."""
        return self.opened_at is not None and self.opened_at <= now < self.opened_at + WINDOW_FOR

    def is_entry_running(self, now: datetime) -> bool:
        """True while everything is free."""
        return (
            self.entry_from is not None and self.entry_until is not None and self.entry_from <= now < self.entry_until
        )

    def answer_starts_entry(self, now: datetime) -> bool:
        """True when a business message at `now` would start the free entry point window."""
        if self.ad_at is None or self.is_entry_running(now):
            return False
        if self.entry_from is not None and self.entry_from >= self.ad_at:
            return False  # that ad has had its window
        return self.ad_at <= now < self.ad_at + ANSWER_AD_WITHIN

    def start_entry(self, now: datetime, until: datetime, entry_id: str, wamid: str) -> None:
        """The answer has gone out."""
        self.entry_from, self.entry_until, self.entry_id, self.entry_by = now, until, entry_id, wamid

    def never_started(self, wamid: str) -> None:
        """The answer has failed: it was none, and another one may still start the window."""
        if self.entry_by == wamid:
            self.entry_from = self.entry_until = self.entry_id = self.entry_by = None


def entry_point_for(on: date) -> timedelta:
    """How long a free entry point window that starts on that day (account's time zone) runs at most."""
    if on >= SEVEN_DAYS_FROM:
        return timedelta(days=7)
    return timedelta(hours=72) if on >= THREE_DAYS_FROM else timedelta(hours=24)
