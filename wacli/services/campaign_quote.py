"""What a plan costs: its recipients counted by line, each line charged once by `domain.pricing.charge`.

Expected is what the verdicts say now. The least is the same, less what unknown volume tiers could save; the most is
that everybody who is free now, because a window or an entry point is open, is billed: it may close before their turn.
Source: facts pricing.md sections 1, 3, 5, 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.campaign import IN_ENTRY_POINT, IN_WINDOW, SITUATIONS, Amount, LineCharge
from wacli.domain.category import Category
from wacli.domain.pricing import TEMPLATE, Charge, FreeReason, MessageFacts, charge
from wacli.domain.quote import NOTHING, QuoteLine, Span, add_spans, exactly

from .estimate_lines import Group, lines_of
from .estimate_request import EstimateRequest
from .prices import Prices


class Priced(NamedTuple):
    """The plan in money. `charges` by line, for every line that anybody is on."""

    lines: tuple[QuoteLine, ...]
    charges: Mapping[int, LineCharge]
    amount: Amount


def price_plan(
    counts: Mapping[int, int],
    markets: Sequence[str],
    category: Category | None,
    prices: Prices,
    now: datetime,
    volumes: Mapping[str, int],
) -> Priced:
    """`counts` of recipients by line; `volumes`: billed messages of this category by market this month so far."""
    charges = {line: _charge(line, markets, category, prices, now, volumes) for line in counts}
    billed: Counter[str] = Counter()
    free: Counter[tuple[str, FreeReason]] = Counter()
    for line, count in counts.items():
        market, reason = markets[line // SITUATIONS], charges[line].free_reason
        if reason is None:
            billed[market] += count
        else:
            free[market, reason] += count
    lines = [*_billed(billed, category, prices, now, volumes), *_free(free, category)]
    everybody = billed + Counter(dict.fromkeys(billed, 0))
    for (market, reason), count in free.items():
        if reason is not FreeReason.APP:
            everybody[market] += count
    most = add_spans([line.span for line in _billed(everybody, category, prices, now, volumes)])
    least = add_spans([line.span for line in lines])
    total = _sum(lines)
    taken = {line: LineCharge(one.free_reason, None if one.is_free else one.amount) for line, one in charges.items()}
    return Priced(tuple(sorted(lines, key=_order)), taken, Amount(total, Span(least.low, most.high)))


def _charge(
    line: int,
    markets: Sequence[str],
    category: Category | None,
    prices: Prices,
    now: datetime,
    volumes: Mapping[str, int],
) -> Charge:
    market, situation = markets[line // SITUATIONS], line % SITUATIONS
    facts = MessageFacts(now, category, TEMPLATE, market, bool(situation & IN_WINDOW), bool(situation & IN_ENTRY_POINT))
    return charge(facts, prices.rules(now), prices.card(now), volume_so_far=volumes.get(market, 0))


def _billed(
    counts: Mapping[str, int], category: Category | None, prices: Prices, now: datetime, volumes: Mapping[str, int]
) -> list[QuoteLine]:
    if category is None:
        return [_unknown(market, count) for market, count in counts.items() if count]
    day = prices.day(now)
    groups = [
        Group(market, category, count, None, None, volumes.get(market, 0)) for market, count in counts.items() if count
    ]
    request = EstimateRequest((), day, prices.currency)
    lines, _ = lines_of(groups, request, prices.rules(now), prices.card(now), prices.shelf)
    return list(lines)


def _unknown(market: str, count: int) -> QuoteLine:
    nothing = Span(NOTHING, None)
    return QuoteLine(market, Category.MARKETING, count, 0, None, count, None, None, None, nothing, nothing)


def _free(counts: Mapping[tuple[str, FreeReason], int], category: Category | None) -> list[QuoteLine]:
    nothing = exactly(NOTHING)
    return [
        QuoteLine(
            market, category or Category.MARKETING, count, count, reason, 0, None, NOTHING, None, nothing, nothing
        )
        for (market, reason), count in counts.items()
    ]


def _sum(lines: Sequence[QuoteLine]) -> Decimal | None:
    total = NOTHING
    for line in lines:
        if line.amount is None:
            return None
        total += line.amount
    return total


def _order(line: QuoteLine) -> tuple[int, str, str]:
    return -line.message_count, line.market, line.free_reason or ""
