"""What the receiver has kept, applied after the answer, in small transactions that give way to the receiving.

SQLite has one writer at a time: while a slice is applied, bodies wait for it. So a slice is small, and as long as
bodies keep coming, the pause after it is `_GIVES_WAY` times as long as it took: under load most of the time belongs to
the receiving, and the backlog is worked off when it becomes quiet. At the end nobody is waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from wacli.store.database import Store
from wacli.store.intake import Intake

from .chores import Chore
from .inbound import Applied, Slice, apply_next

SLICE = Slice(limit=50, most_bytes=500_000)
_GIVES_WAY = 4.0
_LONGEST_PAUSE_S = 0.5
_PERIOD = timedelta(seconds=2)  # it is woken whenever something came in; this is for what was left behind


class Applying:
    """Applies until nothing is left; `on_applied` is told after each transaction.

    `arrivals` is a number that grows with every body that comes in; `stopping` ends the pauses; `turn` is a lock that
    the receiver holds while it commits: handed over at once, where SQLite itself would ask again and again.
    """

    def __init__(
        self,
        store: Store,
        arrivals: Callable[[], int],
        on_applied: Callable[[Sequence[Applied]], None],
        stopping: threading.Event,
        turn: AbstractContextManager[object],
        *,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._stopping = stopping
        self.count = 0
        self._intake = Intake(store)
        self._arrivals = arrivals
        self._on_applied = on_applied
        self._slice = SLICE._replace(turn=turn)
        self._ticks = ticks

    def run(self, now: datetime) -> None:
        """Applies everything that is there and that comes meanwhile."""
        seen = self._arrivals()
        while True:
            start = self._ticks()
            done = apply_next(self._intake, self._store, now, self._slice)
            if not done:
                return
            self.count += len(done)
            self._on_applied([one for one in done if one.is_ours])
            arrived = self._arrivals()
            if arrived != seen and not self._stopping.is_set():
                self._stopping.wait(min(_LONGEST_PAUSE_S, _GIVES_WAY * (self._ticks() - start)))
            seen = arrived

    def chore(self) -> Chore:
        """This as a chore."""
        return Chore("apply", _PERIOD, self.run, is_last_wish=True)
