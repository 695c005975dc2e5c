"""What two contacts can have in common."""

from __future__ import annotations

import pytest

from wacli.domain.identity import match_key
from wacli.domain.likeness import Evidence, Sign, Strength, name_key, number_forms, sign_of_numbers, strongest


@pytest.mark.parametrize(
    ("digits", "code", "meant"),
    [
        ("6208123456789", "62", "628123456789"),  # a trunk zero kept after the country code
        ("4407911123456", "62", "447911123456"),  # of another country than the shop's
        ("08123456789", "62", "628123456789"),
        ("8123456789", "62", "628123456789"),
        ("00628123456789", "62", "628123456789"),
        ("5511987654321", None, "551187654321"),  # Brazil's ninth digit
        ("5215512345678", None, "525512345678"),
        ("5491123456789", None, "541123456789"),
        ("54111523456789", None, "541123456789"),
        ("542901154567890", None, "542901154567890"),  # one digit too many: nothing is taken out
    ],
)
def test_the_forms_of_a_number(digits: str, code: str | None, meant: str) -> None:
    forms = list(number_forms(digits, code))
    assert forms[0] == match_key(digits)
    assert match_key(meant) in forms


def test_a_whole_number_has_one_form() -> None:
    assert list(number_forms("628123456789", "62")) == ["628123456789"]
    assert list(number_forms("15550001111", "1")) == ["15550001111"]


def test_whether_numbers_are_one_for_sure() -> None:
    assert sign_of_numbers("6281233334444", "62081233334444") is Sign.NUMBER
    assert sign_of_numbers("81277778889", "6281277778889") is Sign.SIMILAR_NUMBER
    assert sign_of_numbers("99", "6281277778889") is Sign.NUMBER


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Pak  Budi", "budi"),
        ("BUDI.", "budi"),
        ("Ibu Hj. Sari", "sari"),
        ("Bu", "bu"),  # a title alone is a name
        ("ＳＡＲＩ", "sari"),
        ("😀", None),
        ("?", None),
        ("A", None),
        ("", None),
        (None, None),
        ("สมชาย", "สมชาย"),
    ],
)
def test_names_are_compared_without_their_dress(name: str | None, key: str | None) -> None:
    assert name_key(name) == key


def test_the_strongest_counts() -> None:
    name, card, number = (Evidence(sign, "x") for sign in (Sign.NAME, Sign.CARD, Sign.NUMBER))
    assert strongest((name,)) is Strength.POSSIBLE
    assert strongest((name, card)) is Strength.LIKELY
    assert strongest((name, card, number)) is Strength.STRONG
