"""The two clocks: half-open, by Meta's timestamps, permission apart from price."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.window import (
    Clocks,
    EntryPoint,
    EntryPointLength,
    EntryPointState,
    entry_point,
    is_window_open,
    window_closes_at,
)

WROTE = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LENGTH = EntryPointLength(timedelta(hours=72), timedelta(days=7))
WIDE = 12 * 365 * 24 * HOUR
instants = st.timedeltas(-WIDE, WIDE).map(lambda span: WROTE + span)


def test_the_window_is_open_from_the_message_on_and_shut_exactly_24_hours_later() -> None:
    clocks = Clocks(last_opener_at=WROTE)
    assert not is_window_open(clocks, WROTE - SECOND)
    assert is_window_open(clocks, WROTE)
    assert is_window_open(clocks, WROTE + 24 * HOUR - SECOND)
    assert not is_window_open(clocks, WROTE + 24 * HOUR)
    assert window_closes_at(clocks) == WROTE + 24 * HOUR


def test_who_never_wrote_has_no_window() -> None:
    assert not is_window_open(Clocks(), WROTE)
    assert window_closes_at(Clocks()) is None


def test_an_ad_click_is_armed_until_answered_or_lost() -> None:
    clocks = Clocks(last_opener_at=WROTE, referral_at=WROTE)
    assert entry_point(clocks, LENGTH, WROTE - SECOND).state is EntryPointState.NONE
    assert entry_point(clocks, LENGTH, WROTE) == EntryPoint(EntryPointState.ARMED, answer_by=WROTE + 24 * HOUR)
    assert entry_point(clocks, LENGTH, WROTE + 24 * HOUR - SECOND).state is EntryPointState.ARMED
    assert entry_point(clocks, LENGTH, WROTE + 24 * HOUR).state is EntryPointState.LOST


def test_metas_worked_case() -> None:
    """Ad click 10:00, template answer 22:00: free from 22:00 on, free-form only until 10:00 next day."""
    answered = WROTE + 12 * HOUR
    clocks = Clocks(WROTE, WROTE, WROTE, answered)
    running = entry_point(clocks, LENGTH, answered)
    assert running == EntryPoint(EntryPointState.RUNNING, answered + 72 * HOUR, is_confirmed=False)
    assert entry_point(clocks, LENGTH, answered + 72 * HOUR - SECOND).is_running
    assert entry_point(clocks, LENGTH, answered + 72 * HOUR).state is EntryPointState.NONE
    assert is_window_open(clocks, WROTE + 24 * HOUR - SECOND)
    assert not is_window_open(clocks, WROTE + 24 * HOUR)


def test_metas_own_expiry_is_the_truth() -> None:
    expires = WROTE + timedelta(days=6)
    clocks = Clocks(WROTE, WROTE, WROTE, WROTE + HOUR, expires)
    assert entry_point(clocks, LENGTH, WROTE + timedelta(days=5)) == EntryPoint(
        EntryPointState.RUNNING, expires, is_confirmed=True
    )
    assert not entry_point(clocks, LENGTH, expires).is_running


def test_a_length_that_cannot_vary_needs_no_confirmation() -> None:
    exact = EntryPointLength(timedelta(hours=72), timedelta(hours=72))
    assert entry_point(Clocks(WROTE, WROTE, WROTE, WROTE), exact, WROTE).is_confirmed


def test_a_second_click_does_not_end_a_running_one() -> None:
    second = WROTE + 20 * HOUR
    clocks = Clocks(second, second, WROTE, WROTE + HOUR)
    assert entry_point(clocks, LENGTH, second + HOUR).is_running
    after = WROTE + 74 * HOUR  # the first ran out, the second was never answered
    assert entry_point(clocks, LENGTH, after).state is EntryPointState.LOST


@given(wrote=instants, now=instants)
def test_open_means_less_than_24_hours_ago(wrote: datetime, now: datetime) -> None:
    assert is_window_open(Clocks(last_opener_at=wrote), now) == (timedelta(0) <= now - wrote < 24 * HOUR)


@given(clicked=instants, delay=st.timedeltas(timedelta(0), timedelta(hours=23)), now=instants)
def test_the_entry_point_never_runs_before_its_answer_or_beyond_its_end(
    clicked: datetime, delay: timedelta, now: datetime
) -> None:
    started = clicked + delay
    point = entry_point(Clocks(clicked, clicked, clicked, started), LENGTH, now)
    assert point.is_running == (started <= now < started + LENGTH.sure_for)
