"""`estimate --from-store`: the shop's own messages charged again, by other rules, on other cards, with other habits.

The log is read in the order of time and charged in one pass by the one rule (`domain.conversation_pricing`), so that
allowance, volume tiers, windows and entry points come out as they would have. Memory grows with threads, not messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

from wacli.domain.allowance import month_of
from wacli.domain.category import category_of
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.habits import Changes, Habit, changes_of
from wacli.domain.message import Origin
from wacli.domain.money import from_micros, to_micros
from wacli.domain.pricing import SERVICE, FreeReason
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard
from wacli.store import message_log
from wacli.store.database import Store
from wacli.store.instants import moment
from wacli.store.message_log import LogRow

from .charges import bring_up_to_date
from .prices import Prices

Progress = Callable[[int, int], None]
_SURELY = timedelta(hours=72)


class Scenario(NamedTuple):
    """One way to charge the log. `on` None: each message by the rules of its own day."""

    on: date | None = None
    habit: Habit | None = None


@dataclass(slots=True)
class Sums:
    """What a scenario comes to. `amount` in micro-units as far as prices are known, by thread too."""

    count: int = 0
    billed_count: int = 0
    unknown_count: int = 0
    amount: int = 0
    free: dict[FreeReason, int] = field(default_factory=dict)
    by_thread: dict[int | None, int] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """The amount in the account's currency."""
        return from_micros(self.amount)


class Outcome(NamedTuple):
    """A scenario with its sums; `rules` and `rate_card` where one day's hold for all."""

    scenario: Scenario
    sums: Sums
    rules: str | None
    rate_card: str | None


class Span(NamedTuple):
    """The messages that are charged again: from `since` on and before `until`."""

    since: datetime
    until: datetime


def replay(
    store: Store, prices: Prices, span: Span, scenarios: Iterable[Scenario], *, on_progress: Progress | None = None
) -> list[Outcome]:
    """Charges the span once for each scenario. Raises `Invalid` for a day without rules."""
    bring_up_to_date(store, prices, on_progress=on_progress)
    return [_charged(store, prices, span, scenario) for scenario in scenarios]


def _charged(store: Store, prices: Prices, span: Span, scenario: Scenario) -> Outcome:
    day = scenario.on
    rules, card = (None, None) if day is None else prices.on_day(day)

    def of_day(_: date) -> tuple[PricingRules, RateCard | None]:
        assert rules is not None
        return rules, card

    replaying = Replay(prices.on_day if day is None else of_day, prices.zone)
    sums = Sums()
    free, by_thread = sums.free, sums.by_thread
    begin, _ = month_of(span.since, prices.zone)  # free messages and volumes count from the first of the month on
    for entry, charge in replaying.charges(_entries(store, prices, Span(begin, span.until), scenario)):
        if entry.at < span.since:
            continue
        sums.count += 1
        if charge.free_reason is not None:
            free[charge.free_reason] = free.get(charge.free_reason, 0) + 1
            continue
        sums.billed_count += 1
        if charge.amount is None:
            sums.unknown_count += 1
            continue
        micros = to_micros(charge.amount)
        sums.amount += micros
        thread = entry.thread if isinstance(entry.thread, int) else None
        by_thread[thread] = by_thread.get(thread, 0) + micros
    return Outcome(scenario, sums, None if rules is None else rules.id, None if card is None else card.id)


def _entries(store: Store, prices: Prices, span: Span, scenario: Scenario) -> Iterator[LogEntry]:
    rows: Iterable[LogRow] = message_log.stream(store, span.since, span.until)
    if scenario.habit is not None:
        changes = changes_of(scenario.habit, rows, _SURELY)
        rows = _changed(lambda: message_log.stream(store, span.since, span.until), changes)
    markets: dict[int | None, str | None] = {}
    origins: Mapping[str | None, Origin] = {"api": Origin.API, "app": Origin.APP}
    on = scenario.on
    fixed_at = None if on is None else _noon(on, prices)
    for row in rows:
        at, is_charged, _, thread, number, kind, category, origin, entry_until, has_referral, phone, bsuid = row
        instant = moment(at)
        if thread not in markets:
            markets[thread] = None if thread is None else prices.market(phone, bsuid, fixed_at or instant)
        if not is_charged:
            yield LogEntry(instant, thread, True, number=number, has_referral=bool(has_referral))
        else:
            yield LogEntry(
                instant,
                thread,
                False,
                kind or SERVICE,
                None if category is None else category_of(category),
                markets[thread],
                number,
                origins.get(origin, Origin.APP),
                entry_until=None if entry_until is None else moment(entry_until),
            )


def _changed(again: Callable[[], Iterable[LogRow]], changes: Changes) -> Iterator[LogRow]:
    """The log with a habit's changes in it, still in the order of time."""
    targets = {one.place: one for one in changes.moved}
    moved: list[LogRow] = []
    if targets:  # their rows are picked out first, as some go out before rows that are read earlier
        for row in again():
            target = targets.get(row.place) if row.is_charged else None
            if target is not None:
                kind = SERVICE if target.is_reply else row.kind
                moved.append(row._replace(at=target.at, kind=kind, category=None if target.is_reply else row.category))
        moved.sort()
    stay = (
        row for row in again() if not row.is_charged or (row.place not in targets and row.place not in changes.dropped)
    )
    for row in merge(stay, moved, key=_when):
        yield row._replace(origin="app") if changes.in_app and row.is_charged and row.kind == SERVICE else row


def _when(row: LogRow) -> tuple[int, int, int]:
    return row[:3]


def _noon(day: date, prices: Prices) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=prices.zone)
