"""The cards and rules behind every number: what is on the shelf, one market on one day, and what changed between days.

Source: facts pricing.md sections 2 to 7, through the shelf.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.pricing import find_rate
from wacli.domain.pricing_rules import Conversations, PricingRules
from wacli.domain.problem import Invalid, Refused
from wacli.domain.quote import Span
from wacli.domain.rate_card import BUSINESS_INITIATED, USER_INITIATED, Band, RateCard
from wacli.domain.text import Text, t
from wacli.ratecards.destinations import Destination
from wacli.ratecards.shelf import Shelf

from .estimate_bounds import prices_around


class CardSummary(NamedTuple):
    """One card of the shelf. `complete` are the categories with a figure for every market of its day."""

    id: str
    effective_from: date
    currency: str
    unit: str
    publisher: str
    is_user: bool
    market_count: int
    figure_count: int
    complete: tuple[str, ...]
    has_tiers: bool
    sources: tuple[str, ...]
    retrieved_on: date


class RateRow(NamedTuple):
    """The price of one category to one market on a day; `rate` None: not known, `bounds` what surrounds it."""

    category: str
    rate: Decimal | None
    bounds: Span | None
    free_in_window: bool
    bands: tuple[Band, ...]
    card_id: str | None
    card_on: date | None
    certainty: str | None
    source: str | None
    note: Text | None


class MarketRates(NamedTuple):
    """Everything that decides a price to one market on a day."""

    market: str
    on: date
    currency: str
    rules: PricingRules
    rate_card: str | None
    rows: tuple[RateRow, ...]
    notes: tuple[Text, ...]


class RateChange(NamedTuple):
    """One cell on two days. `before` or `after` None: not known, or no such market, on that day."""

    market: str
    category: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """The relative change, 0.15 for fifteen per cent up; None when one side is missing or was zero."""
        if self.before is None or self.after is None or not self.before:
            return None
        return (self.after - self.before) / self.before


class MarketMove(NamedTuple):
    """A calling-code prefix that belongs to another market on the later day."""

    prefix: str
    iso: str
    before: str
    after: str


class RuleChange(NamedTuple):
    """A fact of the rules that differs: its name, the later period it came with, and its source."""

    fact: str
    effective_from: date
    source: str


class RatesDiff(NamedTuple):
    """What differs between two days in one currency."""

    before_on: date
    after_on: date
    currency: str
    before_card: str | None
    after_card: str | None
    rates: tuple[RateChange, ...]
    moves: tuple[MarketMove, ...]
    rules: tuple[RuleChange, ...]


def list_cards(shelf: Shelf) -> tuple[CardSummary, ...]:
    """Every card, newest first, the owner's before the packaged ones of the same day."""
    return tuple(_summary(shelf.card(head)) for head in shelf.heads)


def _summary(card: RateCard) -> CardSummary:
    return CardSummary(
        id=card.id,
        effective_from=card.effective_from,
        currency=card.currency,
        unit=card.unit.value,
        publisher=card.publisher.value,
        is_user=card.is_user,
        market_count=len(card.markets),
        figure_count=len(card.cells),
        complete=tuple(sorted(card.complete)),
        has_tiers=any(rate.bands for rate in card.cells.values()),
        sources=card.sources,
        retrieved_on=card.retrieved_on,
    )


def show_rates(where: Destination, day: date, currency: str, shelf: Shelf) -> MarketRates:
    """Rates, tiers and free rules for a destination. Raises `Invalid` as `estimate` does for day and currency."""
    rules = shelf.rules_on(day)
    if currency not in shelf.currencies():
        raise Invalid(
            "no-such-currency",
            t("no rate card in {currency} is known, on any day", currency=currency),
            t("The cards are in {currencies}", currencies=", ".join(shelf.currencies())),
        )
    card, market = shelf.card_on(day, currency), where.market_on(shelf.markets, day)
    words = [category.value for category in Category]
    if rules.conversations is Conversations.BY_INITIATOR:
        words = [BUSINESS_INITIATED, USER_INITIATED]
    rows = tuple(_row(word, market, day, currency, rules, card, shelf) for word in words)
    return MarketRates(market, day, currency, rules, None if card is None else card.id, rows, where.notes)


def _row(
    word: str, market: str, day: date, currency: str, rules: PricingRules, card: RateCard | None, shelf: Shelf
) -> RateRow:
    is_free = word in {category.value for category in rules.free_in_window}
    rate = None if card is None else find_rate(card, market, word, rules)
    if rate is not None:
        note = None
        if card is not None and card.rate(market, word) is None:
            note = t("the card has no column of its own for it: the rules name the utility rate")
        on = shelf.dated(rate.card_id)
        return RateRow(
            word, rate.amount, None, is_free, rate.bands, rate.card_id, on, rate.certainty.value, rate.source, note
        )
    # What only exists inside the window and is free there has no price to look for.
    around = None if is_free and word == Category.SERVICE else prices_around(shelf, day, currency, market, word)
    bounds, note = (None, None) if around is None else (around.prices, around.evidence)
    return RateRow(word, None, bounds, is_free, (), None, None, None, None, note)


def diff_rates(before_on: date, after_on: date, currency: str, shelf: Shelf) -> RatesDiff:
    """What changed from one day to the other. Raises `Refused` (code `no-rate`) when neither day has a card."""
    if before_on > after_on:
        before_on, after_on = after_on, before_on
    old_rules, new_rules = shelf.rules_on(before_on), shelf.rules_on(after_on)
    old, new = shelf.card_on(before_on, currency), shelf.card_on(after_on, currency)
    if old is None and new is None:
        raise Refused(
            "no-rate",
            t(
                "no {currency} card of {before} or {after} is known",
                currency=currency,
                before=before_on,
                after=after_on,
            ),
            t("See wacli rates list for what there is"),
        )
    old_cells, new_cells = {} if old is None else old.cells, {} if new is None else new.cells
    changes = []
    for market, word in sorted({*old_cells, *new_cells}):
        before, after = old_cells.get((market, word)), new_cells.get((market, word))
        if before is None or after is None or before.amount != after.amount:
            changes.append(
                RateChange(market, word, before and before.amount, after and after.amount),
            )
    return RatesDiff(
        before_on,
        after_on,
        currency,
        old and old.id,
        new and new.id,
        tuple(changes),
        _moves(before_on, after_on, shelf),
        _rule_changes(old_rules, new_rules, shelf),
    )


def _moves(before_on: date, after_on: date, shelf: Shelf) -> tuple[MarketMove, ...]:
    moves = []
    for country in shelf.countries:
        for prefix in country.prefixes:
            before, after = shelf.markets.of_prefix(prefix, before_on), shelf.markets.of_prefix(prefix, after_on)
            if before != after:
                moves.append(MarketMove(prefix, country.iso, before, after))
    return tuple(sorted(moves))


def _rule_changes(old: PricingRules, new: PricingRules, shelf: Shelf) -> tuple[RuleChange, ...]:
    changes = []
    for fact in old.sources:
        if getattr(old, fact) == getattr(new, fact):
            continue
        since = [rules for rules in shelf.rules if rules.effective_from <= new.effective_from]
        first = next(rules for rules in since if rules.sources[fact] == new.sources[fact])
        changes.append(RuleChange(fact, first.effective_from, new.sources[fact]))
    return tuple(changes)
