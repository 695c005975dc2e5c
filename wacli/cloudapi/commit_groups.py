"""Group commit: one thread takes whatever came in while it was busy, and works on all of it in one go.

Waiting for the disk is what a durable receiver spends its time on, and one wait serves a whole group as well as a
single body. Nothing waits for a group to fill up: an idle thread takes a lone item at once, and a body waits for the
commit under way and then for its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from wacli.domain.problem import Problem

LARGEST_GROUP = 256
LARGEST_GROUP_BYTES = 8 * 1024 * 1024

Item = TypeVar("Item")
Outcome: TypeAlias = Problem | None
Work: TypeAlias = Callable[[Sequence[Item]], Sequence[Outcome]]


class _Waiting(NamedTuple, Generic[Item]):
    item: Item
    size: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]


class CommitGroups(Generic[Item]):
    """Items in, outcomes back: None for what is committed, the Problem of what was refused by itself.

    `work` is only ever called in the one thread of this object. What it raises is the outcome of the whole group.
    """

    def __init__(self, work: Work[Item], *, largest: int = LARGEST_GROUP) -> None:
        self._work = work
        self._largest = largest
        self._queue: SimpleQueue[_Waiting[Item] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="wacli-writer", daemon=True)
        self._lock = threading.Lock()
        self._is_started = False

    async def put(self, item: Item, size: int) -> Outcome:
        """Waits until the item is committed (None) or refused by itself (why). Raises what the commit raised.

        `size` in bytes: a group is not made larger than `LARGEST_GROUP_BYTES` by adding to it.
        """
        if not self._is_started:
            self._start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._queue.put(_Waiting(item, size, loop, future))
        return await future

    def stop(self) -> None:
        """Finishes what was put in, then ends the thread. Calling it twice does no harm."""
        with self._lock:
            is_started = self._is_started
        if is_started:
            self._queue.put(None)
            self._thread.join()

    def _start(self) -> None:
        with self._lock:
            if not self._is_started:
                self._is_started = True
                self._thread.start()

    def _run(self) -> None:
        while True:
            group, is_last = self._take()
            if group:
                self._commit(group)
            if is_last:
                return

    def _take(self) -> tuple[list[_Waiting[Item]], bool]:
        """What is waiting, at least one; True when nothing comes after it."""
        group: list[_Waiting[Item]] = []
        size = 0
        taken = self._queue.get()
        while taken is not None:
            group.append(taken)
            size += taken.size
            if len(group) >= self._largest or size >= LARGEST_GROUP_BYTES:
                return group, False
            try:
                taken = self._queue.get_nowait()
            except Empty:
                return group, False
        return group, True

    def _commit(self, group: Sequence[_Waiting[Item]]) -> None:
        try:
            outcomes = self._work([waiting.item for waiting in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, Problem):
                for waiting in group:  # one of them is more than the work can bear: it alone is to suffer for it
                    self._commit([waiting])
                return
            _tell(group, error)
        else:
            _tell(group, outcomes)


def _tell(group: Sequence[_Waiting[Item]], answer: Sequence[Outcome] | Exception) -> None:
    """One wake-up of the loop for the whole group."""

    def settle() -> None:
        for place, waiting in enumerate(group):
            if waiting.future.done():  # its caller has hung up; the body is kept all the same
                continue
            if isinstance(answer, Exception):
                waiting.future.set_exception(answer)
            else:
                waiting.future.set_result(answer[place])

    try:
        group[0].loop.call_soon_threadsafe(settle)
    except RuntimeError:  # the loop is closed: nobody waits any more
        return
