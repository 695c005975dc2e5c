"""`wacli doctor`: is everything all right, and if not, what to type."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Problem
from wacli.domain.text import mark, t
from wacli.render.doctor_view import checks_listing
from wacli.render.emit import Format
from wacli.services.checks import Check, failures
from wacli.services.doctor import examine_account, not_asked
from wacli.services.doctor_machine import LOCKED_FOR_MS, examine_machine
from wacli.services.doctor_number import people_allowed
from wacli.services.doctor_settings import examine_settings
from wacli.store import numbers
from wacli.store.account_facts import record_limit, record_payment

from ..clients import client_of
from ..exits import ExitStatus
from ..options import examples
from ..session import Session
from ..stores import prices_of, writing
from ..subjects import machine_of, subject_of


@examples("wacli doctor", "wacli doctor --offline", "wacli doctor --json | jq -r '.[] | select(.result == \"fail\")'")
def look(
    ctx: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help=mark("look at this machine only; ask nobody"))] = False,
) -> ExitStatus:
    """Looks at this machine and asks Meta about the account; ends with 1 when something has to be put right."""
    session: Session = ctx.obj
    session.real_now()  # another time than now would make the clock, the token and the price list look wrong
    subject = subject_of(session.profile)
    checks: list[Check] = [
        *examine_machine(machine_of(session), subject),
        *examine_settings(subject, prices_of(session), session.context.now()),
    ]
    if offline or subject.kind == "phone-app":
        checks += not_asked(subject.kind)
    else:
        with client_of(session) as client:
            checks += examine_account(client, subject, session.context.now)
        _keep(session, checks)
    session.write_listing(
        checks_listing(
            checks,
            session.words,
            is_for_people=session.format is Format.TABLE,
            with_details=session.options.debug,
        )
    )
    return ExitStatus.FAILED if failures(checks) else ExitStatus.DONE


def _keep(session: Session, checks: list[Check]) -> None:
    """What Meta said of the payment method, for `allowance`, of the messaging limit, for `campaigns plan`, and how it
    writes the number, for whoever sends: they ask nobody. Nothing where there is no store, nor where somebody else
    writes it for longer than a moment: the checks are what doctor is asked for, and the next one notes it."""
    waba_id = session.profile["waba_id"]
    told = {check.name: check.details for check in checks if check.details}
    payment, number = told.get("payment-method"), told.get("number", {})
    limit = people_allowed(told.get("messaging-limit", {}))
    if waba_id is None or not session.store_path.exists():
        return
    try:
        with writing(session) as store:
            store.wait_at_most(LOCKED_FOR_MS)
            if payment is not None:
                record_payment(store, waba_id, bool(payment["has_payment_method"]), session.context.now())
            if limit is not None:
                record_limit(store, waba_id, limit, session.context.now())
            number_id, display = number.get("id"), number.get("display_phone_number")
            if isinstance(number_id, str) and isinstance(display, str):
                numbers.name(store, number_id, display, waba_id)
    except Problem as problem:  # the store's own trouble is a check of its own
        session.warn([t("What Meta said was not noted in the store: {reason}", reason=problem.message)])
