"""The free messages of the month: used, left, until when they last, who used them; and what happens after them.

Counted like the charges they are: service messages delivered in the account's month, in the order of sending. Whether
messages inside a free entry point use the allowance too, no source says (facts, pricing.md section 8.2): the sure
number is `used`, `used_at_most` counts them as well. Verdicts are made with the careful one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from wacli.domain.allowance import month_of
from wacli.domain.pricing_rules import Allowance, AllowanceScope
from wacli.store import account_facts, allowance, charges, numbers, spend
from wacli.store.database import Store

from .charges import bring_up_to_date
from .forecast import Pace, mean_a_day, pace_of, runs_out_on
from .prices import Prices

_BUSIEST = 5


class Payment(StrEnum):
    """What is known of a payment method. `refused`: Meta has refused messages for want of one."""

    KNOWN = "known"
    MISSING = "missing"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class BusyThread(NamedTuple):
    """A thread and how many free messages it used."""

    thread_id: int
    contact_id: int | None
    name: str | None
    used: int


class NumberAllowance(NamedTuple):
    """One business number's month; under the rules of 2022 to 2024, the whole account's (`number_id` None).

    `under_way`: sent and not told of yet. `runs_out_on`: the day on which the free ones end at the present pace; None
    with `is_pace_known`: they last. `a_day`: how many on an average day of the last weeks.
    """

    number_id: int | None
    phone_number_id: str | None
    display: str | None
    total: int
    used: int
    used_at_most: int
    under_way: int
    is_pace_known: bool
    a_day: float | None
    runs_out_on: date | None
    busiest: list[BusyThread]

    @property
    def left(self) -> int:
        """Never below zero; those under way are gone."""
        return max(self.total - self.used - self.under_way, 0)


class Allowances(NamedTuple):
    """Every number of the store. `rule` None: the rules of that day have no allowance. `resets_at` exclusive."""

    rule: Allowance | None
    is_unlimited: bool
    since: datetime
    resets_at: datetime
    numbers: list[NumberAllowance]
    payment: Payment


def allowances(store: Store, prices: Prices, waba_id: str | None, now: datetime) -> Allowances:
    """The month around `now`, everything up to that instant. Brings the charges up to date."""
    bring_up_to_date(store, prices)
    rules = prices.rules(now)
    since, resets_at = month_of(now, prices.zone)
    payment = payment_of(store, waba_id, since)
    rule = rules.allowance
    if rule is None:
        from wacli.domain.category import Category

        is_unlimited = rules.is_free_in_window(Category.SERVICE)
        return Allowances(None, is_unlimited, since, resets_at, [], payment)
    until = min(resets_at, now + timedelta(seconds=1))
    use = {one.number_id: one for one in charges.list_allowance_use(store, since, until)}
    pace = pace_of(store, prices, now)
    found = []
    for number in numbers.list_numbers(store):
        if number.phone_number_id is None and number.id not in use:
            continue  # an account's own notices come from no number
        one = use.get(number.id, charges.NumberUse(number.id, 0, 0))
        under_way = allowance.count_under_way(store, number.id, since, until)
        left = max(rule.free_count - one.used - under_way, 0)
        counts = None if pace is None else pace.services.get(number.id)
        found.append(
            NumberAllowance(
                number.id,
                number.phone_number_id,
                number.display_phone_number,
                rule.free_count,
                one.used,
                one.used + one.after_ads,
                under_way,
                counts is not None,
                None if pace is None else mean_a_day(pace, number.id),
                _last_day(pace, number.id, left, prices, now, resets_at),
                _busiest(store, number.id, since, until),
            )
        )
    if rule.per is AllowanceScope.ACCOUNT:
        found = [_together(found, rule)]
    return Allowances(rule, False, since, resets_at, found, payment)


def payment_of(store: Store, waba_id: str | None, since: datetime) -> Payment:
    """What Meta said when it was last asked; what it refused since is newer."""
    told = None if waba_id is None else account_facts.find_payment(store, waba_id)
    refused_at = charges.find_payment_refusal(store, since)
    if refused_at is not None and (told is None or refused_at >= told.told_at):
        return Payment.REFUSED
    if told is None:
        return Payment.UNKNOWN
    return Payment.KNOWN if told.has_payment_method else Payment.MISSING


def _last_day(
    pace: Pace | None, number_id: int, left: int, prices: Prices, now: datetime, resets_at: datetime
) -> date | None:
    today = prices.day(now)
    if not left:
        return today
    return None if pace is None else runs_out_on(pace, number_id, left, today, prices.day(resets_at))


def _busiest(store: Store, number_id: int, since: datetime, until: datetime) -> list[BusyThread]:
    found = charges.list_busiest(store, number_id, since, until, _BUSIEST)
    names = spend.thread_names(store, [thread_id for thread_id, _ in found])
    busiest = []
    for thread_id, used in found:
        contact_id, name = names.get(thread_id, (None, None))
        busiest.append(BusyThread(thread_id, contact_id, name, used))
    return busiest


def _together(found: list[NumberAllowance], rule: Allowance) -> NumberAllowance:
    busiest = sorted((one for number in found for one in number.busiest), key=lambda one: -one.used)[:_BUSIEST]
    return NumberAllowance(
        None,
        None,
        None,
        rule.free_count,
        sum(one.used for one in found),
        sum(one.used for one in found),
        0,
        False,
        None,
        None,
        busiest,
    )
