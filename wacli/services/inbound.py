"""What comes in: notifications into the store, from files (`ingest`) or by the receiver (`receive_all`, `apply_next`).

A thousand notifications of a file, and everything they say, are one transaction: a process killed at any point has lost
nothing that was committed and has applied nothing by half. The same content twice is one notification. The receiver
commits the raw bytes alone, in groups, answers Meta, and applies them after that.

A body is turned into events as it is read, and its JSON let go: a thousand decoded bodies kept for a batch are tens
of thousands of objects that Python's collector walks again and again (a quarter of the whole ingest, measured).
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias, TypeVar

from ..cloudapi.wire import parse
from ..domain.event import Event, Number, Unrecognised
from ..domain.problem import Invalid, Problem
from ..importers.notifications import Body, Rejected, decode, digest
from ..store import notifications
from ..store.database import Store
from ..store.intake import Intake
from .forgotten import rewritten, screened

BATCH = 1_000
_BATCH_BYTES = 8_000_000  # bodies of thousands of messages: keeps the memory flat
_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")

Beside: TypeAlias = Callable[[Sequence[int | None]], None]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did. `unknown` are counted beside their own kind; `samples` are messages of Meta's test button."""

    notifications_new: int = 0
    notifications_seen: int = 0
    messages_new: int = 0
    statuses_new: int = 0
    echoes_new: int = 0
    history_new: int = 0
    calls_new: int = 0
    unknown: int = 0
    rejected: int = 0
    samples: int = 0


