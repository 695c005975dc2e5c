"""From a number to a market: the rate card's row for a recipient.

Rules and sources: facts pricing.md section 7 (the longest calling-code prefix of the *recipient* decides, never the
business's country; unlisted is `Other`) and section 11 (a BSUID starts with an ISO country). Markets change on
dates: six became their own on 2026-07-01, nine on 2026-10-01, Zimbabwe moved on 2025-10-01. The prefixes 76 and 77
for Kazakhstan are other people's reading: Meta publishes none.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

OTHER = "Other"
NORTH_AMERICA = "North America"
_LONGEST_PREFIX = 4


class Move(NamedTuple):
    """From `on` (12am in the account's time zone) the country's numbers belong to another market."""

    on: date
    iso: str
    prefix: str
    before: str
    after: str
    source: str


class Country(NamedTuple):
    """A country of Meta's calling-code table (or one that is known to be missing from it)."""

    iso: str
    name: str
    prefixes: tuple[str, ...]
    market: str  # after all known moves
    source: str


class Markets(NamedTuple):
    """The calling-code table with its moves. Built once by `markets_from`."""

    by_prefix: Mapping[str, str]
    by_iso: Mapping[str, str]
    moves_by_prefix: Mapping[str, tuple[Move, ...]]
    moves_by_iso: Mapping[str, tuple[Move, ...]]

    def prefix_of(self, digits: str) -> str | None:
        """The longest listed prefix of a number in international digits, or None when no list has it."""
        by_prefix = self.by_prefix
        for length in range(_LONGEST_PREFIX, 0, -1):
            if digits[:length] in by_prefix:
                return digits[:length]
        return None

    def of_phone(self, digits: str, day: date) -> str:
        """The market of a number (international digits, no plus) on a day in the account's time zone."""
        prefix = self.prefix_of(digits)
        return OTHER if prefix is None else self.of_prefix(prefix, day)

    def of_prefix(self, prefix: str, day: date) -> str:
        """The market of a prefix that `prefix_of` gave."""
        return _on(self.moves_by_prefix.get(prefix, ()), self.by_prefix.get(prefix, OTHER), day)

    def of_country(self, iso: str, day: date) -> str:
        """The market of an ISO 3166 country; one that Meta does not list is `Other`."""
        return _on(self.moves_by_iso.get(iso, ()), self.by_iso.get(iso, OTHER), day)

    def names_on(self, day: date) -> frozenset[str]:
        """Every market that a number can belong to on that day."""
        return frozenset(self.of_prefix(prefix, day) for prefix in self.by_prefix) | {OTHER}


def markets_from(countries: Iterable[Country], moves: Iterable[Move]) -> Markets:
    """The table in the form that answers quickly. Moves of one prefix may come in any order."""
    by_prefix: dict[str, str] = {}
    by_iso: dict[str, str] = {}
    for country in countries:
        by_iso[country.iso] = country.market
        for prefix in country.prefixes:
            by_prefix[prefix] = country.market
    moves_by_prefix: dict[str, tuple[Move, ...]] = {}
    moves_by_iso: dict[str, tuple[Move, ...]] = {}
    for move in sorted(moves):
        moves_by_prefix[move.prefix] = (*moves_by_prefix.get(move.prefix, ()), move)
        moves_by_iso[move.iso] = (*moves_by_iso.get(move.iso, ()), move)
    return Markets(by_prefix, by_iso, moves_by_prefix, moves_by_iso)


def _on(moves: tuple[Move, ...], latest: str, day: date) -> str:
    for move in moves:  # oldest first: the first one still to come tells where things stood before it
        if day < move.on:
            return move.before
    return latest
