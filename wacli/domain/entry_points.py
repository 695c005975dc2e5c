"""When a thread was inside a free entry point window, told from its whole history.

Rules and source: facts pricing.md section 8.2: an inbound message that came through an ad, answered within 24 h,
starts the window with the answer; Meta's own expiry (`expiration_timestamp`) is the sure value, the length of the
rules of that day what is taken without it; while one window runs, a further click starts none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class EntrySpan(NamedTuple):
    """Half-open: free from `starts_at` until before `ends_at`."""

    starts_at: datetime
    ends_at: datetime


def entry_spans(
    told: Iterable[tuple[datetime, datetime]],
    answers: Iterable[datetime],
    sure_for: Callable[[datetime], timedelta | None],
) -> list[EntrySpan]:
    """The windows of one thread, in the order of time; they do not overlap unless Meta's own words do.

    `told`: instant of a message and the expiry that Meta gave with it. `answers`: the first answer in time to each
    message that came through an ad. `sure_for`: how long a window surely runs that starts then; None: not at all.
    """
    starts: dict[datetime, datetime] = {}
    for at, ends_at in told:
        starts[ends_at] = min(at, starts.get(ends_at, at))
    known = sorted(EntrySpan(at, ends_at) for ends_at, at in starts.items() if at < ends_at)
    found: list[EntrySpan] = []
    for answered_at in sorted(answers):
        if any(span.starts_at <= answered_at < span.ends_at for span in (*known, *found)):
            continue
        length = sure_for(answered_at)
        if length is None:
            continue
        ends_at = answered_at + length
        following = next((span for span in known if answered_at < span.starts_at < ends_at), None)
        if following is None:
            found.append(EntrySpan(answered_at, ends_at))
        else:  # the window that Meta speaks of a message later is this one
            known[known.index(following)] = EntrySpan(answered_at, following.ends_at)
    return sorted([*known, *found])
