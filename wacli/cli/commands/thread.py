"""`wacli thread WHO` and `wacli can WHO`: one contact's thread, and the verdict on the next message to them."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.contact import Contact
from wacli.domain.text import mark, t
from wacli.domain.verdict import Limits, Outcome, within
from wacli.render.thread_view import thread_record, verdict_record
from wacli.services.thread import Standing, detail, judge, judge_unfilled, standing_of
from wacli.store import numbers
from wacli.store.database import Store

from ..exits import ExitStatus
from ..money_options import budget_of
from ..options import examples
from ..session import Session
from ..shared_options import Language, Who
from ..stores import existing, prices_of
from ..who import find_contact

_STATUS = {
    Outcome.FREE: ExitStatus.DONE,
    Outcome.BILLED: ExitStatus.COSTS,
    Outcome.TEMPLATE_ONLY: ExitStatus.TEMPLATE_ONLY,
    Outcome.BLOCKED: ExitStatus.BLOCKED,
}


def standing(session: Session, store: Store, contact: Contact, phone_number_id: str | None) -> Standing:
    """The standing of the contact at the session's instant, on one number; None: on the one they wrote last."""
    profile = session.profile
    return standing_of(
        store,
        contact,
        phone_number_id,
        prices_of(session),
        session.now,
        as_of=session.options.at is not None,
        by_hand=profile["kind"] == "phone-app",
    )


@examples(
    "wacli thread Sari",
    "wacli thread '+62 812-3456-7890' --limit 0",
    "wacli thread @sari.cookies --json",
    "wacli thread Sari --format markdown > sari.md",
)
def show(ctx: typer.Context, who: Who) -> None:
    """Shows one thread: on the profile's number, or, as the board does, on another one that they wrote to."""
    session: Session = ctx.obj
    with existing(session) as store:
        contact = find_contact(session, store, who)
        person = standing(session, store, contact, session.profile["phone_number_id"])
        if person.row is None:
            person = standing(session, store, contact, None)
            _say_where(session, store, person)
        found = detail(
            store,
            person,
            session.now,
            limit=session.row_limit() or 0,
            as_of=session.options.at is not None,
        )
    if session.options.is_markdown:
        from wacli.render.transcript import transcript

        session.context.out.writelines(transcript(found, session.words))
        return
    session.write_record(thread_record(found, session.now, session.words))


def _say_where(session: Session, store: Store, person: Standing) -> None:
    number = None if person.row is None else numbers.find_by_id(store, person.row.number_id)
    if number is not None:
        session.tell(
            t(
                "This is the chat with {number}; profile {profile} has another number and cannot answer it",
                number=number.label,
                profile=session.profile.name,
            )
        )


@examples(
    "wacli can Sari",
    "wacli can Sari --template order_ready",
    "wacli can Sari -q >/dev/null && echo free   # statuses: wacli help exit-codes",
)
def can(
    ctx: typer.Context,
    who: Who,
    template: Annotated[
        str | None, typer.Option("--template", metavar="NAME", help=mark("judge this template instead of a reply"))
    ] = None,
    language: Language = None,
) -> ExitStatus:
    """Shows the verdict; the exit status is the answer."""
    session: Session = ctx.obj
    with existing(session) as store:
        person = standing(session, store, find_contact(session, store, who), session.profile["phone_number_id"])
        chosen = None
        if template is not None:
            from wacli.services.templates import find_template

            chosen = find_template(store, template, language)
        verdict = judge(person, None, session.now) if chosen is None else judge_unfilled(person, chosen, session.now)
        if verdict.outcome is Outcome.BILLED:
            budget = budget_of(session, store, prices_of(session))
            if budget is not None:
                verdict = within(verdict, Limits(budget=budget.at(session.now)))
        hint = None
        if verdict.outcome in (Outcome.TEMPLATE_ONLY, Outcome.BLOCKED):
            from wacli.services.refusals import next_step

            hint = next_step(store, person.contact, verdict)
    session.write_record(verdict_record(person, verdict, session.now, session.words, hint))
    return _STATUS[verdict.outcome]
