"""Time that passes only when somebody sleeps: pauses of hours take nothing, and are remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wacli.services.pace import Pace


class PassingTime:
    """A clock for `Pace`, or for a whole program (`for_everybody`). `slept`: the pauses, in seconds."""

    def __init__(self, wakes: Callable[[], object] = lambda: None) -> None:
        """`wakes` is called in each pause, before it is over."""
        self.slept: list[float] = []
        self._now = 0.0
        self._wakes = wakes

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Passes."""
        self.slept.append(seconds)
        self._wakes()
        self._now += seconds

    def pace(self, a_second: int | None = None) -> Pace:
        """A pace by this clock."""
        return Pace(a_second, clock=self.monotonic, sleep=self.sleep)

    def for_everybody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every pause of a run of sends is by this clock from now on."""
        monkeypatch.setattr("wacli.services.pace.time", self)
