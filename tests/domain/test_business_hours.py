"""Business hours: what is typed, what it means at both edges, and what daylight saving time does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.business_hours import DAYS, WEEK_MINUTES, BusinessHours, parse_business_hours
from wacli.domain.problem import Invalid

JAKARTA, BERLIN, NEW_YORK = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SHOP = "mon-fri 08:00-17:00; sat 09:00-12:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-23T07:59:59+07:00", False),  # a Monday
        ("2026-11-23T08:00:00+07:00", True),
        ("2026-11-23T16:59:59+07:00", True),
        ("2026-11-23T17:00:00+07:00", False),
        ("2026-11-23T01:00:00+00:00", True),  # 08:00 in Jakarta
        ("2026-11-28T09:00:00+07:00", True),
        ("2026-11-28T12:00:00+07:00", False),
        ("2026-11-29T10:00:00+07:00", False),
    ],
)
def test_open_from_the_first_second_to_before_the_last(instant: str, is_open: bool) -> None:
    assert parse_business_hours(SHOP).is_open(at(instant), JAKARTA) is is_open


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("MON-FRI 08:00-17:00;  sat  09:00-12:00", SHOP),
        ("senin-jumat 08:00-17:00; sab 09:00-12:00", SHOP),
        ("mon,tue,wed,thu,fri 08:00-12:00,12:00-17:00; saturday 09:00-12:00", SHOP),
        ("sat-mon 10:00-11:00", "sat,sun,mon 10:00-11:00"),
        ("mon-sun 00:00-24:00", "mon-sun 00:00-12:00,12:00-24:00"),
        ("fri 18:00-02:00", "fri 18:00-24:00; sat 00:00-02:00"),
        ("sun 22:00-06:00", "sun 22:00-24:00; mon 00:00-06:00"),
    ],
)
def test_ways_to_write_the_same(typed: str, same: str) -> None:
    assert parse_business_hours(typed) == parse_business_hours(same)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "“” is not days and times"),
        ("mon", "“mon” is not days and times"),
        ("08:00-17:00", "“08:00-17:00” is not days and times"),
        ("mon-fri 08:00-17:00;", "“” is not days and times"),
        ("mon-fry 08:00-17:00", "“fry” is no day of the week"),
        ("mon- 08:00-17:00", "“” is no day of the week"),
        ("mon,mon 08:00-17:00", "“mon,mon” names a day twice"),
        ("mon 8:00-17:00", "“8:00-17:00” is no span of time"),
        ("mon 08:00-08:00", "“08:00-08:00” is no span of time"),
        ("mon 08:00-24:01", "“08:00-24:01” is no span of time"),
        ("mon 24:00-08:00", "“24:00-08:00” is no span of time"),
        ("mon 08:00-12:60", "“08:00-12:60” is no span of time"),
        ("mon 08:00 - 17:00", "“08:00 - 17:00” is no span of time"),
        ("mon 08:00-17:00 tue 08:00-17:00", "“08:00-17:00 tue 08:00-17:00” is no span of time"),
        ("mon 08:00-12:00; mon 11:59-13:00", "two of the spans overlap (mon)"),
        ("mon 22:00-06:00; tue 05:00-07:00", "two of the spans overlap (tue)"),
        ("sun 22:00-06:00; mon 05:00-07:00", "two of the spans overlap (mon)"),
        ("mon-sun 00:00-24:00; wed 10:00-11:00", "two of the spans overlap (wed)"),
    ],
)
def test_what_cannot_be_read_is_said(typed: str, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_business_hours(typed)
    assert caught.value.code == "bad-hours"
    assert str(caught.value.message) == f"these are no business hours: {why}"


@st.composite
def hours(draw: st.DrawFn) -> BusinessHours:
    """Any spans apart from each other, of any minutes of the week."""
    edges = sorted(draw(st.sets(st.integers(0, WEEK_MINUTES), min_size=2, max_size=24)))
    return BusinessHours(tuple(zip(edges[::2], edges[1::2], strict=False)))


@given(hours())
def test_what_is_written_is_read_as_the_same(wanted: BusinessHours) -> None:
    assert parse_business_hours(str(wanted)) == wanted


instants = st.datetimes(datetime(2018, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
zones = st.sampled_from([JAKARTA, BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")])


@given(hours(), instants, zones)
def test_the_wall_clock_alone_decides(open_hours: BusinessHours, instant: datetime, zone: ZoneInfo) -> None:
    local = instant.astimezone(zone)
    shown = f"{DAYS[local.weekday()]} {local:%H:%M}"
    minute = DAYS.index(shown[:3]) * 1440 + int(shown[4:6]) * 60 + int(shown[7:])
    expected = any(minute in range(start, until) for start, until in open_hours.spans)
    assert open_hours.is_open(instant, zone) is expected
    assert open_hours.is_open(local, UTC) is open_hours.is_open(instant, UTC)  # the instant counts, not its clothes


@given(hours(), instants, zones)
def test_a_week_later_on_the_wall_it_is_the_same(open_hours: BusinessHours, instant: datetime, zone: ZoneInfo) -> None:
    local = instant.astimezone(zone)
    later = (local.replace(tzinfo=None) + timedelta(days=7)).replace(tzinfo=zone, fold=0)
    if later.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != later.replace(tzinfo=None):
        return  # an hour that the clocks skip
    assert open_hours.is_open(later, zone) is open_hours.is_open(instant, zone)


def test_daylight_saving_time_moves_no_hours() -> None:
    shop = parse_business_hours("mon-sun 08:00-17:00")
    for day in ("2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"):  # Berlin changes on the 29th and the 25th
        opens = datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=BERLIN)
        assert shop.is_open(opens, BERLIN)
        assert not shop.is_open(opens.astimezone(UTC) - timedelta(seconds=1), BERLIN)


def test_an_hour_that_is_skipped_is_never_and_one_shown_twice_is_twice() -> None:
    night = parse_business_hours("sun 02:00-03:00")
    spring = at("2026-03-29T00:00:00+00:00")
    autumn = at("2026-10-25T00:00:00+00:00")

    def minutes_open(midnight: datetime) -> int:
        return sum(night.is_open(midnight + timedelta(minutes=minute), BERLIN) for minute in range(180))

    assert (minutes_open(spring), minutes_open(autumn)) == (0, 120)
