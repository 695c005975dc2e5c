"""A run of one or many messages: everything is checked first, then each is judged again when it is its turn.

The first check names what is missing or forbidden while nothing has been sent. The second decides: it is made with
the clock of that moment, with what this very run has sent (the allowance), and with what came in meanwhile (a STOP).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wacli.cloudapi.outgoing import Json, read_body
from wacli.domain.category import Category
from wacli.domain.consent import ASSUMED, OPTED_IN, OPTED_OUT, STOPPED_MARKETING
from wacli.domain.contact import Contact
from wacli.domain.problem import Problem, Refused
from wacli.domain.text import t
from wacli.store import consents, messages
from wacli.store.consents import Consent

from .delivery import Sent, stops_run
from .delivery_run import CONNECTIONS, RUN_STOPPED, deliver_run
from .letters import Letter
from .lookahead import Lookahead
from .pace import Pace
from .people import introduce
from .sending import Conditions, Desk, Failed, Prepared, Rehearsed, Request, prepare
from .thread import Known

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client
    from wacli.cloudapi.media import LocalFile

_STOPPED_MARKETING = 131050


class Order(NamedTuple):
    """One message to one contact. `instead`: the template to send when the window is shut. `line` of the input.

    `continues`: it is the next part of the order before it, and makes no sense without that.
    """

    who: str  # as typed
    contact: Contact
    letter: Letter
    instead: Letter | None = None
    line: int | None = None
    continues: bool = False


class Courtesy(NamedTuple):
    """What is done before an answer: marking the contact's messages as read, showing that somebody types."""

    marks_read: bool = False
    shows_typing: bool = False


NO_COURTESY = Courtesy()


class Sender(NamedTuple):
    """How a run reaches the API: the client, the number it sends from, and the clock, asked anew at every step.

    `upload` takes a file to WhatsApp and returns its media id (None: as it is, with no record of it).
    `connections`: how many messages are in flight at most, `pace`: how fast they start (None: what every number may),
    `stopping`: told how many are in flight when Ctrl-C ends the run.
    """

    client: Client
    phone_number_id: str
    clock: Callable[[], datetime]
    connections: int = CONNECTIONS
    pace: Pace | None = None
    stopping: Callable[[int], object] | None = None
    upload: Callable[[LocalFile], str] | None = None


def check(desk: Desk, order: Order, conditions: Conditions, now: datetime, known: Known | None = None) -> Prepared:
    """The message as it would be posted at `now`: the letter, or `instead` where the window is shut.

    `known`: what was read of the contact already, and still holds. Raises `Refused` where neither may be sent.
    """
    try:
        return prepare(desk, order.contact, order.letter, conditions, now, known)
    except Refused as refusal:
        if order.instead is None or refusal.code != "window-closed":
            raise
    return prepare(desk, order.contact, order.instead, conditions, now, known)


def rehearse(desk: Desk, order: Order, conditions: Conditions, now: datetime, courtesy: Courtesy) -> Rehearsed:
    """The same with every request that would go before it. Constructs no transport, writes nothing.

    The next one rehearsed is judged as if this one had gone out.
    """
    prepared = check(desk, order, conditions, now)
    desk.hold(prepared)
    before = []
    message_id = latest_inbound(desk, order.contact, now) if courtesy.marks_read or courtesy.shows_typing else None
    if message_id is not None:
        before.append(Request("messages", read_body(message_id, is_typing=courtesy.shows_typing)))
    for file in prepared.letter.files:
        form: Json = {
            "messaging_product": "whatsapp",
            "type": file.mime_type,
            "file": {"name": file.name, "bytes": file.size},
        }
        before.append(Request("media", form, is_upload=True))
    return Rehearsed(prepared, tuple(before))


def look_ahead(desk: Desk, orders: Sequence[Order | Failed]) -> Lookahead:
    """For checking all of them with few readings, and for `carry_out` to go on with what was read."""
    return Lookahead(desk.store, [order.contact.id if isinstance(order, Order) else 0 for order in orders])


