"""Taking Meta's own published card: read, checked against the shelf, kept beside the packaged ones as the owner's.

A wrong price would go unnoticed for months, so what looks implausible is shown first and kept only when confirmed:
figures that jump, figures that differ from a packaged card of the same day, markets nobody knows, markets missing.
Sources: facts pricing.md sections 4.2 (changes so far stay below a factor of two, but for two cells) and 4.3.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from wacli.domain.problem import Refused
from wacli.domain.rate_card import CardUnit, Certainty, Publisher, Rate, RateCard
from wacli.domain.text import t
from wacli.ratecards.card_file import card_name, user_card_id
from wacli.ratecards.published_file import Published, read_published
from wacli.ratecards.shelf import Shelf
from wacli.ratecards.spreadsheet import read_table
from wacli.ratecards.user_cards import save_user_card

_PLAUSIBLE = Decimal("1.5")


class Jump(NamedTuple):
    """A figure that looks wrong beside the one known before it, or differs from the packaged card of the same day."""

    market: str
    category: str
    before: Decimal
    after: Decimal
    before_card: str
    is_same_day: bool


class ImportPlan(NamedTuple):
    """A card ready to be kept, and what a person should look at first.

    `unknown_markets` are left out of the card; `missing_markets` are known but not on it; `missing_categories` are on
    the card before it. `replaces` is the card of the same day and currency that the kept one will come before.
    """

    card: RateCard
    has_tiers: bool
    jumps: tuple[Jump, ...]
    unknown_markets: tuple[str, ...]
    missing_markets: tuple[str, ...]
    missing_categories: tuple[str, ...]
    compared_with: str | None
    replaces: str | None

    @property
    def needs_yes(self) -> bool:
        """True when something has to be confirmed before the card is kept."""
        return bool(self.jumps or self.unknown_markets or self.missing_markets or self.missing_categories)


def plan_import(
    file: Path, shelf: Shelf, today: date, *, on: date | None = None, currency: str | None = None
) -> ImportPlan:
    """Reads a published card (CSV or XLSX, list or tiers) and compares it with the shelf; keeps nothing.

    `on` and `currency` stand in for what the file does not say. Raises `Invalid` (codes `bad-table`,
    `bad-published-card`) with file and line.
    """
    published = read_published(read_table(file), file.name, on=on, currency=currency)
    known = shelf.markets.names_on(published.effective_from)
    unknown = tuple(market for market in published.markets if market not in known)
    missing = tuple(sorted(known - set(published.markets)))
    same_day = _same_day(published, shelf)
    card = _card(published, same_day, known, file.name, today)
    before = same_day or shelf.card_on(published.effective_from, published.currency)
    before = before or _newest_before(published, shelf)
    return ImportPlan(
        card=card,
        has_tiers=published.has_tiers,
        jumps=_jumps(card, before, is_same_day=same_day is not None),
        unknown_markets=unknown,
        missing_markets=missing,
        missing_categories=() if before is None else _missing_categories(card, before),
        compared_with=None if before is None else before.id,
        replaces=None if same_day is None else same_day.id,
    )


def keep_import(plan: ImportPlan, folder: Path, *, is_confirmed: bool) -> Path:
    """Writes the card into the owner's folder and returns its file.

    Raises `Refused` (code `implausible-card`) when something needs confirming and `is_confirmed` is False.
    """
    if plan.needs_yes and not is_confirmed:
        raise Refused(
            "implausible-card",
            t(
                "the card was not kept: {jumps} figures to look at, {unknown} unknown and {missing} missing markets, "
                "{categories} missing categories",
                jumps=len(plan.jumps),
                unknown=len(plan.unknown_markets),
                missing=len(plan.missing_markets),
                categories=len(plan.missing_categories),
            ),
            t("Look at the list above; --yes keeps the card as it is"),
        )
    return save_user_card(folder, plan.card)


def _missing_categories(card: RateCard, before: RateCard) -> tuple[str, ...]:
    """What the card before it lists and this one does not, as when the tiers of a day come without its list."""
    return tuple(sorted({word for _, word in before.cells} - {word for _, word in card.cells}))


def _same_day(published: Published, shelf: Shelf) -> RateCard | None:
    for head in shelf.heads:  # the owner's card comes before the packaged one
        is_meta = head.publisher is Publisher.META and head.unit is CardUnit.MESSAGE
        if is_meta and (head.effective_from, head.currency) == (published.effective_from, published.currency):
            return shelf.card(head)
    return None


def _newest_before(published: Published, shelf: Shelf) -> RateCard | None:
    for head in shelf.heads_around(published.currency, CardUnit.MESSAGE):
        if head.effective_from < published.effective_from and head.publisher is Publisher.META:
            return shelf.card(head)
    return None


def _card(published: Published, same_day: RateCard | None, known: frozenset[str], file: str, today: date) -> RateCard:
    card_id = user_card_id(card_name(published.effective_from, published.currency, Publisher.META))
    source = f"Meta's published card, imported from {file}"
    cells: dict[tuple[str, str], Rate] = {}
    if published.has_tiers and same_day is not None:
        cells.update(same_day.cells)  # tiers belong to the list card of their day
    for key, amount in published.figures.items():
        if key[0] not in known:
            continue
        earlier = cells.get(key) or (same_day.cells.get(key) if same_day is not None else None)
        bands = published.bands.get(key, ())
        if not bands and earlier is not None and earlier.amount == amount:
            bands = earlier.bands  # a list card does not take known tiers away
        cells[key] = Rate(amount, card_id, source, Certainty.LISTED, bands)
    words = {word for _, word in cells}
    complete = frozenset(word for word in words if all((market, word) in cells for market in known))
    sources = tuple(dict.fromkeys(rate.source for rate in cells.values()))
    return RateCard(
        id=card_id,
        effective_from=published.effective_from,
        currency=published.currency,
        unit=CardUnit.MESSAGE,
        publisher=Publisher.META,
        complete=complete,
        sources=sources,
        retrieved_on=today,
        cells={key: rate._replace(card_id=card_id) for key, rate in cells.items()},
        is_user=True,
    )


def _jumps(card: RateCard, before: RateCard | None, *, is_same_day: bool) -> tuple[Jump, ...]:
    if before is None:
        return ()
    jumps = []
    for (market, word), rate in sorted(card.cells.items()):
        known = before.rate(market, word)
        if known is None or rate.amount == known.amount:
            continue
        ratio = max(rate.amount, known.amount) / min(rate.amount, known.amount) if known.amount else _PLAUSIBLE + 1
        if is_same_day or ratio > _PLAUSIBLE:
            jumps.append(Jump(market, word, known.amount, rate.amount, before.id, is_same_day))
    return tuple(jumps)
