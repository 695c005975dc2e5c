"""The two clocks of a thread.

*Customer service window* (permission): 24 h from the contact's last message or call, by Meta's timestamp, half-open.
Source: facts pricing.md section 8.1.

*Free entry point window* (price, never permission): armed by an inbound message that carries a referral; it starts
when the business answers within 24 h of that message. How long it runs depends on the day; the
`expiration_timestamp` of a `sent` status is the truth where Meta gave one. Source: pricing.md section 8.2.

Named tuples and not dataclasses: the board makes them for every row, and the classes themselves cost each start of a
command half a millisecond less.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

CUSTOMER_SERVICE_WINDOW_FOR = timedelta(hours=24)
ANSWER_ENTRY_POINT_WITHIN = timedelta(hours=24)


class EntryPointState(StrEnum):
    """`armed`: answer in time and it starts. `lost`: nobody answered in time. `none` also after it ran out."""

    NONE = "none"
    ARMED = "armed"
    RUNNING = "running"
    LOST = "lost"


class EntryPointLength(NamedTuple):
    """How long a free entry point window runs under one day's rules: surely, and at the very most."""

    sure_for: timedelta
    at_most_for: timedelta


class Clocks(NamedTuple):
    """What the store knows about a thread's time. All instants aware, UTC; None where it never happened."""

    last_opener_at: datetime | None = None  # the contact's last message or call that opens the window
    referral_at: datetime | None = None  # the last inbound message that carried a referral
    entry_referral_at: datetime | None = None  # the last referral that was answered in time
    entry_started_at: datetime | None = None  # that answer
    entry_expires_at: datetime | None = None  # Meta's own word on when it ends


class EntryPoint(NamedTuple):
    """The price clock at one instant. `free_until` is exclusive; unconfirmed means it may well run longer."""

    state: EntryPointState
    free_until: datetime | None = None
    is_confirmed: bool = False
    answer_by: datetime | None = None

    @property
    def is_running(self) -> bool:
        """True when messages are free because of it."""
        return self.state is EntryPointState.RUNNING


def not_before(clocks: Clocks, now: datetime) -> datetime:
    """`now`, or the latest instant that is known to have happened: for judging the present by a clock here that runs
    behind Meta's. Without it a message of "two seconds from now" would look like none."""
    happened = (clocks.last_opener_at, clocks.referral_at, clocks.entry_started_at)
    return max(now, *(at for at in happened if at is not None)) if any(happened) else now


def window_closes_at(clocks: Clocks) -> datetime | None:
    """The instant from which free-form messages are refused, or None when no window was ever opened."""
    return None if clocks.last_opener_at is None else clocks.last_opener_at + CUSTOMER_SERVICE_WINDOW_FOR


def is_window_open(clocks: Clocks, now: datetime) -> bool:
    """True from the opening message on until 24 h later, that instant excluded."""
    opened_at = clocks.last_opener_at
    return opened_at is not None and opened_at <= now < opened_at + CUSTOMER_SERVICE_WINDOW_FOR


def entry_point(clocks: Clocks, length: EntryPointLength | None, now: datetime) -> EntryPoint:
    """Where the price clock stands at `now`.

    `length` is what the rules of the day it started say, and is needed only where Meta's own expiry is missing.
    A second ad click while one window runs does not shorten it: running wins over armed.
    """
    started_at = clocks.entry_started_at
    if started_at is not None and started_at <= now:
        free_until, is_confirmed = clocks.entry_expires_at, True
        if free_until is None and length is not None:
            free_until, is_confirmed = started_at + length.sure_for, length.sure_for == length.at_most_for
        if free_until is not None and now < free_until:
            return EntryPoint(EntryPointState.RUNNING, free_until, is_confirmed)
    referral_at = clocks.referral_at
    if referral_at is None or referral_at > now or referral_at == clocks.entry_referral_at:
        return EntryPoint(EntryPointState.NONE)
    answer_by = referral_at + ANSWER_ENTRY_POINT_WITHIN
    if now < answer_by:
        return EntryPoint(EntryPointState.ARMED, answer_by=answer_by)
    return EntryPoint(EntryPointState.LOST, answer_by=answer_by)