def carry_out(
    desk: Desk,
    sender: Sender,
    orders: Sequence[Order | Failed],
    conditions: Conditions,
    ahead: Lookahead | None = None,
) -> Iterator[Sent | Failed]:
    """Sends, several at a time, and yields what became of each in the order given, as soon as those before are known.

    `ahead`: of these orders, what the check of them has read.

    After a refusal that concerns every message (a token, a payment, the spam limit) the rest is not tried. An order
    that `continues` another is judged when that has been accepted. Ctrl-C is raised after what was in flight is told.
    """
    uploaded: dict[Path, str] = {}
    before: Sent | Failed | None = None
    stopped_by: Problem | None = None
    ahead = ahead or look_ahead(desk, orders)
    for start, stretch in _stretches(orders):
        is_broken = before is not None and before.problem is not None and _continues(stretch[0])
        if stopped_by is not None or is_broken:
            yield from (_not_tried(order, stopped_by) for order in stretch)
            continue
        run = _Stretch(desk, sender, stretch, conditions, uploaded, ahead, start)
        for before in run.results():
            yield before
        stopped_by = run.stopped_by


def _stretches(orders: Sequence[Order | Failed]) -> Iterator[tuple[int, Sequence[Order | Failed]]]:
    """The orders in runs of those that need not wait for each other, and the place of the first of each."""
    starts = [at for at, order in enumerate(orders) if at == 0 or _continues(order)]
    for start, end in zip(starts, [*starts[1:], len(orders)], strict=True):
        yield start, orders[start:end]


def _continues(order: Order | Failed) -> bool:
    return isinstance(order, Order) and order.continues


class _Stretch:
    """Orders that go out together: judged as there is room for them, told in their order."""

    def __init__(
        self,
        desk: Desk,
        sender: Sender,
        orders: Sequence[Order | Failed],
        conditions: Conditions,
        uploaded: dict[Path, str],
        ahead: Lookahead,
        start: int,
    ) -> None:
        self._desk = desk
        self._sender = sender
        self._orders = orders
        self._conditions = conditions
        self._uploaded = uploaded
        self._ended: dict[int, Sent | Failed] = {}  # by their place among the orders
        self._under_way: dict[str, tuple[int, Order]] = {}  # by key
        self._ahead, self._start = ahead, start
        self.stopped_by: Problem | None = None

    def results(self) -> Iterator[Sent | Failed]:
        """What became of each."""
        sender, told = self._sender, 0
        run = deliver_run(
            self._desk.store,
            sender.client,
            sender.phone_number_id,
            self._permitted(),
            sender.clock,
            connections=min(sender.connections, len(self._orders)),
            pace=sender.pace,
            judge_again=self._judge_again,
            stopping=sender.stopping,
        )
        try:
            with closing(run):
                for sent in run:
                    self._note(sent)
                    while told in self._ended:
                        yield self._ended.pop(told)
                        told += 1
        except KeyboardInterrupt:
            yield from (self._ended[place] for place in sorted(self._ended))
            raise
        for place in range(told, len(self._orders)):
            yield self._ended.get(place) or _not_tried(self._orders[place], self.stopped_by)

    def _permitted(self) -> Iterator[Prepared]:
        """The messages that the rules permit at the moment at which they are asked for."""
        if not self._start:
            self._ahead.begin()
        for place, order in enumerate(self._orders):
            if isinstance(order, Failed):
                self._ended[place] = order
                continue
            try:
                prepared = self._judged(order, place)
            except Problem as refusal:
                self._ended[place] = Failed(order.who, refusal, order.line)
                if stops_run(refusal):  # an upload met what a send would meet
                    self.stopped_by = refusal
                    return
                continue
            self._under_way[prepared.key] = place, order
            self._ahead.drop(order.contact.id)
            self._desk.hold(prepared)
            yield prepared

    def _judged(self, order: Order, place: int) -> Prepared:
        desk, sender, conditions = self._desk, self._sender, self._conditions
        now = sender.clock()
        prepared = check(desk, order, conditions, now, self._ahead.known(self._start + place, now))
        if not order.contact.id:
            order = order._replace(contact=introduce(desk.store, order.contact, sender.clock()))
            prepared = check(desk, order, conditions, sender.clock())
        while prepared.letter.files:  # an upload takes its time, and the window may shut meanwhile: judged after it
            missing = [file for file in prepared.letter.files if file.path not in self._uploaded]
            for file in missing:
                self._uploaded[file.path] = _upload(sender, file)
            prepared = check(desk, _posted(order, self._uploaded), conditions, sender.clock())
            if not missing:
                break
        if prepared.assumes_opt_in:
            self._record(prepared, OPTED_IN, ASSUMED, conditions.assumed_opt_in)
        return prepared

    def _judge_again(self, prepared: Prepared) -> None:
        contact, clock = prepared.standing.contact, self._sender.clock
        self._desk.release(prepared)  # it must not stand in its own way
        prepare(self._desk, contact, prepared.letter, self._conditions, clock())
        self._desk.hold(prepared)

    def _note(self, sent: Sent) -> None:
        (place, order), problem = self._under_way.pop(sent.prepared.key), sent.problem
        self._ahead.drop(order.contact.id)
        if sent.state == "refused":
            self._ahead.forget()
            self._desk.release(sent.prepared)
        if problem is not None and not sent.attempts:  # a rule forbade it while it waited for its contact's turn
            self._ended[place] = Failed(order.who, problem, order.line)
        elif problem is None or problem.code != RUN_STOPPED:  # what was ready when the run stopped was not tried
            self._ended[place] = sent
        if self.stopped_by is None and stops_run(problem):
            self.stopped_by = problem
        if _code(problem) == _STOPPED_MARKETING:
            self._record(sent.prepared, OPTED_OUT, STOPPED_MARKETING, sent.prepared.key)

    def _record(self, prepared: Prepared, state: str, source: str, evidence: str | None) -> None:
        self._ahead.forget()
        contact, now = prepared.standing.contact, self._sender.clock()
        consents.record(self._desk.store, Consent(contact.id, Category.MARKETING.value, state, source, evidence, now))


