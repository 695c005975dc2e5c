"""Quick replies: written down once, checked then, filled in for each contact; they stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.sandbox_shop import SandboxShop, sandbox_shop

HOURS = "Halo {first_name}, kami buka 9-17.\n{{jam}}"


def test_they_are_listed_shown_changed_and_forgotten(wacli: FrontDoor) -> None:
    assert wacli("quick", "list", "--json").json == []
    assert "wacli quick add" in wacli("quick", "list", "--format", "table").out
    added = wacli("quick", "add", "hours", HOURS)
    assert (added.status, added.out, added.err) == (0, "", "Added hours\n")
    assert wacli("quick", "add", "a-b_ü", "satu", "--json").json == {
        "name": "a-b_ü",
        "text": "satu",
        "added_at": "2026-11-22T05:00:00Z",
        "edited_at": None,
    }
    assert [one["name"] for one in wacli("quick", "list", "--json").json] == ["a-b_ü", "hours"]
    assert wacli("quick", "list", "--limit", "1", "--fields", "name").out == "a-b_ü\n"
    assert wacli("quick", "show", "HOURS", "--json").json["text"] == HOURS
    assert wacli("quick", "show", "hours", "--format", "table").out.splitlines()[:2] == [
        "hours",
        "Halo {first_name}, kami buka 9-17.",
    ]
    assert wacli("quick", "edit", "hours", "tutup", "--json").json["edited_at"] == "2026-11-22T05:00:00Z"
    assert wacli("quick", "rm", "a-b_ü", "--json").json["text"] == "satu"
    assert wacli("quick", "list", "--format", "csv", "--fields", "name,text").out == "name,text\nhours,tutup\n"


def test_a_dry_run_changes_nothing_and_makes_no_store(wacli: FrontDoor) -> None:
    assert wacli("quick", "add", "hours", HOURS, "--dry-run", "--json").json["name"] == "hours"
    assert not (wacli.folder / "shop.db").exists()
    wacli("quick", "add", "hours", HOURS)
    assert wacli("quick", "edit", "hours", "tutup", "--dry-run").err == "Would change hours\n"
    assert wacli("quick", "rm", "hours", "--dry-run").err == "Would forget hours\n"
    assert wacli("quick", "show", "hours", "--json").json["text"] == HOURS


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("add", "two words", "x"), 2, "bad-name"),
        (("add", "-x", "x"), 2, "no-such-option"),
        (("add", "x" * 33, "x"), 2, "bad-name"),
        (("add", "ok", " "), 2, "missing"),
        (("add", "ok", "x" * 4_097), 2, "too-long"),
        (("add", "ok", "Halo {nmae}"), 2, "no-such-field"),
        (("add", "Hours", "x"), 4, "name-taken"),
        (("add", "hours", "x", "--dry-run"), 4, "name-taken"),
        (("edit", "hours", "{nmae}"), 2, "no-such-field"),
        (("show", "huors"), 3, "no-such-quick-reply"),
        (("rm", "huors"), 3, "no-such-quick-reply"),
        (("add", "late", "x", "--at", "yesterday 9am"), 2, "at-needs-dry-run"),
    ],
)
def test_what_will_not_do_is_said_when_it_is_written(
    wacli: FrontDoor, argv: tuple[str, ...], status: int, code: str
) -> None:
    wacli("quick", "add", "hours", HOURS)
    outcome = wacli("quick", *argv, "--json")
    assert (outcome.status, outcome.error["code"]) == (status, code)
    if code == "no-such-quick-reply":
        assert "hours" in outcome.error["hint"]


def test_they_stay_through_a_rebuild_and_a_move(wacli: FrontDoor, tmp_path: Path) -> None:
    wacli("quick", "add", "hours", HOURS)
    before = wacli("quick", "list", "--json").out
    assert wacli("db", "rebuild").status == 0
    assert wacli("quick", "list", "--json").out == before
    assert wacli("db", "export", str(tmp_path / "moved")).status == 0
    assert wacli("db", "import", str(tmp_path / "moved"), "--db", str(tmp_path / "other.db")).status == 0
    assert wacli("quick", "list", "--json", "--db", str(tmp_path / "other.db")).out == before


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path) as made:
        yield made


def test_a_reply_fills_one_in(shop: SandboxShop) -> None:
    shop.wacli("quick", "add", "hours", HOURS)
    rehearsed = shop.wacli("reply", "Sari", "--quick", "hours", "--dry-run", "--json")
    assert rehearsed.status == 0
    assert shop.wacli("reply", "Sari", "--quick", "hours").status == 0
    assert shop.one()["text"] == "Halo Sari, kami buka 9-17.\n{jam}"


def test_a_reply_says_what_it_lacks(shop: SandboxShop) -> None:
    shop.wacli("quick", "add", "user", "Halo @{username}")
    for argv, status, code in (
        (("--quick", "user"), 2, "empty-field"),
        (("--quick", "nobody"), 3, "no-such-quick-reply"),
        (("halo", "--quick", "user"), 2, "usage"),
    ):
        outcome = shop.wacli("reply", "Sari", *argv, "--json")
        assert (outcome.status, outcome.error["code"]) == (status, code)
    assert shop.outbox("--all") == []
