"""`wacli send` and `wacli reply`: a template to people, a free-form answer to one."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from wacli.domain.problem import Invalid, Problem, Refused
from wacli.domain.text import mark, t
from wacli.render.sent_view import Failed, dry_run_record, sent_listing
from wacli.services.delivery import Sent, deliver
from wacli.services.people import find_contact, find_or_add
from wacli.services.sending import Letter, Limits, Prepared, prepare, template_letter, text_letter
from wacli.services.templates import find_template
from wacli.services.thread import Standing, standing_of
from wacli.store.database import Store

from ..clients import client_of
from ..exits import ExitStatus, status_of
from ..options import examples
from ..session import Session
from ..stores import prices_of, rehearsing, writing

_VALUE = re.compile(r"([A-Za-z0-9_.]+)=(.*)", re.DOTALL)
_COST = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]{3})?")

DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("print the request, send nothing"))]
OnlyFree = Annotated[bool, typer.Option("--if-free", help=mark("send only if it is free"))]
MaxCost = Annotated[
    str | None, typer.Option("--max-cost", metavar="0.05USD", help=mark("refuse a message that costs more"))
]


@examples(
    "wacli send order_ready Sari name=Sari order=A-17",
    "wacli send promo_weekend Sari Budi '+62 812-3456-7890' --max-cost 0.05USD",
    "wacli send order_ready Sari name=Sari order=A-17 --dry-run",
)
def send(
    ctx: typer.Context,
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help=mark("the template's name"))],
    words: Annotated[
        list[str], typer.Argument(metavar="WHO... [KEY=VALUE...]", help=mark("recipients, and the template's values"))
    ],
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help=mark("the template's language"))
    ] = None,
    dry_run: DryRun = False,
    if_free: OnlyFree = False,
    max_cost: MaxCost = None,
) -> ExitStatus:
    """Sends a template; every value is checked before anything goes out."""
    session: Session = ctx.obj
    values = {match[1]: match[2] for word in words if (match := _VALUE.fullmatch(word))}
    people = [word for word in words if not _VALUE.fullmatch(word)]
    if not people:
        raise Invalid("missing", t("Nobody to send to was named"), t("Type: wacli send {name} WHO", name=template))
    now = session.now if dry_run else session.real_now()
    limits = _limits(session, if_free, max_cost)
    with writing(session) as store:
        letter = template_letter(find_template(store, template, language), values)
        if dry_run:
            with rehearsing(store):  # a number that nobody has yet becomes a contact, but not for a dry run
                ready = _ready(session, store, people, letter, limits, now)
            return _dry(session, ready)
        return _deliver(session, store, _ready(session, store, people, letter, limits, now))


def _ready(
    session: Session, store: Store, people: list[str], letter: Letter, limits: Limits, now: datetime
) -> list[Prepared | Failed]:
    ready: list[Prepared | Failed] = []
    for who in people:
        try:
            contact = find_or_add(store, who, session.profile["country"], now)
            standing = standing_of(
                store, contact, session.profile["phone_number_id"], prices_of(session), now,
                as_of=session.options.at is not None,
            )  # fmt: skip
            ready.append(prepare(store, standing, letter, limits, now))
        except Problem as problem:
            if len(people) == 1:
                raise
            ready.append(Failed((who, problem)))
    return ready


@examples(
    "wacli reply Sari “Your order is ready.”",
    "wacli reply Sari “Until when are you open?” --if-free",
    "wacli reply Sari Thanks! --dry-run",
)
def reply(
    ctx: typer.Context,
    who: Annotated[
        str, typer.Argument(metavar="WHO", help=mark("a name, phone number, user ID, @username or contact id"))
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help=mark("what to answer; - reads it from stdin"))],
    to_message: Annotated[
        str | None, typer.Option("--to-message", metavar="WAMID", help=mark("quote this message"))
    ] = None,
    dry_run: DryRun = False,
    if_free: OnlyFree = False,
    max_cost: MaxCost = None,
) -> ExitStatus:
    """Answers freely while the window is open; refuses before any socket when it is not."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    if text == "-":
        text = session.context.stdin().read().decode("utf-8", "replace").removesuffix("\n")
    letter: Letter = text_letter(text, to_message)
    limits = _limits(session, if_free, max_cost)
    with writing(session) as store:
        prepared = prepare(store, _standing(session, store, who), letter, limits, now)
        if dry_run:
            return _dry(session, [prepared])
        return _deliver(session, store, [prepared])


def _standing(session: Session, store: Store, who: str) -> Standing:
    return standing_of(
        store,
        find_contact(store, who, session.profile["country"]),
        session.profile["phone_number_id"],
        prices_of(session),
        session.now,
        as_of=session.options.at is not None,
    )


def _limits(session: Session, if_free: bool, max_cost: str | None) -> Limits:
    if max_cost is None:
        return Limits(if_free, None)
    match = _COST.fullmatch(max_cost.strip())
    currency = session.profile["currency"]
    try:
        amount = Decimal(match[1]) if match else None
    except InvalidOperation:
        amount = None
    if match is None or amount is None:
        raise Invalid("bad-value", t("--max-cost {value} is not an amount", value=max_cost), t("Write it like 0.05USD"))
    if match[2] and match[2].upper() != currency:
        raise Refused(
            "other-currency",
            t(
                "--max-cost is in {given}, but this account is billed in {currency}",
                given=match[2].upper(),
                currency=currency,
            ),
            t("Give it in {currency}", currency=currency),
        )
    return Limits(if_free, amount)


def _dry(session: Session, ready: list[Prepared | Failed]) -> ExitStatus:
    path = f"/{session.profile['api_version']}/{session.profile['phone_number_id'] or 'PHONE_NUMBER_ID'}/messages"
    status = ExitStatus.DONE
    for item in ready:
        if isinstance(item, Failed):
            session.report(item[1])
            status = status_of(item[1])
        else:
            session.write_record(dry_run_record(item, path, session.words))
    return status


def _deliver(session: Session, store: Store, ready: list[Prepared | Failed]) -> ExitStatus:
    phone_number_id = session.profile.required("phone_number_id")
    results: list[Sent | Failed] = []
    with client_of(session) as client:
        for item in ready:
            if isinstance(item, Failed):
                results.append(item)
            else:
                results.append(deliver(store, client, phone_number_id, item, session.context.now))
    session.write_listing(sent_listing(results, session.words))
    problems = [
        problem for item in results if (problem := item[1] if isinstance(item, Failed) else item.problem) is not None
    ]
    if not problems:
        return ExitStatus.DONE
    for problem in problems:
        session.report(problem)
    return status_of(problems[0]) if len(problems) == len(results) else ExitStatus.PARTLY
