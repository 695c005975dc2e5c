"""What the rest of a month will bring, going by the days of the last weeks; and when that is too little to say.

The method, so that an owner can check it: a day to come is taken to be like the average of the same weekdays of the
last eight weeks; the range runs from the quietest to the busiest stretch of the same length in those weeks that began
on the same weekday. Where the history is too short for two such stretches, whole weeks are compared instead, and
stretched. With fewer than two full weeks nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

LEAST_DAYS = 14
MOST_DAYS = 56
_WEEK = 7


class Outlook(NamedTuple):
    """A sum over days to come: what it will likely be, and between what."""

    low: int
    likely: int
    high: int


def outlook(history: Sequence[int], ends_on: date, days: int) -> Outlook | None:
    """The sum of the `days` days after `ends_on`. `history`: whole days, oldest first, the last of them `ends_on`.

    None when fewer than 14 days are known. Only the last 56 are looked at.
    """
    if len(history) < LEAST_DAYS:
        return None
    known = list(history[-MOST_DAYS:])
    if days <= 0:
        return Outlook(0, 0, 0)
    first = ends_on - timedelta(days=len(known) - 1)
    likely = round(
        sum((mean_of(known, first, ends_on + timedelta(days=ahead + 1)) for ahead in range(days)), Fraction(0))
    )
    sums = [Fraction(total) for total in _stretches(known, days)]
    if len(sums) < 2:
        sums = [Fraction(total * days, _WEEK) for total in _stretches(known, _WEEK)]
    return Outlook(min(likely, round(min(sums))), likely, max(likely, round(max(sums))))


def mean_of(history: Sequence[int], first: date, day: date) -> Fraction:
    """The average of the days of `history` (which begins on `first`) that fall on the weekday of `day`."""
    start = (day - first).days % _WEEK
    alike = history[start::_WEEK]
    return Fraction(sum(alike), len(alike)) if alike else Fraction(0)


def _stretches(history: Sequence[int], length: int) -> list[int]:
    """Sums of stretches that began on the weekday of the day after the history."""
    start = len(history) % _WEEK
    return [sum(history[at : at + length]) for at in range(start, len(history) - length + 1, _WEEK)]
