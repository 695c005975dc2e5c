"""Words: the one place where a sentence gets its language, an instant its zone, and money its looks.

`Words.say` is the one gettext function of the house: every sentence for people passes through it. Catalogues are
read with the standard library. Units of time and money are written by CLDR's patterns (`cldr`, made from Babel); dates
and other numbers come from Babel itself, imported only when a value needs it. Machine output never comes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from wacli.domain.money import Money
from wacli.domain.text import Quantity, Text

from .cldr import DECIMALS, NUMBERS, SYMBOLS, UNITS

LANGUAGES: Final = ("en", "id")
_LOCALE_FOLDER: Final = Path(__file__).parent / "locale"

# What somebody else typed is hostile to a terminal: ESC and OSC sequences first (they carry printable tails), then
# every other control character, the bidi overrides that reorder a whole line, and line and paragraph separators.
_ESCAPES = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]{0,4096}(?:\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]?|\x1b[ -/]{0,16}[0-~]?"
)
_SPACES = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def sanitise(text: str) -> str:
    """Somebody else's text as one harmless line: no controls, no escape sequences, no bidi overrides."""
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", text)
    text = _SPACES.sub(" ", text)
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def sanitise_lines(text: str) -> list[str]:
    """The same for a text whose line breaks matter: one harmless string for each of its lines."""
    return [sanitise(line) for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", _ESCAPES.sub("", text))] or [""]


class Words:
    """A language and a time zone. Cheap to make; holds no other state."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        """`language` is one of `LANGUAGES`; `zone` is the reader's, used for every instant shown."""
        self.language = language
        self.zone = zone

    @cached_property
    def _catalogue(self) -> NullTranslations:
        return _catalogue(self.language)

    def say(self, text: Text | str, /) -> str:
        """The sentence in the reader's language with its values written their way. Values are sanitised."""
        if isinstance(text, str):
            return self._catalogue.gettext(text) if text else ""
        if text.many is None:
            sentence = self._catalogue.gettext(text.one)
        else:
            sentence = self._catalogue.ngettext(text.one, text.many, text.number)
        values: Mapping[str, object] = text.values
        written = {key: self.write(value) for key, value in values.items()}
        if text.many is not None:
            written.setdefault("count", self.number(text.number))
        return sentence.format_map(written)

    def write(self, value: object) -> str:
        """One value in words: money, instants, durations, decimals, sentences; anything else as sanitised text."""
        if isinstance(value, str):
            return sanitise(value)
        if isinstance(value, Text):
            return self.say(value)
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, datetime):
            return self.instant(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, timedelta):
            return self.duration(value)
        if isinstance(value, (Decimal, Quantity)):
            return self.number(value)
        return sanitise(str(value))

    def number(self, value: int | Decimal) -> str:
        """A number with the language's separators; exact."""
        mark, separator = NUMBERS[self.language]
        whole, _, decimals = f"{value:f}".partition(".") if isinstance(value, Decimal) else (str(int(value)), "", "")
        decimals = decimals.rstrip("0")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        return f"{sign}{int(digits):,}".replace(",", separator) + (mark + decimals if decimals else "")

    def figure(self, value: Decimal) -> str:
        """A price or an amount for a column: as many decimals as it has, at least two, and no currency."""
        mark, separator = NUMBERS[self.language]
        whole, _, decimals = f"{value:,f}".partition(".")
        return whole.replace(",", separator) + mark + decimals.ljust(2, "0")

    def money(self, money: Money) -> str:
        """An amount with its currency, every decimal that it has and at least the currency's usual ones."""
        mark, separator = NUMBERS[self.language]
        whole, _, decimals = f"{abs(money.amount):f}".partition(".")
        decimals = decimals.rstrip("0").ljust(DECIMALS.get(money.currency, 2), "0")
        grouped = f"{int(whole):,}".replace(",", separator)
        symbol = SYMBOLS[self.language].get(money.currency, money.currency)
        sign = "-" if money.amount < 0 else ""
        return f"{sign}{symbol}{grouped}{mark if decimals else ''}{decimals}"

    def instant(self, instant: datetime) -> str:
        """Day and time in the reader's zone: `22 Nov 2026 14:05`."""
        from babel.dates import format_datetime

        local = instant.astimezone(self.zone)
        time = "HH.mm" if self.language == "id" else "HH:mm"
        return format_datetime(local, f"d MMM y {time}", locale=self.language)

    def day(self, day: date) -> str:
        """A day with its weekday: `Sun 22 Nov 2026`."""
        from babel.dates import format_date

        return format_date(day, "EEE d MMM y", locale=self.language)

    def month(self, day: date) -> str:
        """The month of a day: `November 2026`."""
        from babel.dates import format_date

        return format_date(day, "LLLL y", locale=self.language)

    def duration(self, span: timedelta) -> str:
        """A length of time in its two largest units, rounded down: `3 hr 12 min`."""
        # Indonesian CLDR shortens "hari" and "jam" to a hair's breadth of each other: written out in sentences.
        return self._units(span, 2, "long" if self.language == "id" else "short")

    def short_duration(self, span: timedelta, units: int = 2) -> str:
        """The same for a narrow column: `3h 12m`."""
        return self._units(span, units, "short" if self.language == "id" else "narrow")

    def _units(self, span: timedelta, units: int, length: str) -> str:
        seconds = max(int(span.total_seconds()), 0)
        days, rest = divmod(seconds, 86_400)
        hours, rest = divmod(rest, 3600)
        minutes, rest = divmod(rest, 60)
        parts = [("day", days), ("hour", hours), ("minute", minutes)] if seconds >= 60 else [("second", rest)]
        while len(parts) > 1 and not parts[0][1]:
            parts.pop(0)
        shown = parts[:1] + [part for part in parts[1:units] if part[1]]
        patterns = UNITS[self.language][length]
        return " ".join(patterns[unit][amount != 1].format(self.number(amount)) for unit, amount in shown)


def _catalogue(language: str) -> NullTranslations:
    if language == "en":  # the sentences are written in it; reading its catalogue costs a quick estimate a twentieth
        return NullTranslations()
    with (_LOCALE_FOLDER / language / "LC_MESSAGES" / "wacli.mo").open("rb") as file:
        return GNUTranslations(file)


def language_of(*wishes: str | None) -> str:
    """The first wish we have a catalogue for (`id`, `id_ID.UTF-8`, `en-GB`), else English."""
    for wish in wishes:
        if wish:
            language = re.split(r"[_.\-@:]", wish, maxsplit=1)[0].lower()
            if language == "in":  # the old ISO code of Indonesian, still met in the wild
                language = "id"
            return language if language in LANGUAGES else "en"
    return "en"
