"""The morning brief: who must be answered before their window closes, who else waits, what failed, what it costs.

Needs attention (`wacli today --exit-code` ends with 20): somebody waits for an answer, a message of the last 24 hours
failed, the outcome of one is not known, or a template moves to another category. Money and allowance are told and have
alarms of their own (`wacli spend`, `wacli allowance`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.allowance import month_of
from wacli.domain.verdict import Budget
from wacli.store import failed_sends, threads
from wacli.store.database import Store
from wacli.store.failed_sends import FailedSend
from wacli.store.spend import Dimension
from wacli.store.threads import BoardQuery

from .allowance import Allowances, NumberAllowance, allowances
from .board import Line, board
from .forecast import Forecast, forecast
from .prices import Prices
from .spend import Sum, spend
from .template_alarms import CategoryAlarm, category_alarms

FAILED_WITHIN = timedelta(hours=24)


class Attention(StrEnum):
    """What asks for somebody: a window that closes over a waiting contact, anybody who waits, a failure, a send whose
    outcome nobody knows, a template that changes its price."""

    CLOSING = "closing"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TEMPLATES = "templates"


class Wanted(NamedTuple):
    """What the brief is about. `rows`: so many of each list at most; 0 is no limit."""

    prices: Prices
    closing_within: timedelta
    rows: int
    phone_number_id: str | None
    waba_id: str | None
    by_hand: bool = False
    is_past: bool = False


class Brief(NamedTuple):
    """The brief at `at`. `closing`: waiting, and the window closes soon; `waiting`: the others who wait. `spent` of the
    month so far; `allowance` of the profile's number, None under rules without one."""

    at: datetime
    closing_within: timedelta
    open_count: int
    closing: list[Line]
    closing_count: int
    waiting: list[Line]
    waiting_count: int  # all who wait, also those that are closing
    failed: list[FailedSend]
    failed_count: int
    unknown_count: int
    spent: Sum
    currency: str
    budget: Budget | None
    forecast: Forecast | None  # how the month will end; None while too little is known
    rules: Allowances
    allowance: NumberAllowance | None
    alarms: list[CategoryAlarm]

    @property
    def attention(self) -> list[Attention]:
        """What asks for somebody; empty on a quiet day."""
        said = {
            Attention.CLOSING: self.closing_count,
            Attention.WAITING: self.waiting_count,
            Attention.FAILED: self.failed_count - self.unknown_count,
            Attention.UNKNOWN: self.unknown_count,
            Attention.TEMPLATES: len(self.alarms),
        }
        return [one for one, count in said.items() if count]


def brief(store: Store, wanted: Wanted, now: datetime, budget: Budget | None = None) -> Brief:
    """Everything at `now`. Brings the charges up to date, as `spend` does."""
    prices = wanted.prices
    shown = {"as_of": wanted.is_past, "by_hand": wanted.by_hand}
    waits = BoardQuery(is_unanswered=True)
    closing = board(store, waits._replace(closing_within=wanted.closing_within), prices, now, **shown).lines
    everybody = waits._replace(limit=wanted.rows + len(closing) if wanted.rows else 0)
    found = board(store, everybody, prices, now, **shown)
    soon = {line.row.thread_id for line in closing}
    waiting = [line for line in found.lines if line.row.thread_id not in soon]
    since, month_ends = month_of(now, prices.zone)
    until = now + timedelta(seconds=1)
    failed = failed_sends.list_failed(store, now - FAILED_WITHIN, until)
    free = allowances(store, prices, wanted.waba_id, now)
    rows = wanted.rows or None
    return Brief(
        at=now,
        closing_within=wanted.closing_within,
        open_count=threads.count_open_and_waiting(store, now)[0],
        closing=closing[:rows],
        closing_count=len(closing),
        waiting=waiting[:rows],
        waiting_count=len(found.lines) + found.more_count,
        failed=failed[:rows],
        failed_count=len(failed),
        unknown_count=sum(1 for one in failed if one.state == "unknown"),
        spent=spend(store, prices, Dimension.CATEGORY, since, min(month_ends, until)).total,
        currency=prices.currency,
        budget=budget,
        forecast=forecast(store, prices, now),
        rules=free,
        allowance=_own(free, wanted.phone_number_id),
        alarms=category_alarms(store, prices, now),
    )


def _own(found: Allowances, phone_number_id: str | None) -> NumberAllowance | None:
    """The number of the profile; without one, or under rules that count by account, the only one there is."""
    for number in found.numbers:
        if phone_number_id is not None and number.phone_number_id == phone_number_id:
            return number
    return found.numbers[0] if len(found.numbers) == 1 else None
