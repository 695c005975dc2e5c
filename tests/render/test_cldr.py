"""Our few CLDR patterns are Babel's, and what is written with them is what Babel writes."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal, list_currencies
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cldr import TARGET, source
from wacli.domain.money import Money
from wacli.render.words import LANGUAGES, Words

amounts = st.decimals(Decimal("-1e9"), Decimal("1e9"), allow_nan=False, allow_infinity=False, places=6)


def test_the_patterns_are_in_step_with_babel() -> None:
    made: dict[str, object] = {}
    exec(compile(source(), str(TARGET), "exec"), made)
    kept: dict[str, object] = {}
    exec(compile(TARGET.read_text("utf-8"), str(TARGET), "exec"), kept)
    for name in ("UNITS", "NUMBERS", "SYMBOLS", "DECIMALS"):
        assert kept[name] == made[name], "run: python -m tests.support.cldr"


@given(amounts, st.sampled_from(sorted(list_currencies("en"))), st.sampled_from(LANGUAGES))
def test_money_is_written_as_babel_writes_it(amount: Decimal, currency: str, language: str) -> None:
    ours = Words(language, UTC).money(Money(amount, currency))
    theirs = format_currency(amount, currency, locale=language, decimal_quantization=False)
    assert ours == theirs


@given(amounts, st.integers(-(10**9), 10**9), st.sampled_from(LANGUAGES))
def test_numbers_are_written_as_babel_writes_them(amount: Decimal, whole: int, language: str) -> None:
    words = Words(language, UTC)
    assert words.number(amount) == format_decimal(amount, locale=language, decimal_quantization=False)
    assert words.number(whole) == format_decimal(whole, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_babel_is_loaded_for_them(language: str) -> None:
    import subprocess
    import sys

    script = (
        "import sys, datetime, decimal; from wacli.render.words import Words; from wacli.domain.money import Money\n"
        f"words = Words({language!r}, datetime.UTC)\n"
        "words.money(Money(decimal.Decimal('1234.5'), 'USD')); words.short_duration(datetime.timedelta(hours=5))\n"
        "sys.exit('babel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
