"""When a send may be tried again, and after how long.

Source: facts cloud-api.md section 6 (classes and retry rules). A send is not idempotent, so a program repeats it only
after an answer, or a failure before the request had left whole, that proves that nothing was accepted:

- class R: pauses that double, each with jitter, so that many senders do not come back at once;
- "R once": one more time, whatever comes then;
- 131056 (too many to this person): Meta's own formula, 4^n seconds with n = 0, 1, 2 ..., for this person only;
- a request that never left whole: like R, except where encryption failed, which no pause heals;
- L, F, A, and everything that may have been accepted: never.

Where the answer says how long to wait, that is the least. The number of attempts and the sum of the pauses are
bounded; a wait that is longer than what is left of it ends the attempts instead of being cut short.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from wacli.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.failures import Failure

_PAIR_LIMIT = 131056


class Retries(NamedTuple):
    """How often, how long in all (seconds of pauses), and with what dice."""

    attempts: int = 4
    pauses_s: float = 30.0
    first_s: float = 0.5
    random: Callable[[], float] = random.random


DEFAULT = Retries()


class Tries:
    """The attempts of one message."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self.count = 1
        self._paused_s = 0.0
        self._pair_waits = 0
        self._may_once = True

    def pause_after(self, problem: Problem | None) -> float | None:
        """Seconds until the next attempt, which is counted; None when there is to be none."""
        from wacli.cloudapi.failures import ApiError, NotSent

        if self.count >= self._retries.attempts:
            return None
        if isinstance(problem, NotSent) and problem.reason != "tls":
            pause = self._backoff()
        elif isinstance(problem, ApiError) and problem.failure.may_retry and self._may(problem.failure):
            pause = max(self._pause_for(problem.failure), float(problem.failure.wait_s or 0))
        else:
            return None
        if self._paused_s + pause > self._retries.pauses_s:
            return None
        self._paused_s += pause
        self.count += 1
        return pause

    def _may(self, failure: Failure) -> bool:
        from wacli.cloudapi.failures import FailureClass

        if failure.kind is FailureClass.RETRY_ONCE:
            if not self._may_once:
                return False
            self._may_once = False
        return True

    def _pause_for(self, failure: Failure) -> float:
        if failure.code == _PAIR_LIMIT:
            self._pair_waits += 1
            return float(4 ** (self._pair_waits - 1))
        return self._backoff()

    def _backoff(self) -> float:
        longest = self._retries.first_s * 2.0 ** (self.count - 1)
        return longest * (0.5 + self._retries.random() / 2)
