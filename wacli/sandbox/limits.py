"""How fast one may send: messages a second per number (130429), and messages to one person (131056).

Facts cloud-api.md section 7: 80 a second; one per 6 s to the same user, with bursts of up to 45 that borrow from
later. Both read the sandbox's clock, so a fast clock lifts them and a stopped one makes them plain counters.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .failures import Refusal


@dataclass(slots=True)
class Limits:
    """None switches a limit off."""

    a_second: int | None = 80
    pair_burst: int | None = 45
    pair_every: timedelta = timedelta(seconds=6)
    _sent: dict[str, deque[datetime]] = field(default_factory=dict)
    _free_from: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def take(self, number_id: str, recipient: str, now: datetime) -> None:
        """Counts one message. Raises Refusal 130429 or 131056 and then counts nothing."""
        recent = self._sent.setdefault(number_id, deque())
        while recent and recent[0] <= now - timedelta(seconds=1):
            recent.popleft()
        if self.a_second is not None and len(recent) >= self.a_second:
            raise Refusal(130429, "Cloud API message throughput has been reached.")
        if self.pair_burst is not None:
            free_from = max(self._free_from.get((number_id, recipient), now), now)
            if free_from - now > self.pair_every * (self.pair_burst - 1):
                raise Refusal(131056, "Too many messages sent to this recipient from this number in a short time.")
            self._free_from[number_id, recipient] = free_from + self.pair_every
        recent.append(now)
