"""Published rates and markets, read by the sandbox's own hand from the packaged files.

The files are the one source of facts (pricing.md sections 4, 5 and 7; `wacli/ratecards`), so that a wrong figure is
mended once. What the figures *mean* is worked out here again, without a line of `wacli.ratecards` or of
`wacli.domain`: the sandbox's book is there to catch mistakes in those. Money is integer micro-units from here on.

A figure holds from its card's day until the next published change that names its cell; past that it is unknown.
Meta's own cards count; derived figures only where Meta has none at all for that day and currency; resale never.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

PER_MESSAGE_FROM = date(2025, 7, 1)
OTHER = "Other"
_MICRO = 1_000_000


class Step(NamedTuple):
    """A volume tier: messages number `first` to `last` of a month at this price each; `last` None: no end."""

    first: int
    last: int | None
    micro: int

    @property
    def label(self) -> str:
        """As Meta writes it."""
        return f"{self.first}:{'MAX' if self.last is None else self.last}"


class Figure(NamedTuple):
    """One cell of a card, in micro-units of its currency."""

    micro: int
    steps: tuple[Step, ...]
    card: str


class _Card(NamedTuple):
    name: str
    on: date
    currency: str
    unit: str
    publisher: str
    unchanged_on: tuple[date, ...]
    cells: Mapping[tuple[str, str], Figure]


class _Change(NamedTuple):
    on: date
    cells: Mapping[str, tuple[str, ...]] | None  # None: any of them


def market_of(digits: str, on: date) -> str:
    """The market of a recipient by the longest listed calling-code prefix on a day of the account."""
    prefixes, _, moves = _places()
    for length in range(min(6, len(digits)), 0, -1):
        start = digits[:length]
        if start in prefixes:
            return _moved(moves.get(start, ()), prefixes[start], on)
    return OTHER


def country_of_market(digits: str) -> str | None:
    """The ISO country of Meta's calling-code table behind a number; None where no list has it."""
    _, countries, _ = _places()
    for length in range(min(6, len(digits)), 0, -1):
        if digits[:length] in countries:
            return countries[digits[:length]]
    return None


def figure(on: date, currency: str, market: str, word: str) -> Figure | None:
    """The cell that holds on a day, or None: nobody published it where the facts were collected."""
    return _in_force(on, currency).get((market, word))


@lru_cache(maxsize=64)
def _in_force(on: date, currency: str) -> dict[tuple[str, str], Figure]:
    unit = "message" if on >= PER_MESSAGE_FROM else "conversation"
    for publisher in ("meta", "derived"):
        held: dict[tuple[str, str], Figure] = {}
        for card in _cards():  # oldest first: a newer figure replaces an older one
            if (card.currency, card.unit, card.publisher) == (currency, unit, publisher) and card.on <= on:
                held.update({key: cell for key, cell in card.cells.items() if _still_holds(card, key, on)})
        if held:
            return held
    return {}


def _still_holds(card: _Card, key: tuple[str, str], on: date) -> bool:
    market, word = key
    for change in _changes():
        if card.on < change.on <= on and change.on not in card.unchanged_on:
            named = None if change.cells is None else change.cells.get(word, ())
            if named is None or market in named or "*" in named:
                return False
    return True


@lru_cache(maxsize=1)
def _cards() -> tuple[_Card, ...]:
    folder = files("wacli") / "ratecards" / "cards"
    found = [_card(entry.name, tomllib.loads(entry.read_text("utf-8"), parse_float=Decimal))
             for entry in folder.iterdir() if entry.name.endswith(".toml")]  # fmt: skip
    return tuple(sorted(found, key=lambda card: (card.on, card.name)))


def _card(name: str, read: dict[str, Any]) -> _Card:
    steps: dict[tuple[str, str], tuple[Step, ...]] = {}
    for table in read.get("tiers", ()):
        for market, bands in table["bands"].items():
            steps[market, table["category"]] = tuple(
                Step(band["from"], band.get("to"), micro_of(band["rate"])) for band in bands
            )
    cells: dict[tuple[str, str], Figure] = {}
    for table in read.get("rates", ()):
        for word, column in table.items():
            if isinstance(column, dict):
                for market, rate in column.items():
                    cells[market, word] = Figure(micro_of(rate), steps.get((market, word), ()), name)
    unchanged = tuple(read.get("unchanged_on", ()))
    return _Card(
        name, read["effective_from"], read["currency"], read["unit"], read["publisher"], unchanged, cells
    )  # fmt: skip


def micro_of(rate: Decimal | int) -> int:
    """Micro-units of a published rate. Raises ValueError for one that has finer parts."""
    exact = Decimal(rate) * _MICRO
    if exact != int(exact):
        raise ValueError(f"{rate} has parts finer than a micro-unit")
    return int(exact)


@lru_cache(maxsize=1)
def _changes() -> tuple[_Change, ...]:
    read = _rules()["rate_changes"]
    return tuple(
        _Change(one["on"], {word: tuple(names) for word, names in one["cells"].items()} if "cells" in one else None)
        for one in read
    )


def _rules() -> dict[str, Any]:
    return tomllib.loads((files("wacli") / "ratecards" / "rules.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _places() -> tuple[dict[str, str], dict[str, str], dict[str, tuple[tuple[date, str], ...]]]:
    """Market by prefix, ISO country by prefix, and by prefix what the market was before each move."""
    read = tomllib.loads((files("wacli") / "ratecards" / "markets.toml").read_text("utf-8"))
    markets, countries = {}, {}
    for country in read["countries"]:
        for prefix in country["prefixes"]:
            markets[prefix], countries[prefix] = country["market"], country["iso"]
    moves: dict[str, tuple[tuple[date, str], ...]] = {}
    for move in sorted(read["moves"], key=lambda one: one["on"]):
        moves[move["prefix"]] = (*moves.get(move["prefix"], ()), (move["on"], move["before"]))
    return markets, countries, moves


def _moved(moves: tuple[tuple[date, str], ...], latest: str, on: date) -> str:
    return next((before for day, before in moves if on < day), latest)
