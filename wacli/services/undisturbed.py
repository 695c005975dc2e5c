"""Steps between which Ctrl-C may come, but not within: what is on disk and what is in memory must say the same.

The interpreter raises KeyboardInterrupt between any two lines, also right after a commit and before the line that
notes it. Inside `undisturbed` it waits for the end of the block. Only the main thread is ever interrupted.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
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
