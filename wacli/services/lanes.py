"""The connections of a run of sends, and what waits for the end of a pause; see `wacli.services.delivery_run`.

Posting costs a fraction of a millisecond and waiting for the disk several, so outcomes wait a little for each other,
as long as that leaves no connection idle.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from .delivery import Outcome, post, stops_at_once, stops_run
from .pace import Pace
from .retry import Tries
from .sending import Prepared

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

_READY_LEAST, _READY_MOST = 2, 64
_SHARE_S = 0.05  # how long an outcome may wait for others to share a commit with
_QUICK_S = 0.005  # an answer within this time needs no second connection beside it
_BREATH_S = 0.2  # everybody waits so long when a limit of everybody is met, until the writer has said how long


@dataclass(eq=False, slots=True)
class Job:
    """One message on its way. `is_written`: its row is in the outbox; `outcome` None: not posted; `is_back`: a lane has
    done with it."""

    prepared: Prepared
    request: str
    tries: Tries
    is_written: bool = False
    outcome: Outcome | None = None
    is_back: bool = False


class Lanes:
    """The threads that post, opened as they are needed.

    How many messages are kept ready (their row says `sending`, their request has not left) follows from how many go
    out while one commit gathers its outcomes: few with a slow server, so that a killed process leaves few unknowns.

    What is under way stands in a list, and the queue of the returned only wakes: Ctrl-C, which may come at any line
    of the thread that waits here, loses nothing.
    """

    def __init__(self, client: Client, phone_number_id: str, pace: Pace, connections: int) -> None:
        self.pace = pace
        self.is_stopped = threading.Event()
        self._client, self._phone_number_id = client, phone_number_id
        self._under_way: list[Job] = []
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._returned: SimpleQueue[None] = SimpleQueue()
        self._connections = connections
        self._ready = _READY_LEAST
        self._wanted = 0  # outcomes that are worth a commit
        self._are_enough = threading.Event()
        self._threads: list[threading.Thread] = []
        self._is_slow = False  # an answer was waited for: connections are opened as there are messages for them

    @property
    def count(self) -> int:
        """How many were handed over and are not back yet."""
        return len(self._under_way)

    @property
    def room(self) -> int:
        """How many more may be handed over."""
        return self._connections + self._ready - self.count

    def hand_over(self, job: Job) -> None:
        """To the next free connection."""
        job.outcome, job.is_back = None, False
        self._under_way.append(job)
        self._jobs.put(job)
        if not self._threads or (self._is_slow and len(self._threads) < min(self.count, self._connections)):
            self._open_lane()

    def wait(self, patience_s: float | None) -> None:
        """For the first that comes back, and a little for others, as long as no connection is idle. Ctrl-C may come
        here; `taken_back` has what came."""
        try:
            if not any(job.is_back for job in self._under_way):
                self._wait_for_first(patience_s)
            self._wanted = self.count - 1 - len(self._threads)
            self._are_enough.clear()
            if self._returned.qsize() < self._wanted:
                self._are_enough.wait(_SHARE_S)
            while True:
                self._returned.get_nowait()
        except Empty:
            pass

    def taken_back(self) -> list[Job]:
        """All that came back; they are no longer under way."""
        found: list[Job] = []
        left: list[Job] = []
        for job in self._under_way:  # each is looked at once: a lane may finish one meanwhile
            (found if job.is_back else left).append(job)
        if found:
            is_exhausted = len(left) <= len(self._threads)  # nothing was ready any more: more could have been done
            self._ready = min(_READY_MOST, max(_READY_LEAST, 2 * (self._ready if is_exhausted else len(found))))
        self._under_way = left
        return found

    def _wait_for_first(self, patience_s: float | None) -> None:
        """Until the next outcome. As long as none comes quickly and messages wait, another connection is taken into
        use: a server that answers at once is served with fewer threads, which then need not take turns."""
        while len(self._threads) < self._connections and not self._jobs.empty():
            try:
                self._returned.get(timeout=_QUICK_S)
                return
            except Empty:
                self._is_slow = True
                self._open_lane()
        self._returned.get(timeout=patience_s)

    def _open_lane(self) -> None:
        thread = threading.Thread(target=self._work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Ends the threads; one that still waits for an answer (Ctrl-C twice) is left to end with the process."""
        for _ in self._threads:
            self._jobs.put(None)
        if not self.count:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._post(job)
            job.is_back = True
            self._returned.put(None)
            if self._returned.qsize() >= self._wanted:
                self._are_enough.set()

    def _post(self, job: Job) -> None:
        self.pace.wait(self.is_stopped)
        if not self.is_stopped.is_set():
            job.outcome = post(self._client, self._phone_number_id, job.request)
            problem = job.outcome.problem
            if stops_at_once(problem):
                self.is_stopped.set()  # here and not by the writer: the other lanes must not try as well
            elif stops_run(problem):
                self.pace.hold(_BREATH_S)


class OneLane(Lanes):
    """One connection, used by the thread that owns the store: nobody has to take turns with anybody.

    Outcomes are handed back after a while, so that they share a commit; a slow server is not waited for longer.
    """

    def __init__(self, client: Client, phone_number_id: str, pace: Pace) -> None:
        super().__init__(client, phone_number_id, pace, 0)

    def hand_over(self, job: Job) -> None:
        job.outcome, job.is_back = None, False
        self._under_way.append(job)

    def wait(self, patience_s: float | None) -> None:
        until = self.pace.clock() + min(_SHARE_S, _SHARE_S if patience_s is None else patience_s)
        for job in self._under_way:
            if not job.is_back:
                self._post(job)
                job.is_back = True
            if self.pace.clock() >= until or (job.outcome is not None and _breaks_off(job.outcome)):
                break


def _breaks_off(outcome: Outcome) -> bool:
    return outcome.cut is not None or stops_run(outcome.problem)


class Waiting:
    """Messages that wait for the end of a pause, and the contacts whose limit was met."""

    def __init__(self, pace: Pace) -> None:
        self._now = pace.clock
        self._heap: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._contacts: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, job: Job, pause: float) -> None:
        """After a refusal; the other messages to the same contact wait as well."""
        due = self._now() + pause
        self._contacts[job.prepared.standing.contact.id] = due
        heapq.heappush(self._heap, (due, next(self._order), job))

    def holds(self, job: Job) -> bool:
        """True when the contact must wait: the message then waits here."""
        due = self._contacts.get(job.prepared.standing.contact.id, 0.0)
        if due <= self._now():
            return False
        heapq.heappush(self._heap, (due, next(self._order), job))
        return True

    def pause(self) -> float | None:
        """Seconds until the first of them is due; None when nothing waits."""
        return max(0.0, self._heap[0][0] - self._now()) if self._heap else None

    def due(self) -> list[Job]:
        """Those whose pause is over."""
        now, found = self._now(), []
        while self._heap and self._heap[0][0] <= now:
            found.append(heapq.heappop(self._heap)[2])
        return found

    def clear(self) -> list[Job]:
        """All of them, whether due or not."""
        found = [job for _, _, job in self._heap]
        self._heap.clear()
        return found
