"""Away messages and greetings that `wacli listen` sends by itself when the owner has switched them on.

A message of a contact is answered by one of them at most, and each is sent at most once in a customer service window:

- *away*, when the shop is closed now (`wacli.domain.business_hours`);
- *greeting*, when the contact is new or was not heard of for 14 days.

It answers messages that have just come, never those that are applied late; never when somebody has answered already;
nobody who has stopped any kind of message; and nothing that comes so soon after a message of ours that only a machine
can have written it, so that two shops' programs do not greet each other. It is judged by the same verdict as every
reply and goes through the same outbox, and is noted before it is sent: a crash in between sends none, never two.

It asks the store and remembers nothing: what came in is found there, whoever took it in.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.business_hours import BusinessHours
from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import t
from wacli.store import absence, contacts
from wacli.store.absence import AbsenceNote, Candidate, Heard

from .chores import Chore, Troubled
from .contact_values import fill_in
from .delivery import Sent
from .delivery_run import deliver
from .letters import text_letter
from .retry import Retries
from .send_run import Sender
from .sending import Conditions, Desk, Prepared, prepare

FRESH_FOR = timedelta(minutes=10)
NEW_AGAIN_AFTER = timedelta(days=14)
MACHINE_WITHIN = timedelta(seconds=5)
_PERIOD = timedelta(seconds=15)
_TYPED_KINDS = frozenset({"text", "image", "video", "audio", "voice", "document"})  # not taps on a button of ours
_ONCE = Retries(attempts=1)  # a courtesy that comes late is none


class AbsenceKind(StrEnum):
    """Which of the two."""

    AWAY = "away"
    GREETING = "greeting"


class AbsenceWishes(NamedTuple):
    """What is switched on: the texts (with fields of a contact, such as {name}), None for what is not."""

    away: str | None
    greeting: str | None
    hours: BusinessHours | None


class Due(NamedTuple):
    """One message that is to be sent now, and the contact's message that it answers."""

    kind: AbsenceKind
    candidate: Candidate
    heard: Heard
    window_began_at: datetime


def list_candidates(desk: Desk, now: datetime) -> list[Candidate]:
    """Threads of the desk's number whose contact was heard of a moment ago."""
    if desk.phone_number_id is None:
        return []
    return absence.list_candidates(desk.store, desk.phone_number_id, now - FRESH_FOR)


def due_to(desk: Desk, wishes: AbsenceWishes, candidate: Candidate, now: datetime) -> Due | None:
    """What is due to this contact at `now`, if anything. Reads only."""
    since = now - FRESH_FOR
    store, thread_id = desk.store, candidate.thread_id
    heard = absence.list_heard(store, thread_id, since)
    if not heard:
        return None
    first, last = heard[0], heard[-1]
    is_answered = candidate.last_answer_at is not None and candidate.last_answer_at >= last.at
    if is_answered or absence.was_sent(store, thread_id, tuple(AbsenceKind), first.at):
        return None
    sent_at = absence.find_last_sent_at(store, thread_id, first.at)
    if sent_at is not None and first.at - sent_at <= MACHINE_WITHIN and first.kind in _TYPED_KINDS:
        return None
    kind = _kind(desk, wishes, thread_id, first, now)
    if kind is None:
        return None
    began = absence.window_began_at(store, thread_id, last.at)
    return None if absence.was_sent(store, thread_id, (kind,), began) else Due(kind, candidate, last, began)


def _kind(desk: Desk, wishes: AbsenceWishes, thread_id: int, first: Heard, now: datetime) -> AbsenceKind | None:
    """Which of the two would answer; outside the hours only an away message: they cost, and one is enough."""
    if wishes.away is not None and wishes.hours is not None and not wishes.hours.is_open(now, desk.prices.zone):
        return AbsenceKind.AWAY
    if wishes.greeting is None:
        return None
    earlier = absence.find_earlier_at(desk.store, thread_id, first.at)
    return AbsenceKind.GREETING if earlier is None or first.at - earlier >= NEW_AGAIN_AFTER else None


class Courteous:
    """Sends what is due; `on_sent` is told what became of each, `on_trouble` why one was not sent."""

    def __init__(
        self,
        desk: Desk,
        sender: Sender,
        wishes: AbsenceWishes,
        conditions: Conditions,
        on_sent: Callable[[AbsenceKind, Sent], None],
        on_trouble: Troubled,
        stopping: threading.Event,
    ) -> None:
        self._desk = desk
        self._sender = sender
        self._wishes = wishes
        self._conditions = conditions
        self._on_sent = on_sent
        self._on_trouble = on_trouble
        self._stopping = stopping
        self._seen: set[Candidate] = set()

    def run(self, now: datetime) -> None:
        """One look at the store, and one message after another. What came in is looked at once, when it came."""
        candidates = list_candidates(self._desk, now)
        self._seen.intersection_update(candidates)
        for candidate in candidates:
            if self._stopping.is_set():
                return
            if candidate not in self._seen:
                due = due_to(self._desk, self._wishes, candidate, now)
                if due is not None:
                    self._answer(due)
                self._seen.add(candidate)

    def chore(self) -> Chore:
        """This as a chore."""
        return Chore("absence", _PERIOD, self.run)

    def _answer(self, due: Due) -> None:
        desk, sender = self._desk, self._sender
        contact = contacts.get(desk.store, due.candidate.contact_id)
        now = sender.clock()
        try:
            prepared = self._prepared(contact, due.kind, now)
        except Refused as refusal:
            if self._claim(due, uuid.uuid4().hex, now):  # said once, and not thought about again in this window
                self._on_trouble(_not_sent(contact, refusal))
            return
        if self._claim(due, prepared.key, now):
            desk.hold(prepared)
            sent = deliver(desk.store, sender.client, sender.phone_number_id, prepared, sender.clock, retries=_ONCE)
            if sent.state == "refused":
                desk.release(prepared)
            self._on_sent(due.kind, sent)

    def _prepared(self, contact: Contact, kind: AbsenceKind, now: datetime) -> Prepared:
        text = self._wishes.away if kind is AbsenceKind.AWAY else self._wishes.greeting
        assert text is not None  # only what is switched on is due
        try:
            letter = text_letter(fill_in(text, contact))
        except Invalid as problem:  # a field that this contact does not have
            raise Refused(problem.code, problem.message, problem.hint) from None
        prepared = prepare(self._desk, contact, letter, self._conditions, now)
        if prepared.standing.person.opted_out:
            raise Refused("opted-out", t("they have stopped messages of some kind"))
        return prepared

    def _claim(self, due: Due, key: str, now: datetime) -> bool:
        thread_id, heard = due.candidate.thread_id, due.heard
        note = AbsenceNote(thread_id, due.kind.value, heard.at, key)
        return absence.claim(self._desk.store, note, due.window_began_at, now)


def _not_sent(contact: Contact, refusal: Refused) -> Refused:
    return Refused(
        refusal.code,
        t("No automatic answer to {name}: {why}", name=contact.label, why=refusal.message),
        details=refusal.details,
    )
