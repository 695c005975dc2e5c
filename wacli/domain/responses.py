"""How fast a shop answers, read off a log: the time from the first waiting message to the answer, windows missed.

A window is missed when it closes without an answer; what was sent as a template within a week after that is its later
cost (a reply inside would have been a reply). An answer is anything sent to the contact, from the API or typed in the
app, that is not an offer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .category import Category
from .habits import LogLine
from .pricing import SERVICE, TEMPLATE

_DAY = 86_400
_STILL_ITS_COST_S = 7 * _DAY


class Responses(NamedTuple):
    """What happened to waiting messages of a span. `seconds` until each answer, sorted; `late` are the messages (ids)
    that had to be templates because a window was missed."""

    seconds: tuple[int, ...]
    missed_count: int
    late: tuple[int, ...]

    def quantile(self, share: float) -> int | None:
        """The time within which this share of the answers came; None without any."""
        return None if not self.seconds else self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


def responses_of(log: Iterable[LogLine], since: int, until: int) -> Responses:
    """Reads the log (oldest first). Counted are waits that began at or after `since`; a window still open at `until`
    is neither answered nor missed."""
    waiting: dict[int | None, tuple[int, int]] = {}  # thread -> first unanswered, latest heard
    missed_at: dict[int | None, int] = {}
    seconds: list[int] = []
    late: list[int] = []
    missed = 0
    for line in log:
        thread = line.thread_id
        if thread is None:
            continue
        found = waiting.get(thread)
        if found is not None and line.at >= found[1] + _DAY:
            del waiting[thread]
            if found[0] >= since:
                missed += 1
                missed_at[thread] = found[1] + _DAY
            found = None
        if not line.is_charged:
            waiting[thread] = (line.at, line.at) if found is None else (found[0], line.at)
            missed_at.pop(thread, None)
        elif line.kind == SERVICE or (line.kind == TEMPLATE and line.category == Category.UTILITY.value):
            if found is not None:
                del waiting[thread]
                if found[0] >= since:
                    seconds.append(line.at - found[0])
            elif line.at < missed_at.get(thread, -_STILL_ITS_COST_S) + _STILL_ITS_COST_S and line.kind == TEMPLATE:
                late.append(line.place)
                missed_at.pop(thread, None)
    missed += sum(first >= since and latest + _DAY <= until for first, latest in waiting.values())
    return Responses(tuple(sorted(seconds)), missed, tuple(late))
