"""What a ledger comes to, and which words write into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.area_code import country_of_area_code, is_in_united_states
from wacli.domain.consent import NOTHING_SAID, Entry, Permission, permission_of
from wacli.domain.stop_words import _WISHES, Wish, wish_of

IN, OUT = ("opted-in", "owner"), ("opted-out", "owner")
STOP, START = ("opted-out", "stop-word"), ("opted-in", "start-word")
META_STOP, META_RESUME = ("opted-out", "whatsapp"), ("opted-in", "whatsapp")
REFUSED = ("opted-out", "131050")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((), None),
        ((IN,), "in"),
        ((IN, OUT), "out"),
        ((OUT, IN), "in"),
        ((STOP,), "out"),
        ((START,), None),
        ((STOP, START), "in"),
        ((IN, STOP, START), "in"),
        ((OUT, START), "in"),
        ((START, STOP), "out"),
        ((META_STOP, START), "out"),
        ((REFUSED, START), "out"),
        ((META_STOP, META_RESUME), "in"),
        ((META_STOP, STOP, START), "out"),
        ((META_STOP, META_RESUME, STOP, START), "in"),
        ((META_STOP, IN, STOP, START), "in"),
        ((IN, ("signup", "whatsapp")), "in"),
    ],
)
def test_the_latest_entry_holds(said: tuple[tuple[str, str], ...], state: str | None) -> None:
    permission = permission_of(Entry("marketing", *entry) for entry in said)
    assert permission == Permission(
        frozenset({"marketing"} if state == "in" else ()), frozenset({"marketing"} if state == "out" else ())
    )


def test_categories_are_apart() -> None:
    entries = [Entry("marketing", *OUT), Entry("utility", *IN)]
    assert permission_of(entries) == Permission(frozenset({"utility"}), frozenset({"marketing"}))
    assert permission_of([]) == NOTHING_SAID


_entries = st.builds(
    lambda category, said: Entry(category, *said),
    st.sampled_from(["marketing", "utility"]),
    st.sampled_from([IN, OUT, STOP, START, META_STOP, META_RESUME, REFUSED]),
)


@given(st.lists(_entries))
def test_nothing_is_both(entries: list[Entry]) -> None:
    permission = permission_of(entries)
    assert not permission.opted_in & permission.opted_out
    assert permission_of([*entries, Entry("marketing", *OUT)]).opted_out >= {"marketing"}


def test_the_words_are_in_the_form_they_are_compared_in() -> None:
    for word, wish in _WISHES.items():
        assert wish_of(word) is wish
        assert wish_of(f" {word.upper()}!! ") is wish
    assert wish_of("STOP") is Wish.STOP
    assert wish_of("mulai") is Wish.START


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    wish = wish_of(text)
    assert wish is None or any(char.isalnum() for char in text)
    assert wish_of("please do not " + text) is None


@pytest.mark.parametrize(
    ("digits", "country"),
    [("12025550123", "US"), ("14162345678", "CA"), ("17872345678", "PR"), ("18092345678", "DO"), ("16712345678", "GU"),
     ("15552345678", None), ("6281355500101", None), ("442079460123", None), ("1", None), ("120", None)],
)  # fmt: skip
def test_one_calling_code_many_countries(digits: str, country: str | None) -> None:
    assert country_of_area_code(digits) == country


def test_who_is_in_the_united_states() -> None:
    assert is_in_united_states("12025550123", None)
    assert not is_in_united_states("14162345678", "US.77")  # the number decides where there is one
    assert is_in_united_states(None, "US.77")
    assert not is_in_united_states(None, "CA.77")
    assert not is_in_united_states(None, None)
