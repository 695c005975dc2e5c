"""How a month will end, at the present pace: money, and the free messages of each business number.

The pace is that of the same weekdays (`domain.forecast`). Money is not simply carried forward: the first thousand
service messages of a month cost nothing and the rest do, so messages are counted on, and what exceeds the allowance is
priced at what the service messages of the last weeks were worth on average. Templates count at their list rates, also
those that earlier rules made free inside a window and today's do not. Free entry points stay free.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from wacli.domain.allowance import midnight, month_of
from wacli.domain.category import Category
from wacli.domain.forecast import LEAST_DAYS, MOST_DAYS, mean_of, outlook
from wacli.domain.money import from_micros
from wacli.domain.pricing_rules import AllowanceCovers, AllowanceScope, PricingRules, Unit
from wacli.store import charges, spend
from wacli.store.database import Store
from wacli.store.instants import moment
from wacli.store.spend import DayOfNumber

from .prices import Prices


class Forecast(NamedTuple):
    """What the whole month around an instant will have cost at its end, as far as prices are known."""

    likely: Decimal
    low: Decimal
    high: Decimal
    currency: str
    days_known: int


class Pace(NamedTuple):
    """The whole days before today, oldest first: worth of templates, service messages of each business number."""

    first: date
    templates: list[int]
    services: dict[int, list[int]]
    service_worth: Fraction


def forecast(store: Store, prices: Prices, now: datetime) -> Forecast | None:
    """The month's end, from charges that are up to date; None while fewer than 14 whole days are known, and under
    rules that bill no messages."""
    rules = prices.rules(now)
    pace = pace_of(store, prices, now)
    if pace is None or rules.unit is not Unit.MESSAGE:
        return None
    since, until = month_of(now, prices.zone)
    today = prices.day(now)
    begun = midnight(today, prices.zone)
    left = round((until - begun) / timedelta(days=1))
    before, _ = charges.sum_between(store, since, begun)
    so_far, _ = charges.sum_between(store, since, min(until, now + timedelta(seconds=1)))
    yesterday = today - timedelta(days=1)
    found = outlook(pace.templates, yesterday, left)
    assert found is not None
    totals = [before + part for part in found]
    for number_id, counts in pace.services.items():
        used = _services(spend.list_days(store, since, begun), number_id)
        service = outlook(counts, yesterday, left)
        assert service is not None
        totals = [
            total + _cost_of(used, count, rules, pace.service_worth)
            for total, count in zip(totals, service, strict=True)
        ]
    low, likely, high = (from_micros(max(total, so_far)) for total in totals)
    return Forecast(likely, low, high, prices.currency, len(pace.templates))


def pace_of(store: Store, prices: Prices, now: datetime) -> Pace | None:
    """The last whole days, at most 56; None when there are fewer than 14 of them."""
    first_at = spend.first_charged_at(store)
    if first_at is None:
        return None
    today = prices.day(now)
    first = max(prices.day(moment(first_at)) + timedelta(days=1), today - timedelta(days=MOST_DAYS))
    known = (today - first).days  # the very first day was hardly a whole one
    if known < LEAST_DAYS:
        return None
    days = spend.list_days(store, midnight(first, prices.zone), midnight(today, prices.zone))
    rules = prices.rules(now)
    is_free_in_window = bool(rules.free_in_window & (frozenset(Category) - {Category.SERVICE}))
    templates = [0] * known
    services: dict[int, list[int]] = {}
    worth = valued = 0
    for day in days:
        place = (date.fromisoformat(day.day) - first).days
        templates[place] += day.billed_worth + (0 if is_free_in_window else day.rules_worth)
        services.setdefault(day.number_id, [0] * known)[place] += day.service_count
        worth, valued = worth + day.service_worth, valued + day.valued_count
    return Pace(first, templates, services, Fraction(worth, valued) if valued else Fraction(0))


def mean_a_day(pace: Pace, number_id: int) -> float:
    """How many service messages a number sends on an average day."""
    counts = pace.services.get(number_id, [])
    return round(sum(counts) / len(pace.templates), 1)


def runs_out_on(pace: Pace, number_id: int, left: int, today: date, until: date) -> date | None:
    """The day before `until` on which the free messages left today end at this pace; None when they last."""
    counts = pace.services.get(number_id)
    if counts is None:
        return None
    rest, day = Fraction(left), today
    while day < until:
        rest -= mean_of(counts, pace.first, day)
        if rest < 0:
            return day
        day += timedelta(days=1)
    return None


def _services(days: list[DayOfNumber], number_id: int) -> int:
    return sum(day.service_count for day in days if day.number_id == number_id)


def _cost_of(used: int, count: int, rules: PricingRules, worth: Fraction) -> int:
    """What so many more service messages cost after `used` ones this month."""
    if rules.is_free_in_window(Category.SERVICE):
        return 0
    allowance = rules.allowance
    free = 0
    if allowance is not None and allowance.covers is AllowanceCovers.SERVICE and allowance.per is AllowanceScope.NUMBER:
        free = allowance.free_count
    return round((max(0, used + count - free) - max(0, used - free)) * worth)
