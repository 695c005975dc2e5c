"""The outlook by weekdays: hand-worked sums, and what holds for any history."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.forecast import LEAST_DAYS, Outlook, outlook

SUNDAY = date(2026, 11, 22)
WEEK = [10, 10, 10, 10, 10, 40, 0]  # Monday to Sunday


def test_the_same_week_again_and_again_leaves_no_doubt() -> None:
    assert outlook(WEEK * 4, SUNDAY, 7) == Outlook(90, 90, 90)
    assert outlook(WEEK * 4, SUNDAY, 1) == Outlook(10, 10, 10)
    assert outlook(WEEK * 4, SUNDAY, 6) == Outlook(90, 90, 90)
    assert outlook(WEEK * 4, SUNDAY - timedelta(days=1), 1) == Outlook(
        10, 10, 10
    )  # ends on a Saturday: Sunday was a 10


def test_the_range_is_the_quietest_and_the_busiest_such_stretch() -> None:
    history = [day for factor in (1, 2, 3, 4) for day in [factor] * 7]
    assert outlook(history, SUNDAY, 7) == Outlook(7, 18, 28)  # 17.5 is likely
    assert outlook(history, SUNDAY, 8) == Outlook(9, 20, 25)


def test_a_month_to_come_out_of_two_weeks_is_stretched() -> None:
    history = [1] * 7 + [3] * 7
    assert outlook(history, SUNDAY, 14) == Outlook(14, 28, 42)
    assert outlook(history, SUNDAY, 21) == Outlook(21, 42, 63)


def test_too_little_is_not_enough_and_no_days_are_nothing() -> None:
    assert outlook([5] * (LEAST_DAYS - 1), SUNDAY, 3) is None
    assert outlook([5] * LEAST_DAYS, SUNDAY, 0) == Outlook(0, 0, 0)
    assert outlook([], SUNDAY, 3) is None


def test_only_eight_weeks_count() -> None:
    assert outlook([1_000_000] * 100 + WEEK * 8, SUNDAY, 7) == Outlook(90, 90, 90)


@given(st.lists(st.integers(0, 10**9), min_size=LEAST_DAYS, max_size=70), st.integers(0, 31))
def test_the_likely_is_within_its_range_and_nothing_is_below_nothing(history: list[int], days: int) -> None:
    found = outlook(history, SUNDAY, days)
    assert found is not None
    assert 0 <= found.low <= found.likely <= found.high


@given(st.lists(st.integers(0, 1_000), min_size=LEAST_DAYS, max_size=56), st.integers(1, 31), st.integers(2, 5))
def test_twice_the_traffic_is_twice_the_outlook(history: list[int], days: int, factor: int) -> None:
    once, more = outlook(history, SUNDAY, days), outlook([factor * day for day in history], SUNDAY, days)
    assert once is not None
    assert more is not None
    for one, many in zip(once, more, strict=True):
        assert abs(many - factor * one) <= factor  # rounding
