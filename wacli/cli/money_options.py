"""What the money commands share: amounts and spans as people type them, and the budget of the active profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from wacli.domain.allowance import midnight, month_of
from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .config import amount_of, is_amount
from .session import Session

if TYPE_CHECKING:
    from wacli.services.budget import MonthBudget
    from wacli.services.prices import Prices
    from wacli.store.database import Store


_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%", re.ASCII)


def month_asked(session: Session, since: str | None, until: str | None, month: str | None) -> tuple[datetime, datetime]:
    """The half-open span that was typed, in the account's time zone; the month we are in when nothing was.

    Raises `Invalid` for a month beside --since or --until, and for a span that is none.
    """
    now, zone = session.now, session.zone
    if month is not None and (since is not None or until is not None):
        raise Invalid("usage", t("--month and --since or --until exclude each other"), t("Choose one of them"))
    if month is not None:
        return month_of(midnight(read_month(month), zone), zone)
    first, last = month_of(now, zone)
    if since is not None:
        first = _instant(session, since)
        last = max(last, first)
    if until is not None:
        last = _instant(session, until)
    if first > last:
        raise Invalid("usage", t("--until is before --since"), t("Turn them round"))
    return first, last


def as_of(session: Session, until: datetime) -> datetime:
    """The end of a span, or with --at the instant it is pretended to be: nothing after it has happened."""
    return until if session.options.at is None else min(until, session.now + timedelta(seconds=1))


def read_month(text: str) -> date:
    """The first day of a month written as 2026-11. Raises `Invalid` (code `bad-date`)."""
    match = _MONTH.fullmatch(text.strip())
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    raise Invalid("bad-date", t("{text} is not a month", text=text), t("Write it as 2026-11"))


def share_asked(text: str) -> Decimal:
    """A share written as 80%. Raises `Invalid` (code `bad-value`)."""
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        raise Invalid("bad-value", t("{text} is not a share", text=text), t("Write it like 80%"))
    return Decimal(match[1]) / 100


def _instant(session: Session, text: str) -> datetime:
    """A day or an instant; or so long ago, like 30d."""
    from .instants import parse_duration, parse_instant

    try:
        span: timedelta = parse_duration(text)
    except Invalid:
        return parse_instant(text, session.now, session.zone)
    return session.now - span


def budget_limit(session: Session) -> Decimal | None:
    """What a month may cost, in the account's currency; None where the profile has no budget.

    Raises `Invalid` (code `other-currency`) when the budget is in another one: nothing is ever converted.
    """
    text = session.profile["budget"]
    if text is None:
        return None
    amount, given = amount_of(text)
    currency = session.profile["currency"] or "USD"
    if given not in (None, currency):
        raise Invalid(
            "other-currency",
            t("the budget is in {given}, but this account is billed in {currency}", given=given, currency=currency),
            t('Set it again: wacli config set budget "50 {currency}"', currency=currency),
        )
    return amount


def budget_of(session: Session, store: Store, prices: Prices) -> MonthBudget | None:
    """The month's budget of the active profile; None where it has none, or answers in the phone app, which is free.

    Raises `Invalid` (code `other-currency`).
    """
    limit = budget_limit(session)
    if limit is None or session.profile["kind"] == "phone-app":
        return None
    from wacli.services.budget import MonthBudget

    return MonthBudget(store, prices, limit, is_past=session.options.at is not None)


def tolerance_asked(session: Session, text: str) -> Callable[[Decimal], Decimal]:
    """A difference that is still all right: a share (1%) of a number, or an amount (0.50USD), as a function of it.

    Raises `Invalid` (codes `bad-value`, `other-currency`).
    """
    if text.strip().endswith("%"):
        share = share_asked(text)
        return lambda reference: abs(reference) * share
    if not is_amount(text):
        raise Invalid("bad-value", t("{text} is neither a share nor an amount", text=text), t("Write 1% or 0.50USD"))
    amount, given = amount_of(text)
    currency = session.profile["currency"] or "USD"
    if given not in (None, currency):
        raise Invalid(
            "other-currency",
            t(
                "{text} is in {given}, but this account is billed in {currency}",
                text=text,
                given=given,
                currency=currency,
            ),
            t("Give it in {currency}", currency=currency),
        )
    return lambda _reference: amount
