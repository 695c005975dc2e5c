"""When a shop is open: `mon-fri 08:00-17:00; sat 09:00-12:00`, in the shop's own time zone.

A rule of our own (Meta keeps opening hours for its profile page only). What is written are hours on the wall clock, so
a change of daylight saving time moves nothing: 08:00 is 08:00. An hour that the clocks skip is never; one that they
show twice is twice. Spans are half-open: at 17:00 the shop is closed. A span that ends before it begins goes on after
midnight (`fri 18:00-02:00` ends on Saturday).

    hours = part *(";" part)      part = days times
    days = day-or-range *("," day-or-range)        times = span *("," span)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple

from .problem import Invalid
from .text import Text, t

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * _DAY_MINUTES
_INDONESIAN = ("sen", "sel", "rab", "kam", "jum", "sab", "min")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONG_INDONESIAN = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_NUMBERS = {name: place for names in (DAYS, _INDONESIAN, _LONG, _LONG_INDONESIAN) for place, name in enumerate(names)}
_SPAN = re.compile(r"([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)")


class BusinessHours(NamedTuple):
    """Open spans as minutes of the week (0 is Monday 00:00), sorted, apart from each other, `until` excluded."""

    spans: tuple[tuple[int, int], ...]

    def is_open(self, at: datetime, zone: tzinfo) -> bool:
        """True when the wall clock of that zone shows an hour at which the shop is open."""
        local = at.astimezone(zone)
        minute = local.weekday() * _DAY_MINUTES + local.hour * 60 + local.minute
        return any(start <= minute < until for start, until in self.spans)

    def __str__(self) -> str:
        """The same hours as they could have been typed, one part for each span; midnight divides none that goes on."""
        return "; ".join(_written(start, until) for start, until in self._joined())

    def _joined(self) -> Iterator[tuple[int, int]]:
        """The spans as days show them: whole days apart, and what goes on after Sunday's midnight in one piece."""
        spans = list(self.spans)
        if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == WEEK_MINUTES:
            first, last = spans.pop(0), spans.pop()
            spans.append((last[0], WEEK_MINUTES + first[1]))
        for start, until in spans:
            while until - start >= _DAY_MINUTES:  # longer than a span can be written
                midnight = (start // _DAY_MINUTES + 1) * _DAY_MINUTES
                yield start, midnight
                start = midnight
            if start < until:
                yield start, until


def parse_business_hours(typed: str) -> BusinessHours:
    """Reads the hours. Raises `Invalid` (`bad-hours`) with the part that cannot be read, and how to write it."""
    minutes: list[tuple[int, int]] = []
    for part in typed.lower().split(";"):
        days, _, times = part.strip().partition(" ")
        if not days or not times.strip():
            raise _bad(t("“{part}” is not days and times", part=part.strip()))
        spans = [_span(one.strip()) for one in times.split(",")]
        for day in _days(days):
            for start, until in spans:
                minutes += _of_week(day * _DAY_MINUTES + start, day * _DAY_MINUTES + until)
    return BusinessHours(_apart(sorted(minutes)))


def _days(typed: str) -> list[int]:
    found: list[int] = []
    for part in typed.split(","):
        first, dash, last = part.partition("-")
        for name in (first, last) if dash else (first,):
            if name not in _NUMBERS:
                raise _bad(t("“{name}” is no day of the week", name=name))
        start = _NUMBERS[first]
        length = (_NUMBERS[last] - start) % 7 + 1 if dash else 1
        found += [(start + step) % 7 for step in range(length)]
    if len(set(found)) < len(found):
        raise _bad(t("“{days}” names a day twice", days=typed))
    return found


def _span(typed: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(typed)
    if match is None:
        raise _bad(t("“{span}” is no span of time", span=typed))
    start, until = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if start >= _DAY_MINUTES or until > _DAY_MINUTES or start == until:
        raise _bad(t("“{span}” is no span of time", span=typed))
    return start, until if until > start else until + _DAY_MINUTES


def _of_week(start: int, until: int) -> list[tuple[int, int]]:
    if until <= WEEK_MINUTES:
        return [(start, until)]
    return [(start, WEEK_MINUTES), (0, until - WEEK_MINUTES)]


def _apart(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans that touch become one; two that share a minute are a mistake."""
    joined: list[tuple[int, int]] = []
    for start, until in spans:
        if joined and start < joined[-1][1]:
            raise _bad(t("two of the spans overlap ({day})", day=DAYS[start // _DAY_MINUTES]))
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], until)
        else:
            joined.append((start, until))
    return tuple(joined)


def _written(start: int, until: int) -> str:
    day, start = divmod(start, _DAY_MINUTES)
    until -= day * _DAY_MINUTES
    if until > _DAY_MINUTES:
        until -= _DAY_MINUTES
    return f"{DAYS[day % 7]} {start // 60:02}:{start % 60:02}-{until // 60:02}:{until % 60:02}"


def _bad(why: Text) -> Invalid:
    return Invalid(
        "bad-hours",
        t("these are no business hours: {why}", why=why),
        t("Write them like mon-fri 08:00-17:00; sat 09:00-12:00"),
    )
