"""`estimate --from-store`: the shop's own messages charged again, by other rules, on other cards, with other habits.

The log is read in the order of time and charged in one pass by the one rule (`domain.conversation_pricing`), so that
allowance, volume tiers, windows and entry points come out as they would have. Memory grows with threads, not messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

from wacli.domain.allowance import month_of
from wacli.domain.category import Category, category_of
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.habits import Changes, Habit, changes_of
from wacli.domain.message import Origin
from wacli.domain.money import from_micros, to_micros
from wacli.domain.pricing import SERVICE, FreeReason
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard
from wacli.store import message_log
from wacli.store.database import Store
from wacli.store.message_log import LogRow

from .charges import bring_up_to_date
from .prices import Prices

Progress = Callable[[int, int], None]
_SURELY = timedelta(hours=72)
_moment = datetime.fromtimestamp
_entry = tuple.__new__


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
    begin, _ = month_of(span.since, prices.zone)  # free messages and volumes count from the first of the month on
    sums, since = Sums(), span.since
    free, by_thread = sums.free, sums.by_thread
    micros: dict[Decimal, int] = {}  # a month has few prices, and a message must cost no more than reading it
    for entry, found in replaying.charges(_entries(store, prices, Span(begin, span.until), scenario)):
        if entry.at < since:
            continue
        sums.count += 1
        reason = found.free_reason
        if reason is not None:
            free[reason] = free.get(reason, 0) + 1
            continue
        sums.billed_count += 1
        amount = found.amount
        if amount is None:
            sums.unknown_count += 1
            continue
        cost = micros.get(amount)
        if cost is None:
            cost = micros[amount] = to_micros(amount)
        sums.amount += cost
        thread = entry[1]
        if thread is None or isinstance(thread, int):
            by_thread[thread] = by_thread.get(thread, 0) + cost
    return Outcome(scenario, sums, None if rules is None else rules.id, None if card is None else card.id)


def _entries(store: Store, prices: Prices, span: Span, scenario: Scenario) -> Iterator[LogEntry]:
    rows: Iterable[LogRow] = message_log.stream(store, span.since, span.until)
    if scenario.habit is not None:
        changes = changes_of(scenario.habit, rows, _SURELY)
        rows = _changed(lambda: message_log.stream(store, span.since, span.until), changes)
    markets: dict[int | None, str | None] = {}
    categories: dict[str | None, Category | None] = {None: None}
    on = scenario.on
    fixed_at = None if on is None else _noon(on, prices)
    api, app, no_category = Origin.API, Origin.APP, None
    for at, is_charged, _, thread, number, kind, category, origin, entry_until, has_referral, phone, bsuid in rows:
        instant = _moment(at, UTC)
        if not is_charged:
            # as LogEntry(...) would make it, at a third of the price
            yield _entry(LogEntry, (instant, thread, True, SERVICE, no_category, None, number, api, True,
                                    bool(has_referral), None))  # fmt: skip
            continue
        if thread not in markets:
            markets[thread] = None if thread is None else prices.market(phone, bsuid, fixed_at or instant)
        if category not in categories:
            categories[category] = None if category is None else category_of(category)
        yield _entry(
            LogEntry,
            (
                instant,
                thread,
                False,
                kind or SERVICE,
                categories[category],
                markets[thread],
                number,
                api if origin == "api" else app,
                True,
                False,
                None if entry_until is None else _moment(entry_until, UTC),
            ),
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
