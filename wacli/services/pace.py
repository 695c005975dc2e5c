"""How fast requests may start: at most so many in any second, whoever starts them.

Source: facts cloud-api.md section 7 (80 messages a second for a number, 20 when it is shared with the phone app). A
sliding window and not an average: the start of a message is compared with that of the 80th before it, so no second
ever holds more, wherever it begins. The window is a little longer than a second, because what starts evenly here
arrives unevenly there.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

A_SECOND = 80
_WINDOW_S = 1.015  # 98.5 % of the limit: a request may be 15 ms late on its way without the next ones running into it
_LOOKS_EVERY_S = 0.5  # a pause may be many seconds, and Ctrl-C should not take as long


class Pace:
    """Shared by the threads that send, and the clock of all their pauses. `a_second` None: no limit."""

    def __init__(
        self,
        a_second: int | None = A_SECOND,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.clock = clock or time.monotonic
        self.sleep = sleep or time.sleep
        self._starts: deque[float] | None = None if a_second is None else deque(maxlen=a_second)
        self._not_before = 0.0
        self._turn = threading.Lock()  # held while waiting: the others would have to wait at least as long

    def wait(self, is_stopped: threading.Event | None = None) -> None:
        """Returns when the next request may start, and counts it; or soon after the run was stopped."""
        starts = self._starts
        with self._turn:
            while (pause := self._next_start() - self.clock()) > 0:
                if is_stopped is not None and is_stopped.is_set():
                    return
                self.sleep(min(pause, _LOOKS_EVERY_S))
            if starts is not None:
                starts.append(self.clock())

    def hold(self, seconds: float) -> None:
        """Nothing starts for so long: the limit of the whole number was met."""
        self._not_before = max(self._not_before, self.clock() + seconds)

    def _next_start(self) -> float:
        starts = self._starts
        if not starts or len(starts) < (starts.maxlen or 0):
            return self._not_before
        return max(self._not_before, starts[0] + _WINDOW_S)
