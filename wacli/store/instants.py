"""Instants in the store are whole seconds since 1970; everywhere else they are aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


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
