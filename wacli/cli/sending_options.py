"""The options that `reply` and `send` share, and what they come to: the desk of the active profile, the conditions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import mark, t
from wacli.domain.verdict import Limits
from wacli.services.sending import Conditions, Desk, safe_keys
from wacli.store.database import Store

from .config import recipients_of
from .money_options import budget_of
from .session import Session
from .stores import existing, prices_of, writing

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

VALUE = re.compile(r"([A-Za-z0-9_.]+)=(.*)", re.DOTALL)
_PACE = re.compile(r"(\d{1,4})\s*(?:/\s*(s|m|min|minute|second))?")
_FASTEST = 1_000
_COST = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]{3})?")

DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("print the request, send nothing"))]
OnlyFree = Annotated[bool, typer.Option("--if-free", help=mark("send only if it is free"))]
MaxCost = Annotated[
    str | None, typer.Option("--max-cost", metavar="0.05USD", help=mark("refuse a message that costs more"))
]
TryAgain = Annotated[
    bool, typer.Option("--try-again", help=mark("also to somebody whom the last message did not reach"))
]
OverBudget = Annotated[bool, typer.Option("--over-budget", help=mark("send although this month's budget is used up"))]
AssumeOptIn = Annotated[
    str | None,
    typer.Option("--assume-opt-in", metavar="REASON", help=mark("send marketing without a recorded opt-in; says why")),
]
PaceOption = Annotated[
    str | None, typer.Option("--pace", metavar="80/s", help=mark("messages a second; 80/s, or 1000/s after an upgrade"))
]


def is_by_hand(session: Session) -> bool:
    """True for a profile whose owner answers in the phone app: wacli makes links and sends nothing."""
    return session.profile["kind"] == "phone-app"


def store_for(session: Session, *, is_dry: bool) -> AbstractContextManager[Store]:
    """The store for sending; a dry run only reads it, and makes none."""
    return existing(session) if is_dry else writing(session)


def desk_of(session: Session, store: Store) -> Desk:
    """What messages of the active profile are judged with."""
    profile = session.profile
    safe = profile["safe_recipients"]
    prices = prices_of(session)
    return Desk(
        store,
        prices,
        profile["phone_number_id"],
        None if safe is None else safe_keys(recipients_of(safe)),
        session.options.at is not None,
        budget_of(session, store, prices),
    )


def conditions_of(
    session: Session,
    only_free: bool,
    max_cost: str | None,
    assumed_opt_in: str | None,
    tries_again: bool,
    over_budget: bool = False,
) -> Conditions:
    """What the sender said beside the content. Raises `Invalid` for a cost or a reason that is none."""
    if assumed_opt_in is not None and not assumed_opt_in.strip():
        raise Invalid(
            "missing",
            t("--assume-opt-in needs the reason: it is written into the consent ledger"),
            t('Say how you know: --assume-opt-in "signed the form on 3 May"'),
        )
    return Conditions(Limits(only_free, cost_of(session, max_cost)), assumed_opt_in, tries_again, over_budget)


def cost_of(session: Session, typed: str | None) -> Decimal | None:
    """An amount such as 0.05USD, in the account's currency. Raises `Invalid`, and Refused for another currency."""
    if typed is None:
        return None
    match = _COST.fullmatch(typed.strip())
    currency = session.profile["currency"]
    if match is None:
        raise Invalid("bad-value", t("--max-cost {value} is not an amount", value=typed), t("Write it like 0.05USD"))
    given = (match[2] or "").upper()
    if given and given != currency:
        raise Refused(
            "other-currency",
            t("--max-cost is in {given}, but this account is billed in {currency}", given=given, currency=currency),
            t("Give it in {currency}", currency=currency),
        )
    return Decimal(match[1])


def pace_of(text: str | None) -> int | None:
    """Messages a second. Raises `Invalid` for what is none, or faster than any number may be."""
    if text is None:
        return None
    match = _PACE.fullmatch(text.strip().lower())
    count = 0 if match is None else int(match[1])
    if match is not None and (match[2] or "s").startswith("m"):
        count = count // 60
    if not 1 <= count <= _FASTEST:
        raise Invalid(
            "bad-value",
            t("--pace {text} is not possible", text=text),
            t("Write it like 80/s: from 1/s (60/min) to {fastest}/s", fastest=_FASTEST),
        )
    return count
