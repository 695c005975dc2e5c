"""Preparing one message: the verdict, the refusals that need no socket, the request as it will be posted.

What is refused by a rule never reaches the outbox. `prepare` is called when a run is checked and again for each message
when its turn comes (`wacli.services.send_run`): a window may close, an allowance run out, a STOP come in between.
Posting what is permitted is `wacli.services.delivery_run`.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import NamedTuple

from wacli.cloudapi.outgoing import Address, Extras, Json, body_of
from wacli.domain.category import Category
from wacli.domain.contact import Contact
from wacli.domain.identity import is_bsuid, is_invented, match_key
from wacli.domain.pricing import REACTION, SERVICE
from wacli.domain.problem import Problem, Refused
from wacli.domain.template import Template
from wacli.domain.text import t
from wacli.domain.verdict import Limits, Outcome, Verdict, within
from wacli.store.database import Store

from .letters import Letter
from .prices import Prices
from .refusals import refusal_of
from .thread import Known, Standing, judge, standing_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .budget import MonthBudget


class Desk(NamedTuple):
    """Where the messages of one business number go out: what each of them is judged with.

    `safe`: the only recipients allowed, as `match_key` of a number or a BSUID; None: everybody. `is_past`: the
    instants given are not the present (`--at` in a dry run). `budget`: the month's, which the messages of a run share.
    """

    store: Store
    prices: Prices
    phone_number_id: str | None
    safe: frozenset[str] | None = None
    is_past: bool = False
    budget: MonthBudget | None = None

    def hold(self, prepared: Prepared) -> None:
        """The message is about to go out: the next one is judged with less money left."""
        if self.budget is not None:
            self.budget.hold(prepared.key, prepared.verdict.price)

    def release(self, prepared: Prepared) -> None:
        """The message did not go out."""
        if self.budget is not None:
            self.budget.release(prepared.key)

    def trying(self) -> AbstractContextManager[None]:
        """Inside, the messages of a whole run are looked at one after another; afterwards none of them counts."""
        return nullcontext() if self.budget is None else self.budget.trying()


class Conditions(NamedTuple):
    """What the sender said about this message beside its content.

    `assumed_opt_in`: why they may be sent marketing although no opt-in is recorded. `tries_again`: also to somebody
    whom the last message did not reach. `passes_budget`: although the month's budget is used up.
    """

    limits: Limits = Limits()
    assumed_opt_in: str | None = None
    tries_again: bool = False
    passes_budget: bool = False


class Seat(NamedTuple):
    """Whose message of which campaign it is. `has_row`: an earlier attempt, provably not accepted, left its row in the
    outbox, and this one goes on with it."""

    campaign_id: int
    recipient_id: int
    has_row: bool = False


class Prepared(NamedTuple):
    """A message that every rule permits, as it will be posted. `key` is ours and unique.

    `assumes_opt_in`: it is permitted only because the sender vouches for an opt-in, which is to be recorded.
    `replaces`: the key of an earlier send that a person wants repeated. `seat`: it is part of a campaign.
    """

    key: str
    body: Json
    letter: Letter
    standing: Standing
    verdict: Verdict
    assumes_opt_in: bool = False
    replaces: str | None = None
    seat: Seat | None = None


class Failed(NamedTuple):
    """A message that was not sent: to whom as typed, and why. `line` of the input, where it came from one; `contact`
    where it is known who was meant."""

    who: str
    problem: Problem
    line: int | None = None
    contact: Contact | None = None


class Request(NamedTuple):
    """One request of a dry run: the end of its path, and its JSON body, or the fields of an upload's form."""

    end: str
    content: Json
    is_upload: bool = False


class Rehearsed(NamedTuple):
    """A message of a dry run, with the requests that would go before it."""

    prepared: Prepared
    before: tuple[Request, ...] = ()
    problem: None = None


