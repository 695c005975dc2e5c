"""Sending many messages at once: several requests in flight, one writer of the store.

The thread that iterates owns the store: it takes the next messages, writes intentions and outcomes, and hands the
messages whose row is on disk to threads that do nothing but post. What became of some messages and the intention to
send the next ones share one transaction (see `wacli.store.outbox_writer`), so the disk is waited for once for many,
and a few messages are always ready when a connection becomes free. After a `kill -9` those in flight and those ready
are `unknown`, and no others.

Messages are taken from their iterator one by one, when there is room for them: a caller that judges inside it judges
at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from wacli.domain.problem import Refused
from wacli.domain.text import t
from wacli.store import numbers
from wacli.store.database import Store
from wacli.store.lease import sending_lease
from wacli.store.outbox import OutboxWriter

from . import retry
from .delivery import Outcome, Sent, draft_of, record, record_pause, sent_of, stops_run
from .lanes import Job, Lanes, OneLane, Waiting
from .pace import Pace
from .retry import Retries, Tries
from .sending import Prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

_WAITING_MOST = 1_000  # messages to contacts whose limit was met; more of them hold everybody up


def deliver_run(
    store: Store,
    client: Client,
    phone_number_id: str,
    messages: Iterable[Prepared],
    clock: Callable[[], datetime],
    *,
    connections: int = 8,
    pace: Pace | None = None,
    retries: Retries | None = None,
) -> Generator[Sent, None, None]:
    """Sends the messages and yields what became of each as soon as that is on disk, in the order in which they ended.

    After a result that `stops_run` nothing more is taken from `messages`: what is in flight ends, and what was ready
    is `refused` (`run-stopped`), which proves that it was not sent. Closing the iterator does the same. Raises what
    `messages` raises, and Unavailable when the store cannot be written; what is in flight is recorded first.
    """
    run = _Run(store, client, phone_number_id, clock, pace or Pace(), retries or retry.DEFAULT, connections)
    yield from run.send(messages)


@dataclass(slots=True)
class _Turn:
    """What the next commit will hold; it stays until that has succeeded."""

    ended: list[Job] = field(default_factory=list)
    paused: list[Job] = field(default_factory=list)
    fresh: list[Job] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    store: Store
    client: Client
    phone_number_id: str
    clock: Callable[[], datetime]
    pace: Pace
    retries: Retries
    connections: int

    def send(self, messages: Iterable[Prepared]) -> Iterator[Sent]:
        lanes: Lanes = OneLane(self.client, self.phone_number_id, self.pace)
        if self.connections > 1:
            lanes = Lanes(self.client, self.phone_number_id, self.pace, self.connections)
        turn, waiting = _Turn(), Waiting(self.pace)
        source = iter(messages)
        number_id = numbers.add(self.store, self.phone_number_id, None, None).id
        with sending_lease(self.store, self.clock()), closing(lanes):
            try:
                while True:
                    for job in self._came(lanes, waiting):
                        (turn.paused if self._pauses(job, waiting) else turn.ended).append(job)
                    if any(stops_run(job.outcome.problem) for job in turn.ended if job.outcome is not None):
                        lanes.is_stopped.set()
                        turn.ended += waiting.clear()
                    if not lanes.is_stopped.is_set():
                        turn.fresh = [*waiting.due(), *self._take(source, lanes.room, waiting)]
                    has_fresh = bool(turn.fresh)
                    yield from self._write(turn, lanes, number_id)
                    if not has_fresh and not lanes.count and not waiting:
                        return
            finally:
                lanes.is_stopped.set()
                turn.fresh = []
                turn.ended += [*lanes.rest(), *waiting.clear()]
                self._write(turn, lanes, number_id)

    def _came(self, lanes: Lanes, waiting: Waiting) -> list[Job]:
        """What ended since the last look; waits when there is nothing else to do."""
        pause = waiting.pause()
        if not lanes.count:
            if pause:
                self.retries.sleep(pause)
            return []
        return lanes.back(pause)

    def _pauses(self, job: Job, waiting: Waiting) -> bool:
        """True when the message will be tried again after a pause."""
        problem = None if job.outcome is None else job.outcome.problem
        pause = None if problem is None else job.tries.pause_after(problem)
        if pause is None:
            return False
        if stops_run(problem):  # the limit of everybody, or the network of everybody
            self.pace.hold(pause)
        waiting.add(job, pause)
        return True

    def _take(self, source: Iterator[Prepared], room: int, waiting: Waiting) -> Iterator[Job]:
        """The next messages, as far as there is room; those to a contact who must wait are put aside."""
        while room > 0 and len(waiting) < _WAITING_MOST:
            prepared = next(source, None)
            if prepared is None:
                return
            job = Job(prepared, Tries(self.retries))
            if waiting.holds(job):
                continue
            room -= 1
            yield job

    def _write(self, turn: _Turn, lanes: Lanes, number_id: int) -> list[Sent]:
        """One commit: what became of some, and that others are about to be sent. Then those are handed over."""
        writer, now = OutboxWriter(self.store), self.clock()
        for job in turn.ended:
            if job.is_written:
                record(writer, job.prepared.key, job.outcome or _STOPPED, now)
        for job in turn.paused:
            record_pause(writer, job.prepared.key, job.outcome or _STOPPED)
        for job in turn.fresh:
            if job.is_written:
                writer.sending(job.prepared.key, now)
            else:
                writer.add(draft_of(job.prepared, number_id), now, is_sending=True)
        late = set() if writer.is_empty else writer.write()
        ended = turn.ended
        for job in turn.fresh:
            if job.prepared.key in late:
                ended.append(job)  # a status has told, while it waited, that it went out after all
            else:
                job.is_written = True
                lanes.hand_over(job)
        turn.ended, turn.paused, turn.fresh = [], [], []
        return [self._sent(job, late) for job in ended]

    def _sent(self, job: Job, late: set[str]) -> Sent:
        outcome = job.outcome or _STOPPED
        if outcome.cut is not None:
            raise outcome.cut
        return sent_of(self.store, job.prepared, outcome, job.tries.count, is_told=job.prepared.key in late)


_STOPPED = Outcome(
    "refused",
    problem=Refused(
        "run-stopped",
        t("Nothing was sent: an earlier message of this run met something that stops them all"),
        t("Mend that first, then send the rest"),
    ),
)
