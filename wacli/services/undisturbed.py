"""When Ctrl-C may come: between steps and not within, where what is on disk and what is in memory must say the same.

The interpreter raises KeyboardInterrupt between any two lines, also right after a commit and before the line that
notes it. Inside `undisturbed` it waits for the end of the block. Only the main thread is ever interrupted.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C takes effect when the block is done, however it ends."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            before(*came[-1])


class Interruptions:
    """Ctrl-C for as long as a run lasts: it takes effect only where the run waits (`may_come`), so that every result
    that is known is told before the run ends. Whoever presses it again is not kept waiting: that takes effect at once.

    A run gives its results to others between two steps of its own; without this the interruption would break off the
    telling instead of the sending.
    """

    def __init__(self) -> None:
        self._before: Callable[[int, FrameType | None], object] | None = None
        self._pressed = 0
        self._is_held_back = False
        self._is_open = False

    def __enter__(self) -> Interruptions:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before = before
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._before is None:
            return
        signal.signal(signal.SIGINT, self._before)
        if self._is_held_back and kind is None:
            raise KeyboardInterrupt

    @contextmanager
    def may_come(self) -> Iterator[None]:
        """Ctrl-C takes effect within the block; one that came before it, at its beginning."""
        self._is_open = True
        try:
            if self._is_held_back:
                self._is_held_back = False
                raise KeyboardInterrupt
            yield
        finally:
            self._is_open = False

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._pressed += 1
        if self._is_open or self._pressed > 1:
            assert self._before is not None
            self._before(number, frame)
        else:
            self._is_held_back = True
