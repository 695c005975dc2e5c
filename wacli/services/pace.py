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
# Hundreds a second: a moment without the processor holds many back, and they would all arrive in the wrong second. They
# start one after another instead of all at once, and the window is wider.
_MANY = 200
_WINDOW_OF_MANY_S = 1.045
_STEP = 0.8  # of the average distance between two starts
_CATCHES_UP_S = 0.25  # what was overslept may be made good for so long back
# After the number's limit was met it goes on at half the pace, at a tenth in the end, and comes back slowly.
_EASED, _EASED_MOST, _RECOVERS_A_SECOND = 0.5, 0.1, 0.05
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
        is_many = a_second is not None and a_second >= _MANY
        self._window_s = _WINDOW_OF_MANY_S if is_many else _WINDOW_S
        self._step_s = _STEP / a_second if is_many and a_second else 0.0
        self._slot = 0.0  # where the last start should have been
        self._a_second = a_second
        self._share, self._held_at = 1.0, 0.0  # of the pace, since the limit was met
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
                now = self.clock()
                self._slot = max(self._slot + self._step_s, now - _CATCHES_UP_S) if starts else now
                starts.append(now)

    def hold(self, seconds: float) -> None:
        """Nothing starts for so long: the limit of the whole number was met."""
        self._not_before = max(self._not_before, self.clock() + seconds)

    def ease(self) -> None:
        """Half the pace from here on, and slowly back to all of it: WhatsApp said that it is too fast. Those that were
        in flight together say it together."""
        now = self.clock()
        if self._share < 1.0 and now - self._held_at < 1.0:
            return
        self._share, self._held_at = max(_EASED_MOST, self._share_at(now) * _EASED), now

    def _share_at(self, now: float) -> float:
        return min(1.0, self._share + (now - self._held_at) * _RECOVERS_A_SECOND)

    def _next_start(self) -> float:
        starts = self._starts
        if not starts:
            return self._not_before
        after_last = max(self._not_before, self._slot + self._step_s)
        if self._share < 1.0 and self._a_second is not None and (share := self._share_at(self.clock())) < 1.0:
            after_last = max(after_last, starts[-1] + 1 / (self._a_second * share))
        return after_last if len(starts) < (starts.maxlen or 0) else max(after_last, starts[0] + self._window_s)
