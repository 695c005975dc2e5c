"""`wacli sandbox`: started by a person, played with from another terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sandbox.loopback import body_values, template_to, text_to
from tests.support.front_door import NOW, FrontDoor
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import people, put_templates


@contextmanager
def running(folder: Path) -> Iterator[tuple[FrontDoor, str, Sandbox]]:
    """The shop of the demo at a stopped clock, and a machine that knows where it is."""
    sandbox = Sandbox(clock=Clock(NOW, speed=0), seed=1)
    put_templates(sandbox.account)
    people(sandbox, NOW)
    url = sandbox.start()
    try:
        yield FrontDoor(folder), url, sandbox
    finally:
        sandbox.stop()


def test_its_book_can_be_looked_at_and_its_clock_moved(tmp_path: Path) -> None:
    with running(tmp_path) as (wacli, url, sandbox):
        rows = wacli("sandbox", "show", "--url", url, "--json").json
        assert len(rows) == 7
        sari = next(row for row in rows if row["name"] == "Sari Wulandari")
        assert (sari["phone"], sari["is_open"], sari["closes_at"]) == ("+6281234567890", True, "2026-11-23T04:49:00Z")
        assert wacli("sandbox", "say", "Sari", "Halo lagi", "--url", url).status == 0
        assert wacli("sandbox", "say", "Budi", "Dari iklan", "--ad", "--url", url).status == 0
        assert [one.text for one in list(sandbox.book.heard.values())[-2:]] == ["Halo lagi", "Dari iklan"]
        clock = wacli("sandbox", "advance", "25h", "--url", url, "--json").json
        assert clock == {"now": "2026-11-23T06:00:00Z", "speed": 0.0}
        assert wacli("sandbox", "speed", "1000x", "--url", url, "--json").json["speed"] == 1000.0
        table = wacli("sandbox", "show", "--url", url, "--format", "table").out
        assert "Sari Wulandari" in table
        assert "1000 times real speed" in table


def test_its_ledger_is_a_list_with_a_sum(tmp_path: Path) -> None:
    with running(tmp_path) as (wacli, url, sandbox):
        assert wacli("sandbox", "charges", "--url", url, "--format", "table").out == "Nothing was delivered yet\n"
        sandbox.post_message(template_to("6281234567890", "promo_weekend", "id", body_values("Sari", "20%")))
        sandbox.post_message(text_to("6281234567890"))
        wacli("sandbox", "advance", "1m", "--url", url)
        rows = wacli("sandbox", "charges", "--url", url, "--json").json
        assert [(row["category"], row["amount_micro"], row["free_reason"]) for row in rows] == [
            ("marketing", 41_100, None), ("service", 0, "allowance")
        ]  # fmt: skip
        table = wacli("sandbox", "charges", "--url", url, "--format", "table", "--lang", "en").out
        assert "1 billed, 1 free: $0.0411" in table
        assert wacli("sandbox", "charges", "--url", url, "--json", "--since", "2026-11-22T06:00Z").json == []


def test_faults_are_put_in_and_taken_out(tmp_path: Path) -> None:
    with running(tmp_path) as (wacli, url, sandbox):
        rows = wacli("sandbox", "fault", "error", "--code", "131056", "--times", "2", "--url", url, "--json").json
        assert [(row["kind"], row["code"], row["times"]) for row in rows] == [("error", 131056, 2)]
        assert wacli("sandbox", "fault", "--url", url, "--json").json == rows
        assert wacli("sandbox", "fault", "--clear", "--url", url, "--json").json == []
        bad = wacli("sandbox", "fault", "earthquake", "--url", url, "--json")
        assert (bad.status, bad.error["code"]) == (2, "sandbox-said-no")
        assert sandbox.faults.waiting() == []


def test_nobody_runs_or_nobody_is_called_that(tmp_path: Path) -> None:
    nobody = FrontDoor(tmp_path)("sandbox", "advance", "3h", "--url", "http://127.0.0.1:1", "--json")
    assert (nobody.status, nobody.error["code"]) == (6, "no-sandbox")
    with running(tmp_path) as (wacli, url, _):
        unknown = wacli("sandbox", "say", "Siapa", "halo", "--url", url, "--json")
        assert (unknown.status, unknown.error["code"]) == (3, "sandbox-said-no")


def test_a_scenario_is_checked_before_anything_opens(tmp_path: Path) -> None:
    wacli = FrontDoor(tmp_path)
    example = wacli("sandbox", "--example")
    (tmp_path / "busy.toml").write_text(example.out, encoding="utf-8")
    checked = wacli("sandbox", "--scenario", str(tmp_path / "busy.toml"), "--speed", "1000x", "--dry-run")
    assert (checked.status, checked.err) == (0, "The scenario is in order: 33 customers\n")
    (tmp_path / "bad.toml").write_text("[[customers]]\nname = 3\n", encoding="utf-8")
    bad = wacli("sandbox", "--scenario", str(tmp_path / "bad.toml"), "--dry-run", "--json")
    assert (bad.status, bad.error["code"]) == (2, "bad-scenario")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--scenario", "nowhere.toml"], "no-such-file"),
        (["--speed", "fast"], "bad-value"),
        (["--speed", "-3"], "bad-value"),
        (["--start", "2019-01-01"], "bad-value"),
        (["dance"], "no-such-command"),
        (["advance", "soon"], "bad-duration"),
    ],
)
def test_what_cannot_be_started(argv: list[str], code: str, tmp_path: Path) -> None:
    outcome = FrontDoor(tmp_path)("sandbox", *argv, "--dry-run" if argv[0].startswith("--") else "--json", "--json")
    assert outcome.error["code"] == code


def test_help_explains_it_to_somebody_new(tmp_path: Path) -> None:
    text = FrontDoor(tmp_path)("sandbox", "--help").out
    for words in (
        "made-up customers",
        "reaches nobody outside this machine",
        "wacli sandbox --example > busy.toml",
        "advance",
    ):
        assert words in " ".join(text.split())
