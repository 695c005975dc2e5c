"""From what a person types for "where to" to something that has a market on every day.

A phone number, a calling code, an ISO country, a country's name in English or Indonesian, or a market's name. Names
of the countries on Meta's table come from the shelf; all other names, and the Indonesian ones, from Babel's
territory names, which are loaded only when the shelf does not know the word. Rules: facts pricing.md section 7.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from wacli.domain.identity import is_bsuid, parse_phone
from wacli.domain.market import OTHER, Markets
from wacli.domain.problem import NotFound
from wacli.domain.text import Text, t

from .shelf import Shelf

_CODE = re.compile(r"\+\d{1,4}")
_NUMBER = re.compile(r"\+?[\d\s().\-/]{7,}")
_ALIASES = {"UK": "GB", "USA": "US", "UAE": "AE", "KSA": "SA"}
# No source says where Meta puts these; by their calling code they fall to the country whose code they share.
_SHARED_CODE = {"GG": "GB", "JE": "GB", "IM": "GB", "AX": "FI", "SJ": "NO", "VA": "IT"}
_US_TERRITORIES = frozenset({"AS", "GU", "MP", "VI"})


class Destination(NamedTuple):
    """A country, a calling-code prefix or a market by name; exactly one of the three decides the market of a day."""

    label: str
    iso: str | None = None
    prefix: str | None = None
    market: str | None = None
    notes: tuple[Text, ...] = ()

    def market_on(self, markets: Markets, day: date) -> str:
        """The market on a day in the account's time zone."""
        if self.prefix is not None:
            return markets.of_prefix(self.prefix, day)
        if self.iso is not None:
            return markets.of_country(self.iso, day)
        return self.market or OTHER


def resolve_destination(text: str, day: date, shelf: Shelf) -> Destination:
    """What was typed for "where to". `day` matters only for market names, which come and go.

    Raises `NotFound` (codes `no-such-country`, `ambiguous-country`) with the nearest names, and `Invalid` (code
    `bad-phone`) for an impossible number.
    """
    word = text.strip()
    if is_bsuid(word):
        return _country(word[:2], word[:2], shelf)
    if _CODE.fullmatch(word) or _NUMBER.fullmatch(word):
        return _by_number(word, shelf)
    upper = _ALIASES.get(word.upper(), word.upper())
    names = {country.iso: country.name for country in shelf.countries}
    if upper in names:
        return _country(upper, names[upper], shelf)
    key = _key(word)
    for country in shelf.countries:
        if _key(country.name) == key:
            return _country(country.iso, country.name, shelf)
    for market in sorted(shelf.markets.names_on(day)):
        if _key(market) == key:
            return Destination(market, market=market)
    return _by_any_name(word, upper, day, shelf)


def _by_number(word: str, shelf: Shelf) -> Destination:
    digits = word.lstrip("+") if _CODE.fullmatch(word) else parse_phone(_international(word))
    prefix = shelf.markets.prefix_of(digits)
    if prefix is None:
        return Destination(word, market=OTHER)
    notes = (_KAZAKHSTAN,) if prefix in ("76", "77") else ()
    return Destination("+" + prefix, prefix=prefix, notes=notes)


def _international(word: str) -> str:
    digits = re.sub(r"\D", "", word)
    return word if word.startswith("+") or digits.startswith("0") else "+" + digits


_KAZAKHSTAN = t("Meta publishes no prefix for Kazakhstan: +7 6 and +7 7 are taken to be it")


def _country(iso: str, label: str, shelf: Shelf) -> Destination:
    if iso in _SHARED_CODE:
        main = _SHARED_CODE[iso]
        note = t(
            "{country} shares its calling code with {main} and is taken to be billed as it", country=label, main=main
        )
        return Destination(label, iso=main, notes=(note,))
    if iso in _US_TERRITORIES:
        note = t("no source says which market {country} belongs to: by its +1 code it is North America", country=label)
        return Destination(label, iso="US", notes=(note,))
    if iso not in shelf.markets.by_iso:
        note = t("{country} is not on Meta's table, so its market is Other", country=label)
        return Destination(label, market=OTHER, notes=(note,))
    return Destination(label, iso=iso, notes=(_KAZAKHSTAN,) if iso == "KZ" else ())


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold().replace("&", "and")).strip()


def _by_any_name(word: str, upper: str, day: date, shelf: Shelf) -> Destination:
    from babel import Locale

    found: dict[str, set[str]] = {}
    english = Locale("en").territories
    for locale in (english, Locale("id").territories):
        for iso, name in locale.items():
            if len(iso) == 2 and iso.isalpha() and iso not in ("ZZ", "EU", "UN", "EZ", "XA", "XB", "QO"):
                found.setdefault(_key(str(name)), set()).add(iso)
    if upper in english and len(upper) == 2 and upper.isalpha():
        return _country(upper, str(english[upper]), shelf)
    for country in shelf.countries:
        found.setdefault(_key(country.name), set()).add(country.iso)
    key = _key(word)
    exact = found.get(key, set())
    if len(exact) == 1:
        iso = next(iter(exact))
        return _country(iso, str(english.get(iso, iso)), shelf)
    inside = (
        {iso for name, isos in found.items() if f" {key} " in f" {name} " for iso in isos} if len(key) > 2 else set()
    )
    if len(inside) == 1:
        iso = next(iter(inside))
        return _country(iso, str(english.get(iso, iso)), shelf)
    if inside:
        choices = ", ".join(sorted(f"{english.get(iso, iso)} ({iso})" for iso in inside))
        raise NotFound(
            "ambiguous-country",
            t("{text} may be any of: {choices}", text=word, choices=choices),
            t("Give the two letters of the one you mean"),
            {"choices": sorted(inside)},
        )
    raise _unknown(word, key, [*found, *(_key(market) for market in shelf.markets.names_on(day))])


def _unknown(word: str, key: str, names: list[str]) -> NotFound:
    from difflib import get_close_matches

    near = list(dict.fromkeys(name.title() for name in get_close_matches(key, dict.fromkeys(names), 3, 0.7)))
    hint = (
        t("Did you mean {names}?", names=", ".join(near))
        if near
        else t("Give a country code such as ID, or a phone number")
    )
    return NotFound(
        "no-such-country", t("no country, market or phone number is called {text}", text=word), hint, {"near": near}
    )
