"""Rate card files: the strict loader and the writer of `<effective date>.<currency>[.<publisher>].toml`.

One file is one price list of one date and one currency. Figures are grouped by the source they were read from, so
each cell keeps its own. What the loader refuses, and in which words, is shown by `tests/data/broken_cards`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from wacli.domain.category import Category
from wacli.domain.rate_card import (
    BUSINESS_INITIATED,
    USER_INITIATED,
    Band,
    CardUnit,
    Certainty,
    Publisher,
    Rate,
    RateCard,
)
from wacli.domain.text import t

from .strict import Section, read_toml, refuse

CATEGORY_WORDS = {
    CardUnit.MESSAGE: frozenset(category.value for category in Category),
    CardUnit.CONVERSATION: frozenset({category.value for category in Category} | {BUSINESS_INITIATED, USER_INITIATED}),
}
TIERED = (Category.UTILITY.value, Category.AUTHENTICATION.value, Category.AUTHENTICATION_INTERNATIONAL.value)
Cells = dict[tuple[str, str], Rate]


def card_name(effective_from: date, currency: str, publisher: Publisher) -> str:
    """The id of a card, which is also its file's name without `.toml`."""
    name = f"{effective_from}.{currency}"
    return name if publisher is Publisher.META else f"{name}.{publisher}"


def load_card(text: str, file: str, markets: frozenset[str], *, is_user: bool = False) -> RateCard:
    """The card in a file's text. `markets` are the market names of the card's day: others are misspelt.

    Raises `Invalid` (code `bad-rate-file`) naming file and key for anything unknown, missing, doubled, not decimal,
    for tiers with a gap or an overlap, and for a card that says it is complete and is not.
    """
    top = read_toml(text, file)
    effective_from, currency = top.day("effective_from"), top.text("currency")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        refuse(file, "currency", t("{value} is not a currency code of three capital letters", value=currency))
    unit = CardUnit(top.choice("unit", tuple(CardUnit)))
    publisher = Publisher(top.choice("publisher", tuple(Publisher)))
    top.choice("time_zone", ("account",))
    top.choice("tier_rule", ("marginal",))
    retrieved_on = top.day("retrieved_on")
    complete = top.words("complete", CATEGORY_WORDS[unit])
    unchanged_on = _days(top, "unchanged_on")
    card_id = card_name(effective_from, currency, publisher)
    if file.rpartition("/")[2] != f"{card_id}.toml":
        refuse(file, "effective_from", t("the file of this card must be called {name}", name=f"{card_id}.toml"))
    cells: Cells = {}
    sources: list[str] = []
    for group in top.sections("rates"):
        _read_rates(group, cells, sources, card_id, CATEGORY_WORDS[unit], markets)
    for group in top.sections("tiers", []):
        _read_tiers(group, cells, sources)
    top.close()
    if not cells:
        refuse(file, "rates", t("has no figure at all"))
    _check_complete(file, cells, complete, markets)
    return RateCard(
        id=card_id,
        effective_from=effective_from,
        currency=currency,
        unit=unit,
        publisher=publisher,
        complete=frozenset(complete),
        sources=tuple(sources),
        retrieved_on=retrieved_on,
        cells=cells,
        unchanged_on=unchanged_on,
        is_user=is_user,
    )


def _days(section: Section, key: str) -> tuple[date, ...]:
    value = section.take(key, [])
    if not isinstance(value, list) or any(type(day) is not date for day in value):
        refuse(section.file, section.name(key), t("must be a list of dates"))
    return tuple(value)


def _source_of(group: Section, sources: list[str]) -> str:
    source = group.text("source")
    if source not in sources:
        sources.append(source)
    return source


def _read_rates(
    group: Section, cells: Cells, sources: list[str], card_id: str, words: frozenset[str], markets: frozenset[str]
) -> None:
    source = _source_of(group, sources)
    certainty = Certainty(group.choice("certainty", tuple(Certainty)))
    for word in group.left():
        if word not in words:
            refuse(group.file, group.name(word), t("is not a category of such a card"))
        column = group.section(word)
        for market in column.left():
            if market not in markets:
                refuse(group.file, column.name(market), t("is not a market of that day"))
            if (market, word) in cells:
                refuse(group.file, column.name(market), t("has two figures"))
            amount = column.money(market)
            if not amount and word != Category.SERVICE:
                refuse(group.file, column.name(market), t("is zero: leave out what is not known"))
            cells[market, word] = Rate(amount, card_id, source, certainty)


