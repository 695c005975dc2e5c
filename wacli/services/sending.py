"""Preparing one message: the verdict, the refusals that need no socket, the request as it will be posted.

What is refused by a rule never reaches the outbox; posting what is permitted is `wacli.services.delivery`.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wacli.cloudapi.outgoing import Address, Content, Extras, Json, TemplateMessage, TextMessage, body_of
from wacli.domain.problem import Refused
from wacli.domain.template import Template
from wacli.domain.template_fill import fill
from wacli.domain.template_preview import preview
from wacli.domain.text import Text, t
from wacli.domain.verdict import Outcome, Verdict
from wacli.store import templates
from wacli.store.database import Store

from .thread import Standing, judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


class Letter(NamedTuple):
    """What is to be sent. `text` is what the contact will read; `template` None for a free-form message."""

    content: Content
    text: str
    template: Template | None = None
    reply_to: str | None = None


class Limits(NamedTuple):
    """What the sender is willing to pay for this message; None: anything."""

    only_free: bool = False
    max_cost: Decimal | None = None


class Prepared(NamedTuple):
    """A message that every rule permits, as it will be posted. `key` is ours and unique."""

    key: str
    body: Json
    letter: Letter
    standing: Standing
    verdict: Verdict


def text_letter(text: str, reply_to: str | None = None) -> Letter:
    """A free-form text. Raises `Invalid` for one that is empty or over 4,096 characters."""
    content = TextMessage(text)
    content.payload()
    return Letter(content, text, reply_to=reply_to)


def template_letter(template: Template, values: dict[str, str]) -> Letter:
    """A filled template. Raises `Invalid` naming every missing, unknown or empty value."""
    return Letter(TemplateMessage(fill(template, values)), preview(template, values), template)


def prepare(store: Store, standing: Standing, letter: Letter, limits: Limits, now: datetime) -> Prepared:
    """Judges the message at `now` and writes its request. Opens no socket and writes nothing.

    Raises `Refused` when a rule forbids it (`window-closed`, `blocked`) or it costs more than the sender allows
    (`not-free`, `too-expensive`), with the next command to type.
    """
    verdict = judge(standing, letter.template, now)
    _refuse(store, standing, verdict, limits)
    contact = standing.contact
    key = uuid.uuid4().hex
    address = Address(phone=contact.phone, bsuid=None if contact.phone else contact.bsuid)
    body = body_of(letter.content, address, Extras(reply_to=letter.reply_to, callback=key))
    return Prepared(key, body, letter, standing, verdict)


def _refuse(store: Store, standing: Standing, verdict: Verdict, limits: Limits) -> None:
    name = standing.contact.label
    if verdict.outcome is Outcome.TEMPLATE_ONLY:
        raise Refused(
            "window-closed",
            t("{name} cannot be answered freely: {why}", name=name, why=verdict.reasons[0].text),
            _template_hint(store, standing),
            {"window_closes_at": verdict.window_closes_at},
        )
    if verdict.outcome is Outcome.BLOCKED:
        raise Refused(
            "blocked",
            t("Nothing can be sent to {name}: {why}", name=name, why=verdict.reasons[0].text),
            t("See why: wacli can {who}", who=f"#{standing.contact.id}"),
            {"reasons": [reason.code for reason in verdict.reasons]},
        )
    if limits.only_free and verdict.outcome is not Outcome.FREE:
        raise Refused(
            "not-free",
            t("A message to {name} is not free: {why}", name=name, why=verdict.reasons[-1].text),
            t("Leave --if-free out to send it all the same"),
        )
    if limits.max_cost is not None and (verdict.price is None or verdict.price > limits.max_cost):
        why = t("its price is not known") if verdict.price is None else t("it costs {price}", price=verdict.price)
        raise Refused(
            "too-expensive",
            t("A message to {name} goes over --max-cost: {why}", name=name, why=why),
            t("Raise --max-cost, or wait until it is free: wacli can {who}", who=f"#{standing.contact.id}"),
        )


def _template_hint(store: Store, standing: Standing) -> Text:
    # A utility template answers somebody; promotions and passwords do not.
    approved = [row for row in templates.list_templates(store) if row.status == "APPROVED"]
    names = [row.name for row in approved if row.category == "UTILITY"] or [row.name for row in approved]
    who = f"#{standing.contact.id}"
    if not names:
        return t("Fetch your templates, then send one: wacli templates pull")
    return t("Send a template: wacli send {template} '{who}'", template=names[0], who=who)
