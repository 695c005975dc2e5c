"""Instants in the store are whole seconds since 1970; everywhere else they are aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

# Meta's clock is in seconds since 1970. What lies outside (a hostile or broken value) is no instant at all; the upper
# bound leaves room for every window to be added and still be a date Python can hold.
LATEST_INSTANT = 253_400_000_000


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970 of an aware instant, rounded down."""
    assert instant.tzinfo is not None, "an instant without a time zone is no instant"
    return int(instant.timestamp() // 1)


def moment(at: int) -> datetime:
    """The aware datetime (UTC) of a stored instant."""
    return datetime.fromtimestamp(at, UTC)


def moment_or_none(at: int | None) -> datetime | None:
    """The same for a column that may be empty."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def instant(value: int | None) -> int | None:
    """What Meta gives as an instant, or None when it cannot be one."""
    return value if value is not None and 0 <= value <= LATEST_INSTANT else None
