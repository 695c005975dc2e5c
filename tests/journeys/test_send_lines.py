"""`wacli send TEMPLATE -`: one JSON object a line in, one result a line out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.counter import Counter
from wacli.cli.session import Session
from wacli.domain.problem import Problem
from wacli.sandbox.puppet import Puppet

READY = ("send", "order_ready", "-")


def lines(*objects: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in objects)


def results(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_one_result_for_each_line(counter: Counter, sari: Puppet) -> None:
    counter.meet("Budi Santoso", "+62 813-9876-5432", "hai")
    given = lines(
        {"who": "Sari", "values": {"order": "A-17"}},
        b"",
        {"who": "+62 813-9876-5432", "values": {"order": "A-18", "name": "Pak Budi"}},
    )
    outcome = counter(*READY, "name={first_name}", "--format", "ndjson", stdin=given)
    assert outcome.status == 0
    assert [(row["name"], row["state"]) for row in results(outcome.out)] == [
        ("Sari Dewi", "accepted"),
        ("Budi Santoso", "accepted"),
    ]
    told = [
        [value["text"] for value in message.body["template"]["components"][0]["parameters"]]  # type: ignore[index]
        for message in counter.sent
    ]
    assert told == [["Sari", "A-17"], ["Pak Budi", "A-18"]]


def test_numbers_stay_as_they_are_written(counter: Counter, sari: Puppet) -> None:
    given = b'{"who": "Sari", "values": {"name": 1e3, "order": 10.50}}\n'
    assert counter(*READY, stdin=given).status == 0
    (values,) = [part["parameters"] for part in counter.last["template"]["components"]]
    assert [value["text"] for value in values] == ["1e3", "10.50"]


def test_bad_lines_are_told_with_their_number_and_hold_nobody_up(counter: Counter, sari: Puppet) -> None:
    given = lines(
        b"not json",
        b"[1]",
        {"values": {}},
        {"who": "  "},
        {"who": "Sari", "vals": {}},
        {"who": "Sari", "values": {"order": None}},
        {"who": "Sari", "values": ["A-17"]},
        {"who": "Nobody", "values": {"order": "A-17"}},
        {"who": "Sari", "values": {}},
        b'{"who": "Sari", "values": {"order": "' + b"x" * 100_001 + b'"}}',
        b"\xff\xfe",
        {"who": "Sari", "values": {"order": "A-17"}},
    )
    outcome = counter(*READY, "name=Sari", "--format", "ndjson", stdin=given)
    assert outcome.status == 7
    rows = results(outcome.out)
    assert [row["error"] for row in rows] == [
        *["bad-line"] * 7, "no-such-contact", "template-values", "bad-line", "bad-line", None,
    ]  # fmt: skip
    assert len(counter.sent) == 1
    problems = [json.loads(line)["error"] for line in outcome.err.splitlines() if line.startswith("{")]
    assert [problem["details"]["line"] for problem in problems] == list(range(1, 12))
    assert problems[8]["details"]["missing"] == ["order"]
    assert problems[0]["message"].startswith("line 1: ")


def test_a_line_that_a_rule_forbids_has_its_number_too(counter: Counter, sari: Puppet) -> None:
    given = lines({"who": "Sari", "values": {"1": "Sari", "2": "20%"}})
    outcome = counter("send", "promo_weekend", "-", "--json", stdin=given)
    assert (outcome.status, outcome.json[0]["error"]) == (4, "no-opt-in")
    assert outcome.json[0]["contact_id"] == counter("contacts", "show", "Sari", "--json").json["contact_id"]
    assert outcome.error["details"]["line"] == 1
    assert counter.sent == []


def test_what_is_wrong_is_named_before_anything_goes_out(
    counter: Counter, sari: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int]] = []
    report = Session.report

    def noted(session: Session, problem: Problem) -> None:
        told.append((problem.code, len(counter.sent)))
        report(session, problem)

    monkeypatch.setattr(Session, "report", noted)
    given = lines({"who": "Sari", "values": {"order": "A-17"}}, {"who": "Sari", "values": {}})
    assert counter(*READY, "name=Sari", "--format", "ndjson", stdin=given).status == 7
    assert (told, len(counter.sent)) == ([("template-values", 0)], 1)


def test_when_no_line_can_be_sent_nothing_is_requested(counter: Counter, sari: Puppet) -> None:
    counter.forget()
    outcome = counter(*READY, "name=Sari", stdin=lines(b"x", {"who": "Sari"}))
    assert outcome.status == 2
    assert counter.requests == []
    nobody = counter(*READY, stdin=b"")
    assert (nobody.status, nobody.out) == (0, "")
    assert "No lines came in" in nobody.err
    counter.refuses("usage", *READY, "Sari", status=2)


def test_a_dry_run_of_lines(counter: Counter, sari: Puppet) -> None:
    given = lines({"who": "Sari", "values": {"order": "A-17"}}, {"who": "Sari", "values": {"order": "A-18"}}, b"x")
    outcome = counter(*READY, "name=Sari", "--dry-run", "--format", "ndjson", stdin=given)
    rows = results(outcome.out)
    assert [row["error"] for row in rows] == [None, None, "bad-line"]
    assert outcome.status == 7
    assert counter.sent == []
