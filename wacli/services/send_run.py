"""A run of one or many messages: everything is checked first, then each is judged again right before it is posted.

The first check names what is missing or forbidden while nothing has been sent. The second decides: it is made with
the clock of that moment, with what this very run has sent (the allowance), and with what came in meanwhile (a STOP).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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

from .delivery import Sent, deliver, stops_run
from .letters import Letter
from .people import introduce
from .sending import Conditions, Desk, Failed, Prepared, Rehearsed, Request, prepare

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

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
    """How a run reaches the API: the client, the number it sends from, and the clock, asked anew at every step."""

    client: Client
    phone_number_id: str
    clock: Callable[[], datetime]


def check(desk: Desk, order: Order, conditions: Conditions, now: datetime) -> Prepared:
    """The message as it would be posted at `now`: the letter, or `instead` where the window is shut.

    Raises `Refused` where neither may be sent.
    """
    try:
        return prepare(desk, order.contact, order.letter, conditions, now)
    except Refused as refusal:
        if order.instead is None or refusal.code != "window-closed":
            raise
    return prepare(desk, order.contact, order.instead, conditions, now)


def rehearse(desk: Desk, order: Order, conditions: Conditions, now: datetime, courtesy: Courtesy) -> Rehearsed:
    """The same with every request that would go before it. Constructs no transport, writes nothing."""
    prepared = check(desk, order, conditions, now)
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


def carry_out(
    desk: Desk, sender: Sender, orders: Iterable[Order | Failed], conditions: Conditions
) -> Iterator[Sent | Failed]:
    """Sends one after another, and yields what became of each before the next is judged.

    After a refusal that concerns every message (a token, a payment, the spam limit) the rest is not tried.
    """
    uploaded: dict[Path, str] = {}
    stopped_by: Problem | None = None
    is_broken = False  # the order before this one did not go out
    for order in orders:
        if isinstance(order, Failed):
            yield order
        elif stopped_by is not None or (order.continues and is_broken):
            yield Failed(order.who, _not_tried(stopped_by), order.line)
        else:
            problem: Problem | None
            result: Sent | Failed
            try:
                result = _carry_out(desk, sender, order, conditions, uploaded)
                problem = result.problem
            except Problem as refusal:
                result, problem = Failed(order.who, refusal, order.line), refusal
            is_broken = problem is not None
            stopped_by = problem if stops_run(problem) else None
            yield result


def _carry_out(desk: Desk, sender: Sender, order: Order, conditions: Conditions, uploaded: dict[Path, str]) -> Sent:
    prepared = check(desk, order, conditions, sender.clock())
    if not order.contact.id:
        order = order._replace(contact=introduce(desk.store, order.contact, sender.clock()))
        prepared = check(desk, order, conditions, sender.clock())
    while prepared.letter.files:  # an upload takes its time, and the window may shut meanwhile: judged again after it
        missing = [file for file in prepared.letter.files if file.path not in uploaded]
        for file in missing:
            from wacli.cloudapi.media import upload

            uploaded[file.path] = upload(sender.client, sender.phone_number_id, file)
        prepared = check(desk, _posted(order, uploaded), conditions, sender.clock())
        if not missing:
            break
    if prepared.assumes_opt_in:
        _record(desk, order.contact, OPTED_IN, ASSUMED, conditions.assumed_opt_in, sender.clock())
    sent = deliver(desk.store, sender.client, sender.phone_number_id, prepared, sender.clock)
    if _code(sent.problem) == _STOPPED_MARKETING:
        _record(desk, order.contact, OPTED_OUT, STOPPED_MARKETING, sent.prepared.key, sender.clock())
    return sent


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


def _record(desk: Desk, contact: Contact, state: str, source: str, evidence: str | None, now: datetime) -> None:
    consents.record(desk.store, Consent(contact.id, Category.MARKETING.value, state, source, evidence, now))


def _code(problem: Problem | None) -> int | None:
    failure = getattr(problem, "failure", None)
    return None if failure is None else failure.code


def _not_tried(cause: Problem | None) -> Refused:
    if cause is None:
        return Refused("not-tried", t("not tried, because the part before it did not go out"))
    return Refused("not-tried", t("not tried, because the run was stopped: {why}", why=cause.message))