def ingest(
    store: Store,
    items: Iterable[Body | Rejected],
    now: datetime,
    *,
    on_rejected: Callable[[Rejected], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> IngestReport:
    """Keeps and applies every body of `items`; what could not be read is told to `on_rejected` and counted.

    `on_progress` is called after each transaction with how many bodies were read so far, and how many bytes they have.
    Raises Unavailable when the store stays locked or the disk is full: what was committed until then stays, the rest
    can be ingested again.
    """
    intake = Intake(store)
    new = read = size = rejected = 0

    def refused(item: Rejected) -> None:
        nonlocal rejected
        rejected += 1
        if on_rejected is not None:
            on_rejected(item)

    with store.bulk(), _collecting_between_batches() as collect:
        for batch in batched(_readings(screened(store, items), refused), _size):
            new += _keep_and_apply(intake, batch, now)
            read += len(batch)
            if on_progress is not None:
                size += sum(len(reading.raw) for reading in batch)
                on_progress(read + rejected, size)
            collect()
    return report_of(intake, new, read - new, rejected)


def receive(store: Store, raw: bytes, now: datetime) -> bool:
    """Commits the raw bytes of one webhook; False when that content was there already. Nothing is applied yet.

    Raises Invalid when the bytes are no JSON: then nothing is kept.
    """
    (kept,) = receive_all(store, [raw], now)
    if isinstance(kept, Invalid):
        raise kept
    return kept is not None


def receive_all(
    store: Store, raws: Sequence[bytes], now: datetime, *, beside: Beside | None = None
) -> list[int | Invalid | None]:
    """Commits the raw bytes of some webhooks together and waits for the disk; nothing is applied yet.

    Says for each its new id, None where that content was there already, or why nobody can read it: then it alone is
    not kept. `beside` is given the same (None also for those that are not kept) and writes in the same transaction what
    belongs to the new ones. Raises Unavailable when the
    store stays locked or the disk is full: then none is kept.
    """
    digests = [_digest(raw) for raw in raws]
    readable = [(key, raw) for key, raw in zip(digests, raws, strict=True) if not isinstance(key, Invalid)]
    if not readable:
        return [key for key in digests if isinstance(key, Invalid)]
    with store.transaction(durable=True) as connection:
        ids = iter(notifications.record_many(connection, readable, now, is_applied=False))
        outcomes = [key if isinstance(key, Invalid) else next(ids) for key in digests]
        if beside is not None:
            beside([key if isinstance(key, int) else None for key in outcomes])
    return outcomes


def _digest(raw: bytes) -> bytes | Invalid:
    try:
        return digest(decode(raw))
    except Invalid as problem:
        return problem


def apply_pending(store: Store, now: datetime) -> IngestReport:
    """Applies what `receive` kept, oldest first. Two processes may do it at once: each notification is applied once."""
    intake = Intake(store)
    applied = 0
    while done := apply_next(intake, store, now, Slice()):
        applied += sum(one.is_ours for one in done)
    return report_of(intake, applied, 0, 0)


class Applied(NamedTuple):
    """One kept notification and what it says; `is_ours` False where another process had just applied it."""

    id: int
    events: Sequence[Event]
    is_ours: bool = True


class Slice(NamedTuple):
    """How much is applied in one transaction: at most `limit` notifications, none after the one that fills
    `most_bytes`. `turn` is held while it is written."""

    limit: int = BATCH
    most_bytes: int = _BATCH_BYTES
    turn: AbstractContextManager[object] = nullcontext()


def apply_next(intake: Intake, store: Store, now: datetime, slice_: Slice) -> list[Applied]:
    """Applies some kept notifications, oldest first, in one transaction; an empty list when none is left.

    One that cannot be applied is set aside as not recognised, with the reason, and the rest goes on: a defect of ours
    must not stand between the shop and its next message. Raises Unavailable when the store stays locked.
    """
    kept = notifications.list_pending(store, slice_.limit, slice_.most_bytes)
    pending = [(key, events_of(raw)) for key, raw in rewritten(store, kept)]
    try:
        with slice_.turn:
            return _apply(intake, pending, now)
    except Problem:
        raise
    except Exception as defect:
        if len(pending) == 1:
            _log.exception("notification %d could not be applied", pending[0][0])
            with slice_.turn:
                return _apply(intake, [(pending[0][0], [_set_aside(type(defect).__name__)])], now)
        return apply_next(intake, store, now, slice_._replace(limit=1))


def _apply(intake: Intake, pending: Sequence[tuple[int, Sequence[Event]]], now: datetime) -> list[Applied]:
    if not pending:
        return []
    with intake.transaction() as connection:
        is_ours = notifications.mark_applied(connection, [key for key, _ in pending], now)
        done = [Applied(key, events, mine) for (key, events), mine in zip(pending, is_ours, strict=True)]
        intake.apply((one.id, one.events) for one in done if one.is_ours)
    return done


def events_of(raw: bytes) -> Sequence[Event]:
    """What kept bytes say; never raises. How deep Python reads depends on where it stands, so what could be read when
    it came may be too deep now."""
    try:
        return parse(decode(raw))
    except (Invalid, RecursionError) as problem:
        return [_set_aside(problem.code if isinstance(problem, Invalid) else "too-deep")]


def _set_aside(why: str) -> Unrecognised:
    return Unrecognised(Number(None, None, None), "", why, "")


class _Reading(NamedTuple):
    """One notification, read: the digest of its content, its own bytes, and what it says."""

    digest: bytes
    raw: bytes
    events: Sequence[Event]


def _keep_and_apply(intake: Intake, batch: Sequence[_Reading], now: datetime) -> int:
    """One transaction; how many of the notifications were new."""
    with intake.transaction() as connection:
        pairs = [(reading.digest, reading.raw) for reading in batch]
        ids = notifications.record_many(connection, pairs, now, is_applied=True)
        intake.apply((key, reading.events) for key, reading in zip(ids, batch, strict=True) if key is not None)
    return len(ids) - ids.count(None)


def _readings(items: Iterable[Body | Rejected], refused: Callable[[Rejected], None]) -> Iterator[_Reading]:
    for item in items:
        if isinstance(item, Rejected):
            refused(item)
        else:
            yield _Reading(digest(item.value), item.raw, parse(item.value))


def batched(items: Iterable[_Item], size_of: Callable[[_Item], int]) -> Iterator[Sequence[_Item]]:
    """The items in what one transaction takes: at most a thousand, and no more after eight million bytes."""
    batch: list[_Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if len(batch) >= BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(reading: _Reading) -> int:
    return len(reading.raw)


@contextmanager
def _collecting_between_batches() -> Iterator[Callable[[], object]]:
    """Python's collector runs when it is called, and only then: what a batch has made is nearly all gone by then."""
    if not gc.isenabled():
        yield lambda: None
        return
    gc.disable()
    try:
        yield lambda: gc.collect(0)
    finally:
        gc.enable()


def report_of(intake: Intake, new: int, seen: int, rejected: int) -> IngestReport:
    counts = intake.counts
    return IngestReport(
        notifications_new=new,
        notifications_seen=seen,
        messages_new=counts.messages_new,
        statuses_new=counts.statuses_new,
        echoes_new=counts.echoes_new,
        history_new=counts.history_new,
        calls_new=counts.calls_new,
        unknown=counts.unknown,
        rejected=rejected,
        samples=counts.samples_new,
    )
