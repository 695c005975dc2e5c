"""Links: every character survives, codes come back, limits are said."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.link import MANAGED_LIMIT, chat_url, check_name, check_text, code_in, code_of, with_code
from wacli.domain.problem import Invalid

_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


@given(_TEXTS)
def test_every_text_survives_the_link(text: str) -> None:
    url = chat_url("6281355500101", text)
    assert url.isascii()
    parts = urlsplit(url)
    assert (parts.hostname, parts.path) == ("wa.me", "/6281355500101")
    assert parse_qs(parts.query).get("text", [""]) == [text]


@pytest.mark.parametrize("text", ["a\nb", "50% & more + tax", "🌸🌸", "سلام، أريد أن أطلب", "?text=x#y", "a=b&text=c"])
def test_the_difficult_ones(text: str) -> None:
    assert parse_qs(urlsplit(chat_url("62", text)).query)["text"] == [text]


@given(st.text(max_size=60), st.integers(0, 50), _TEXTS)
def test_a_code_comes_back_with_the_message(name: str, attempt: int, text: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    code = code_of(name, "62", attempt)
    assert len(code) == 5
    if code_in(text) is None:
        assert code_in(with_code(text, code)) == code
        assert code_in(with_code(text, code).upper()) == code
        assert code_in(with_code(text, code) + " and one more thing") == code


def test_a_link_made_again_has_the_same_code() -> None:
    assert code_of("Counter", "62812") == code_of("counter", "62812")
    assert code_of("counter", "62812") != code_of("counter", "62813")
    assert code_of("counter", "62812") != code_of("counter", "62812", 1)


@pytest.mark.parametrize("text", [None, "", "hello", "(ref)", "(ref abc)", "(ref aeiou)", "ref bcdfg"])
def test_no_code_where_there_is_none(text: str | None) -> None:
    assert code_in(text) is None


def test_the_limit_counts_the_code() -> None:
    code = code_of("x", "62")
    room = MANAGED_LIMIT - len(" (ref xxxxx)")
    assert len(check_text("x" * room, code, is_managed=True)) == MANAGED_LIMIT
    with pytest.raises(Invalid) as caught:
        check_text("x" * (room + 3), code, is_managed=True)
    assert caught.value.code == "too-long"
    assert check_text("x" * (room + 3), code, is_managed=False)


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31m", "a\tb", "a\x9bb"])
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_text(text, "bcdfg", is_managed=False)
    assert caught.value.code == "bad-text"


@pytest.mark.parametrize("name", ["", " ", "-x", "a/b", "x" * 61, "a\nb\x07", "[red]"])
def test_names_that_cannot_be_typed_again(name: str) -> None:
    with pytest.raises(Invalid):
        check_name(name)


def test_names_are_tidied() -> None:
    assert check_name("  Kopi   Pandan ") == "Kopi Pandan"