def _upload(sender: Sender, file: LocalFile) -> str:
    if sender.upload is not None:
        return sender.upload(file)
    from wacli.cloudapi.media import upload

    return upload(sender.client, sender.phone_number_id, file)


def _posted(order: Order, uploaded: Mapping[Path, str]) -> Order:
    """The order with the media ids of those of its letters whose files are all uploaded."""

    def posted(letter: Letter) -> Letter:
        return letter.posted(uploaded) if all(file.path in uploaded for file in letter.files) else letter

    return order._replace(letter=posted(order.letter), instead=None if order.instead is None else posted(order.instead))


def mark_read(desk: Desk, sender: Sender, contact: Contact, courtesy: Courtesy) -> None:
    """Marks the contact's latest message, and those before it, as read; nothing for somebody who never wrote.

    Raises what the client raises.
    """
    message_id = latest_inbound(desk, contact, sender.clock())
    if message_id is not None and (courtesy.marks_read or courtesy.shows_typing):
        sender.client.mark_read(sender.phone_number_id, message_id, is_typing=courtesy.shows_typing)


def latest_inbound(desk: Desk, contact: Contact, now: datetime) -> str | None:
    """The wamid of the contact's latest message on this number, None when they never wrote."""
    return messages.find_latest_inbound(desk.store, contact.id, desk.phone_number_id, now if desk.is_past else None)


def _code(problem: Problem | None) -> int | None:
    failure = getattr(problem, "failure", None)
    return None if failure is None else failure.code


def _not_tried(order: Order | Failed, cause: Problem | None) -> Failed:
    if isinstance(order, Failed):
        return order
    if cause is None:
        why = t("not tried, because the part before it did not go out")
    else:
        why = t("not tried, because the run was stopped: {why}", why=cause.message)
    return Failed(order.who, Refused("not-tried", why), order.line)
