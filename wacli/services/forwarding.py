"""`wacli listen --forward-to`: what came in verified is passed on to another program, however long that takes.

The queue is in the store. What the other side does not take (any answer but 2xx) is tried again with pauses that
double, for as long as Meta itself would (facts: cloud-api.md section 8: up to 7 days), then dropped and said. When
nobody answers at all, everything waits, and one notification at a time finds out whether somebody does again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from wacli.cloudapi.forward import CARRIED, Target
from wacli.domain.event_kind import EventKind, kind_of
from wacli.domain.problem import Problem, Unavailable
from wacli.domain.text import t, tn
from wacli.store import forwards
from wacli.store.database import Store
from wacli.store.forwards import Forward, Headers

from .chores import Chore, Troubled
from .inbound import events_of

KEPT_FOR = timedelta(days=7)
_BATCH = 50
_PERIOD = timedelta(seconds=1)
_TIDIES_EVERY = timedelta(hours=1)
_LONGEST_PAUSE = timedelta(minutes=15)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain: 1, 2, 4 ... seconds, at most a quarter of an hour."""
    return min(_LONGEST_PAUSE, timedelta(seconds=1 << min(attempts, 20)))


def carried(headers: Sequence[tuple[bytes, bytes]]) -> Headers:
    """The headers that go along: type, sender, signatures, as they came."""
    wanted = {name.encode(): name for name in CARRIED}
    return [(wanted[name], value.decode("latin-1")) for name, value in headers if name in wanted]


class Forwarding:
    """Passes on what waits. `kinds`: only notifications that say one of these; None: all."""

    def __init__(
        self,
        store: Store,
        target: Target,
        kinds: Set[EventKind] | None,
        on_trouble: Troubled,
        stopping: threading.Event,
    ) -> None:
        self.count = 0
        self._store = store
        self._target = target
        self._kinds = kinds
        self._on_trouble = on_trouble
        self._stopping = stopping
        self._failures = 0
        self._silent_until: datetime | None = None
        self._tidied_at: datetime | None = None

    def run(self, now: datetime) -> None:
        """Everything that is due."""
        if self._silent_until is not None and now < self._silent_until:
            return
        if self._tidied_at is None or now - self._tidied_at >= _TIDIES_EVERY:
            self._tidied_at = now
            dropped = forwards.give_up(self._store, now - KEPT_FOR)
            if dropped:
                self._on_trouble(_gave_up(self._target, dropped))
        while (due := forwards.list_due(self._store, now, _BATCH)) and not self._stopping.is_set():
            for one in due:
                if self._stopping.is_set() or not self._pass_on(one, now):
                    return

    def chore(self) -> Chore:
        """This as a chore."""
        return Chore("forward", _PERIOD, self.run)

    def _pass_on(self, one: Forward, now: datetime) -> bool:
        """False when nobody answers: the rest would fare no better."""
        if self._kinds is not None and self._kinds.isdisjoint(kind_of(event) for event in events_of(one.body)):
            forwards.remove(self._store, one.notification_id)
            return True
        try:
            status = self._target.post(one.body, one.headers)
        except Problem as problem:
            forwards.put_off(self._store, one.notification_id, now + pause_after(one.attempts))
            self._silent_until = now + pause_after(self._failures)
            if not self._failures:
                self._on_trouble(problem)
            self._failures += 1
            return False
        self._failures, self._silent_until = 0, None
        if 200 <= status < 300:
            forwards.remove(self._store, one.notification_id)
            self.count += 1
        else:
            forwards.put_off(self._store, one.notification_id, now + pause_after(one.attempts))
            if not one.attempts:
                self._on_trouble(_not_taken(self._target, status))
        return True


def _not_taken(target: Target, status: int) -> Unavailable:
    return Unavailable(
        "not-forwarded",
        t("{url} answered {status} to a notification", url=target.shown, status=status),
        t("What waits for it is kept and will be tried again"),
    )


def _gave_up(target: Target, count: int) -> Unavailable:
    return Unavailable(
        "not-forwarded",
        tn(
            "{count} notification was not taken by {url} for 7 days and is no longer passed on",
            "{count} notifications were not taken by {url} for 7 days and are no longer passed on",
            count,
            url=target.shown,
        ),
        t("They stay in the store"),
    )
