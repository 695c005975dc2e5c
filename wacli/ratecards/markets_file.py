"""The file `markets.toml`: countries, calling-code prefixes, markets, and the dates on which they moved."""

from __future__ import annotations

from wacli.domain.market import Country, Move
from wacli.domain.text import t

from .strict import Section, read_toml, refuse


def load_markets(text: str, file: str) -> tuple[tuple[Country, ...], tuple[Move, ...]]:
    """Countries and moves of the file. Raises `Invalid` (code `bad-rate-file`) naming file and key."""
    top = read_toml(text, file)
    top.day("retrieved_on")
    named = top.section("sources")
    sources = {key: named.text(key) for key in named.left()}
    countries: list[Country] = []
    seen: dict[str, str] = {}
    for entry in top.sections("countries"):
        iso = entry.text("iso")
        country = Country(
            iso, entry.text("name"), entry.words("prefixes"), entry.text("market"), _source(entry, sources)
        )
        entry.close()
        for prefix in country.prefixes:
            if not prefix.isdigit() or not 1 <= len(prefix) <= 4:
                refuse(file, entry.name("prefixes"), t("{value} is not a calling-code prefix", value=prefix))
            if seen.setdefault(prefix, country.market) != country.market:
                refuse(file, entry.name("prefixes"), t("{value} belongs to two markets", value=prefix))
        if any(iso == other.iso for other in countries):
            refuse(file, entry.name("iso"), t("{value} stands there twice", value=iso))
        countries.append(country)
    moves = tuple(_move(entry, sources, seen) for entry in top.sections("moves"))
    top.close()
    return tuple(countries), moves


def _source(entry: Section, sources: dict[str, str]) -> str:
    key = entry.text("source")
    if key not in sources:
        refuse(entry.file, entry.name("source"), t("{value} is not one of the sources", value=key))
    return sources[key]


def _move(entry: Section, sources: dict[str, str], markets: dict[str, str]) -> Move:
    move = Move(
        entry.day("on"),
        entry.text("iso"),
        entry.text("prefix"),
        entry.text("before"),
        entry.text("after"),
        _source(entry, sources),
    )
    entry.close()
    if markets.get(move.prefix) != move.after:
        refuse(
            entry.file,
            entry.name("after"),
            t("{value} is not where {prefix} is today", value=move.after, prefix=move.prefix),
        )
    return move
