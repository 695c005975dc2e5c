"""What will it cost? Planned messages under the rules and the card of any day, without an account or a store.

The steps: each destination's market of the day; messages of one market and category together; the ones inside a free
entry point, inside an open window, and the rest, each charged by `wacli.domain.pricing.charge`; the allowance; volume
tiers; then fee, tax and conversion. What the day's card does not say is bounded or refused, never made up.
Sources: facts pricing.md sections 1-8; the worked cases are in tests/services/test_estimate.py.

Loads neither the store nor an HTTP client nor phone metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.pricing_rules import PricingRules, Unit
from wacli.domain.problem import Invalid, Problem, Refused
from wacli.domain.quote import ComparedDay, Converted, Extra, Quote, QuoteLine, Span, add_spans
from wacli.domain.rate_card import RateCard
from wacli.domain.text import t
from wacli.ratecards.destinations import Destination
from wacli.ratecards.shelf import Shelf

from . import estimate_assumptions as assumptions
from .estimate_lines import Group, lines_of

_NOTHING = Decimal(0)


class Traffic(NamedTuple):
    """So many messages of one category to one destination."""

    destination: Destination
    category: Category
    message_count: int


class GivenRate(NamedTuple):
    """A price that the asker supplies. Without a category it fills what no card says; with one it always counts."""

    destination: Destination
    category: Category | None
    rate: Decimal


class Fee(NamedTuple):
    """Somebody's charge on top for each message sent, billed by Meta or not, in the quote's currency."""

    name: str
    rate: Decimal


class Tax(NamedTuple):
    """A tax on everything, fees included: 0.11 is eleven per cent."""

    name: str
    rate: Decimal


class Exchange(NamedTuple):
    """One unit of `source` is `rate` units of `target`; for reading only."""

    source: str
    target: str
    rate: Decimal


class EstimateRequest(NamedTuple):
    """Everything an estimate depends on. Shares are fractions (0.6 is 60 %).

    `in_window`: share of templates sent inside an open customer service window. `from_ads`: share of all messages
    sent inside a free entry point window. `allowance_used`: free messages already used this month, all numbers
    together. `volume_so_far`: billed messages this month by (market, category), for the volume tiers.
    """

    traffic: tuple[Traffic, ...]
    on: date
    currency: str = "USD"
    numbers: int = 1
    in_window: Decimal = _NOTHING
    from_ads: Decimal = _NOTHING
    allowance_used: int = 0
    volume_so_far: Mapping[tuple[str, Category], int] = {}
    rates: tuple[GivenRate, ...] = ()
    fee: Fee | None = None
    tax: Tax | None = None
    exchange: Exchange | None = None


def estimate(request: EstimateRequest, shelf: Shelf) -> Quote:
    """The quote for a request.

    Raises `Invalid` for a day before 2018-08-01 (`before-pricing`), a currency without any card (`no-such-currency`)
    or an exchange of another currency, and `Refused` (`no-rate`) when nothing at all is known of any price.
    """
    _check(request, shelf)
    rules, card = shelf.rules_on(request.on), shelf.card_on(request.on, request.currency)
    groups = _groups(request, shelf, rules)
    lines, luck = lines_of(groups, request, rules, card, shelf)
    span = add_spans([line.span for line in lines])
    span = Span(span.low - luck, assumptions.worst_case(span.high, lines, request, rules))
    if _nothing_known(lines):
        raise _no_rate(lines, request, card)
    subtotal = _sum(lines)
    extras = _extras(request, subtotal, span, sum(line.message_count for line in lines))
    total = subtotal
    for extra in extras:
        total = None if total is None or extra.amount is None else total + extra.amount
        span = add_spans([span, extra.span])
    return Quote(
        on=request.on,
        currency=request.currency,
        rules=rules.id,
        rate_card=None if card is None else card.id,
        unit=rules.unit.value,
        lines=lines,
        extras=extras,
        subtotal=subtotal,
        total=total,
        low=span.low,
        high=span.high,
        assumptions=assumptions.assumed(request, rules, lines, luck, shelf),
        sources=assumptions.citations(rules, lines, request, shelf),
        converted=None if request.exchange is None else _convert(request.exchange, total, span),
    )


def compare(request: EstimateRequest, days: Iterable[date], shelf: Shelf) -> tuple[ComparedDay, ...]:
    """The same messages on the request's day and on others, in the order given; a day without an answer says why."""
    compared = []
    for day in (request.on, *days):
        try:
            compared.append(ComparedDay(day, estimate(request._replace(on=day), shelf), None))
        except Problem as problem:
            compared.append(ComparedDay(day, None, problem))
    return tuple(compared)