def _read_tiers(group: Section, cells: Cells, sources: list[str]) -> None:
    _source_of(group, sources)
    word = group.choice("category", TIERED)
    table = group.section("bands")
    group.close()
    for market in table.left():
        rate = cells.get((market, word))
        if rate is None:
            refuse(group.file, table.name(market), t("has tiers but no {category} rate", category=word))
        if rate.bands:
            refuse(group.file, table.name(market), t("has two lists of tiers"))
        bands = _read_bands(table.sections(market))
        if bands[0].rate != rate.amount:
            refuse(group.file, table.name(market), t("the first tier is not the list rate"))
        cells[market, word] = rate._replace(bands=bands)


def _read_bands(entries: list[Section]) -> tuple[Band, ...]:
    bands: list[Band] = []
    for number, entry in enumerate(entries, 1):
        first, rate = entry.whole("from"), entry.money("rate")
        last = None if number == len(entries) and not entry.has("to") else entry.whole("to")
        entry.close()
        expected = 0 if not bands else (bands[-1].last or 0) + 1
        if first > expected:
            refuse(
                entry.file,
                entry.name("from"),
                t("there is a gap: {value} must be {expected}", value=first, expected=expected),
            )
        if first < expected:
            refuse(
                entry.file,
                entry.name("from"),
                t("overlaps: {value} must be {expected}", value=first, expected=expected),
            )
        if last is not None and last < first:
            refuse(entry.file, entry.name("to"), t("ends before it begins"))
        if number == len(entries) and last is not None:
            refuse(entry.file, entry.name("to"), t("the last tier must be open at the top"))
        if bands and rate > bands[-1].rate:
            refuse(entry.file, entry.name("rate"), t("is dearer than the tier before it"))
        bands.append(Band(first, last, rate))
    return tuple(bands)


def _check_complete(file: str, cells: Cells, complete: Iterable[str], markets: frozenset[str]) -> None:
    for word in complete:
        for market in sorted(markets):
            if (market, word) not in cells:
                refuse(file, f"rates.{word}.{market}", t("is missing, and the card says it is complete"))


def dump_card(card: RateCard, tier_sources: Mapping[str, str]) -> str:
    """The text of a card's file; `load_card` reads the same card back. `tier_sources`: category to source of tiers."""
    out = [
        f"effective_from = {card.effective_from}",
        'time_zone = "account"  # holds from 12am of that day, in the time zone of the WhatsApp account',
        f"currency = {_quoted(card.currency)}",
        f"unit = {_quoted(card.unit)}",
        f"publisher = {_quoted(card.publisher)}",
        'tier_rule = "marginal"  # the price of a tier holds for the messages inside it only',
        f"retrieved_on = {card.retrieved_on}",
        f"complete = [{', '.join(_quoted(word) for word in sorted(card.complete))}]",
    ]
    if card.unchanged_on:
        out.append(f"unchanged_on = [{', '.join(str(day) for day in card.unchanged_on)}]")
    groups: dict[tuple[str, Certainty], dict[str, dict[str, Decimal]]] = {}
    tiers: dict[str, dict[str, tuple[Band, ...]]] = {}
    for (market, word), rate in card.cells.items():
        groups.setdefault((rate.source, rate.certainty), {}).setdefault(word, {})[market] = rate.amount
        if rate.bands:
            tiers.setdefault(word, {})[market] = rate.bands
    for (source, certainty), columns in groups.items():
        out += ["", "[[rates]]", f"source = {_quoted(source)}", f"certainty = {_quoted(certainty)}"]
        for word, column in columns.items():
            out += [f"[rates.{word}]", *(f"{_quoted(market)} = {amount:f}" for market, amount in column.items())]
    for word, lists in tiers.items():
        out += _dump_tiers(word, lists, tier_sources[word])
    return "\n".join(out) + "\n"


def _dump_tiers(word: str, lists: Mapping[str, tuple[Band, ...]], source: str) -> list[str]:
    out = ["", "[[tiers]]", f"source = {_quoted(source)}", f"category = {_quoted(word)}", "[tiers.bands]"]
    for market, bands in lists.items():
        out.append(f"{_quoted(market)} = [")
        for band in bands:
            upto = "" if band.last is None else f" to = {band.last},"
            out.append(f"  {{ from = {band.first},{upto} rate = {band.rate:f} }},")
        out.append("]")
    return out


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
