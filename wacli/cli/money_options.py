"""Amounts as people type them, and the budget of the active profile."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .config import amount_of
from .session import Session

if TYPE_CHECKING:
    from wacli.services.budget import MonthBudget
    from wacli.services.prices import Prices
    from wacli.store.database import Store


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
            t("Set it again: wacli config set budget “50 {currency}”", currency=currency),
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
