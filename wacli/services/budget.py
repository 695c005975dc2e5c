"""What a month may cost, and what is left of it at the moment of sending.

Spent is: the charges of the month so far (account's time zone), what is under way and was not told of yet, and what
this very run is sending. What is under way counts at its full price: it may turn out free (through an ad) or never
arrive, and a budget is no place for hope. Reading the store anew for each message would cost more than sending it, so
the sum is taken once a minute; in between the run counts its own messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from wacli.domain.allowance import month_of
from wacli.domain.category import category_of
from wacli.domain.money import from_micros
from wacli.domain.pricing import SERVICE, TEMPLATE, FreeReason, MessageFacts, charge
from wacli.domain.verdict import Budget
from wacli.store import charges
from wacli.store.charges import UnderWay
from wacli.store.database import Store

from . import charges as upkeep
from .board import allowance_at
from .prices import Prices

_FRESH_FOR = timedelta(minutes=1)


class MonthBudget:
    """A month's budget of one account, for one run of messages."""

    def __init__(self, store: Store, prices: Prices, limit: Decimal, *, is_past: bool = False) -> None:
        """`limit` is in the currency of `prices`. `is_past`: the instants asked about are not the present."""
        self._store, self._prices, self._limit, self._is_past = store, prices, limit, is_past
        self._held: dict[str, Decimal] = {}
        self._spent = Decimal(0)
        self._read_at: datetime | None = None

    def at(self, now: datetime) -> Budget:
        """The budget of the month around `now` and what is spent of it."""
        if self._read_at is None or not self._read_at <= now < self._read_at + _FRESH_FOR:
            self._read(now)
        return Budget(self._limit, self._spent + sum(self._held.values(), Decimal(0)), self._prices.currency)

    def hold(self, key: str, price: Decimal | None) -> None:
        """A message is about to go out under this key: its price counts from now on."""
        if price:
            self._held[key] = price

    def release(self, key: str) -> None:
        """It was not accepted after all."""
        self._held.pop(key, None)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """What is held inside is forgotten at the end: for looking at a whole run before the first is sent."""
        held = dict(self._held)
        try:
            yield
        finally:
            self._held = held

    def _read(self, now: datetime) -> None:
        store, prices = self._store, self._prices
        upkeep.bring_up_to_date(store, prices)
        since, until = month_of(now, prices.zone)
        until = min(until, now + timedelta(seconds=1)) if self._is_past else until
        micros, _ = charges.sum_between(store, since, until)
        self._spent = from_micros(micros)
        if not self._is_past:
            self._spent += self._under_way(charges.list_under_way(store, since, until), now)
        if self._held:  # what stands in the outbox by now is in one of the two sums, or failed
            for key in charges.written_down(store, list(self._held)):
                del self._held[key]
        self._read_at = now

    def _under_way(self, sends: list[UnderWay], now: datetime) -> Decimal:
        rules, card = self._prices.rules(now), self._prices.card(now)
        used: dict[int, int] = {}
        total = Decimal(0)
        for send in sends:
            category = None if send.category is None else category_of(send.category)
            kind = TEMPLATE if send.kind == "template" else SERVICE
            if kind == SERVICE and send.number_id not in used:
                state = allowance_at(self._store, send.number_id, self._prices, now)
                used[send.number_id] = 0 if state is None else state.used  # those under way included
            market = self._prices.market(send.phone, send.bsuid, now)
            facts = MessageFacts(now, category, kind, market, kind == SERVICE, False)
            found = charge(facts, rules, card, allowance_so_far=used.get(send.number_id, 0))
            if found.free_reason is not FreeReason.ALLOWANCE:
                total += found.amount or Decimal(0)
        return total
