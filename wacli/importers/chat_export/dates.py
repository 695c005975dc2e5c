"""Dates of an export: from three numbers to a day, and which of them is the month.

Facts: cloud-api.md section 13: the order follows the phone's locale and is told by a value above 12 anywhere in the
file, else by the sequence of messages, else by the owner. Years come Buddhist (2565 BE, or 65), Japanese (R4, 令和4),
of the Republic (民國111) and Persian; Hijri dates are refused, because their months were decreed and not calculated.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from ...domain.chat_export import DateOrder, OrderEvidence

_NUMBER = re.compile(r"\d+")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_ERA = re.compile(r"(R|H|令和|平成|民國|民国|Minguo) ?(\d{1,3})(?!\d)")
_ERA_BEGINS = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988, "民國": 1911, "民国": 1911, "Minguo": 1911}
_FIRST_YEAR = 2009  # WhatsApp began
_ENOUGH_DATES = 90  # two-figure years: a season of dates before the third number is believed to be a year
_EPOCH = date(1970, 1, 1).toordinal()


class Triple(NamedTuple):
    """The numbers of a date as written; `year_at` is 0 or 2, or None when two figures leave it open."""

    first: int
    second: int
    third: int
    year_at: int | None


def is_korean(text: str) -> bool:
    """True for text with hangul: Korean phones write `22. 3. 18.`, the year first, with two figures."""
    return _HANGUL.search(text) is not None


def triple_of(text: str) -> Triple | None:
    """The three numbers of `text`, eras and foreign calendars turned into common years; None for anything else."""
    numbers = _NUMBER.findall(text)
    if len(numbers) != 3:
        return None
    values = [int(number) for number in numbers]
    era = _ERA.search(text)
    if era is not None:
        year_at = 0 if text.startswith(era.group(1)) else 2
        values[year_at] += _ERA_BEGINS[era.group(1)]
        return Triple(values[0], values[1], values[2], year_at)
    long = [index for index, number in enumerate(numbers) if len(number) >= 3]
    if long:
        return Triple(values[0], values[1], values[2], long[0]) if long[0] != 1 and len(long) == 1 else None
    if values[0] > 31 or _EAST_ASIAN.search(text):
        return Triple(values[0], values[1], values[2], 0)
    return Triple(values[0], values[1], values[2], 2 if values[2] > 31 else None)


def is_hijri(triple: Triple) -> bool:
    """True for a year of the lunar Islamic calendar (1426 to 1475 are 2005 to 2053)."""
    return any(1425 < year < 1476 for year in (triple.first, triple.third))


def day_number(triple: Triple, order: DateOrder) -> int | None:
    """Days since 1970 of `triple` read in `order`; None when there is no such day (or its calendar is not read)."""
    if order is DateOrder.YEAR_FIRST:
        year, month, day = triple.first, triple.second, triple.third
    elif order is DateOrder.DAY_FIRST:
        day, month, year = triple.first, triple.second, triple.third
    else:
        month, day, year = triple.first, triple.second, triple.third
    year = _common_year(year)
    try:
        if 1380 <= year <= 1425:
            return _persian_day(year, month, day)
        if 1900 < year < 2200:
            return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        pass
    return None


def _common_year(year: int) -> int:
    if year < 52:
        return 2000 + year
    if year < 100:  # 52 to 99 would be the last century or a distant future: the Buddhist years 2552 to 2599
        return 2500 + year - 543
    return year - 543 if 2500 <= year < 2700 else year


def _persian_day(year: int, month: int, day: int) -> int:
    """Solar Hijri by the 33-year cycle, right for the years in question (checked against published new years)."""
    longest = 31 if month <= 6 else 30
    if not (1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError("no such Persian day")
    leaps = (8 * year + 21) // 33
    before = (month - 1) * 31 - max(0, month - 7)
    return 365 * year + leaps + before + day + _PERSIAN_OFFSET


_PERSIAN_OFFSET = date(2021, 3, 21).toordinal() - _EPOCH - (365 * 1400 + (8 * 1400 + 21) // 33 + 1)  # 1 Farvardin 1400


class OrderSeeker:
    """Takes the dates of a file in their sequence and says in which order to read them, as soon as it can."""

    def __init__(self, *, prefers_year_first: bool = False) -> None:
        """`prefers_year_first`: where the words beside the time are Korean, two figures in front are the year."""
        self._prefers_year_first = prefers_year_first
        self._firsts: set[int] = set()
        self._thirds: set[int] = set()
        self.first_high = 0  # dates whose first number can be no month
        self.second_high = 0
        self.third_high = 0
        self.third_too_early = 0  # as a year, before WhatsApp
        self.differing = False
        self.count = 0
        self._years_at = {0: 0, 2: 0}  # dates that tell by themselves where the year stands
        self._descents = [0, 0]
        self._last: list[int | None] = [None, None]

    def add(self, triple: Triple) -> None:
        """The next date of the file that differs from the one before it."""
        self.count += 1
        if triple.year_at is not None:
            self._years_at[triple.year_at] += 1
        elif self._prefers_year_first:
            self._years_at[0] += 1
        self._firsts.add(triple.first)
        self._thirds.add(triple.third)
        self.first_high += triple.first > 12
        self.second_high += triple.second > 12
        self.third_high += triple.third > 31
        self.third_too_early += triple.third < _FIRST_YEAR - 2000
        self.differing = self.differing or triple.first != triple.second
        for index, order in enumerate((DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)):
            day = day_number(triple, order)
            last = self._last[index]
            if day is not None:
                if last is not None and day < last:
                    self._descents[index] += 1
                self._last[index] = day

    @property
    def year_at(self) -> int | None:
        """Where most dates have their year; one line that somebody pasted decides nothing."""
        return next((place for place, count in self._years_at.items() if count * 2 > self.count), None)

    @property
    def is_settled(self) -> bool:
        """True when reading on could hardly change the answer."""
        if self.year_at == 0 and self.count >= 3:
            return True
        settled = abs(self.first_high - self.second_high) >= 3
        return settled and (self.year_at == 2 or self.count >= _ENOUGH_DATES)

    def _year_seems_first(self) -> bool:
        """Two figures: the third number cannot be a year, or it changes from day to day while the first never does."""
        if self.third_high:
            return False
        if self.third_too_early and len(self._firsts) <= len(self._thirds):  # years change less often than days
            return True
        return len(self._firsts) == 1 and len(self._thirds) >= 3

    def answer(self, separator: str) -> tuple[DateOrder, OrderEvidence] | None:
        """The order and why, or None when the file does not say."""
        if self.year_at == 0 or (self.year_at is None and self._year_seems_first()):
            return DateOrder.YEAR_FIRST, OrderEvidence.YEAR
        if self.first_high != self.second_high:
            first = self.first_high > self.second_high
            return (DateOrder.DAY_FIRST if first else DateOrder.MONTH_FIRST), OrderEvidence.VALUE
        if "." in separator:
            return DateOrder.DAY_FIRST, OrderEvidence.SEPARATOR
        if not self.differing:
            return DateOrder.DAY_FIRST, OrderEvidence.EITHER
        by_day, by_month = self._descents
        if (by_day == 0) != (by_month == 0):
            return (DateOrder.DAY_FIRST if by_day == 0 else DateOrder.MONTH_FIRST), OrderEvidence.SEQUENCE
        return None
