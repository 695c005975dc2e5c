"""The sandbox's own clock: real time by default, or set, stopped, advanced, and run faster.

Windows, entry points, allowances, template reviews and delivery delays all read this clock, so a whole day can be
played in a moment and the day after a price change can be tried today. Only waiting on a socket is in real time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """An instant that moves at `speed` sandbox seconds per real second; 0 stands still until it is advanced."""

    def __init__(
        self, start: datetime | None = None, *, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`start` is aware (default: the real time); `speed` 0 or more. Raises ValueError otherwise."""
        if start is not None and start.tzinfo is None:
            raise ValueError("the sandbox clock needs an aware instant")
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._base = datetime.now(UTC) if start is None else start.astimezone(UTC)
        self._since = monotonic()
        self._speed = _checked_speed(speed)

    def now(self) -> datetime:
        """The sandbox's instant, UTC."""
        with self._lock:
            return self._now()

    @property
    def speed(self) -> float:
        """Sandbox seconds per real second."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._rebase(self._now())
            self._speed = _checked_speed(speed)

    def set(self, at: datetime) -> None:
        """Jump forward to `at` (aware). Raises ValueError for an earlier instant: what happened, happened."""
        if at.tzinfo is None:
            raise ValueError("the sandbox clock needs an aware instant")
        with self._lock:
            if at < self._now():
                raise ValueError("the sandbox clock cannot go back")
            self._rebase(at.astimezone(UTC))

    def advance(self, by: timedelta) -> datetime:
        """Jump forward by a duration and return the new instant. Raises ValueError for a negative one."""
        if by < timedelta(0):
            raise ValueError("the sandbox clock cannot go back")
        with self._lock:
            self._rebase(self._now() + by)
            return self._base

    def real_seconds_until(self, at: datetime) -> float | None:
        """How long a thread must wait for `at`: 0 when it has come, None when the clock stands still before it."""
        with self._lock:
            left = (at - self._now()).total_seconds()
            if left <= 0:
                return 0.0
            return left / self._speed if self._speed else None

    def _now(self) -> datetime:
        return self._base + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def _rebase(self, at: datetime) -> None:
        self._base, self._since = at, self._monotonic()


def _checked_speed(speed: float) -> float:
    if not 0 <= speed <= 1_000_000:
        raise ValueError("the sandbox clock runs at 0 to 1,000,000 times real speed")
    return speed
