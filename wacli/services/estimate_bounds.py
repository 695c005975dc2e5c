"""Between what and what a price must lie when the card of the day does not say it.

Never a guess: the press range of the years without cards, figures of the same day that somebody derived or resells,
and the same cell on the nearest earlier and later cards of the same currency and unit. Where even those are missing
there are no bounds. Sources: facts pricing.md sections 4.4 (press range), 4 (cards), 5 (tiers).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.pricing import find_rate
from wacli.domain.pricing_rules import Unit
from wacli.domain.quote import Span
from wacli.domain.rate_card import CardUnit, Publisher
from wacli.domain.text import Text, t
from wacli.ratecards.shelf import Shelf

# The smallest first threshold of all published tiers: below it every message costs the list price.
SMALLEST_THRESHOLD = 80_000
_STEEPEST, _STEEPEST_INDIA = Decimal("0.25"), Decimal("0.30")


class Around(NamedTuple):
    """Bounds of a price and the sentence that says where they come from."""

    prices: Span
    evidence: Text


def prices_around(shelf: Shelf, day: date, currency: str, market: str, word: str | None) -> Around | None:
    """Bounds for the price of (market, card's word) on a day, or None when nothing bounds it."""
    rules = shelf.rules_on(day)
    bounds = rules.rate_range
    if bounds is not None:
        if bounds.currency != currency:
            return None
        evidence = t("no list of {day} is known; the press reported a range for all countries", day=day)
        return Around(Span(bounds.low, bounds.high), evidence)
    unit = CardUnit.MESSAGE if rules.unit is Unit.MESSAGE else CardUnit.CONVERSATION
    found: dict[str, Decimal] = {}
    if word is None:
        return None
    for head, card in shelf.cards_in_force(day, currency):
        rate = card.rate(market, word)
        if rate is not None and head.publisher is not Publisher.META:
            found[head.id] = rate.amount
    earlier = later = None
    for head in shelf.heads_around(currency, unit):  # newest first
        if head.publisher is not Publisher.META:
            continue
        rate = find_rate(shelf.card(head), market, word, rules)
        if rate is None or not rate.amount:  # zero is a later rule (free service), not a price
            continue
        if head.effective_from > day:
            later = (head.id, rate.amount)
        elif earlier is None:
            earlier = (head.id, rate.amount)
    found.update(entry for entry in (earlier, later) if entry is not None)
    if not found:
        return None
    evidence = t(
        "the {currency} card of {day} has no figure; bounded by {cards}",
        currency=currency,
        day=day,
        cards=", ".join(f"{card_id} ({amount})" for card_id, amount in sorted(found.items())),
    )
    return Around(Span(min(found.values()), max(found.values())), evidence)


def first_threshold(shelf: Shelf, market: str, category: Category) -> int:
    """Messages a month that surely cost the list price: the first tier's end on any card, else the smallest known."""
    for head in shelf.heads_around("USD", CardUnit.MESSAGE):
        rate = shelf.card(head).rate(market, category.value)
        if rate is not None and rate.bands and rate.bands[0].last is not None:
            return rate.bands[0].last
    return SMALLEST_THRESHOLD


def steepest_discount(market: str) -> Decimal:
    """The last step of the published tiers: 25 per cent, in India 30."""
    return _STEEPEST_INDIA if market == "India" else _STEEPEST
