"""Makes `wacli/render/cldr.py`: the few CLDR patterns that every board needs, taken from Babel.

    python -m tests.support.cldr

`tests/render/test_cldr.py` fails when the file is out of step with the Babel that is installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies
from babel.units import format_unit

TARGET = Path(__file__).parents[2] / "wacli" / "render" / "cldr.py"
LANGUAGES = ("en", "id")
LENGTHS: tuple[Literal["long", "short", "narrow"], ...] = ("long", "short", "narrow")
CURRENCIES = sorted(set().union(*(list_currencies(language) for language in LANGUAGES)))
UNITS = ("day", "hour", "minute", "second")

_HEAD = '''"""Patterns of CLDR that every board needs: units of time and currencies in wacli's languages.

Made by `python -m tests.support.cldr` from Babel and held against it by a test. Importing Babel and its locale data
costs a board a seventh of its start (13 ms of 95, whole-process CPU); these are the few lines of it that are needed.
"""

from typing import Final

'''


def _unit(language: str, length: Literal["long", "short", "narrow"], unit: str) -> tuple[str, str]:
    one, other = (format_unit(count, f"duration-{unit}", length=length, locale=language) for count in (1, 2))
    return one.replace("1", "{0}"), other.replace("2", "{0}")


def source() -> str:
    """The text of the module."""
    units: dict[str, Any] = {
        language: {length: {unit: _unit(language, length, unit) for unit in UNITS} for length in LENGTHS}
        for language in LANGUAGES
    }
    numbers = {
        language: (
            Locale.parse(language).number_symbols["latn"]["decimal"],
            Locale.parse(language).number_symbols["latn"]["group"],
        )
        for language in LANGUAGES
    }
    symbols = {
        language: {code: symbol for code in CURRENCIES if (symbol := get_currency_symbol(code, language)) != code}
        for language in LANGUAGES
    }
    decimals = {code: get_currency_precision(code) for code in CURRENCIES if get_currency_precision(code) != 2}
    blocks = (
        ("# language -> length -> unit -> (one, many)",
         "UNITS: Final[dict[str, dict[str, dict[str, tuple[str, str]]]]]",
         units),
        ("# language -> (decimal mark, thousands mark)", "NUMBERS: Final[dict[str, tuple[str, str]]]", numbers),
        ("# language -> currency -> symbol, where it is not the code", "SYMBOLS: Final[dict[str, dict[str, str]]]",
         symbols),
        ("# decimals of a currency, where they are not two", "DECIMALS: Final[dict[str, int]]", decimals),
    )  # fmt: skip
    return _HEAD + "\n".join(f"{comment}\n{name} = {value!r}\n" for comment, name, value in blocks)


if __name__ == "__main__":
    TARGET.write_text(source(), "utf-8")
