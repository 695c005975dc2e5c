"""Reads the strings of `compiled.py` back into rules, markets and cards; `wacli.ratecards.compile` shows their form."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from wacli.domain.category import Category
from wacli.domain.market import Country, Markets, Move, markets_from
from wacli.domain.pricing_rules import (
    Allowance,
    AllowanceCovers,
    AllowanceScope,
    Conversations,
    PricingRules,
    Range,
    Trial,
    Unit,
)
from wacli.domain.rate_card import Band, CardUnit, Certainty, Publisher, Rate, RateCard
from wacli.domain.window import EntryPointLength

from . import compiled

_FACTS = (
    "unit",
    "conversations",
    "free_in_window",
    "allowance",
    "entry_point",
    "us_marketing_paused",
    "reactions_exempt",
    "app_free",
    "tiered",
    "service_rate_of",
    "rate_range",
    "trial",
)


class CardHead(NamedTuple):
    """What a card is, without its figures."""

    id: str
    effective_from: date
    currency: str
    unit: CardUnit
    publisher: Publisher
    unchanged_on: tuple[date, ...]
    is_user: bool


class Change(NamedTuple):
    """A day on which published rates changed; `cells` (category to markets) None: any of them may have."""

    on: date
    cells: Mapping[str, tuple[str, ...]] | None


@lru_cache(maxsize=1)
def heads() -> tuple[CardHead, ...]:
    """Every packaged card's head, in the order of the files."""
    return tuple(
        CardHead(
            card_id, date.fromisoformat(day), currency, CardUnit(unit), Publisher(publisher), _days(unchanged), False
        )
        for card_id, day, currency, unit, publisher, unchanged in compiled.HEADS
    )


@lru_cache(maxsize=1)
def changes() -> tuple[Change, ...]:
    """The dates on which published rates changed, oldest first."""
    return tuple(Change(date.fromisoformat(on), _cells(text)) for on, text in compiled.CHANGES)


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Every listed country, in the order of the file."""
    rows = (line.split("|") for line in compiled.COUNTRIES.splitlines())
    return tuple(
        Country(iso, name, tuple(prefixes.split()), market, compiled.COUNTRY_SOURCES[int(mark)])
        for iso, name, prefixes, market, mark in rows
    )


@lru_cache(maxsize=1)
def markets() -> Markets:
    """The calling-code table with its moves."""
    rows = (line.split("|") for line in compiled.MOVES.splitlines())
    moves = (Move(date.fromisoformat(on), *rest) for on, *rest in rows)
    return markets_from(countries(), moves)


@lru_cache(maxsize=1)
def rules() -> tuple[PricingRules, ...]:
    """Every period of the rules, oldest first."""
    return tuple(_rules(*entry) for entry in compiled.RULES)


@lru_cache(maxsize=1)
def fingerprint() -> bytes:
    """A digest of everything that is packaged."""
    told = {name: value for name, value in vars(compiled).items() if name.isupper() and name != "TYPE_CHECKING"}
    return blake2b(repr(sorted(told.items())).encode(), digest_size=16).digest()


def card(head: CardHead) -> RateCard:
    """The packaged card of this head, with all its figures."""
    lines: dict[str, list[str]] = {}
    for line in compiled.CARDS[head.id].splitlines():
        word, _, rest = line.partition(" ")
        lines.setdefault(word, []).append(rest)
    bands = {}
    for line in lines.get("tiers", ()):
        category, market, text = line.split("|")
        bands[market, category] = _bands(text)
    return RateCard(
        id=head.id,
        effective_from=head.effective_from,
        currency=head.currency,
        unit=head.unit,
        publisher=head.publisher,
        complete=frozenset(word for word in lines["complete"][0].split() if word != "-"),
        sources=tuple(lines["source"]),
        retrieved_on=date.fromisoformat(lines["retrieved"][0]),
        cells=_figures(head.id, lines, bands),
        unchanged_on=head.unchanged_on,
    )


def _figures(
    card_id: str, lines: dict[str, list[str]], bands: dict[tuple[str, str], tuple[Band, ...]]
) -> dict[tuple[str, str], Rate]:
    origins = {}
    for place, line in enumerate(lines["origin"]):
        certainty, _, source = line.partition(" ")
        origins[chr(97 + place)] = (source, Certainty(certainty))
    names = lines["markets"][0].split("|")
    cells: dict[tuple[str, str], Rate] = {}
    for column in lines["column"]:
        category, marks, *figures = column.split(" ")
        for market, mark, figure in zip(names, marks, figures, strict=True):
            if mark != "-":
                key = (market, category)
                cells[key] = Rate(Decimal(figure), card_id, *origins[mark], bands.get(key, ()))
    return cells


def _bands(text: str) -> tuple[Band, ...]:
    entries = (entry.split(":") for entry in text.split(" "))
    return tuple(Band(int(first), int(last) if last else None, Decimal(rate)) for first, last, rate in entries)


def _days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in text.split())


def _cells(text: str) -> dict[str, tuple[str, ...]] | None:
    if text == "*":
        return None
    entries = (entry.split(":") for entry in text.split("/"))
    return {word: tuple(names.split("|")) for word, names in entries}


def _rules(
    rules_id: str,
    unit: str,
    conversations: str | None,
    free: str,
    allowance: tuple[int, str, str] | None,
    length: tuple[int, int] | None,
    us_marketing_paused: bool,
    reactions_exempt: bool,
    app_free: bool,
    tiered: str,
    service: str | None,
    bounds: tuple[str, str, str] | None,
    trial: tuple[str, str, str, int] | None,
    sources: tuple[int, ...],
) -> PricingRules:
    return PricingRules(
        id=rules_id,
        effective_from=date.fromisoformat(rules_id),
        unit=Unit(unit),
        conversations=Conversations(conversations) if conversations else None,
        free_in_window=frozenset(Category(word) for word in free.split()),
        allowance=_allowance(*allowance) if allowance else None,
        entry_point=EntryPointLength(*(timedelta(hours=hours) for hours in length)) if length else None,
        us_marketing_paused=us_marketing_paused,
        reactions_exempt=reactions_exempt,
        app_free=app_free,
        tiered=frozenset(Category(word) for word in tiered.split()),
        service_rate_of=Category(service) if service else None,
        rate_range=Range(Decimal(bounds[0]), Decimal(bounds[1]), bounds[2]) if bounds else None,
        trial=Trial(trial[0], Decimal(trial[1]), trial[2], trial[3]) if trial else None,
        sources=dict(zip(_FACTS, (compiled.RULE_SOURCES[mark] for mark in sources), strict=True)),
    )


def _allowance(free_count: int, per: str, covers: str) -> Allowance:
    return Allowance(free_count, AllowanceScope(per), AllowanceCovers(covers))
