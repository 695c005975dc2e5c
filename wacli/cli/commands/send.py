"""`wacli send`: a template to one person, to several, or to everybody on standard input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid, NotFound, Problem
from wacli.domain.template import Template
from wacli.domain.text import mark, t
from wacli.services.contact_values import values_of
from wacli.services.letters import template_letter
from wacli.services.order_lines import OrderLine, read_lines
from wacli.services.send_run import Order
from wacli.services.sending import Failed
from wacli.services.templates import find_template
from wacli.store.database import Store

from ..dispatch import settle
from ..exits import ExitStatus
from ..offer_end import with_offer_end
from ..options import examples
from ..sending_options import (
    VALUE,
    AssumeOptIn,
    DryRun,
    MaxCost,
    OnlyFree,
    OverBudget,
    PaceOption,
    TryAgain,
    conditions_of,
    desk_of,
    is_by_hand,
    pace_of,
    store_for,
)
from ..session import Session
from ..shared_options import Language
from ..who import find_or_meet


@examples(
    "wacli send order_ready Sari name={name} order=A-17",
    "wacli send promo_weekend Sari Budi '+62 812-3456-7890' 1={first_name} 2=20% --max-cost 0.05USD",
    "wacli send menu_card Sari header=menu.pdf --dry-run",
    'echo \'{"who": "Sari", "values": {"order": "A-17"}}\' | wacli send order_ready - name={name} --format ndjson',
)
def send(
    ctx: typer.Context,
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help=mark("the template's name"))],
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WHO... [KEY=VALUE...]", help=mark("recipients and the template's values; - reads lines of JSON")
        ),
    ],
    language: Language = None,
    dry_run: DryRun = False,
    if_free: OnlyFree = False,
    max_cost: MaxCost = None,
    assume_opt_in: AssumeOptIn = None,
    try_again: TryAgain = False,
    pace: PaceOption = None,
    over_budget: OverBudget = False,
) -> ExitStatus:
    """Sends a template; every value is checked before anything goes out."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    values: Mapping[str, str] = {match[1]: match[2] for word in words if (match := VALUE.fullmatch(word))}
    people = [word for word in words if not VALUE.fullmatch(word)]
    if not people:
        raise Invalid("missing", t("Nobody to send to was named"), t("Type: wacli send {name} WHO", name=template))
    if "-" in people and len(people) > 1:
        raise Invalid("usage", t("Recipients come from standard input or from the command line, not from both"))
    a_second = pace_of(pace)
    conditions = conditions_of(session, if_free, max_cost, assume_opt_in, try_again, over_budget)
    with store_for(session, is_dry=dry_run) as store:
        found = _template(session, store, template, language)
        values = with_offer_end(session, found, values)
        if people == ["-"]:
            orders = _orders_of_lines(session, store, found, values)
            if not orders:
                session.tell(t("No lines came in: nobody was written to"))
        else:
            orders = _orders_of_words(session, store, found, values, people)
        return settle(session, desk_of(session, store), orders, conditions, is_dry=dry_run, a_second=a_second)


def _template(session: Session, store: Store, name: str, language: str | None) -> Template:
    try:
        return find_template(store, name, language)
    except NotFound as unknown:
        if not is_by_hand(session):
            raise
        hint = t("Write the words yourself: wacli reply {who} {text}", who="WHO", text='"..."')
        raise NotFound(unknown.code, unknown.message, hint) from None


def _orders_of_words(
    session: Session, store: Store, template: Template, values: Mapping[str, str], people: Iterable[str]
) -> list[Order | Failed]:
    """The orders of a command line: a value that is wrong stops everything, a person nobody knows only their own."""
    orders: list[Order | Failed] = []
    named = list(people)
    for who in named:
        try:
            contact = find_or_meet(session, store, who)
        except Problem as problem:
            if len(named) == 1:
                raise
            orders.append(Failed(who, problem))
            continue
        orders.append(_order(template, contact, who, values))
    return orders


def _orders_of_lines(
    session: Session, store: Store, template: Template, shared: Mapping[str, str]
) -> list[Order | Failed]:
    """The orders of standard input; each line's own values stand before those of the command line."""
    orders: list[Order | Failed] = []
    for line in read_lines(session.context.stdin()):
        if isinstance(line, OrderLine):
            contact = None
            try:
                contact = find_or_meet(session, store, line.who)
                values = {**shared, **with_offer_end(session, template, line.values)}
                orders.append(_order(template, contact, line.who, values, line.number))
            except Problem as problem:
                orders.append(Failed(line.who, problem, line.number, contact))
        else:
            orders.append(line)
    return orders


def _order(template: Template, contact: Contact, who: str, values: Mapping[str, str], line: int | None = None) -> Order:
    return Order(who, contact, template_letter(template, values_of(values, contact)), line=line)
