"""The shop's own messages charged again: as they were they cost what `spend` says, and habits change what they say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.months import month_of_traffic
from tests.support.traffic import JAKARTA_PRICES, MONTHS, taken_in
from wacli.domain.allowance import midnight, month_of
from wacli.domain.habits import Changes, Habit, HabitKind, Moved, changes_of
from wacli.services.spend import spend
from wacli.services.what_if import Scenario, Span, replay
from wacli.store.message_log import LogRow
from wacli.store.spend import Dimension

HOUR, MINUTE = 3_600, 60


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_as_they_were_they_cost_what_spend_says(month: date, tmp_path: Path) -> None:
    traffic = month_of_traffic(month, chats=80, seed=month.year)
    since, until = month_of(midnight(month, JAKARTA_PRICES.zone), JAKARTA_PRICES.zone)
    with taken_in(tmp_path, traffic) as store:
        total = spend(store, JAKARTA_PRICES, Dimension.CATEGORY, since, until).total
        (found,) = replay(store, JAKARTA_PRICES, Span(since, until), [Scenario()])
        assert (found.sums.count, found.sums.total) == (total.message_count, total.amount)
        assert found.sums.free == total.free
        assert sum(found.sums.by_thread.values()) == found.sums.amount
        # from the middle of a month on, the free messages of its beginning are used up all the same
        middle = since + timedelta(days=14)
        total = spend(store, JAKARTA_PRICES, Dimension.CATEGORY, middle, until).total
        (found,) = replay(store, JAKARTA_PRICES, Span(middle, until), [Scenario()])
        assert (found.sums.count, found.sums.total) == (total.message_count, total.amount)


def test_other_days_and_habits(tmp_path: Path) -> None:
    traffic = month_of_traffic(date(2026, 11, 1), chats=950, seed=3)
    since, until = month_of(midnight(date(2026, 11, 1), JAKARTA_PRICES.zone), JAKARTA_PRICES.zone)
    scenarios = [
        Scenario(),
        Scenario(on=date(2026, 9, 15)),
        Scenario(habit=Habit(HabitKind.REPLIES_IN_APP)),
        Scenario(habit=Habit(HabitKind.MERGE_REPLIES, timedelta(hours=12))),
        Scenario(habit=Habit(HabitKind.ANSWER_WITHIN, timedelta(hours=2))),
    ]
    with taken_in(tmp_path, traffic) as store:
        now, before, in_app, merged, quick = replay(store, JAKARTA_PRICES, Span(since, until), scenarios)
    assert before.rules != now.rules
    assert before.sums.total < now.sums.total, "replies were free before October 2026"
    assert in_app.sums.total < now.sums.total
    assert in_app.sums.count == quick.sums.count == now.sums.count
    assert merged.sums.count < now.sums.count
    assert merged.sums.total <= now.sums.total
    assert quick.sums.total <= now.sums.total


def line(at: int, place: int = 0, kind: str | None = None, category: str | None = None, **more: object) -> LogRow:
    """A heard message, or with a kind a charged one."""
    row = LogRow(at, int(kind is not None), place, 1, 1, kind, category, "api", None, 0, "62", None)
    return row._replace(**more)  # type: ignore[arg-type]


def changes(kind: HabitKind, span: timedelta, *log: LogRow) -> Changes:
    return changes_of(Habit(kind, span), log, timedelta(hours=72))


def test_a_late_template_becomes_an_answer_in_time() -> None:
    late = line(30 * HOUR, 7, "template", "utility")
    found = changes(HabitKind.ANSWER_WITHIN, timedelta(hours=2), line(0), line(HOUR), late)
    assert found.moved == (Moved(2 * HOUR, 7, True),)
    offer = line(30 * HOUR, 7, "template", "marketing")
    assert changes(HabitKind.ANSWER_WITHIN, timedelta(hours=2), line(0), offer).moved == ()
    reply = line(5 * HOUR, 7, "service", "service")
    assert changes(HabitKind.ANSWER_WITHIN, timedelta(hours=2), line(0), reply).moved == (Moved(2 * HOUR, 7, False),)
    quick = line(HOUR, 7, "service", "service")
    assert changes(HabitKind.ANSWER_WITHIN, timedelta(hours=2), line(0), quick, late).moved == ()


def test_replies_one_after_another_are_one() -> None:
    log = [line(0), *(line(at * MINUTE, at, "service", "service") for at in (1, 2, 3, 30)), line(31 * MINUTE)]
    log += [line(32 * MINUTE, 32, "service", "service")]
    assert changes(HabitKind.MERGE_REPLIES, timedelta(minutes=10), *log).dropped == {2, 3}


def test_a_template_soon_after_the_entry_point_goes_out_before_its_end() -> None:
    click, answer = line(0, has_referral=1), line(HOUR, 1, "service", "service")
    end = HOUR + 72 * HOUR
    after, later = line(end + HOUR, 2, "template", "utility"), line(end + 80 * HOUR, 3, "template", "utility")
    found = changes(HabitKind.UTILITY_IN_ENTRY_POINT, timedelta(days=3), click, answer, after, later)
    assert found.moved == (Moved(end - 1, 2, False),)
    told = line(HOUR, 1, "service", "service", entry_until=50 * HOUR)
    found = changes(
        HabitKind.UTILITY_IN_ENTRY_POINT, timedelta(days=3), click, told, line(60 * HOUR, 2, "template", "utility")
    )
    assert found.moved == (Moved(50 * HOUR - 1, 2, False),)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["in", "service", "utility", "marketing"])), max_size=30),
    st.sampled_from([HabitKind.ANSWER_WITHIN, HabitKind.MERGE_REPLIES, HabitKind.UTILITY_IN_ENTRY_POINT]),
    st.integers(1, 24),
)
def test_no_message_is_changed_twice_and_none_goes_out_later(
    log: list[tuple[int, str]], kind: HabitKind, hours: int
) -> None:
    rows = []
    for place, (at, what) in enumerate(sorted(log), 1):
        sent = "service" if what == "service" else "template"
        rows.append(line(at * HOUR) if what == "in" else line(at * HOUR, place, sent, what))
    found = changes(kind, timedelta(hours=hours), *rows)
    places = [one.place for one in found.moved]
    assert len(places) == len(set(places))
    at_of = {row.place: row.at for row in rows if row.is_charged}
    assert all(one.at <= at_of[one.place] for one in found.moved)
    assert found.dropped.isdisjoint(places)
