"""When a send may be tried again: every class of the facts, section 6, and the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.cloudapi.failures import NotSent, OutcomeUnknown, failure_of_error, problem_of
from wacli.domain.problem import Problem
from wacli.domain.text import t
from wacli.services.delivery import stops_run
from wacli.services.retry import Retries, Tries


def refusal(code: int, wait_s: int | None = None) -> Problem:
    return problem_of(failure_of_error({"code": code, "message": "no"}, 400, wait_s))


def not_sent(reason: str) -> Problem:
    return NotSent(reason, t("no"), t("later"), {})


def pauses(*problems: Problem, attempts: int = 4, pauses_s: float = 30.0) -> list[float | None]:
    tries = Tries(Retries(attempts, pauses_s, random=lambda: 1.0))
    return [tries.pause_after(problem) for problem in problems]


@pytest.mark.parametrize("code", [130429, 131016, 131057, 4, 80007, 2])
def test_class_r_backs_off(code: int) -> None:
    assert pauses(*[refusal(code)] * 5) == [0.5, 1.0, 2.0, None, None]


@pytest.mark.parametrize("code", [131000, 135000, 1])
def test_r_once_is_once_whatever_stands_between(code: int) -> None:
    assert pauses(refusal(code), refusal(130429), refusal(code)) == [0.5, 1.0, None]


def test_the_pair_limit_waits_four_to_the_n() -> None:
    assert pauses(*[refusal(131056)] * 6, attempts=9, pauses_s=100.0)[:5] == [1.0, 4.0, 16.0, 64.0, None]


@pytest.mark.parametrize("code", [131049, 131048, 132015, 131047, 131026, 131050, 100, 190, 368, 131042, 999999])
def test_l_f_a_and_the_unheard_of_never(code: int) -> None:
    assert pauses(refusal(code)) == [None]


@pytest.mark.parametrize("reason", ["timeout", "closed", "unreadable", "server-error"])
def test_what_may_have_been_accepted_never(reason: str) -> None:
    assert pauses(OutcomeUnknown(reason, {})) == [None]


def test_a_negative_code_proves_nothing_and_is_not_repeated() -> None:
    assert pauses(refusal(-2)) == [None]


def test_a_request_that_never_left_is_tried_again_unless_encryption_failed() -> None:
    assert pauses(*[not_sent("refused")] * 4) == [0.5, 1.0, 2.0, None]
    assert pauses(not_sent("tls")) == [None]


def test_what_the_answer_says_is_the_least_and_too_long_a_wait_is_not_begun() -> None:
    assert pauses(refusal(130429, wait_s=7)) == [7.0]
    assert pauses(refusal(80007, wait_s=420)) == [None]
    assert pauses(refusal(80007, wait_s=420), pauses_s=900.0) == [420.0]
    assert pauses(refusal(131056, wait_s=3)) == [3.0]


@given(
    st.lists(st.sampled_from([130429, 131056, 131000, 4, 131047]), max_size=12),
    st.floats(0, 1),
    st.integers(1, 8),
    st.floats(0, 200),
)
def test_the_bounds_hold_whatever_comes(codes: list[int], dice: float, attempts: int, longest: float) -> None:
    tries = Tries(Retries(attempts, longest, random=lambda: dice))
    found = [tries.pause_after(refusal(code)) for code in codes]
    waited = [pause for pause in found if pause is not None]
    assert len(waited) < attempts
    assert sum(waited) <= longest
    assert tries.count == len(waited) + 1
    assert all(pause > 0 for pause in waited)


@pytest.mark.parametrize(
    ("problem", "stops"),
    [
        (refusal(190), True),
        (refusal(131042), True),
        (refusal(131048), True),
        (refusal(130429), True),
        (not_sent("refused"), True),
        (refusal(131056), False),
        (refusal(131047), False),
        (refusal(131000), False),
        (OutcomeUnknown("timeout", {}), False),
        (None, False),
    ],
    ids=str,
)
def test_what_stops_a_run(problem: Problem | None, stops: bool) -> None:
    assert stops_run(problem) is stops
