"""Sending one message: verdict before any socket, outbox row before the request, outcome after it.

The order is the safety (design: HOUSE.md, "Reply / send"): what is refused by a rule never reaches the outbox; what
is in the outbox was committed, with our key in the request, before the socket opened; whatever happens then is one of
accepted, held, refused or unknown. Nothing here sends twice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wacli.cloudapi.outgoing import Address, Content, Extras, Json, TemplateMessage, TextMessage, body_of
from wacli.domain.problem import Problem, Refused
from wacli.domain.template import Template
from wacli.domain.template_fill import fill
from wacli.domain.template_preview import preview
from wacli.domain.text import Text, t
from wacli.domain.verdict import Outcome, Verdict
from wacli.store import numbers, outbox, templates
from wacli.store.database import Store
from wacli.store.lease import sending_lease
from wacli.store.outbox import Draft

from .thread import Standing, judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client


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


class Sent(NamedTuple):
    """What became of one message. `state`: accepted, held, refused, unknown."""

    prepared: Prepared
    state: str
    wamid: str | None
    problem: Problem | None


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


def deliver(
    store: Store, client: Client, phone_number_id: str, prepared: Prepared, clock: Callable[[], datetime]
) -> Sent:
    """Commits the outbox row, posts once, and records the outcome, which it returns and does not raise.

    `clock` gives the instants of the three steps. A `Problem` before the row is committed is raised: nothing was sent.
    """
    from wacli.cloudapi.failures import ApiError, NotSent, OutcomeUnknown

    key, letter = prepared.key, prepared.letter
    number = numbers.add(store, phone_number_id, None, None)
    template = letter.template
    draft = Draft(
        key=key,
        contact_id=prepared.standing.contact.id,
        number_id=number.id,
        kind="template" if template is not None else letter.content.kind,
        request=json.dumps(prepared.body, ensure_ascii=False, separators=(",", ":")),
        text=letter.text,
        template_name=None if template is None else template.name,
        template_language=None if template is None else template.language,
        category=None if template is None or template.price_category is None else template.price_category.value,
        reply_to=letter.reply_to,
    )
    with sending_lease(store):
        outbox.add(store, draft, clock())
        outbox.mark_sending(store, key, clock())
        try:
            accepted = client.send(phone_number_id, prepared.body)
        except ApiError as refusal:
            failure = refusal.failure
            outbox.mark_refused(store, key, clock(), failure.code, failure.details, failure.fbtrace_id)
            return Sent(prepared, "refused", None, refusal)
        except NotSent as failure_to_send:
            outbox.mark_refused(store, key, clock(), None, failure_to_send.code)
            return Sent(prepared, "refused", None, failure_to_send)
        except OutcomeUnknown as unknown:
            outbox.mark_unknown(store, key, unknown.reason)
            return Sent(prepared, "unknown", None, unknown)
        except BaseException:  # Ctrl-C while waiting for the answer: it may have been accepted
            outbox.mark_unknown(store, key, "interrupted")
            raise
        is_held = accepted.status in ("held_for_quality_assessment", "paused")
        outbox.mark_accepted(store, key, accepted.wamid, clock(), is_held=is_held)
    return Sent(prepared, "held" if is_held else "accepted", accepted.wamid, None)


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
    approved = [row.name for row in templates.list_templates(store) if row.status == "APPROVED"]
    who = f"#{standing.contact.id}"
    if not approved:
        return t("Fetch your templates, then send one: wacli templates pull")
    return t("Send a template: wacli send {template} '{who}'", template=approved[0], who=who)
