"""Rate cards as screens: the shelf, and everything that decides a price to one market on a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from wacli.domain.pricing_rules import AllowanceCovers, AllowanceScope, PricingRules, Unit
from wacli.domain.rate_card import BUSINESS_INITIATED, USER_INITIATED, Band, Certainty
from wacli.domain.text import Quantity, Text, t, tn
from wacli.services.rates import CardSummary, MarketRates, RateRow

from .estimate_words import CATEGORIES, UNITS, bullet, range_words
from .view import Cell, Flat, Heading, Listing, Paragraph, Record, Style
from .words import Words

CARD_FIELDS = (
    "id", "effective_on", "currency", "unit", "publisher", "is_user", "complete", "market_count", "figure_count",
    "has_tiers", "retrieved_on", "sources",
)  # fmt: skip
RATE_FIELDS = (
    "category", "rate", "low", "high", "currency", "free_in_window", "tiers", "rate_card", "rate_card_on", "certainty",
    "source", "note",
)  # fmt: skip
PUBLISHERS: dict[str, Text] = {
    "meta": t("Meta"),
    "derived": t("derived, not Meta's"),
    "resale": t("a reseller"),
}
# Authentication-international exists for a few markets only, so no card is complete for it.
_ALL_MESSAGES = {"marketing", "utility", "authentication"}
_ALL_CONVERSATIONS = {BUSINESS_INITIATED, USER_INITIATED}
CARD_UNITS: dict[str, Text] = {"message": t("message"), "conversation": t("conversation")}


def card_fields(card: CardSummary) -> Flat:
    """One card of the shelf for machines."""
    return {
        "id": card.id,
        "effective_on": card.effective_from,
        "currency": card.currency,
        "unit": card.unit,
        "publisher": card.publisher,
        "is_user": card.is_user,
        "complete": card.complete,
        "market_count": card.market_count,
        "figure_count": card.figure_count,
        "has_tiers": card.has_tiers,
        "retrieved_on": card.retrieved_on,
        "sources": card.sources,
    }


def cards_listing(cards: Sequence[CardSummary], more_count: int, words: Words) -> Listing[CardSummary]:
    """The shelf, newest card first."""
    footer = [tn("{count} more: wacli rates list --limit 0", "{count} more: wacli rates list --limit 0", more_count)]
    return Listing(
        fields=CARD_FIELDS,
        rows=cards,
        flat=card_fields,
        headings=(
            Heading(t("Card")),
            Heading(t("Price of a")),
            Heading(t("Published by"), share=1, wraps=True),
            Heading(t("Markets"), right=True),
            Heading(t("Tiers")),
            Heading(t("Figures"), wraps=True),
        ),
        cells=lambda card: _card_cells(card, words),
        empty=t("No such card. Every card: wacli rates list"),
        footer=tuple(footer) if more_count > 0 else (),
    )


def _card_cells(card: CardSummary, words: Words) -> tuple[Cell, ...]:
    by = words.say(PUBLISHERS.get(card.publisher, t("{word}", word=card.publisher)))
    if card.is_user:
        by = words.say(t("{publisher}, imported by you", publisher=by))
    complete = words.say(_completeness(card.complete))
    return (
        Cell(card.id, Style.STRONG if card.is_user else Style.PLAIN),
        Cell(words.say(CARD_UNITS[card.unit])),
        Cell(by, Style.PLAIN if card.publisher == "meta" else Style.WARN),
        Cell(words.number(card.market_count)),
        Cell(words.say(t("yes")) if card.has_tiers else ""),
        Cell(complete, Style.PLAIN if card.complete else Style.DIM),
    )


def _completeness(complete: tuple[str, ...]) -> Text:
    if not complete:
        return t("partial")
    if set(complete) >= _ALL_MESSAGES or set(complete) >= _ALL_CONVERSATIONS:
        return t("complete")
    return t("only {categories}", categories=", ".join(complete))


def rate_fields(row: RateRow, rates: MarketRates, words: Words) -> Flat:
    """One category's price for machines; `rate` null with `low` and `high` where the day's card does not say."""
    low = row.rate if row.bounds is None else row.bounds.low
    high = row.rate if row.bounds is None else row.bounds.high
    return {
        "category": row.category,
        "rate": row.rate,
        "low": low,
        "high": high,
        "currency": rates.currency,
        "free_in_window": row.free_in_window,
        "tiers": [{"from": band.first, "to": band.last, "rate": band.rate} for band in row.bands],
        "rate_card": row.card_id,
        "rate_card_on": row.card_on,
        "certainty": row.certainty,
        "source": row.source,
        "note": None if row.note is None else words.say(row.note),
    }


def market_fields(rates: MarketRates, words: Words) -> Flat:
    """The answer of `rates show` for machines."""
    return {
        "market": rates.market,
        "on": rates.on,
        "currency": rates.currency,
        "rules": rates.rules.id,
        "rate_card": rates.rate_card,
        "rates": [rate_fields(row, rates, words) for row in rates.rows],
        "notes": [words.say(note) for note in rates.notes],
    }


def market_rows(rates: MarketRates, words: Words) -> Listing[RateRow]:
    """The same as rows, for ndjson, csv and plain."""
    return Listing(
        fields=("market", "on", *RATE_FIELDS),
        rows=rates.rows,
        flat=lambda row: {"market": rates.market, "on": rates.on, **rate_fields(row, rates, words)},
        headings=(),
        cells=lambda row: (Cell(row.category),),
        empty=t("Nothing is known of it"),
    )


def market_record(rates: MarketRates, words: Words, width: int) -> Record:
    """Prices, tiers and what is free, for people."""
    say = words.say
    sources = list(dict.fromkeys((row.card_id, row.card_on, row.source) for row in rates.rows if row.card_id))
    table = Listing[object](
        fields=(),
        rows=[part for row in rates.rows for part in (row, *row.bands)],
        flat=lambda _: {},
        headings=(
            Heading(t("Message"), wraps=True),
            Heading(t("Price"), right=True),
            Heading(t("Free"), wraps=True),
            Heading(t("Source")),
        ),
        cells=lambda part: (
            _band_cells(part, words)
            if isinstance(part, Band)
            else _rate_cells(
                cast(RateRow, part), rates.rules, _mark([source[2] for source in sources], cast(RateRow, part)), words
            )
        ),
        empty=t("Nothing is known of it"),
    )
    head = t("{market} on {day}, prices in {currency}", market=rates.market, day=rates.on, currency=rates.currency)
    rules = t("Rules of {day}: {unit}.", day=rates.rules.effective_from, unit=UNITS[rates.rules.unit.value])
    notes = [*rates.notes, *_notes(rates, words)]
    cited = [
        bullet(
            say(t("Card {card} in force from {day}: {source}", card=card, day=on, source=source)), width, f"[{number}] "
        )
        for number, (card, on, source) in enumerate(sources, 1)
    ]
    basis = bullet(say(t("Rules of {day}: {source}", day=rates.rules.effective_from, source=rates.rules.source)), width)
    paragraphs = [
        Paragraph(
            lines=(Cell(say(head), Style.STRONG), *(Cell(line, Style.DIM) for line in bullet(say(rules), width, "")))
        ),
        Paragraph(table=table),
        Paragraph(lines=tuple(Cell(line) for note in notes for line in bullet(say(note), width))),
        Paragraph(
            lines=(
                Cell(say(t("Sources")), Style.STRONG),
                *(Cell(line, Style.DIM) for lines in (*cited, basis) for line in lines),
            )
        ),
    ]
    return Record(market_fields(rates, words), tuple(part for part in paragraphs if part.lines or part.table))


def _mark(sources: list[str | None], row: RateRow) -> str:
    return f"[{sources.index(row.source) + 1}]" if row.source in sources and row.card_id else ""


def _rate_cells(row: RateRow, rules: PricingRules, mark: str, words: Words) -> tuple[Cell, ...]:
    if row.rate is not None:
        price = Cell(words.figure(row.rate))
    elif row.bounds is not None:
        price = Cell(range_words(None, row.bounds, words), Style.WARN)
    elif row.free_in_window:
        price = Cell("")
    else:
        price = Cell(words.say(t("not known")), Style.WARN)
    free = "" if (said := _free(row, rules)) is None else words.say(said)
    return (Cell(words.say(CATEGORIES[row.category])), price, Cell(free, Style.GOOD), Cell(mark, Style.DIM))


def _band_cells(band: Band, words: Words) -> tuple[Cell, ...]:
    label = words.say(t("from message {first} of the month", first=Quantity(max(band.first, 1))))
    return (Cell("  " + label, Style.DIM), Cell(words.figure(band.rate), Style.DIM), Cell(""), Cell(""))


def _free(row: RateRow, rules: PricingRules) -> Text | None:
    if row.free_in_window:
        return t("inside the window")
    allowance = rules.allowance
    if allowance is None:
        return None
    covered = {
        AllowanceCovers.SERVICE: row.category == "service",
        AllowanceCovers.USER_INITIATED: row.category == USER_INITIATED,
        AllowanceCovers.ANY: True,
    }[allowance.covers]
    if not covered:
        return None
    count = Quantity(allowance.free_count)
    if allowance.per is AllowanceScope.NUMBER:
        return t("{free_count} a month for each number", free_count=count)
    return t("{free_count} a month for each account", free_count=count)


def _notes(rates: MarketRates, words: Words) -> list[Text]:
    """What should be known of the figures; what holds for several categories is said once."""
    said: dict[str, tuple[Text, list[str]]] = {}
    for row in rates.rows:
        for note in _notes_of(row, rates.rules):
            said.setdefault(words.say(note), (note, []))[1].append(words.say(CATEGORIES[row.category]))
    return [t("{categories}: {note}", categories="; ".join(names), note=note) for note, names in said.values()]


def _notes_of(row: RateRow, rules: PricingRules) -> Iterator[Text]:
    if row.note is not None:
        yield row.note
    elif row.rate is None and not row.free_in_window:
        yield t("no card of that day has a figure, and nothing bounds it")
    is_tiered = rules.unit is Unit.MESSAGE and row.category in {word.value for word in rules.tiered}
    if row.rate is not None and is_tiered and not row.bands:
        yield t("volume tiers exist, but those of this card are not known")
    if row.certainty == Certainty.DERIVED:
        yield t("the figure was computed, not read off a list")
    if row.certainty == Certainty.SUSPECT:
        yield t("the figure is in doubt; its source says why")
