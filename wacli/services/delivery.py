"""Delivering one prepared message: outbox row before the request, outcome after it.

The order is the safety (design: HOUSE.md, "Reply / send"): the row is committed, with our key in the request, before
the socket opens; whatever happens then is one of accepted, held, refused or unknown. Nothing here sends twice.
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
from wacli.store.outbox import Draft

from .sending import Prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacli.cloudapi.client import Client


class Sent(NamedTuple):
    """What became of one message. `state`: accepted, held, refused, unknown."""

    prepared: Prepared
    state: str
    wamid: str | None
    problem: Problem | None


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
        except Problem as problem:  # no token, say: it comes before the socket
            outbox.mark_refused(store, key, clock(), None, problem.code)
            return Sent(prepared, "refused", None, problem)
        except BaseException:  # Ctrl-C while waiting for the answer: it may have been accepted
            outbox.mark_unknown(store, key, "interrupted")
            raise
        is_held = accepted.status in ("held_for_quality_assessment", "paused")
        outbox.mark_accepted(store, key, accepted.wamid, clock(), is_held=is_held)
    return Sent(prepared, "held" if is_held else "accepted", accepted.wamid, None)