def prepare(
    desk: Desk, contact: Contact, letter: Letter, conditions: Conditions, now: datetime, known: Known | None = None
) -> Prepared:
    """Judges the message at `now` and writes its request. Opens no socket and writes nothing.

    `known`: what was read of the contact already, and still holds.

    Raises `Refused`, with the reason's code and the next command to type, when a rule forbids it (`window-closed`,
    `opted-out`, `no-opt-in`, `not-safe` ...) or it costs more than the sender allows (`not-free`, `too-expensive`,
    `over-budget`).
    """
    _check_known(contact)
    check_safe(contact, desk.safe)
    standing = standing_of(
        desk.store,
        contact,
        desk.phone_number_id,
        desk.prices,
        now,
        as_of=desk.is_past,
        counts_allowance=not letter.template,
        known=known,
    )
    standing, assumes = as_vouched(standing, letter.template, conditions)
    kind = REACTION if letter.content.kind == "reaction" else SERVICE
    verdict = judge(standing, letter.template, now, kind=kind)
    limits = conditions.limits
    if desk.budget is not None and verdict.outcome is Outcome.BILLED and not conditions.passes_budget:
        limits = limits._replace(budget=desk.budget.at(now))
    verdict = within(verdict, limits)
    if verdict.outcome not in (Outcome.FREE, Outcome.BILLED):
        raise refusal_of(desk.store, contact, verdict)
    key = new_key(now)
    return Prepared(key, request_body(contact, letter, key), letter, standing, verdict, assumes)


def new_key(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562) in 32 hexadecimal digits: it begins with the time, so that the outbox's index of
    keys grows at its end instead of changing a page anywhere for every message."""
    chance = int.from_bytes(os.urandom(10))
    head = int(now.timestamp() * 1000) << 16 | 0x7000 | chance >> 68
    return f"{head << 64 | 2 << 62 | chance & (1 << 62) - 1:032x}"


def request_body(contact: Contact, letter: Letter, key: str) -> Json:
    """The body of the request, with our key in it: to the number where there is one, else to the user ID."""
    address = Address(phone=contact.phone, bsuid=None if contact.phone else contact.bsuid)
    extras = Extras(reply_to=letter.reply_to, callback=key, identity_hash=letter.identity_hash)
    return body_of(letter.content, address, extras)


def _check_known(contact: Contact) -> None:
    """Raises `Refused` (`erased`) for somebody who was erased: what stands in their place is nobody's address."""
    if contact.phone is None and is_invented(contact.bsuid):
        raise Refused(
            "erased",
            t("Contact {id} was erased: nobody knows any more who it was", id=f"#{contact.id}"),
            t("They are met anew when they write, or: wacli contacts add NAME --phone NUMBER"),
        )


def check_safe(contact: Contact, safe: Collection[str] | None) -> None:
    """Raises `Refused` (`not-safe`) for anybody who is not on the profile's list of safe recipients."""
    if safe is None:
        return
    own = {contact.bsuid, contact.parent_bsuid} | ({match_key(contact.phone)} if contact.phone else set())
    if own.isdisjoint(safe):
        raise Refused(
            "not-safe",
            t("{name} is not on this profile's list of safe recipients", name=contact.label),
            t("See it: wacli config get safe_recipients; change it: wacli config set safe_recipients LIST"),
        )


def safe_keys(recipients: Collection[str]) -> frozenset[str]:
    """The list of safe recipients (digits and BSUIDs) in the form that `Desk.safe` takes."""
    return frozenset(one if is_bsuid(one) else match_key(one) for one in recipients)


def as_vouched(standing: Standing, template: Template | None, conditions: Conditions) -> tuple[Standing, bool]:
    """The standing with what the sender vouches for; whether an opt-in is only assumed."""
    person, marketing = standing.person, Category.MARKETING
    is_marketing = template is not None and template.price_category is marketing
    assumes = is_marketing and conditions.assumed_opt_in is not None
    assumes = assumes and marketing.value not in {*person.opted_in, *person.opted_out}
    if assumes:
        person = person._replace(opted_in=(*person.opted_in, marketing.value))
    if conditions.tries_again:
        person = person._replace(undeliverable_at=None)
    return standing if person is standing.person else standing._replace(person=person), assumes
