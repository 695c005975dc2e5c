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

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue

from wacli.domain.problem import Refused
from wacli.domain.text import t
from wacli.store import numbers
from wacli.store.database import Store
from wacli.store.lease import sending_lease
from wacli.store.outbox import OutboxWriter

from . import retry
from .delivery import Outcome, Sent, draft_of, post, record, record_pause, sent_of, stops_at_once, stops_run
from .pace import Pace
from .retry import Retries, Tries
from .sending import Prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

_READY = 24  # with one connection: messages whose row is on disk and that have not been posted yet
_SHARE_S = 0.05  # and for how long the outcomes of the first of them wait to share a commit with the others
_QUICK_S = 0.005  # an answer within this time needs no second connection beside it
_BREATH_S = 0.2  # everybody waits so long when a limit of everybody is met, until the writer has said how long
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


@dataclass(eq=False, slots=True)
class _Job:
    """One message on its way. `is_written`: its row is in the outbox; `outcome` None: not posted."""

    prepared: Prepared
    tries: Tries
    is_written: bool = False
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Turn:
    """What the next commit will hold; it stays until that has succeeded."""

    ended: list[_Job] = field(default_factory=list)
    paused: list[_Job] = field(default_factory=list)
    fresh: list[_Job] = field(default_factory=list)


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
        kind = _Lanes if self.connections > 1 else _OneLane
        lanes = kind(self.client, self.phone_number_id, self.pace, self.connections)
        turn, waiting = _Turn(), _Waiting(self.pace)
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

    def _came(self, lanes: _Lanes, waiting: _Waiting) -> list[_Job]:
        """What ended since the last look; waits when there is nothing else to do."""
        pause = waiting.pause()
        if not lanes.count:
            if pause:
                self.retries.sleep(pause)
            return []
        return lanes.back(pause)

    def _pauses(self, job: _Job, waiting: _Waiting) -> bool:
        """True when the message will be tried again after a pause."""
        problem = None if job.outcome is None else job.outcome.problem
        pause = None if problem is None else job.tries.pause_after(problem)
        if pause is None:
            return False
        if stops_run(problem):  # the limit of everybody, or the network of everybody
            self.pace.hold(pause)
        waiting.add(job, pause)
        return True

    def _take(self, source: Iterator[Prepared], room: int, waiting: _Waiting) -> Iterator[_Job]:
        """The next messages, as far as there is room; those to a contact who must wait are put aside."""
        while room > 0 and len(waiting) < _WAITING_MOST:
            prepared = next(source, None)
            if prepared is None:
                return
            job = _Job(prepared, Tries(self.retries))
            if waiting.holds(job):
                continue
            room -= 1
            yield job

    def _write(self, turn: _Turn, lanes: _Lanes, number_id: int) -> list[Sent]:
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

    def _sent(self, job: _Job, late: set[str]) -> Sent:
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


