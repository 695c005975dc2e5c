"""The packaged TOML files, read with the strict loader. Slow (tens of milliseconds): commands use `shelf` instead."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

from wacli.domain.market import Country, Move, markets_from
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard

from .card_file import load_card
from .markets_file import load_markets
from .rules_file import RateChange, load_rules
from .strict import read_toml


class Packaged(NamedTuple):
    """Everything the package ships, in the order of dates."""

    rules: tuple[PricingRules, ...]
    changes: tuple[RateChange, ...]
    countries: tuple[Country, ...]
    moves: tuple[Move, ...]
    cards: tuple[RateCard, ...]


def read_packaged() -> Packaged:
    """Reads `rules.toml`, `markets.toml` and every card. Raises `Invalid` naming file and key."""
    room = files("wacli.ratecards")
    rules, changes = load_rules((room / "rules.toml").read_text("utf-8"), "rules.toml")
    countries, moves = load_markets((room / "markets.toml").read_text("utf-8"), "markets.toml")
    markets = markets_from(countries, moves)
    cards = []
    for file in sorted((room / "cards").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            text = file.read_text("utf-8")
            day = read_toml(text, file.name).day("effective_from")
            cards.append(load_card(text, file.name, markets.names_on(day)))
    return Packaged(rules, changes, countries, moves, tuple(cards))
