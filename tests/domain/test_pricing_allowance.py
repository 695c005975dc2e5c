"""Days, months and the monthly free messages, cut in the account's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.allowance import allowance_of, day_of, left_of, midnight, month_of
from wacli.domain.pricing_rules import Allowance, AllowanceCovers, AllowanceScope

JAKARTA = timezone(timedelta(hours=7))
NUMBERS = Allowance(1000, AllowanceScope.NUMBER, AllowanceCovers.SERVICE)
SPAN = (datetime(2018, 8, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - the strategy adds the zone itself
ACCOUNT = Allowance(1000, AllowanceScope.ACCOUNT, AllowanceCovers.ANY)


def test_a_day_begins_at_midnight_of_the_account() -> None:
    edge = datetime(2026, 9, 30, 17, tzinfo=UTC)
    assert day_of(edge - timedelta(microseconds=1), JAKARTA) == date(2026, 9, 30)
    assert day_of(edge, JAKARTA) == date(2026, 10, 1)
    assert midnight(date(2026, 10, 1), JAKARTA) == edge


def test_a_month_is_half_open_and_december_ends_in_january() -> None:
    start, end = month_of(datetime(2026, 12, 15, tzinfo=UTC), JAKARTA)
    assert (start, end) == (datetime(2026, 11, 30, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC))


@given(st.datetimes(*SPAN, timezones=st.just(UTC)))
def test_every_instant_lies_in_its_month_even_where_clocks_change(at: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start, end = month_of(at, zone)
    assert start <= at < end
    assert month_of(start, zone) == (start, end)
    assert month_of(end, zone)[0] == end


def test_the_allowance_by_scope() -> None:
    assert (allowance_of(NUMBERS, 3), allowance_of(ACCOUNT, 3), allowance_of(None, 3)) == (3000, 1000, 0)
    assert (left_of(NUMBERS, 999), left_of(NUMBERS, 1001), left_of(None, 0)) == (1, 0, 0)
