"""What an estimate takes for granted, in sentences, and where its rules and figures were read.

Only what matters for these messages under these rules is said. Sources: facts pricing.md sections 1, 2, 4-8, 13, 14.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from wacli.domain.allowance import allowance_of
from wacli.domain.category import Category
from wacli.domain.market import NORTH_AMERICA
from wacli.domain.pricing import FreeReason
from wacli.domain.pricing_rules import AllowanceScope, PricingRules, Unit
from wacli.domain.quote import Citation, QuoteLine
from wacli.domain.rate_card import Certainty, Publisher
from wacli.domain.text import Quantity, Text, t, tn
from wacli.ratecards.shelf import Shelf

from .estimate_bounds import first_threshold

if TYPE_CHECKING:
    from .estimate_request import EstimateRequest

_TEMPLATES = frozenset(Category) - {Category.SERVICE}
_CARD_MONTHS = 3  # Meta changes prices on 1 January, April, July and October


def worst_case(
    high: Decimal | None, lines: tuple[QuoteLine, ...], request: EstimateRequest, rules: PricingRules
) -> Decimal | None:
    """The upper bound if service messages inside an entry point use the allowance up: no source says they do not."""
    if high is None:
        return None
    lost = _entry_point_service(lines, rules)
    prices = [line.prices.high for line in lines if line.free_reason is FreeReason.ALLOWANCE and line.prices.high]
    if not lost or not prices:
        return high
    allowed = sum(line.free_count for line in lines if line.free_reason is FreeReason.ALLOWANCE)
    spare = max(0, allowance_of(rules.allowance, request.numbers) - request.allowance_used - allowed)
    return high + max(prices) * min(allowed, max(0, lost - spare))


def assumed(
    request: EstimateRequest, rules: PricingRules, lines: tuple[QuoteLine, ...], luck: Decimal, shelf: Shelf
) -> tuple[Text, ...]:
    """Everything taken for granted, most weighty first, none twice."""
    said = (
        *_about_figures(request, lines, shelf),
        *_about_free(request, rules, lines, luck),
        *_about_unit(rules, lines),
        *_about_places(request, rules, lines),
    )
    return _once(said)


def citations(
    rules: PricingRules, lines: tuple[QuoteLine, ...], request: EstimateRequest, shelf: Shelf
) -> tuple[Citation, ...]:
    """The rules of the day, each source that a price was read from, then the rules that made messages free."""
    found = [_rule(rules, "unit")]
    for line in lines:
        if line.card_id is None or line.source is None:
            continue
        head = next(head for head in shelf.heads if head.id == line.card_id)
        card = shelf.card(head)
        citation = Citation(
            "rate_card", card.id, line.source, card.retrieved_on, card.publisher.value, is_user=card.is_user
        )
        if citation not in found:
            found.append(citation)
    reasons = {line.free_reason for line in lines}
    if FreeReason.RULES in reasons:
        found.append(_rule(rules, "free_in_window"))
    if rules.allowance is not None and FreeReason.ALLOWANCE in reasons:
        found.append(_rule(rules, "allowance"))
    if request.from_ads and rules.entry_point is not None:
        found.append(_rule(rules, "entry_point"))
    return tuple(found)


def _rule(rules: PricingRules, fact: str) -> Citation:
    return Citation("rules", rules.id, rules.sources[fact], None, fact=fact)


def _once(said: tuple[Text, ...]) -> tuple[Text, ...]:
    seen: list[Text] = []
    for text in said:
        if text not in seen:
            seen.append(text)
    return tuple(seen)


def _entry_point_service(lines: tuple[QuoteLine, ...], rules: PricingRules) -> int:
    if rules.allowance is None:
        return 0
    return sum(
        line.free_count
        for line in lines
        if line.category is Category.SERVICE and line.free_reason is FreeReason.FREE_ENTRY_POINT
    )


def _about_figures(request: EstimateRequest, lines: tuple[QuoteLine, ...], shelf: Shelf) -> Iterator[Text]:
    for line in lines:
        if line.amount is None:
            yield t(
                "{market}, {category}: not known for {day}; {evidence}",
                market=line.market,
                category=line.category.value,
                day=request.on,
                evidence=line.bounds_from or t("nothing bounds it"),
            )
        if line.is_given:
            yield t(
                "{market}, {category}: the price is the one you gave", market=line.market, category=line.category.value
            )
        if line.card_id is not None:
            yield from _about_card(line, shelf)
            card = shelf.card_on(request.on, request.currency)
            if line.category is Category.SERVICE and card is not None and card.rate(line.market, "service") is None:
                yield t("card {card} has no service column: the rules name the utility rate", card=line.card_id)
        if line.amount is not None and line.span.low < line.amount:
            yield t(
                "{market}, {category}: volume tiers lower the price beyond {threshold} messages a month, but those of "
                "this card are not known: the total is at the list price",
                market=line.market,
                category=line.category.value,
                threshold=Quantity(first_threshold(shelf, line.market, line.category)),
            )
    yield from _about_age(request.on, shelf, request.currency)


def _about_card(line: QuoteLine, shelf: Shelf) -> Iterator[Text]:
    head = next(head for head in shelf.heads if head.id == line.card_id)
    if head.is_user:
        yield t("card {card} is one that you imported", card=head.id)
    if head.publisher is Publisher.DERIVED:
        yield t("card {card} is derived from a reseller's prices, not Meta's own list", card=head.id)
    elif line.certainty is Certainty.DERIVED:
        yield t("card {card} has figures that were not read off a list: {source}", card=head.id, source=line.source)
    if line.certainty is Certainty.SUSPECT:
        yield t(
            "{market}, {category}: the figure of card {card} is in doubt: {source}",
            market=line.market,
            category=line.category.value,
            card=head.id,
            source=line.source,
        )


def _about_age(day: date, shelf: Shelf, currency: str) -> Iterator[Text]:
    newest = max((head.effective_from for head in shelf.heads if head.currency == currency), default=None)
    if newest is None:
        return
    month = newest.year * 12 + (newest.month - 1) // _CARD_MONTHS * _CARD_MONTHS + _CARD_MONTHS
    following = date(month // 12, month % 12 + 1, 1)
    known = max(shelf.last_change_on, newest)
    if following <= day and known < following:
        yield t(
            "prices may have changed on {day}: no card from then on is known; wacli rates import adds one",
            day=following,
        )


def _about_free(
    request: EstimateRequest, rules: PricingRules, lines: tuple[QuoteLine, ...], luck: Decimal
) -> Iterator[Text]:
    categories = {line.category for line in lines if line.message_count}
    allowance = rules.allowance
    if allowance is not None and any(line.free_reason is FreeReason.ALLOWANCE for line in lines):
        left = max(0, allowance_of(allowance, request.numbers) - request.allowance_used)
        yield tn(
            "one free message of this month's allowance is left",
            "{count} free messages of this month's allowance are left",
            left,
        )
        if allowance.per is AllowanceScope.NUMBER and request.numbers > 1:
            yield t("service messages are spread evenly over {numbers} business numbers", numbers=request.numbers)
        if luck:
            yield t("the allowance is counted on the cheapest markets; low is if it falls on the dearest")
    if request.from_ads and rules.entry_point is None:
        yield t("there was no free entry point on {day}", day=request.on)
    elif request.from_ads:
        yield from _about_entry_point(rules, lines)
    matters = bool(categories & rules.free_in_window & _TEMPLATES)
    if matters and not request.in_window:
        yield t("no template is sent inside an open customer service window, where some would be free")
    elif request.in_window and not matters and rules.unit is Unit.MESSAGE and categories & _TEMPLATES:
        yield t("templates cost the same inside a customer service window on {day}", day=request.on)


def _about_entry_point(rules: PricingRules, lines: tuple[QuoteLine, ...]) -> Iterator[Text]:
    length = rules.entry_point
    assert length is not None
    if length.sure_for == length.at_most_for:
        yield t("messages from ads are sent within {length} of your first answer", length=length.sure_for)
    else:
        yield t(
            "messages from ads are sent inside the free entry point: surely {sure}, at most {at_most} from your "
            "first answer",
            sure=length.sure_for,
            at_most=length.at_most_for,
        )
    if _entry_point_service(lines, rules):
        yield t(
            "service messages inside a free entry point do not use the allowance; no source says; high is if they do"
        )


def _about_unit(rules: PricingRules, lines: tuple[QuoteLine, ...]) -> Iterator[Text]:
    billed = any(line.billed_count for line in lines)
    if rules.unit is Unit.CONVERSATION and billed:
        yield t(
            "each message opens a conversation of its own; more to the same person within 24 hours cost nothing more"
        )
    elif billed:
        yield t("every message is delivered; one that is not costs nothing")
    if any(line.category is Category.AUTHENTICATION and line.billed_count for line in lines):
        yield t("authentication at the domestic rate; the international one starts at 750,000 messages in 30 days")


def _about_places(request: EstimateRequest, rules: PricingRules, lines: tuple[QuoteLine, ...]) -> Iterator[Text]:
    for item in request.traffic:
        yield from item.destination.notes
    to_america = any(line.market == NORTH_AMERICA and line.category is Category.MARKETING for line in lines)
    if rules.us_marketing_paused and to_america:
        yield t("marketing templates are not delivered to US numbers since 2025-04-01; Canadian ones are billed")
    trial = rules.trial
    if trial is not None and any(line.market == trial.market for line in lines):
        yield t(
            "{market}: from 2021-02-01 Meta tried {rate} {currency} for each 24 h session there, {free_sessions} a "
            "month free; that trial is not in the figures",
            market=trial.market,
            rate=trial.rate,
            currency=trial.currency,
            free_sessions=trial.allowance,
        )
