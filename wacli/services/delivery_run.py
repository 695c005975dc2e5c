"""Sending prepared messages: outbox row before the request, outcome after it, and nothing sent twice.

The order is the safety (design: HOUSE.md, "Reply / send"): a row is committed, with our key in the request, before
its socket opens; whatever happens then is one of accepted, held, refused or unknown. What `wacli.services.retry`
allows again is only what was provably not accepted; before each further attempt the message is judged once more, and
its row is asked whether a status webhook has told otherwise meanwhile.

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

from wacli.domain.problem import Problem, Refused
from wacli.domain.text import t
from wacli.store import numbers
from wacli.store.database import Store
from wacli.store.lease import sending_lease
from wacli.store.outbox import OutboxWriter

from . import retry
from .delivery import Outcome, Sent, draft_of, record, record_pause, request_of, sent_of, stops_run
from .lanes import Job, Lanes, OneLane, Waiting
from .pace import Pace
from .retry import Retries, Tries
from .sending import Prepared
from .undisturbed import Interruptions, undisturbed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

CONNECTIONS = 8  # a second of 80 messages, each of which takes 100 ms
RUN_STOPPED = "run-stopped"
_WAITING_MOST = 1_000  # messages to contacts whose limit was met; more of them hold everybody up


def deliver_run(
    store: Store,
    client: Client,
    phone_number_id: str,
    messages: Iterable[Prepared],
    clock: Callable[[], datetime],
    *,
    connections: int = CONNECTIONS,
    pace: Pace | None = None,
    retries: Retries | None = None,
    judge_again: Callable[[Prepared], object] | None = None,
    stopping: Callable[[int], object] | None = None,
) -> Generator[Sent, None, None]:
    """Sends the messages and yields what became of each as soon as that is on disk, in the order in which they ended.

    `clock` gives the instants that are written down; pauses are the pace's. `judge_again` raises the Problem why a
    message that had to wait may not go out any more.

    After a result that `stops_run` nothing more is taken from `messages`: what is in flight ends, and what was ready
    is `refused` (`run-stopped`), which proves that it was not sent. Ctrl-C does the same: `stopping` is told how many
    are in flight, their results come, and then it is raised. Closing the iterator does the same without results.
    Raises what `messages` raises, and Unavailable when the store cannot be written; what is in flight is recorded
    first.
    """
    if connections > 1:
        lanes = Lanes(client, phone_number_id, pace or Pace(), connections)
    else:
        lanes = OneLane(client, phone_number_id, pace or Pace())
    run = _Run(store, phone_number_id, clock, lanes, retries or retry.DEFAULT, judge_again, stopping)
    yield from run.send(messages)


@dataclass(slots=True)
class _Turn:
    """What the next commit will hold; it stays until that has succeeded."""

    ended: list[Job] = field(default_factory=list)
    paused: list[Job] = field(default_factory=list)
    fresh: list[Job] = field(default_factory=list)


class _Run:
    def __init__(
        self,
        store: Store,
        phone_number_id: str,
        clock: Callable[[], datetime],
        lanes: Lanes,
        retries: Retries,
        judge_again: Callable[[Prepared], object] | None,
        stopping: Callable[[int], object] | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._lanes = lanes
        self._retries = retries
        self._judge_again = judge_again
        self._stopping = stopping
        self._waiting = Waiting(lanes.pace)
        self._turn = _Turn()
        self._interruptions = Interruptions()
        self._cut: BaseException | None = None
        self._is_given_up = False
        self._number_id = numbers.add(store, phone_number_id, None, None).id

    def send(self, messages: Iterable[Prepared]) -> Iterator[Sent]:
        source = iter(messages)
        with sending_lease(self._store, self._clock()), closing(self._lanes), self._interruptions:
            try:
                while self._cut is None and self._is_going_on(source):
                    yield from self._write()
            except KeyboardInterrupt as cut:
                self._cut = cut
                yield from self._ended_early()
            finally:
                self._finish()
        if self._cut is not None:
            raise self._cut

    def _is_going_on(self, source: Iterator[Prepared]) -> bool:
        """Looks at what came back and gathers what may go out next. False when everything is done."""
        turn, lanes, waiting = self._turn, self._lanes, self._waiting
        with self._interruptions.may_come():
            self._wait()
        with undisturbed():
            for job in lanes.taken_back():
                (turn.paused if self._pauses(job) else turn.ended).append(job)
            if any(stops_run(job.outcome.problem) for job in turn.ended if job.outcome is not None):
                lanes.is_stopped.set()
                turn.ended += waiting.clear()
            if not lanes.is_stopped.is_set():
                self._due()
        if not lanes.is_stopped.is_set():
            self._take(source)
        return bool(turn.fresh or turn.ended or turn.paused or lanes.count or waiting)

    def _wait(self) -> None:
        """Until something has ended, or the pause of something is over."""
        pause = self._waiting.pause()
        if self._lanes.count:
            self._lanes.wait(pause)
        elif pause:
            self._lanes.pace.sleep(pause)

    def _pauses(self, job: Job) -> bool:
        """True when the message will be tried again after a pause."""
        from wacli.cloudapi.failures import ApiError

        problem = None if job.outcome is None else job.outcome.problem
        pause = None if problem is None else job.tries.pause_after(problem)
        if pause is None:
            return False
        if stops_run(problem):  # the limit of everybody, or the network of everybody
            self._lanes.pace.hold(pause)
            if isinstance(problem, ApiError):
                self._lanes.pace.ease()
        self._waiting.add(job, pause)
        return True

    def _due(self) -> None:
        """Those whose pause is over go on, unless a rule has come in between: a STOP, a window that has closed."""
        turn = self._turn
        for job in self._waiting.due():
            turn.fresh.append(job)
            try:
                if self._judge_again is not None:
                    self._judge_again(job.prepared)
            except Problem as refusal:
                job.outcome = Outcome("refused", problem=refusal)
                turn.ended.append(turn.fresh.pop())

    def _take(self, source: Iterator[Prepared]) -> None:
        """The next messages, as far as there is room; those to a contact who must wait are put aside."""
        fresh, waiting = self._turn.fresh, self._waiting
        while len(fresh) < self._lanes.room and len(waiting) < _WAITING_MOST:
            with self._interruptions.may_come():  # judging reads, and a file may have to go up first
                prepared = next(source, None)
            if prepared is None:
                return
            has_row = prepared.seat is not None and prepared.seat.has_row
            job = Job(prepared, request_of(prepared), Tries(self._retries), is_written=has_row)
            if not waiting.holds(job):
                fresh.append(job)

    def _write(self) -> list[Sent]:
        """One commit: what became of some, and that others are about to be sent. Then those are handed over."""
        with undisturbed():
            return self._written()

    def _written(self) -> list[Sent]:
        turn, writer, now = self._turn, OutboxWriter(self._store), self._clock()
        for job in turn.ended:
            if job.is_written:
                record(writer, job.prepared.key, job.outcome or _STOPPED, now)
        for job in turn.paused:
            record_pause(writer, job.prepared.key, job.outcome or _STOPPED)
        for job in turn.fresh:
            if job.is_written:
                writer.sending(job.prepared.key, now)
            else:
                writer.add(draft_of(job.prepared, job.request, self._number_id), now, is_sending=True)
        late = set() if writer.is_empty else writer.write()
        self._turn = _Turn()
        for job in turn.fresh:
            if job.prepared.key in late:
                turn.ended.append(job)  # a status has told, while it waited, that it went out after all
            else:
                job.is_written = True
                self._lanes.hand_over(job)
        return [self._sent(job, late) for job in turn.ended]

    def _sent(self, job: Job, late: set[str]) -> Sent:
        outcome = job.outcome or _STOPPED
        self._cut = self._cut or outcome.cut
        attempts = job.tries.count if job.is_written else 0
        return sent_of(self._store, job.prepared, outcome, attempts, is_told=job.prepared.key in late)

    def _ended_early(self) -> list[Sent]:
        """After Ctrl-C: what still ends. A second one, wherever it comes, gives up what has not ended."""
        try:
            if self._stopping is not None:
                self._stopping(self._lanes.count)
            return self._finish()
        except KeyboardInterrupt:
            self._is_given_up = True
            raise

    def _finish(self) -> list[Sent]:
        """Lets end what is in flight, and nothing else go out. Ctrl-C leaves what has not ended: it is unknown then."""
        turn, lanes = self._turn, self._lanes
        lanes.is_stopped.set()
        turn.ended += [*(job for job in turn.fresh if job.is_written), *self._waiting.clear()]
        turn.fresh = []
        try:
            while lanes.count and not self._is_given_up:
                with self._interruptions.may_come():
                    lanes.wait(None)
                with undisturbed():
                    turn.ended += lanes.taken_back()
        finally:
            self._is_given_up = bool(lanes.count)
            found = self._write()
        return found


_STOPPED = Outcome(
    "refused",
    problem=Refused(
        RUN_STOPPED,
        t("Nothing was sent: the run was stopped before its turn came"),
        t("Mend what stopped it, then send the rest"),
    ),
)


def deliver(
    store: Store,
    client: Client,
    phone_number_id: str,
    prepared: Prepared,
    clock: Callable[[], datetime],
    *,
    pace: Pace | None = None,
    retries: Retries | None = None,
) -> Sent:
    """A run of one: nobody has to take turns with anybody. A refusal is returned and not raised."""
    (sent,) = deliver_run(store, client, phone_number_id, [prepared], clock, connections=1, pace=pace, retries=retries)
    return sent
