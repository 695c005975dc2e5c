"""Events into rows, inside one transaction with the notification that said them.

The order of work in a transaction: messages, then statuses (each finds its message, or makes a placeholder for one
that another tool sent), then everything else, then `settle` works out what is derived. Bulk inserts ignore what is
there already; only the ignored rows take the slow path that compares texts and contents.

An `Intake` remembers which contacts and threads it has met. Somebody else may have changed them, so every transaction
starts by asking SQLite whether another connection has committed or this one has written since.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from operator import attrgetter

from ..domain.event import Event, MessageSeen, Number, StatusSeen
from ..domain.message import Direction, Origin, is_known_kind
from ..domain.stop_words import wish_of
from .candidates import (
    FROM_STATUS,
    Candidate,
    candidate_of_message,
    candidate_of_status,
)
from .database import Store
from .hashing import fingerprint
from .instants import LATEST_INSTANT, instant
from .many_rows import insert_many
from .message_rows import MessageRows
from .outbox import settle_by_status
from .parties import Parties, party_key
from .settle import Touched, settle
from .side_rows import Counts, SideRows, number_key

_STOPPED_MARKETING = 131050  # the error of a message to a contact who has stopped marketing (cloud-api.md section 6)

_WISHING_KINDS = frozenset({"text", "button", "interactive"})  # words typed, or the label of a button tapped

_STATUS_COLUMNS = (
    "id, message_id, fingerprint, party_id, status, at, callback_data, conversation_id, conversation_origin, "
    "expires_at, pricing_model, pricing_type, pricing_category, billable, error_code, error_text"
)
_INSERT_STATUS = f"INSERT INTO statuses ({_STATUS_COLUMNS})"
_SAID_BEFORE = "ON CONFLICT (message_id, fingerprint) DO NOTHING"


class Intake:
    """Applies events to one store, transaction by transaction, and counts what was new."""

    def __init__(self, store: Store) -> None:
        self.counts = Counts()
        self._store = store
        self._connection = store.connection
        self._touched = Touched()
        self.parties = Parties(store.connection)
        self._numbers: dict[Number, int] = {}
        self.messages = MessageRows(store.connection, self._touched)
        self._side_rows = SideRows(store.connection, self.parties, self._touched, self.counts, self.number_id)
        self._version = (-1, -1)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction; what it touched is worked out before it commits. All or nothing."""
        counted = self.counts.snapshot()
        try:
            with self._store.transaction() as connection:
                version = (self._store.data_version(), connection.total_changes)
                if version != self._version:
                    self._forget()
                yield connection
                self.settle()
                self._version = (version[0], connection.total_changes)
        except BaseException:
            self._forget()
            self._version = (-1, -1)
            self.counts.restore(counted)
            raise

    @property
    def connection(self) -> sqlite3.Connection:
        """The store's connection, for those who write beside the intake in its transaction."""
        return self._connection

    def settle(self) -> None:
        """Works out everything derived from what was applied so far in this transaction."""
        touched = self._touched
        touched.threads |= self.parties.moved_threads
        touched.moved_threads |= self.parties.moved_threads
        for thread_id in self.parties.moved_threads:
            touched.told[thread_id] = 0, LATEST_INSTANT
            touched.targets |= self.messages.targets_of_edits_in(thread_id)
        self.parties.moved_threads.clear()
        self.parties.show()
        if settle(self._connection, touched):
            self.parties.forget_threads()
        touched.clear()

    def apply(self, said: Iterable[tuple[int | None, Sequence[Event]]]) -> None:
        """Applies the events of some notifications, each given with the id of its row. Inside `transaction` only."""
        seen: list[tuple[int | None, MessageSeen]] = []
        statuses: list[tuple[int | None, StatusSeen]] = []
        others: list[Event] = []
        for notification_id, events in said:
            for event in events:
                if isinstance(event, MessageSeen):
                    seen.append((notification_id, event))
                elif isinstance(event, StatusSeen):
                    statuses.append((notification_id, event))
                else:
                    others.append(event)
        if seen:
            self._apply_messages(seen)
        if statuses:
            self._apply_statuses(statuses)
        for event in others:
            self._side_rows.apply(event)

    def number_id(self, number: Number) -> int:
        """The row of a business number, made if new. Where payloads disagree on a label, the smallest is shown."""
        number_id = self._numbers.get(number)
        if number_id is None:
            key = number_key(number)
            number_id = int(
                self._connection.execute(
                    "INSERT INTO numbers (key, phone_number_id, display_phone_number, waba_id) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET "
                    "phone_number_id = coalesce(phone_number_id, excluded.phone_number_id), "
                    "display_phone_number = min(coalesce(display_phone_number, excluded.display_phone_number), "
                    "  coalesce(excluded.display_phone_number, display_phone_number)), "
                    "waba_id = min(coalesce(waba_id, excluded.waba_id), coalesce(excluded.waba_id, waba_id)) "
                    "RETURNING id",
                    (key, number.phone_number_id, number.display_phone_number, number.waba_id),
                ).fetchone()[0]
            )
            self._numbers[number] = number_id
        return number_id

    def _forget(self) -> None:
        self.parties.forget()
        self._numbers.clear()
        self._touched.forget()

    def _apply_messages(self, seen: list[tuple[int | None, MessageSeen]]) -> None:
        numbers = self._numbers
        events = [event for _, event in seen]
        number_ids = [numbers.get(event.number) or self.number_id(event.number) for event in events]
        places = iter(
            self.parties.place_many(
                [
                    (event.party, number_id, instant(event.at))
                    for event, number_id in zip(events, number_ids, strict=True)
                    if not event.is_sample and event.group_id is None
                ]
            )
        )
        candidates: list[tuple[str, Candidate]] = []
        for (notification_id, event), number_id in zip(seen, number_ids, strict=True):
            party_id = thread_id = None
            if not event.is_sample:
                if event.group_id is None:
                    party_id, thread_id = next(places)
                else:
                    party_id, _ = self.parties.resolve(event.party, instant(event.at))
            candidates.append((event.key, candidate_of_message(event, thread_id, number_id, party_id, notification_id)))
        self._catch_up_with_merges(candidates)
        is_new = self.messages.put_many(candidates)
        self._note_wishes(events)
        self._count(list(compress(events, is_new)))

    def _count(self, new: Sequence[MessageSeen]) -> None:
        counts = self.counts
        origins = Counter(map(attrgetter("origin"), new))
        counts.echoes_new += origins[Origin.APP]
        counts.history_new += origins[Origin.HISTORY]
        counts.messages_new += len(new) - origins[Origin.APP] - origins[Origin.HISTORY]
        counts.samples_new += sum(map(attrgetter("is_sample"), new))
        kinds = Counter(map(attrgetter("kind"), new))
        counts.unknown += sum(count for kind, count in kinds.items() if not is_known_kind(kind))

    def _note_wishes(self, events: Sequence[MessageSeen]) -> None:
        """A live message that says STOP or START, and nothing else, is an entry of the consent ledger."""
        for event, wish in zip(events, map(wish_of, map(attrgetter("text"), events)), strict=True):
            if wish is None or event.direction != Direction.INBOUND or event.origin != Origin.API:
                continue
            if event.kind in _WISHING_KINDS and not event.is_sample and event.group_id is None:
                self._side_rows.record_wish(event, wish)

    def _catch_up_with_merges(self, candidates: list[tuple[str, Candidate]]) -> None:
        # A later message of the batch may have shown that two contacts are one; the thread of the younger is gone.
        if not self.parties.moved_threads:
            return
        for index, (wamid, candidate) in enumerate(candidates):
            if candidate.thread_id is not None and candidate.party_id is not None:
                contact_id = self.parties.contact_of(candidate.party_id)
                thread_id = self.parties.thread_of(contact_id, candidate.number_id)
                if thread_id != candidate.thread_id:
                    candidates[index] = (wamid, candidate._replace(thread_id=thread_id))

    def _apply_statuses(self, statuses: list[tuple[int | None, StatusSeen]]) -> None:
        rows: list[tuple[object, ...]] = []
        for notification_id, event in statuses:
            number_id = self.number_id(event.number)
            party_id = contact_id = None
            if not event.is_sample:
                party_id, contact_id = self.parties.resolve(event.party, instant(event.at))
            message_id, source = self.messages.find(event.key)
            if event.callback_data is not None and self._settle_outbox(event):
                message_id, source = self.messages.find(event.key)
            if message_id is None or source == FROM_STATUS:
                thread_id = None
                if contact_id is not None and event.group_id is None:
                    thread_id = self.parties.thread_of(contact_id, number_id)
                candidate = candidate_of_status(event, thread_id, number_id, party_id, notification_id)
                message_id, _ = self.messages.put(event.key, candidate)
            rows.append(self._status_row(message_id, party_id, event))
        is_new = self._insert_statuses(rows)
        for row, (_, event), new in zip(rows, statuses, is_new, strict=True):
            if event.pricing_raw:  # kept apart, as two statuses that differ in nothing else are one row
                self._side_rows.record_pricing(int(str(row[0])), event.pricing_raw)
            if not new:
                continue
            self.counts.statuses_new += 1
            self.messages.touch(int(str(row[0])))
            if event.error_code == _STOPPED_MARKETING and not event.is_sample:
                said = ("marketing", "opted-out", str(_STOPPED_MARKETING), event.error_text, event.at)
                self._side_rows.record_consent(event.party, *said)

    def _status_row(self, message_id: int, party_id: int | None, event: StatusSeen) -> tuple[object, ...]:
        said = (
            event.status,
            instant(event.at),
            event.callback_data,
            event.conversation_id,
            event.conversation_origin,
            instant(event.expires_at),
            event.pricing_model,
            event.pricing_type,
            event.pricing_category,
            None if event.billable is None else int(event.billable),
            event.error_code,
            event.error_text,
        )
        print_ = fingerprint(*said, party_key(event.party))
        return (message_id, print_, party_id, *said)

    def _settle_outbox(self, event: StatusSeen) -> bool:
        """A status that carries our own key proves that the API took the message, whatever its answer was."""
        return settle_by_status(self._connection, self.messages, str(event.callback_data), event.key, instant(event.at))

    def _insert_statuses(self, rows: list[tuple[object, ...]]) -> list[bool]:
        """Bulk insert that skips what is there; says for each row whether it was new."""
        connection = self._connection
        before = connection.total_changes
        first = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM statuses").fetchone()[0])
        insert_many(connection, _INSERT_STATUS, [(first + index, *row) for index, row in enumerate(rows)], _SAID_BEFORE)
        if connection.total_changes - before == len(rows):
            return [True] * len(rows)
        last = first + len(rows) - 1
        taken = {
            row[0] for row in connection.execute("SELECT id FROM statuses WHERE id BETWEEN ? AND ?", (first, last))
        }
        return [first + index in taken for index in range(len(rows))]
