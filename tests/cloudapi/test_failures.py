"""The table of error codes, and reading whatever shape a refusal has."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.cloudapi.failure_codes import ADVICE, FailureClass, Scope, advice_for
from wacli.cloudapi.failures import ApiBusy, ApiRefused, failure_of, failure_of_error, problem_of

R, ONCE, L, F, A = (
    FailureClass.RETRY,
    FailureClass.RETRY_ONCE,
    FailureClass.LATER,
    FailureClass.FIX,
    FailureClass.ACCOUNT,
)
# Section 6 of the facts, row by row.
SECTION_6: list[tuple[list[int], FailureClass]] = [
    ([0, 190], A),
    ([3, 10, *range(200, 300), 131005], A),
    ([1], ONCE),
    ([2, 131016, 133004], R),
    ([4, 80007], R),
    ([33], A),
    ([100], F),
    ([368, 131031], A),
    ([130429], R),
    ([131048], L),
    ([131056], R),
    ([131057, 2494100], R),
    ([131064], L),
    ([130472], F),
    ([130497], F),
    ([131000, 135000], ONCE),
    ([131008, 131009], F),
    ([131021], F),
    ([131026], F),
    ([131030], F),
    ([131037], A),
    ([131042], A),
    ([131045, 133010], A),
    ([131047], F),
    ([131049], L),
    ([131050], F),
    ([131051], F),
    ([131052, 131053], F),
    ([131062], F),
    ([131063], A),
    ([132000, 132001, 132005, 132007, 132008, 132012, 132018], F),
    ([132015], L),
    ([132016], F),
    ([132068], F),
    ([132069], L),
    ([*range(133005, 133010), 133015, 133016], L),
    ([134011, 134100, 134102, 134103], F),
    ([134101], R),
    ([137000], F),
    ([*range(139000, 139005), 139100, 139101, 139103, 139200], F),
    ([139102], R),
    (list(range(147001, 147006)), F),
    ([2388019, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299], F),
    ([2388318, 2388330], F),
    ([2593107, 2593108, 2593109], F),
]
# Rows where the facts give no class, or one for a whole family whose members differ.
NO_CLASS = [131035, *range(138000, 138019), 131020, 131041, 131059, *(set(range(131201, 131216)))]


@pytest.mark.parametrize(("codes", "kind"), SECTION_6)
def test_every_code_has_its_class(codes: list[int], kind: FailureClass) -> None:
    for code in codes:
        advice = advice_for(code)
        assert advice is not None, code
        assert advice.kind is kind, code


def test_no_code_of_the_facts_is_missing() -> None:
    listed = {code for codes, _ in SECTION_6 for code in codes} | set(NO_CLASS)
    assert {code for code in listed if advice_for(code) is None} == set()


def test_every_code_says_what_happened_why_and_what_next() -> None:
    for code, advice in ADVICE.items():
        for text in (advice.happened, advice.why, advice.next):
            assert str(text).strip(), code
            assert not str(text).removesuffix("...").endswith("."), (code, str(text))
            fields = {field for _, field, _, _ in string.Formatter().parse(text.one) if field}
            assert fields == set(text.values), code


def test_the_scope_of_the_codes_that_a_run_must_treat_apart() -> None:
    assert {code: failure_of_error({"code": code}).scope for code in (131056, 131049, 131026)} == dict.fromkeys(
        (131056, 131049, 131026), Scope.CONTACT
    )
    assert failure_of_error({"code": 131048}).stops_run
    assert failure_of_error({"code": 190}).stops_run
    assert not failure_of_error({"code": 131047}).stops_run


def test_a_whole_refusal() -> None:
    body = {
        "error": {
            "message": "(#131047) Re-engagement message",
            "type": "OAuthException",
            "code": 131047,
            "error_data": {"messaging_product": "whatsapp", "details": "More than 24 hours have passed"},
            "error_subcode": 2494010,
            "fbtrace_id": "Az8or2yhqkZfEZ",
        }
    }
    failure = failure_of(400, body)
    assert (failure.code, failure.subcode, failure.http_status) == (131047, 2494010, 400)
    assert failure.details == "More than 24 hours have passed"
    assert failure.meta_message == "(#131047) Re-engagement message"
    assert failure.fbtrace_id == "Az8or2yhqkZfEZ"
    problem = problem_of(failure)
    assert isinstance(problem, ApiRefused)
    assert "24 hours" in str(problem.message)
    assert "wacli send" in str(problem.hint)
    assert problem.details["fbtrace_id"] == "Az8or2yhqkZfEZ"


@pytest.mark.parametrize(
    ("error_data", "details"),
    [("plain words", "plain words"), ({"details": "d"}, "d"), ({}, None), (None, None), ([], None), ("", None)],
)
def test_error_data_in_every_shape(error_data: Any, details: str | None) -> None:
    assert failure_of(400, {"error": {"code": 100, "error_data": error_data}}).details == details


def test_the_words_of_a_failed_status() -> None:
    error = {
        "code": 131049,
        "title": "Not delivered",
        "message": "Not delivered",
        "error_data": {"details": "healthy ecosystem"},
        "href": "https://developers.facebook.com/",
    }
    failure = failure_of_error(error)
    assert (failure.kind, failure.details, failure.meta_message) == (L, "healthy ecosystem", "Not delivered")
    assert isinstance(problem_of(failure), ApiBusy)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": 999999}, F),
        (500, {"code": 999999}, ONCE),
        (429, {"code": 999999}, R),
        (403, {"code": 999999}, A),
        (400, {"code": 999999, "is_transient": True}, R),
        (400, {"code": "131056"}, R),
        (400, {"message": "no code"}, F),
        (401, {"code": True}, A),
    ],
)
def test_codes_that_are_new_or_odd(status: int, error: dict[str, Any], kind: FailureClass) -> None:
    assert failure_of(status, {"error": error}).kind is kind


def test_an_object_that_is_gone_is_a_matter_of_the_account() -> None:
    assert failure_of(400, {"error": {"code": 100, "error_subcode": 33}}).kind is A
    assert failure_of(400, {"error": {"code": 100, "error_subcode": 34}}).kind is F


def test_what_is_wrong_with_a_template_stands_in_the_subcode() -> None:
    edge = failure_of(400, {"error": {"code": 100, "error_subcode": 2388299}})
    assert (edge.code, edge.subcode, edge.kind) == (100, 2388299, F)
    assert edge.message == failure_of(400, {"error": {"code": 2388299}}).message
    new = failure_of(400, {"error": {"code": 100, "error_subcode": 2399999}})  # one that nobody knows yet
    assert new.message == failure_of(400, {"error": {"code": 100}}).message
    expired = failure_of(401, {"error": {"code": 190, "error_subcode": 2388299}})
    assert expired.kind is A


@pytest.mark.parametrize(
    ("status", "body", "proves"),
    [
        (500, {"error": {"code": 1}}, True),
        (500, {"error": {"code": -1}}, False),
        (500, {"error": "words"}, True),
        (500, {}, False),
        (500, None, False),
        (404, None, True),
        (408, None, False),
        (302, None, False),
    ],
)
def test_what_proves_that_nothing_was_accepted(status: int, body: Any, proves: bool) -> None:
    failure = failure_of(status, body)
    assert failure.proves_not_accepted is proves
    assert proves or not failure.may_retry


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab:{}0-", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:{}0-", max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.integers(100, 599), st.dictionaries(st.sampled_from(["code", "message", "error_data", "x"]), json_values))
def test_no_answer_is_too_strange(status: int, error: dict[str, Any]) -> None:
    failure = failure_of(status, {"error": error})
    assert str(problem_of(failure))
