"""What is still to happen: deliveries, readings, answers, reviews, each at its instant of the sandbox's clock.

Things run in the order of their instants and are told the instant they were due at, not the one at which somebody
looked: advancing the clock by a day gives the same times as waiting for it.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import datetime

from .book import Book
from .clock import Clock

Call = Callable[[datetime], None]


class Agenda:
    """Calls by instant. They run under the book's lock, one after the other, in whatever thread asks."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book, self._clock = book, clock
        self._entries: list[tuple[datetime, int, Call]] = []
        self._count = 0
        self._present = threading.local()
        self.wake: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The instant that whatever runs now was due at; outside of it the clock's."""
        due: datetime | None = getattr(self._present, "due", None)
        return self._clock.now() if due is None else due

    def at(self, due: datetime, call: Call) -> None:
        """Have `call(due)` run when the clock has come to `due`."""
        with self._book.lock:
            self._count += 1
            heapq.heappush(self._entries, (due, self._count, call))
        self.wake()

    def run_due(self) -> int:
        """Run everything that is due, also what that brings about; returns how many ran."""
        ran = 0
        with self._book.lock:
            while self._entries and self._entries[0][0] <= self._clock.now():
                due, _, call = heapq.heappop(self._entries)
                self._present.due = due
                try:
                    call(due)
                finally:
                    self._present.due = None
                ran += 1
        return ran

    def next_due(self) -> datetime | None:
        """The instant of the next thing, None when nothing is planned."""
        with self._book.lock:
            return self._entries[0][0] if self._entries else None
