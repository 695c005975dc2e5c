"""`wacli help error`: every code of the table explained, the unknown ones answered with their neighbours."""

from __future__ import annotations

import pytest

from tests.support.front_door import FrontDoor
from wacli.cloudapi.failure_codes import ADVICE, PERMISSION_RANGE

KEYS = ["code", "last_code", "class", "scope", "happened", "why", "next", "source"]


def test_one_code_says_what_happened_why_and_what_to_do(wacli: FrontDoor) -> None:
    outcome = wacli("help", "error", "131049")
    assert outcome.status == 0
    assert "Meta chose not to deliver" in outcome.out
    assert "Wait at least 24 hours" in outcome.out
    assert "later" in outcome.out
    assert "developers.facebook.com" in outcome.out
    shown = wacli("help", "error", "131049", "--json").json
    assert list(shown) == KEYS
    assert (shown["code"], shown["class"], shown["scope"]) == (131049, "later", "contact")


@pytest.mark.parametrize("written", ["131049", "#131049", "(#131049)", "api-131049"])
def test_a_code_is_taken_as_it_is_quoted(wacli: FrontDoor, written: str) -> None:
    assert wacli("help", "error", written, "--json").json["code"] == 131049


def test_a_subcode_says_more_than_its_code(wacli: FrontDoor) -> None:
    assert wacli("help", "error", "100/33", "--json").json["code"] == 33


def test_the_list_holds_every_code(wacli: FrontDoor) -> None:
    rows = wacli("help", "error", "--json").json
    assert all(list(row) == KEYS for row in rows)
    assert [row["code"] for row in rows] == sorted([*ADVICE, PERMISSION_RANGE[0]])
    assert [(row["code"], row["last_code"]) for row in rows if row["last_code"]] == [(200, 299)]
    assert all(row["happened"] and row["why"] and row["next"] and row["source"] for row in rows)
    as_table = wacli("help", "error").out
    assert "200-299" in as_table
    assert max(len(line) for line in as_table.splitlines()) <= 80


@pytest.mark.parametrize("code", [*sorted(ADVICE), 230])
def test_each_code_can_be_asked_for(wacli: FrontDoor, code: int) -> None:
    outcome = wacli("help", "error", str(code), "--lang", "id")
    assert outcome.status == 0
    assert str(code) in outcome.out


@pytest.mark.parametrize(
    ("written", "near"),
    [("131043", "131042"), ("13149", "131049"), ("131094", "131049"), ("999999999999999999", "wacli help error")],
)
def test_an_unknown_code_is_answered_with_the_nearest(wacli: FrontDoor, written: str, near: str) -> None:
    outcome = wacli("help", "error", written, "--json")
    assert outcome.status == 3
    assert outcome.error["code"] == "no-such-error"
    assert near in outcome.error["hint"]
    assert wacli("help", "error", "window").status == 3


def test_a_code_in_the_wrong_place_is_pointed_to_the_right_one(wacli: FrontDoor) -> None:
    assert "wacli help error 131049" in wacli("help", "131049").err
    assert wacli("help", "formatting", "131049").status == 2
