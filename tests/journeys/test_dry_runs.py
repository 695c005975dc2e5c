"""A dry run of whatever changes something: it says what it would do, opens no transport, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.shop import BUDI, SARI, Shop
from wacli.cli import app
from wacli.cloudapi import client

# Commands that change nothing of the owner's, or only on the spot with somebody who practises or types at a terminal.
CHANGES_NOTHING = {
    "today", "threads", "watch", "thread", "can", "search", "advice", "report",
    "quick list", "quick show", "contacts list", "contacts show", "contacts export",
    "contacts merges list", "templates list", "templates show", "templates preview", "templates lint", "templates diff",
    "campaigns show", "campaigns list", "campaigns segments list", "estimate", "rates list", "rates show", "rates diff",
    "spend", "allowance", "reconcile", "links list", "links show", "links report", "ads", "documents list",
    "outbox list", "outbox show", "db path", "db backup", "db verify", "db export", "db stats", "doctor",
    "profiles list", "profiles show", "config list", "config get", "config path", "completion", "help",
}  # fmt: skip
PRACTICE = {
    "sandbox", "sandbox advance", "sandbox speed", "sandbox show", "sandbox say", "sandbox charges", "sandbox fault",
    "demo",
}  # fmt: skip
ASKS_EACH_TIME = {"chat"}

DRY_RUNS = (
    ("contacts", "add", "Wati", "--phone", "+62 812 9999 0000", "--tag", "new"),
    ("contacts", "edit", "Sari", "--name", "Sari Kue", "--note", "grosir"),
    ("contacts", "tag", "Sari", "vip"),
    ("contacts", "untag", "Sari", "old"),
    ("contacts", "opt-in", "Sari", "--evidence", "signed"),
    ("contacts", "opt-out", "Sari"),
    ("ingest", "more.ndjson"),
    ("templates", "pull"),
    ("db", "rebuild"),
    ("db", "vacuum"),
    ("db", "sql", "DELETE FROM tags", "--write"),
    ("outbox", "resolve", "--all"),
    ("config", "set", "country", "BR"),
    ("config", "set", "lang", "id"),
    ("profiles", "token"),
)


@pytest.fixture
def door(wacli: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> FrontDoor:
    """A shop with two people, a file of news, and a client that nobody may make."""
    wacli("config", "set", "waba_id", "102290129340398")
    wacli("config", "set", "phone_number_id", "106540352242922")
    shop = Shop(wacli)
    shop.hears(SARI, "Halo", "2026-11-22T04:00Z")
    shop.hears(BUDI, "Halo juga", "2026-11-22T04:10Z")
    wacli("contacts", "tag", "Sari", "old")
    other = FrontDoor(wacli.folder / "other")
    other.folder.mkdir()
    elsewhere = Shop(other)
    for minute in range(30, 33):  # ids are counted: the third is one that this shop has not seen
        elsewhere.hears(SARI, "Satu lagi", f"2026-11-22T04:{minute}Z")
    with sqlite3.connect(other.folder / "shop.db") as store:
        (wacli.folder / "more.ndjson").write_bytes(
            store.execute("SELECT body FROM notifications ORDER BY id DESC").fetchone()[0]
        )
    monkeypatch.chdir(wacli.folder)

    def nobody(*_: Any, **__: Any) -> None:
        raise AssertionError("a dry run made a client")

    monkeypatch.setattr(client, "Client", nobody)
    return wacli


def everything(folder: Path) -> dict[str, object]:
    """The store's rows and every file beside it."""
    with sqlite3.connect(folder / "shop.db") as store:
        rows: dict[str, object] = {"store": list(store.iterdump())}
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("shop.db"))
    return rows | {str(path): path.read_bytes() for path in files}


@pytest.mark.parametrize("command", DRY_RUNS, ids=" ".join)
def test_a_dry_run_changes_nothing(door: FrontDoor, command: tuple[str, ...]) -> None:
    before = everything(door.folder)
    done = door(*command, "--dry-run")
    assert done.status == 0, done.err
    assert done.err or done.out
    assert everything(door.folder) == before
    assert door(*command, "--dry-run", "--json", "--at", "2026-11-22T04:45Z").status == 0


@pytest.mark.parametrize("command", [("contacts", "add", "Wati"), ("ingest", "more.ndjson")], ids=" ".join)
def test_a_dry_run_makes_no_store(door: FrontDoor, command: tuple[str, ...]) -> None:
    new = door.folder / "nowhere" / "new.db"
    done = door(*command, "--dry-run", "--db", str(new))
    assert done.status == 0, done.err
    assert "nothing was changed" in done.err
    assert not new.parent.exists()


def test_a_dry_run_of_an_ingest_counts_what_it_would_keep(door: FrontDoor) -> None:
    rehearsed = door("ingest", "more.ndjson", "--dry-run", "--json").json
    assert rehearsed["messages_new"] == 1
    assert door("ingest", "more.ndjson", "--json").json == rehearsed
    assert door("ingest", "more.ndjson", "--dry-run", "--json").json["notifications_seen"] == 1


def test_a_dry_run_of_a_database_import_proves_the_export(door: FrontDoor) -> None:
    door("db", "export", "exported")
    new = str(door.folder / "new.db")
    assert door("db", "import", "exported", "--db", new, "--dry-run").status == 0
    assert not Path(new).exists()
    (door.folder / "exported" / "tags.ndjson").unlink()
    assert door("db", "import", "exported", "--db", new, "--dry-run").status != 0


def commands(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that somebody can type, with its parameters."""
    if not hasattr(found, "list_commands"):
        yield " ".join(path), found
        return
    for name in found.list_commands(None):
        yield from commands(found.get_command(None, name), (*path, name))


def test_every_command_that_changes_something_can_be_rehearsed() -> None:
    root = app._root()
    without = {
        name
        for name, command in commands(root)
        if not any("--dry-run" in getattr(param, "opts", ()) for param in command.params)
    }
    assert without - PRACTICE - ASKS_EACH_TIME == CHANGES_NOTHING & without, "an unlisted command has no --dry-run"
