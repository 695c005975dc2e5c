"""Phone numbers of a whole file: `domain.identity.parse_phone`, but a million times.

Measured: `phonenumbers` takes 27 us a number, a plain international number 0.3 us here. What `phonenumbers` does to a
local number (which prefix it takes off, whether the length can be) depends, in countries whose prefix for dialling
is a fixed string, on the country, the first digits and the length; so it is asked once for each of those and its
answer is used again. Countries with carrier codes or numbers that are rewritten (Brazil, Mexico, Argentina) are asked
every time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ...domain.identity import has_zero_after_code, parse_phone
from ...domain.problem import Invalid
from ...domain.text import t

_SEPARATORS = str.maketrans("", "", " -().\t\u00a0\u202f\u2010\u2011\u2012\u2013\u2014\u2015")
_MARKS = dict.fromkeys([0x200B, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_LEADING = 6  # digits that are taken to decide; patterns of mobile numbers are told apart by fewer
_ONE_DECIMAL = re.compile(r"\..[ \t]*(?:\n|\Z)")
_DECIMAL = re.compile(r"(\+?\d{7,})\.(\d)")
_ROUNDED = re.compile(r"[+]?\d[.,]\d+[eE]\+?\d+")
_REMEMBERED = 50_000
_ODD_COUNTRIES = ("54", "0")  # Argentina has forms of its own; a country code never begins with 0


class _Rule(NamedTuple):
    """Numbers like the one asked about: `drop` digits off the front, `prefix` put there."""

    drop: int
    prefix: str


class PhoneReader:
    """Reads the numbers of one file for one country."""

    def __init__(self, country: str | None) -> None:
        self._country = country
        self._rules: dict[tuple[str, int], _Rule | None] = {}
        self._forms: dict[tuple[str, int], _Rule] = {}  # the same, with those that begin with a plus
        self._is_regular = country is not None and _has_fixed_prefix(country)

    def read(self, text: str) -> str:
        """The digits of a number in any usual form, country code first. Raises `Invalid` as `parse_phone` does."""
        return self.quick(text) or self._slowly(text)

    def quick_many(self, cells: Sequence[str]) -> list[str | None]:
        """`quick` for a whole column: separators go in one call, and what is usual is known by its beginning and
        length. A third of the time."""
        joined = "\n".join(cells)
        if "(0)" in joined or not joined.isascii() or _ONE_DECIMAL.search(joined):
            return [self.quick(cell.strip()) for cell in cells]
        found = joined.translate(_SEPARATORS)
        plain = found.replace("\n", "")
        texts = found.split("\n")
        if len(texts) != len(cells) or not (plain.isdigit() or self._are_whole(found, plain)):
            return [self.quick(cell.strip()) for cell in cells]
        get = self._forms.get
        many = [
            None if (form := get((text[:_LEADING], len(text)))) is None else form[1] + text[form[0] :] for text in texts
        ]
        if None in many:
            for index, digits in enumerate(many):
                if digits is None and (digits := self.quick(cells[index].strip())) is not None:
                    many[index] = digits
                    self._learn(texts[index], digits)
        return many

    @staticmethod
    def _are_whole(found: str, plain: str) -> bool:
        """True for digits with a plus only before the first."""
        pluses = found.count("\n+") + found.startswith("+")
        return plain.count("+") == pluses and plain.replace("+", "").isdigit()

    def _learn(self, text: str, digits: str) -> None:
        """Numbers that begin and are as long as this one are read as this one was: see `_rule`."""
        if text[:1] == "+":
            form = _Rule(1, "") if digits == text[1:] else None
        else:
            form = self._rules.get((text[:_LEADING], len(text)))
        if form is not None:
            if len(self._forms) >= _REMEMBERED:
                self._forms.clear()
            self._forms[text[:_LEADING], len(text)] = form

    def quick(self, text: str) -> str | None:
        """The same for the usual forms, without an exception: None says nothing but "look closer"."""
        if text[:1] == "+":
            digits = text[1:]
            if not digits.isdigit():
                digits = digits.translate(_SEPARATORS) if text[-2:-1] != "." else ""
            if (
                7 <= len(digits) <= 15
                and digits.isascii()
                and digits.isdigit()
                and not digits.startswith(_ODD_COUNTRIES)
                and "(0)" not in text
                and not has_zero_after_code(digits)
            ):
                return digits
        elif self._is_regular:
            digits = text if text.isdigit() else text.translate(_SEPARATORS) if text[-2:-1] != "." else ""
            if digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 and "(0)" not in text:
                key = digits[:_LEADING], len(digits)
                rule = self._rules[key] if key in self._rules else self._rule(digits)
                if rule is not None:
                    return rule.prefix + digits[rule.drop :]
        return None

    def _rule(self, digits: str) -> _Rule | None:
        """How numbers that begin and are as long as this one are read; None when each must be asked about."""
        key = digits[:_LEADING], len(digits)
        try:
            answer = parse_phone(digits, self._country)
        except Invalid:
            rule = None
        else:
            rule = next(
                (
                    _Rule(drop, answer[: len(answer) - len(digits) + drop])
                    for drop in range(5)
                    if answer.endswith(digits[drop:])
                ),
                None,
            )
        if len(self._rules) >= _REMEMBERED:
            self._rules.clear()
        self._rules[key] = rule
        return rule

    def _slowly(self, text: str) -> str:
        cleaned = text.translate(_MARKS).strip().strip("'\"")
        if cleaned[:1] == "=":
            unwrapped = cleaned[1:].strip("\"'")
            if not re.fullmatch(r"\+?[\d\s().\-/]{5,40}", unwrapped):
                raise Invalid("formula-cell", t("{text} is a formula and not a number", text=cut(text)))
            cleaned = unwrapped
        if _ROUNDED.fullmatch(cleaned):
            raise Invalid(
                "rounded-number",
                t("{text} was rounded by the spreadsheet: its last digits are lost", text=cut(text)),
                t("Format the column as text and export again"),
            )
        decimal = _DECIMAL.fullmatch(cleaned)
        if decimal is not None:  # a number that a program kept as a number: `6281234567890.0`
            if decimal[2].strip("0"):
                raise Invalid("bad-phone", t("{text} is not a phone number", text=cut(text)))
            cleaned = decimal[1]
        if len(cleaned) > 60:
            raise Invalid("bad-phone", t("{text} is not a phone number", text=cut(text)))
        ascii_digits = cleaned if cleaned.isascii() else "".join(_ascii_digit(char) for char in cleaned)
        return parse_phone(ascii_digits, self._country)


def cut(text: str, length: int = 60) -> str:
    """`text`, short enough to stand in a sentence."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _ascii_digit(char: str) -> str:
    if char == "＋":
        return "+"
    return str(int(char)) if char.isdecimal() else char


@lru_cache(maxsize=256)
def _has_fixed_prefix(country: str) -> bool:
    """True where what is taken off a local number is always the same string, whatever follows it."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(country.upper())
    if metadata is None:
        return False
    stripped = metadata.national_prefix_for_parsing
    return metadata.national_prefix_transform_rule is None and (stripped is None or stripped.isdigit())