class _Lanes:
    """The threads that post, opened as they are needed. `count`: handed over and not back yet."""

    def __init__(self, client: Client, phone_number_id: str, pace: Pace, connections: int) -> None:
        self._client, self._phone_number_id, self._pace = client, phone_number_id, pace
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._done: SimpleQueue[_Job] = SimpleQueue()
        self._most = 3 * connections  # in flight, and ready for the time that one commit takes
        self.count = 0
        self.is_stopped = threading.Event()
        self._wanted = 0  # outcomes that are worth a commit
        self._are_enough = threading.Event()
        self._lanes_most = connections
        self._threads: list[threading.Thread] = []

    @property
    def room(self) -> int:
        """How many more may be handed over."""
        return self._most - self.count

    def hand_over(self, job: _Job) -> None:
        """To the next free connection."""
        self.count += 1
        job.outcome = None
        self._jobs.put(job)
        if not self._threads:
            self._open_lane()

    def back(self, patience_s: float | None) -> list[_Job]:
        """All that came back: waits for the first, and a little for others, as long as no connection is idle."""
        found: list[_Job] = []
        try:
            found.append(self._first(patience_s))
            self._wanted = self.count - len(found) - len(self._threads)
            self._are_enough.clear()
            if self._done.qsize() < self._wanted:
                self._are_enough.wait(_SHARE_S)
            while True:
                found.append(self._done.get_nowait())
        except Empty:
            pass
        self.count -= len(found)
        return found

    def _first(self, patience_s: float | None) -> _Job:
        """The next outcome. As long as none comes quickly and messages wait, another connection is taken into use: a
        server that answers at once is served with fewer threads, which then need not take turns."""
        while len(self._threads) < self._lanes_most and not self._jobs.empty():
            try:
                return self._done.get(timeout=_QUICK_S)
            except Empty:
                self._open_lane()
        return self._done.get(timeout=patience_s)

    def _open_lane(self) -> None:
        thread = threading.Thread(target=self._work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def rest(self) -> list[_Job]:
        """Everything that is still under way, once it is back."""
        found: list[_Job] = []
        while self.count:
            found += self.back(None)
        return found

    def close(self) -> None:
        """Ends the threads."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._post(job)
            self._done.put(job)
            if self._done.qsize() >= self._wanted:
                self._are_enough.set()

    def _post(self, job: _Job) -> None:
        if not self.is_stopped.is_set():
            self._pace.wait()
        if not self.is_stopped.is_set():
            job.outcome = post(self._client, self._phone_number_id, job.prepared)
            problem = job.outcome.problem
            if stops_at_once(problem):
                self.is_stopped.set()  # here and not by the writer: the other lanes must not try as well
            elif stops_run(problem):
                self._pace.hold(_BREATH_S)


class _OneLane(_Lanes):
    """One connection, used by the thread that owns the store: nobody has to take turns with anybody.

    Outcomes are handed back after a while, so that they share a commit; a slow server is not waited for longer.
    """

    def __init__(self, client: Client, phone_number_id: str, pace: Pace, connections: int) -> None:
        super().__init__(client, phone_number_id, pace, 1)
        self._most = _READY
        self._next: deque[_Job] = deque()

    def hand_over(self, job: _Job) -> None:
        self.count += 1
        job.outcome = None
        self._next.append(job)

    def back(self, patience_s: float | None) -> list[_Job]:
        until = self._pace.clock() + min(_SHARE_S, _SHARE_S if patience_s is None else patience_s)
        found: list[_Job] = []
        while self._next:
            job = self._next.popleft()
            self._post(job)
            found.append(job)
            if self._pace.clock() >= until or (job.outcome is not None and stops_run(job.outcome.problem)):
                break
        self.count -= len(found)
        return found


class _Waiting:
    """Messages that wait for the end of a pause, and the contacts whose limit was met."""

    def __init__(self, pace: Pace) -> None:
        self._now = pace.clock
        self._heap: list[tuple[float, int, _Job]] = []
        self._order = itertools.count()
        self._contacts: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, job: _Job, pause: float) -> None:
        """After a refusal; the other messages to the same contact wait as well."""
        due = self._now() + pause
        self._contacts[job.prepared.standing.contact.id] = due
        heapq.heappush(self._heap, (due, next(self._order), job))

    def holds(self, job: _Job) -> bool:
        """True when the contact must wait: the message then waits here."""
        due = self._contacts.get(job.prepared.standing.contact.id, 0.0)
        if due <= self._now():
            return False
        heapq.heappush(self._heap, (due, next(self._order), job))
        return True

    def pause(self) -> float | None:
        """Seconds until the first of them is due; None when nothing waits."""
        return max(0.0, self._heap[0][0] - self._now()) if self._heap else None

    def due(self) -> list[_Job]:
        """Those whose pause is over."""
        now, found = self._now(), []
        while self._heap and self._heap[0][0] <= now:
            found.append(heapq.heappop(self._heap)[2])
        return found

    def clear(self) -> list[_Job]:
        """All of them, whether due or not."""
        found = [job for _, _, job in self._heap]
        self._heap.clear()
        return found
