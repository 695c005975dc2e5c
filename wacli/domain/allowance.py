"""The monthly free messages, and the days and months they are counted by.

Source: facts pricing.md section 1: counted on delivered messages, no roll-over, reset at 12am on the first in the
account's time zone. Rates and rules change at 12am there too, so every price question starts with `day_of`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo

from .pricing_rules import Allowance, AllowanceScope


def day_of(at: datetime, zone: tzinfo) -> date:
    """The calendar day of an aware instant in the account's time zone: the day that rates and rules go by."""
    return at.astimezone(zone).date()


def month_of(at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The half-open span (UTC) of the calendar month around an instant, cut at 12am in the account's time zone."""
    first = day_of(at, zone).replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return midnight(first, zone), midnight(following, zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """12am of that day in the account's time zone, as a UTC instant."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def allowance_of(allowance: Allowance | None, numbers: int) -> int:
    """All free units of a month for an account with so many business numbers."""
    if allowance is None:
        return 0
    return allowance.free_count * (numbers if allowance.per is AllowanceScope.NUMBER else 1)


def left_of(allowance: Allowance | None, used: int) -> int:
    """Free units left on one number (or account); never below zero."""
    return 0 if allowance is None else max(0, allowance.free_count - used)
