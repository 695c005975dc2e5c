"""Delivering prepared messages: outbox row before the request, outcome after it.

The order is the safety (design: HOUSE.md, "Reply / send"): the row is committed, with our key in the request, before
the socket opens; whatever happens then is one of accepted, held, refused or unknown. Nothing here sends twice: what
`wacli.services.retry` allows again is only what was provably not accepted, and before each further attempt the row is
asked whether a status webhook has told otherwise meanwhile.

`deliver` is one message; `wacli.services.delivery_run` sends many at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from wacli.domain.problem import Problem
from wacli.store import numbers, outbox
from wacli.store.database import Store
from wacli.store.lease import sending_lease
from wacli.store.outbox import Draft, OutboxWriter

from . import retry
from .retry import Retries, Tries
from .sending import Prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_HELD = ("held_for_quality_assessment", "paused")


class Sent(NamedTuple):
    """What became of one message. `state`: accepted, held, refused, unknown."""

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


def deliver(
    store: Store,
    client: Client,
    phone_number_id: str,
    prepared: Prepared,
    clock: Callable[[], datetime],
    *,
    retries: Retries | None = None,
    replaces: str | None = None,
) -> Sent:
    """Commits the outbox row, posts, and records the outcome, which it returns and does not raise.

    `clock` gives the instants of the steps. Tries again where that is safe, as `retries` allow; the row is `queued` in
    between. `replaces` is the key of an earlier send that a person wants repeated. A `Problem` before the row is
    committed is raised: nothing was sent.
    """
    retries = retries or retry.DEFAULT
    number = numbers.add(store, phone_number_id, None, None)
    tries = Tries(retries)
    writer = OutboxWriter(store)
    key = prepared.key
    with sending_lease(store, clock()):
        writer.add(draft_of(prepared, number.id, replaces), clock(), is_sending=True)
        writer.write()
        while True:
            outcome = post(client, phone_number_id, prepared)
            pause = tries.pause_after(outcome.problem)
            if pause is None:
                break
            record_pause(writer, key, outcome)
            if writer.write():
                break  # a status webhook told meanwhile that it went out
            _pause(retries, pause, writer, key, outcome, clock)
            writer.sending(key, clock())
            if writer.write():
                break
        record(writer, key, outcome, clock())
        is_told = bool(writer.write())
    if outcome.cut is not None:
        raise outcome.cut
    return sent_of(store, prepared, outcome, tries.count, is_told=is_told)


def draft_of(prepared: Prepared, number_id: int, replaces: str | None = None) -> Draft:
    """The outbox row of a prepared message."""
    letter = prepared.letter
    template = letter.template
    category = None if template is None else template.price_category
    return Draft(
        key=prepared.key,
        contact_id=prepared.standing.contact.id,
        number_id=number_id,
        kind="template" if template is not None else letter.content.kind,
        request=_ENCODER.encode(prepared.body),
        text=letter.text,
        template_name=None if template is None else template.name,
        template_language=None if template is None else template.language,
        category=None if category is None else category.value,
        reply_to=letter.reply_to,
        replaces=replaces,
    )


def post(client: Client, phone_number_id: str, prepared: Prepared) -> Outcome:
    """One attempt, whatever it comes to. Never raises."""
    from wacli.cloudapi.failures import OutcomeUnknown

    try:
        accepted = client.send(phone_number_id, prepared.body)
    except OutcomeUnknown as unknown:
        return Outcome("unknown", None, unknown)
    except Problem as refusal:  # Meta said no, the request never left whole, or there is no usable token
        return Outcome("refused", None, refusal)
    except BaseException as cut:  # Ctrl-C while waiting for the answer: it may have been accepted
        return Outcome("unknown", cut=cut)
    return Outcome("held" if accepted.status in _HELD else "accepted", accepted.wamid)


def record(writer: OutboxWriter, key: str, outcome: Outcome, now: datetime) -> None:
    """What became of it in the end."""
    if outcome.wamid is not None:
        writer.accepted(key, outcome.wamid, now, is_held=outcome.state == "held")
    elif outcome.state == "refused":
        writer.refused(key, now, *_error(outcome.problem))
    else:
        writer.unknown(key, getattr(outcome.problem, "reason", outbox.INTERRUPTED))


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


def _pause(
    retries: Retries,
    pause: float,
    writer: OutboxWriter,
    key: str,
    outcome: Outcome,
    clock: Callable[[], datetime],
) -> None:
    try:
        retries.sleep(pause)
    except BaseException:  # Ctrl-C: nothing was accepted, and nothing will be
        record(writer, key, outcome, clock())
        writer.write()
        raise