def _check(request: EstimateRequest, shelf: Shelf) -> None:
    shelf.rules_on(request.on)
    if request.currency not in shelf.currencies():
        raise Invalid(
            "no-such-currency",
            t("no rate card in {currency} is known, on any day", currency=request.currency),
            t("The cards are in {currencies}", currencies=", ".join(shelf.currencies())),
        )
    exchange = request.exchange
    if exchange is not None and exchange.source != request.currency:
        raise Invalid(
            "wrong-exchange",
            t("the estimate is in {currency}, not in {source}", currency=request.currency, source=exchange.source),
            t("Give the rate as {currency}:{target}=RATE", currency=request.currency, target=exchange.target),
        )


def _groups(request: EstimateRequest, shelf: Shelf, rules: PricingRules) -> tuple[Group, ...]:
    counts: dict[tuple[str, Category], int] = {}
    for item in request.traffic:
        key = (item.destination.market_on(shelf.markets, request.on), item.category)
        counts[key] = counts.get(key, 0) + item.message_count
    given: dict[tuple[str, Category | None], Decimal] = {
        (entry.destination.market_on(shelf.markets, request.on), entry.category): entry.rate for entry in request.rates
    }
    tiered = rules.unit is Unit.MESSAGE
    return tuple(
        Group(
            market,
            category,
            count,
            given.get((market, category)),
            given.get((market, None)),
            request.volume_so_far.get((market, category), 0) if tiered else 0,
        )
        for (market, category), count in counts.items()
    )


def _nothing_known(lines: tuple[QuoteLine, ...]) -> bool:
    billed = [line for line in lines if line.billed_count]
    return bool(billed) and all(line.amount is None and line.span.high is None for line in billed)


def _no_rate(lines: tuple[QuoteLine, ...], request: EstimateRequest, card: RateCard | None) -> Refused:
    line = next(line for line in lines if line.billed_count)
    hint = t("Supply one yourself: --rate MARKET=PRICE, or choose another currency or day")
    if card is None:
        return Refused(
            "no-rate",
            t(
                "no {currency} card for {day} is known, nor anything that bounds it",
                currency=request.currency,
                day=request.on,
            ),
            hint,
        )
    return Refused(
        "no-rate",
        t(
            "no {currency} figure for {category} to {market} on {day} is known, nor anything that bounds it",
            currency=request.currency,
            category=line.category.value,
            market=line.market,
            day=request.on,
        ),
        hint,
    )


def _sum(lines: Iterable[QuoteLine]) -> Decimal | None:
    total = _NOTHING
    for line in lines:
        if line.amount is None:
            return None
        total += line.amount
    return total


def _extras(request: EstimateRequest, subtotal: Decimal | None, span: Span, message_count: int) -> tuple[Extra, ...]:
    extras = []
    if request.fee is not None:
        amount = request.fee.rate * message_count
        extras.append(Extra("fee", request.fee.name, request.fee.rate, amount, Span(amount, amount)))
        subtotal = None if subtotal is None else subtotal + amount
        span = add_spans([span, Span(amount, amount)])
    if request.tax is not None:
        rate = request.tax.rate
        taxed = Span(span.low * rate, None if span.high is None else span.high * rate)
        extras.append(Extra("tax", request.tax.name, rate, None if subtotal is None else subtotal * rate, taxed))
    return tuple(extras)


def _convert(exchange: Exchange, total: Decimal | None, span: Span) -> Converted:
    rate = exchange.rate
    converted = Span(span.low * rate, None if span.high is None else span.high * rate)
    return Converted(exchange.target, rate, None if total is None else total * rate, converted)
