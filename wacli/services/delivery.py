"""One attempt to deliver a prepared message, what it comes to, and how that is written down.

Whatever happens to an attempt is one of accepted, held, refused or unknown. The order of the steps, which is the
safety, is in `wacli.services.delivery_run`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from wacli.domain.money import to_micros
from wacli.domain.problem import Problem
from wacli.store import outbox
from wacli.store.database import Store, storable
from wacli.store.outbox import Draft, OutboxWriter

from .sending import Prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client
    from wacli.cloudapi.outgoing import Json

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_HELD = ("held_for_quality_assessment", "paused")


class Sent(NamedTuple):
    """What became of one message. `state`: accepted, held, refused, unknown. 0 `attempts`: not in the outbox."""

    prepared: Prepared
    state: str
    wamid: str | None
    problem: Problem | None
    attempts: int = 1

    @property
    def stops_run(self) -> bool:
        """True when no further message should be tried now: the account, the token or the network is what failed."""
        return stops_run(self.problem)


class Outcome(NamedTuple):
    """What one attempt came to. `cut` is what broke off the attempt itself: Ctrl-C, or a defect."""

    state: str
    wamid: str | None = None
    problem: Problem | None = None
    cut: BaseException | None = None


def request_of(prepared: Prepared) -> str:
    """The request as it is posted, and kept in the outbox unless it must not stay there."""
    return storable(_ENCODER.encode(prepared.body))


def draft_of(prepared: Prepared, request: str, number_id: int) -> Draft:
    """The outbox row of a prepared message."""
    letter = prepared.letter
    template = letter.template
    category = None if template is None else template.price_category
    seat, price = prepared.seat, prepared.verdict.price
    return Draft(
        key=prepared.key,
        contact_id=prepared.standing.contact.id,
        number_id=number_id,
        kind="template" if template is not None else letter.content.kind,
        request=storable(_ENCODER.encode(_envelope(prepared.body))) if letter.is_sensitive else request,
        text=None if letter.is_sensitive else letter.text,
        template_name=None if template is None else template.name,
        template_language=None if template is None else template.language,
        category=None if category is None else category.value,
        reply_to=letter.reply_to,
        replaces=prepared.replaces,
        campaign_id=None if seat is None else seat.campaign_id,
        recipient_id=None if seat is None else seat.recipient_id,
        price=None if price is None else to_micros(price),
    )


def _envelope(body: Json) -> Json:
    """Of a message whose content must not stay in the store: to whom, of which type, and Meta's id of its file."""
    kept: dict[str, object] = {key: body[key] for key in ("to", "recipient", "type") if key in body}
    media_id = _media_id(body)
    return kept if media_id is None else {**kept, "media_id": media_id}


def _media_id(part: object) -> str | None:
    """The id of the document that goes with a message, wherever in it: in a template's header too."""
    if isinstance(part, list):
        return next((found for one in part if (found := _media_id(one)) is not None), None)
    if not isinstance(part, dict):
        return None
    document = part.get("document")
    if isinstance(document, dict) and isinstance(document.get("id"), str):
        return str(document["id"])
    return next((found for one in part.values() if (found := _media_id(one)) is not None), None)


def post(client: Client, phone_number_id: str, request: str) -> Outcome:
    """One attempt, whatever it comes to. Never raises."""
    from wacli.cloudapi.failures import OutcomeUnknown

    try:
        accepted = client.send(phone_number_id, request)
    except OutcomeUnknown as unknown:
        return Outcome("unknown", None, unknown)
    except Problem as refusal:  # Meta said no, the request never left whole, or there is no usable token
        return Outcome("refused", None, refusal)
    except BaseException as cut:  # Ctrl-C while waiting for the answer: it may have been accepted
        return Outcome("unknown", None, OutcomeUnknown(outbox.INTERRUPTED, {}), cut)
    return Outcome("held" if accepted.status in _HELD else "accepted", accepted.wamid)


def record(writer: OutboxWriter, key: str, outcome: Outcome, now: datetime) -> None:
    """What became of it in the end."""
    if outcome.wamid is not None:
        writer.accepted(key, outcome.wamid, now, is_held=outcome.state == "held")
    elif outcome.state == "refused":
        writer.refused(key, now, *_error(outcome.problem))
    else:
        writer.unknown(key, getattr(outcome.problem, "reason", None))


def record_pause(writer: OutboxWriter, key: str, outcome: Outcome) -> None:
    """Nothing was accepted, and it will be tried again."""
    writer.queued(key, *_error(outcome.problem))


def sent_of(store: Store, prepared: Prepared, outcome: Outcome, attempts: int, *, is_told: bool) -> Sent:
    """The result; `is_told`: a status had settled the row before our attempt ended, and that is what holds."""
    if is_told:
        row = outbox.get(store, prepared.key)
        if row.wamid is not None:
            return Sent(prepared, row.state, row.wamid, None, attempts)
    return Sent(prepared, outcome.state, outcome.wamid, outcome.problem, attempts)


def stops_run(problem: Problem | None) -> bool:
    """True when the next message would meet the same: see `Sent.stops_run`."""
    if problem is None:
        return False
    from wacli.cloudapi.failures import ApiError, NotSent, Scope

    if isinstance(problem, ApiError):
        failure = problem.failure
        # A limit of the whole number or account that outlasted our pauses.
        return stops_at_once(problem) or (failure.may_retry and failure.scope is Scope.RUN)
    return isinstance(problem, NotSent) or stops_at_once(problem)


def stops_at_once(problem: Problem | None) -> bool:
    """The same, where no pause will help."""
    if problem is None:
        return False
    from wacli.cloudapi.failures import ApiError

    if isinstance(problem, ApiError):
        return problem.failure.stops_run
    return problem.code == "bad-token"


def _error(problem: Problem | None) -> tuple[int | None, str | None, str | None]:
    """Code, details and trace for the outbox; our own code as details where Meta gave none."""
    from wacli.cloudapi.failures import ApiError

    if isinstance(problem, ApiError):
        failure = problem.failure
        return failure.code, failure.details or failure.meta_message, failure.fbtrace_id
    return None, None if problem is None else problem.code, None
