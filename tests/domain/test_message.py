from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.message import KNOWN_KINDS, STATUS_RANK, WINDOW_OPENING_KINDS, Status, latest_status, status_rank

words = st.sampled_from([*Status, "deleted", "warning", "in_orbit", "Delivered?"])


@given(st.lists(words), st.randoms(use_true_random=False))
def test_the_status_that_holds_does_not_depend_on_order_or_repetition(reported: list[str], random: object) -> None:
    shuffled = [*reported, *reported]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert latest_status(shuffled) == latest_status(reported)


def test_what_reached_the_phone_has_reached_it() -> None:
    assert latest_status(["delivered", "failed"]) == "delivered"
    assert latest_status(["sent", "failed", "sent"]) == "failed"
    assert latest_status(["read", "sent"]) == "read"
    assert latest_status(["unknown", "sent"]) == "sent"
    assert latest_status(["unknown", "queued"]) == "unknown"


def test_words_that_say_nothing_of_delivery_change_nothing() -> None:
    assert latest_status(["in_orbit", "warning"]) is None
    assert latest_status(["sent", "deleted"]) == "sent"
    assert status_rank("a new word") == -1


def test_every_status_has_its_own_rank() -> None:
    assert set(STATUS_RANK) == set(Status)
    assert len(set(STATUS_RANK.values())) == len(STATUS_RANK)


def test_what_meta_says_nothing_of_opens_no_window() -> None:
    for kind in ("reaction", "edit", "revoke", "system", "unsupported", "unknown", "poll"):
        assert kind not in WINDOW_OPENING_KINDS
    assert WINDOW_OPENING_KINDS < KNOWN_KINDS
