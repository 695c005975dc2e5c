"""What a month has used up: the free messages of each number, and the billed ones that decide volume tiers.

Rules and sources: facts pricing.md sections 1 (the allowance starts anew at 12am on the first in the account's time
zone, no roll-over) and 5 (tiers count billed messages only, by market and category, over the whole portfolio).
Messages are metered in the order in which they were sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import NamedTuple

from .category import Category
from .pricing import Charge, FreeReason, MessageFacts, charge
from .pricing_rules import AllowanceScope, PricingRules
from .rate_card import RateCard

# Asked for every message; an enum gives out its members slowly (a function call each time in Python 3.11).
_NUMBER, _ALLOWANCE = AllowanceScope.NUMBER, FreeReason.ALLOWANCE

Volume = tuple[str | None, Category | None]


class Used(NamedTuple):
    """A month so far: free messages by business number, billed ones by market and category (None: service)."""

    free: Mapping[Hashable, int]
    billed: Mapping[Volume, int]


class Meter:
    """Charges messages one after another with the counts of their month. One object is one account."""

    def __init__(self) -> None:
        self._month = (0, 0)
        self._free: dict[Hashable, int] = {}
        self._billed: dict[Volume, int] = {}
        self._alike: dict[tuple[object, ...], Charge] = {}

    def begin_day(self, day: date) -> None:
        """A new day in the account's time zone: other rules or rates may hold; a new month counts from nothing."""
        self._alike.clear()
        if (day.year, day.month) != self._month:
            self._month = (day.year, day.month)
            self._free.clear()
            self._billed.clear()

    def resume(self, day: date, used: Used, *, by_account: bool) -> None:
        """Goes on in the month of `day` after what was charged before; `by_account`: one allowance for all numbers."""
        self.begin_day(day)
        self._free = {None: sum(used.free.values())} if by_account else dict(used.free)
        self._billed = dict(used.billed)

    def charge(self, facts: MessageFacts, number: Hashable, rules: PricingRules, card: RateCard | None) -> Charge:
        """The one charge rule with this month's counts, which it then moves on."""
        allowance = rules.allowance
        owner = number if allowance is not None and allowance.per is _NUMBER else None
        used = 0 if allowance is None else self._free.get(owner, 0)
        # Apart from volume tiers, messages that are alike cost the same all day: asked once.
        alike = (facts[1:], rules.id, allowance is not None and used < allowance.free_count)
        found = self._alike.get(alike)
        if found is None:
            volume = self._billed.get((facts.market, facts.category), 0)
            found = charge(facts, rules, card, volume_so_far=volume, allowance_so_far=used)
            if found.tier is None:
                self._alike[alike] = found
        if found.free_reason is _ALLOWANCE:
            self._free[owner] = used + 1
        elif not found.is_free:
            counted = (facts.market, facts.category)
            self._billed[counted] = self._billed.get(counted, 0) + 1
        return found
