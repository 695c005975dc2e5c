from __future__ import annotations

from hypothesis import strategies as st

from wacli.domain.message import KNOWN_KINDS, STATUS_RANK, WINDOW_OPENING_KINDS, Status, status_rank

words = st.sampled_from([*Status, "deleted", "warning", "in_orbit", "Delivered?"])


def test_words_that_say_nothing_of_delivery_change_nothing() -> None:
    assert [status_rank(word) for word in ("deleted", "warning", "a new word")] == [-1, -1, -1]


def test_every_status_has_its_own_rank() -> None:
    assert set(STATUS_RANK) == set(Status)
    assert len(set(STATUS_RANK.values())) == len(STATUS_RANK)


def test_what_meta_says_nothing_of_opens_no_window() -> None:
    for kind in ("reaction", "edit", "revoke", "system", "unsupported", "unknown", "poll"):
        assert kind not in WINDOW_OPENING_KINDS
    assert WINDOW_OPENING_KINDS < KNOWN_KINDS
