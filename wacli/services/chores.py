"""Chores beside the receiving: plain callables that are run every so often by one thread, one after another.

Retention, campaigns that have become due, what waits to be passed on: each is a function of `now` with a name and a
period, made where everything it needs is known (cli) and handed in. What one of them raises is told and forgotten:
the next round tries again, and the others are not concerned. Periods are measured by a clock that nobody can set.

A chore that takes its time has a `Rounds` of its own, so that it keeps nobody waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from wacli.domain.problem import Problem, Unavailable
from wacli.domain.text import t

Troubled: TypeAlias = Callable[[Problem], None]
_log = logging.getLogger(__name__)


class Chore(NamedTuple):
    """Something to be done again and again. `is_last_wish`: once more when everything stops."""

    name: str
    period: timedelta
    run: Callable[[datetime], object]
    is_last_wish: bool = False


class Rounds:
    """One thread that does its chores: each when its period is over, all of them when it is woken."""

    def __init__(
        self,
        chores: Sequence[Chore],
        clock: Callable[[], datetime],
        on_trouble: Troubled,
        *,
        stopping: threading.Event | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives the `now` that a chore gets; `ticks` are seconds that only ever grow.

        `stopping` may be shared among several that end together.
        """
        self._chores = list(chores)
        self._clock = clock
        self._on_trouble = on_trouble
        self._ticks = ticks
        self._due_at = [ticks()] * len(self._chores)
        self._bell = threading.Event()
        self.stopping = stopping or threading.Event()
        self._thread = threading.Thread(target=self._run, name="wacli-chores", daemon=True)

    def start(self) -> None:
        """Begins; every chore is due at once."""
        self._thread.start()

    def wake(self) -> None:
        """Has every chore done as soon as the one under way is finished."""
        self._bell.set()

    def stop(self) -> None:
        """Lets the chore under way finish (it may look at `stopping`), grants the last wishes, and ends."""
        self.stopping.set()
        self._bell.set()
        if self._thread.ident is not None:
            self._thread.join()

    def do_due(self, *, is_woken: bool = False) -> float:
        """Does what is due now; seconds until something is due again."""
        for place, chore in enumerate(self._chores):
            if self.stopping.is_set():
                return 0.0
            if is_woken or self._due_at[place] <= self._ticks():
                self._do(chore)
                self._due_at[place] = self._ticks() + chore.period.total_seconds()
        return max(0.0, min(self._due_at, default=self._ticks() + 3600.0) - self._ticks())

    def _run(self) -> None:
        pause = self.do_due()
        while not self.stopping.is_set():
            is_woken = self._bell.wait(pause)
            self._bell.clear()
            pause = self.do_due(is_woken=is_woken)
        for chore in self._chores:
            if chore.is_last_wish:
                self._do(chore)

    def _do(self, chore: Chore) -> None:
        try:
            chore.run(self._clock())
        except Problem as problem:
            self._on_trouble(problem)
        except Exception as defect:
            _log.debug("chore %s failed", chore.name, exc_info=defect)
            self._on_trouble(
                Unavailable(
                    "chore-failed",
                    t("{chore} failed: {reason}", chore=chore.name, reason=f"{type(defect).__name__}: {defect}"),
                    t("It will be tried again"),
                )
            )
