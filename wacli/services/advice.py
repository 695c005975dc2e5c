"""`wacli advice`: what would make the next month cheaper, worked out on the shop's own messages.

Each piece of advice is a scenario of `what_if` (or a look at who reads what), charged by today's rules, so that it
says what the same month would cost if it came again. Pieces overlap: their savings do not add up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.habits import Habit, HabitKind
from wacli.domain.money import from_micros
from wacli.domain.text import Text, t, tn
from wacli.store import spend as sums
from wacli.store.database import Store
from wacli.store.unread import list_unread_marketing

from .charges import bring_up_to_date
from .prices import Prices
from .template_alarms import category_alarms
from .what_if import Outcome, Scenario, Span, replay

_UNREAD_FROM = 3  # offers in a row; two may be chance
_SHOWN = 5
_NOT_WORTH_IT = 10_000  # micro-units: less than a cent is no advice


class Effort(StrEnum):
    """How much work it is."""

    LOW = "low"
    MEDIUM = "medium"


class Concerned(NamedTuple):
    """A thread that the advice is about, with its share of the saving."""

    thread_id: int
    contact_id: int
    name: str
    saved: Decimal


class Advice(NamedTuple):
    """One thing to do. `command`: what to type, or to look at, first. `thread_count`: all that are concerned."""

    code: str
    saved: Decimal
    effort: Effort
    sentence: Text
    command: str
    thread_count: int
    threads: tuple[Concerned, ...]


class Advised(NamedTuple):
    """Everything found, the largest saving first, and what the span would cost by today's rules."""

    span: Span
    currency: str
    amount: Decimal
    message_count: int
    unknown_count: int
    found: list[Advice]


_HABITS: tuple[tuple[Habit, Effort, str], ...] = (
    (Habit(HabitKind.ANSWER_WITHIN, timedelta(hours=2)), Effort.MEDIUM, "wacli watch --notify bell"),
    (Habit(HabitKind.MERGE_REPLIES, timedelta(minutes=10)), Effort.LOW, "wacli quick add NAME TEXT"),
    (Habit(HabitKind.UTILITY_IN_ENTRY_POINT, timedelta(days=3)), Effort.MEDIUM, "wacli ads --running"),
    (Habit(HabitKind.REPLIES_IN_APP), Effort.MEDIUM, "wacli allowance"),
)


def advise(
    store: Store,
    prices: Prices,
    span: Span,
    now: datetime,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Advised:
    """What would have saved something in the span, by the rules of `now`."""
    bring_up_to_date(store, prices, on_progress=on_progress)
    today = prices.day(now)
    scenarios = [Scenario(today), *(Scenario(today, habit) for habit, _, _ in _HABITS)]
    base, *others = replay(store, prices, span, scenarios)
    found = [
        _of_habit(store, base, outcome, effort, command)
        for outcome, (_, effort, command) in zip(others, _HABITS, strict=True)
        if base.sums.amount - outcome.sums.amount >= _NOT_WORTH_IT
    ]
    found += _unread(store, span)
    found += _alarms(store, prices, now)
    found.sort(key=lambda one: (-one.saved, one.code))
    return Advised(span, prices.currency, base.sums.total, base.sums.count, base.sums.unknown_count, found)


def _of_habit(store: Store, base: Outcome, outcome: Outcome, effort: Effort, command: str) -> Advice:
    habit = outcome.scenario.habit
    assert habit is not None
    before, after = base.sums.by_thread, outcome.sums.by_thread
    saved = {
        thread: before.get(thread, 0) - after.get(thread, 0)
        for thread in before.keys() | after.keys()
        if thread is not None and before.get(thread, 0) > after.get(thread, 0)
    }
    total = from_micros(base.sums.amount - outcome.sums.amount)
    return Advice(habit.kind.value, total, effort, _SENTENCES[habit.kind], command, len(saved), _threads(store, saved))


def _unread(store: Store, span: Span) -> list[Advice]:
    rows = list_unread_marketing(store, span.since, span.until, _UNREAD_FROM)
    amount = sum(row.amount for row in rows)
    if amount < _NOT_WORTH_IT:
        return []
    sentence = tn(
        "Leave {count} contact out of offers: several in a row were never read",
        "Leave {count} contacts out of offers: several in a row were never read",
        len(rows),
    )
    threads = _threads(store, {row.thread_id: row.amount for row in rows})
    return [
        Advice(
            "unread-marketing",
            from_micros(amount),
            Effort.LOW,
            sentence,
            "wacli contacts tag WHO no-offers",
            len(rows),
            threads,
        )
    ]


def _alarms(store: Store, prices: Prices, now: datetime) -> list[Advice]:
    """Templates that Meta moves to a dearer category: other words may bring them back."""
    return [
        Advice(
            "category-alarm",
            alarm.adds,
            Effort.MEDIUM,
            t(
                "Reword template {name}: WhatsApp moves it to {category}",
                name=alarm.name,
                category=alarm.after.lower(),
            ),
            f"wacli templates show {alarm.name}",
            0,
            (),
        )
        for alarm in category_alarms(store, prices, now)
        if alarm.adds is not None and alarm.adds > 0
    ]


def _threads(store: Store, saved: dict[int, int]) -> tuple[Concerned, ...]:
    dearest = sorted(saved, key=lambda thread: (-saved[thread], thread))[:_SHOWN]
    names = sums.thread_names(store, dearest)
    return tuple(Concerned(thread, *names[thread], from_micros(saved[thread])) for thread in dearest if thread in names)


_SENTENCES = {
    HabitKind.ANSWER_WITHIN: t("Answer within 2 hours: later you paid for templates, or lost an ad's free window"),
    HabitKind.MERGE_REPLIES: t("Send one reply instead of several within 10 minutes"),
    HabitKind.UTILITY_IN_ENTRY_POINT: t("Send utility templates while an ad's free window still runs"),
    HabitKind.REPLIES_IN_APP: t(
        "Type replies beyond the free ones in the phone app (coexistence), which is never billed"
    ),
}
