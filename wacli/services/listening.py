"""`wacli listen`: what is kept, applied, shown and passed on, and by which thread.

    receiver  ->  writer: `keep`, one commit for a group   ->  the answer
                     |
                     v  (the store)
                  applying  ->  `on_applied`: shown, away messages
                  forwarding, chores: each a thread of its own

Data goes one way, and only through the store: whoever is behind has nothing in memory that a crash could take. Each
thread has a connection of its own, and nobody waits for the one behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from wacli.cloudapi.commit_groups import Outcome
from wacli.cloudapi.receiver import Received
from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import t
from wacli.store import forwards
from wacli.store.database import Store, open_store

from .applying import Applying
from .chores import Chore, Rounds, Troubled
from .forwarding import carried
from .inbound import Applied, receive_all


class Tally(NamedTuple):
    """What came in while it listened: kept for the first time, known already, refused as unreadable, applied."""

    kept: int = 0
    known: int = 0
    unreadable: int = 0
    applied: int = 0


class Listener:
    """Everything behind the door. `start` before the door opens, `stop` after it has closed."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        on_trouble: Troubled,
        *,
        on_applied: Callable[[Sequence[Applied]], None] = lambda _: None,
        forwards_headers: bool = False,
    ) -> None:
        """`on_applied` is called in the thread that applies, and must not take long."""
        self.stopping = threading.Event()
        self._path = path
        self._clock = clock
        self._on_trouble = on_trouble
        self._on_applied = on_applied
        self._forwards_headers = forwards_headers
        self._kept = self._known = self._unreadable = 0
        self._stores: list[Store] = []
        self._rounds: list[Rounds] = []
        self._woken_on_arrival: list[Rounds] = []
        self._woken_after_applying: list[Rounds] = []
        self._writer = self.open()
        self._writer.leave_checkpoints()
        self._turn = threading.Lock()
        self._applying = Applying(self.open(), lambda: self._kept, self._applied, self.stopping, self._turn)
        self.add_rounds(self._applying.chore(), wakes_on_arrival=True)

    def open(self) -> Store:
        """A connection of its own for one more thread; closed by `stop`."""
        store = open_store(self._path, create=True, across_threads=True)
        self._stores.append(store)
        return store

    def add_rounds(self, *chores: Chore, wakes_on_arrival: bool = False, wakes_after_applying: bool = False) -> Rounds:
        """One more thread, with these chores; a chore that takes its time looks at `stopping`."""
        rounds = Rounds(chores, self._clock, self._on_trouble, stopping=self.stopping)
        self._rounds.append(rounds)
        if wakes_on_arrival:
            self._woken_on_arrival.append(rounds)
        if wakes_after_applying:
            self._woken_after_applying.append(rounds)
        return rounds

    def start(self) -> None:
        """Begins with what an earlier run kept and did not apply."""
        for rounds in self._rounds:
            rounds.start()

    def keep(self, group: Sequence[Received]) -> list[Outcome]:
        """What the door is given: commits a group, in the writer's thread. Raises Unavailable when it cannot."""
        now = self._clock()
        beside = partial(self._queue, group, now) if self._forwards_headers else None
        try:
            with self._turn:
                outcomes = receive_all(self._writer, [item.body for item in group], now, beside=beside)
        except Problem as problem:
            self._on_trouble(problem)
            raise
        for outcome in outcomes:
            if outcome is None:
                self._known += 1
            elif isinstance(outcome, Invalid):
                self._unreadable += 1
                self._on_trouble(_refused(outcome))
            else:
                self._kept += 1
        if any(isinstance(outcome, int) for outcome in outcomes):
            for rounds in self._woken_on_arrival:
                rounds.wake()
        return [outcome if isinstance(outcome, Invalid) else None for outcome in outcomes]

    def stop(self) -> Tally:
        """Ends every thread, the last of them after it has applied what was kept, and closes the store.

        Calling it twice does no harm. What comes in afterwards is refused (503).
        """
        self.stopping.set()
        for rounds in reversed(self._rounds):
            rounds.stop()
        for store in reversed(self._stores):
            store.close()
        self._stores.clear()
        return Tally(self._kept, self._known, self._unreadable, self._applying.count)

    def _applied(self, done: Sequence[Applied]) -> None:
        self._on_applied(done)
        for rounds in self._woken_after_applying:
            rounds.wake()

    def _queue(self, group: Sequence[Received], now: datetime, ids: Sequence[int | None]) -> None:
        rows = [(key, carried(item.headers)) for key, item in zip(ids, group, strict=True) if key is not None]
        forwards.add_all(self._writer, rows, now)


def _refused(problem: Invalid) -> Invalid:
    return Invalid(
        "unreadable-notification",
        t("A signed notification was refused, because nobody could read it: {why}", why=problem.message),
        t("Is the sender Meta itself? Others that know the app secret can sign too"),
    )
