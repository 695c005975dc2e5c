from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.identity import (
    IdentifierKind,
    bsuid_country,
    identifier_kind,
    is_bsuid,
    is_parent_bsuid,
    is_username,
    match_key,
    parse_phone,
    wa_id_of,
)
from wacli.domain.problem import Invalid

BSUID = "US.13491208655302741918"


@pytest.mark.parametrize(
    ("typed", "country", "digits"),
    [
        ("+62 812-3456-7890", None, "6281234567890"),
        ("0812 3456 7890", "ID", "6281234567890"),
        ("(0812) 3456.7890", "ID", "6281234567890"),
        ("6281234567890", None, "6281234567890"),
        ("62 812 3456 7890", "ID", "6281234567890"),
        ("006281234567890", "ID", "6281234567890"),
        ("+1 (650) 555-1234", "ID", "16505551234"),
        ("+44 (0)20 7946 0958", None, "442079460958"),
        ("+55 11 98765-4321", None, "5511987654321"),
        ("11 98765-4321", "BR", "5511987654321"),
        ("+52 1 55 1234 5678", None, "5215512345678"),
        ("+54 9 11 1234-5678", None, "5491112345678"),
        ("+62\u00a0812\u20113456\u20117890", None, "6281234567890"),
        ("٠٨١٢ ٣٤٥٦ ٧٨٩٠", "ID", "6281234567890"),
    ],
)
def test_a_phone_number_in_any_usual_form(typed: str, country: str | None, digits: str) -> None:
    assert parse_phone(typed, country) == digits


@pytest.mark.parametrize("typed", [BSUID, "MY.177712345", "Sari", "0812abc7890", "", "+", "12", "+1234567890123456"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_phone(typed, "ID")
    assert refused.value.code == "bad-phone"


def test_a_local_number_needs_a_country() -> None:
    with pytest.raises(Invalid) as refused:
        parse_phone("081234567890")
    assert refused.value.code == "no-country"
    assert "wacli config set country" in str(refused.value.hint)


@given(st.from_regex(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}", fullmatch=True))
def test_a_bsuid_never_passes_for_a_phone_number(bsuid: str) -> None:
    assert is_bsuid(bsuid)
    assert wa_id_of(bsuid) is None
    assert identifier_kind(bsuid) is IdentifierKind.BSUID
    assert bsuid_country(bsuid) == bsuid[:2]
    with pytest.raises(Invalid):
        parse_phone(bsuid, "US")


def test_a_parent_bsuid_is_told_apart() -> None:
    assert is_parent_bsuid("US.ENT.11815799212886844830")
    assert not is_parent_bsuid(BSUID)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "551187654321"),  # Brazil's ninth digit
        ("5215512345678", "525512345678"),  # Mexico's 1
        ("5491112345678", "541112345678"),  # Argentina's 9
    ],
)
def test_one_persons_forms_share_a_key(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("551133334444", "5511933334444"),  # a Brazilian landline and a mobile number that begins with 9 3
        ("6281234567890", "6281234567891"),
    ],
)
def test_different_people_do_not(one: str, other: str) -> None:
    assert match_key(one) != match_key(other)


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_a_key_is_its_own_key(digits: str) -> None:
    assert match_key(match_key(digits)) == match_key(digits)
    assert wa_id_of(digits) == wa_id_of("+" + digits) == digits


@pytest.mark.parametrize("field", ["", "<WHATSAPP_USER_PHONE_NUMBER>", None, 6281234567890, "62812x", "٠٨١٢٣٤٥٦"])
def test_a_placeholder_is_nobodys_number(field: object) -> None:
    assert wa_id_of(field) is None


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("@sari.cookies", IdentifierKind.USERNAME),
        ("+62 812 3456", IdentifierKind.PHONE),
        ("0812-3456-7890", IdentifierKind.PHONE),
        ("Sari", IdentifierKind.NAME),
        ("12", IdentifierKind.NAME),
        ("Toko 24/7", IdentifierKind.NAME),
    ],
)
def test_what_a_typed_who_looks_like(typed: str, kind: IdentifierKind) -> None:
    assert identifier_kind(typed) is kind


@pytest.mark.parametrize("name", ["sari.cookies", "@abc", "a_b", "x" * 35])
def test_usernames(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize("name", ["ab", "123", ".abc", "abc.", "a..b", "Sari", "x" * 36])
def test_no_usernames(name: str) -> None:
    assert not is_username(name)
