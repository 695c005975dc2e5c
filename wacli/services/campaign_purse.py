"""What a campaign's run may still spend: what the owner agreed to for the whole campaign, and the month's budget.

What is in flight counts as spent until it is known to be refused: the run ends before the message that could pass the
limit, not after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from wacli.domain.verdict import Outcome, Verdict

from .budget import MonthBudget

_BUDGET_FOR = timedelta(minutes=1)  # how long the month's budget, once read, may serve


class Purse:
    """The money of one run, in the campaign's currency. `spent` is what earlier runs took."""

    def __init__(self, max_cost: Decimal | None, budget: MonthBudget | None, spent: Decimal) -> None:
        self._max_cost, self._budget, self._spent = max_cost, budget, spent
        self._prices: dict[str, Decimal] = {}  # of what is in flight, and their sum
        self._in_flight = Decimal(0)
        self._left: Decimal | None = None  # of the month's budget
        self._left_until: datetime | None = None

    def reason_against(self, verdict: Verdict, now: datetime) -> str | None:
        """Why a message with that verdict would cost too much: `cost-limit` or `over-budget`. None: it may go."""
        if verdict.outcome is Outcome.FREE:
            return None
        price, most = verdict.price, self._max_cost
        if most is not None and (price is None or self._spent + self._in_flight + price > most):
            return "cost-limit"
        left = self._left_of_budget(now)
        if left is not None and (price is None or price > left):
            return "over-budget"
        if left is not None and price is not None:
            self._left = left - price
        return None

    def take(self, key: str, price: Decimal | None) -> None:
        """A message is on its way."""
        if price:
            self._prices[key] = price
            self._in_flight += price

    def settle(self, key: str, *, is_spent: bool) -> Decimal:
        """What the message took: its price when it is spent (taken, or nobody knows), otherwise nothing."""
        price = self._prices.pop(key, None) or Decimal(0)
        self._in_flight -= price
        if not is_spent:
            return Decimal(0)
        self._spent += price
        return price

    def _left_of_budget(self, now: datetime) -> Decimal | None:
        budget = self._budget
        if budget is None:
            return None
        if self._left_until is None or not self._left_until - _BUDGET_FOR <= now < self._left_until:
            self._left, self._left_until = budget.at(now).left.amount, now + _BUDGET_FOR
        return self._left
