from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category, category_of
from wacli.domain.money import Money, from_micros, to_micros


@given(st.integers(-(10**15), 10**15))
def test_micro_units_are_exact_both_ways(micros: int) -> None:
    amount = from_micros(micros)
    assert to_micros(amount) == micros
    assert "E" not in str(Money(amount, "USD"))


def test_an_amount_finer_than_a_millionth_is_never_rounded_in_silence() -> None:
    with pytest.raises(ValueError, match="finer"):
        to_micros(Decimal("0.0000001"))


def test_metas_spellings_of_a_category() -> None:
    assert category_of("MARKETING") is Category.MARKETING
    assert category_of("authentication_international") is Category.AUTHENTICATION_INTERNATIONAL
    assert category_of("authentication-international") is Category.AUTHENTICATION_INTERNATIONAL
    assert category_of("referral_conversion") is None
