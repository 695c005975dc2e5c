"""`wacli contacts dedupe`, `merge` and `merges list` through the front door."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.practice import Practice, practising
from tests.support.shop import SARI, Person, Shop
from tests.support.store import Dump, dump
from wacli.store import contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import connect_readonly, open_store

SAME = Person("Sari D", None, "ID.77", "sari.d")


def tables(folder: Path) -> Dump:
    with connect_readonly(folder / "shop.db") as store:
        return dump(store)


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    made = Shop(wacli)
    made.profile(time_zone="Asia/Jakarta")
    made.hears(SARI, "halo", "2026-11-22T04:00Z")
    made.hears(SAME, "dari id", "2026-11-22T04:10Z")
    return made


def pairs(shop: Shop, *options: str) -> dict[tuple[int, int], list[str]]:
    rows = shop.door("contacts", "dedupe", "--json", *options).json
    return {(row["contact_id"], row["other_contact_id"]): [one["code"] for one in row["evidence"]] for row in rows}


def kept(shop: Shop, name: str, digits: str) -> None:
    """A contact as an earlier wacli kept it: with the trunk zero that today is taken off a number that is typed."""
    with open_store(shop.door.folder / "shop.db", create=False) as store:
        contacts.add(store, ContactChange(name, phone=digits), datetime(2026, 11, 22, 5, tzinfo=UTC))


def test_the_evidence(shop: Shop) -> None:
    door = shop.door
    kept(shop, "Pak Budi", "62081233334444")  # a trunk zero after the country code
    for name, phone in (
        ("Budi", "+62 812 3333 4444"),
        ("Ani", "+81 2777 7888 9"),  # 0812 7777 8889, its country code forgotten: Japan has such a number
        ("Mbak ANI!", "+62 812 7777 8889"),
    ):
        assert door("contacts", "add", name, "--phone", phone).status == 0
    door("contacts", "add", "Tini", "--phone", "+62 811 0000 0001", "--note", "lantai 2", "--username", "tini.b")
    door("contacts", "add", "Tini", "--phone", "+62 811 0000 0002", "--note", "lantai 2")
    door("contacts", "add", "Lain", "--phone", "+44 7911 123456", "--username", "tini.b")
    found = pairs(shop)
    assert found == {
        (3, 4): ["number", "name"],
        (5, 6): ["similar-number"],
        (7, 8): ["card", "name"],
        (7, 9): ["username"],
    }
    assert list(pairs(shop, "--strength", "strong")) == [(3, 4)]
    assert list(pairs(shop, "--strength", "likely")) == [(3, 4), (7, 8), (7, 9)]
    strengths = ["strong", "likely", "likely", "possible"]
    assert [row["strength"] for row in door("contacts", "dedupe", "--json").json] == strengths


def test_a_name_that_many_have_says_nothing(shop: Shop) -> None:
    for index in range(4):
        shop.door("contacts", "add", "Agus", "--phone", f"+62 811 0000 000{index}")
    assert len(pairs(shop)) == 6
    shop.door("contacts", "add", "Agus", "--phone", "+44 7911 123456")  # in another country
    assert len(pairs(shop)) == 6
    for index in range(2):
        shop.door("contacts", "add", "Agus", "--phone", f"+62 811 0000 001{index}")
    assert pairs(shop) == {}


def test_every_form(shop: Shop) -> None:
    door = shop.door
    kept(shop, "=Sari", "62081355500101")
    rows = door("contacts", "dedupe", "--json").json
    assert list(rows[0]) == [
        "strength", "contact_id", "name", "phone", "bsuid", "username", "tags", "message_count", "last_at",
        "other_contact_id", "other_name", "other_phone", "other_bsuid", "other_username", "other_tags",
        "other_message_count", "other_last_at", "evidence",
    ]  # fmt: skip
    assert rows[0]["evidence"] == [
        {"code": "number", "value": "6281355500101", "text": "one number written in two ways: +6281355500101"}
    ]
    assert door("contacts", "dedupe").out.split("\t")[:2] == ["strong", "1"]
    table = list(csv.DictReader(io.StringIO(door("contacts", "dedupe", "--format", "csv").out)))
    assert table[0]["other_name"] == "'=Sari"
    shown = door("contacts", "dedupe", "--format", "table").out
    assert "#1 Sari Dewi" in shown
    assert "wacli contacts merge KEEP OTHER" in shown
    done = door("contacts", "merge", "#1", "#3", "--yes", "--why", "dia bilang", "--json").json
    assert list(done) == [
        "merge_id", "at", "undone_at", "contact_id", "name", "phone", "bsuid", "username", "tags", "message_count",
        "other_contact_id", "other_name", "other_phone", "other_bsuid", "other_username", "other_tags",
        "other_message_count", "evidence", "dry_run",
    ]  # fmt: skip
    assert [one["code"] for one in done["evidence"]] == ["number", "owner"]
    assert (done["merge_id"], done["contact_id"], done["other_contact_id"], done["dry_run"]) == (1, 1, 3, False)
    (row,) = door("contacts", "merges", "list", "--json").json
    assert row == {key: value for key, value in done.items() if key != "dry_run"}
    assert door("contacts", "merges", "list", "--format", "csv").out.count("\n") == 2
    assert (
        "Take it back: wacli contacts merge --undo" in door("contacts", "merge", "#1", "#2", "-y", "--format=table").out
    )
    assert "Sari D" in door("contacts", "merges", "list", "--format", "table").out


def test_nothing_there(wacli: FrontDoor) -> None:
    assert wacli("contacts", "dedupe", "--json").json == []
    assert wacli("contacts", "merges", "list", "--json").json == []
    assert "No two contacts" in wacli("contacts", "dedupe", "--format", "table").out
    assert wacli("contacts", "merge", "a", "b", "--dry-run").status == 3
    assert not (wacli.folder / "shop.db").exists()


def test_refusals(shop: Shop) -> None:
    door = shop.door

    def refused(*argv: str) -> tuple[int, Any]:
        outcome = door("contacts", *argv, "--json")
        return outcome.status, outcome.error["code"]

    assert refused("merge", "#1") == (2, "missing")
    assert refused("merge", "#1", "#2") == (2, "needs-yes")
    assert refused("merge", "#1", "#1", "--yes") == (4, "same-contact")
    assert refused("merge", "#1", "Nobody", "--yes") == (3, "no-such-contact")
    assert refused("merge", "--undo", "7", "--yes") == (3, "no-such-merge")
    assert refused("merge", "#1", "--undo", "7") == (2, "bad-option")
    assert refused("merge", "#1", "#2", "--yes", "--at", "2026-01-01") == (2, "at-needs-dry-run")
    assert refused("dedupe", "--strength", "sure") == (2, "bad-value")
    assert refused("dedupe", "--merge") == (2, "needs-yes")
    assert door("contacts", "merge", "#1", "#2", "--yes").status == 0
    assert refused("merge", "#1", "#2", "--yes") == (4, "same-contact")
    assert door("contacts", "merge", "--undo", "1", "--yes").status == 0
    assert refused("merge", "--undo", "1", "--yes") == (4, "undone-already")


def test_a_dry_run_keeps_nothing(shop: Shop) -> None:
    before = tables(shop.door.folder)
    shown = shop.door("contacts", "merge", "#1", "#2", "--dry-run", "--json").json
    assert (shown["contact_id"], shown["other_contact_id"], shown["dry_run"]) == (1, 2, True)
    assert "A dry run" in shop.door("contacts", "merge", "#1", "#2", "--dry-run", "--format", "table").out
    assert tables(shop.door.folder) == before
    shop.door("contacts", "merge", "#1", "#2", "--yes")
    before = tables(shop.door.folder)
    assert shop.door("contacts", "merge", "--undo", "1", "--dry-run", "--json").json["undone_at"] is not None
    assert tables(shop.door.folder) == before


def test_somebody_at_the_terminal_is_asked(shop: Shop) -> None:
    door = shop.door
    door.can_ask = True
    question = "Make #2 Sari D (ID.77, 1 message) part of #1 Sari Dewi (+6281355500101, 1 message)? [y/N] "
    no = door("contacts", "merge", "#1", "#2", stdin=b"n\n")
    assert (no.status, no.err.startswith(question)) == (130, True)
    assert door("contacts", "merge", "#1", "#2", stdin=b"y\n").status == 0
    undo = door("contacts", "merge", "--undo", "1", stdin=b"ya\n")
    assert undo.err.startswith(
        "Take #2 Sari D (ID.77, 1 message) out of #1 Sari Dewi (+6281355500101, 1 message) again?"
    )
    assert undo.status == 0


def test_going_through_the_pairs(shop: Shop) -> None:
    door = shop.door
    kept(shop, "Budi", "62081233334444")
    door("contacts", "add", "Budi", "--phone", "+62 812 3333 4444")
    door("contacts", "add", "Budi", "--phone", "+62 812 5555 4444")
    door.can_ask = True
    done = door("contacts", "dedupe", "--merge", "--json", stdin=b"y\nn\n")
    assert [(one["contact_id"], one["other_contact_id"]) for one in done.json] == [(3, 4)]
    assert "3 pairs to look at" in done.err
    assert done.err.count("[y/N]") == 2  # of three, one pair is answered by the first
    door("contacts", "merge", "--undo", "1", "--yes")
    assert (3, 4) not in pairs(shop)  # the owner has said that they are two
    kept(shop, "Ani", "62081233335555")
    door("contacts", "add", "Beda", "--phone", "+62 812 3333 5555")
    sure = door("contacts", "dedupe", "--merge", "--yes", "--json")
    assert [(one["contact_id"], one["other_contact_id"]) for one in sure.json] == [(6, 7)]
    assert list(pairs(shop)) == [(3, 5), (4, 5)]


def test_everything_follows(shop: Shop) -> None:
    door = shop.door
    door("contacts", "opt-out", "#2")
    door("contacts", "merge", "#1", "#2", "--yes")
    (row,) = door("threads", "--all", "--json").json
    assert (row["contact_id"], row["last_text"], row["unanswered_count"]) == (1, "dari id", 2)
    assert [one["text"] for one in door("thread", "#2", "--json").json["messages"]] == ["halo", "dari id"]
    assert [one["contact_id"] for one in door("search", "dari", "--json").json] == [1]
    shown = door("contacts", "show", "@sari.d", "--json").json
    assert [one["state"] for one in shown["consents"]] == ["opted-out"]
    assert len(shown["identifiers"]) == 2
    shop.hears(SAME, "lagi", "2026-11-22T04:20Z")
    assert [row["contact_id"] for row in door("threads", "--all", "--json").json] == [1]
    door("contacts", "merge", "--undo", "1", "--yes")
    rows = {row["contact_id"]: row["last_text"] for row in door("threads", "--all", "--json").json}
    assert rows == {1: "halo", 2: "lagi"}
    assert [one["contact_id"] for one in door("search", "dari", "--json").json] == [2]


@pytest.mark.parametrize("seed", range(3))
def test_a_rebuild_keeps_merges_and_what_was_taken_back(shop: Shop, seed: int) -> None:
    door, chance = shop.door, random.Random(seed)
    people = [Person(f"P{index}", f"62811000000{index}", f"ID.{index}" if index % 2 else None) for index in range(6)]
    for turn in range(30):
        shop.hears(chance.choice(people), f"pesan {turn}", f"2026-11-22T04:{turn + 20}Z")
    for turn in range(4):
        one, other = chance.sample(range(3, 9), 2)
        door("contacts", "merge", f"#{one}", f"#{other}", "--yes")
        shop.hears(chance.choice(people), f"antara {turn}", f"2026-11-22T05:{turn + 10}Z")
    door("contacts", "merge", "--undo", "3", "--yes")
    shop.hears(Person("P0", people[0].phone, "ID.600"), "dengan id", "2026-11-22T05:30Z")
    before, listed = tables(door.folder), door("contacts", "list", "--json").out
    aliases = alias_rows(door.folder)
    for _ in range(2):
        assert door("db", "rebuild").status == 0
        assert tables(door.folder) == before
        assert door("contacts", "list", "--json").out == listed
        assert alias_rows(door.folder) == aliases
    for merge_id in (4, 2, 1):
        door("contacts", "merge", "--undo", str(merge_id), "--yes")
    back = tables(door.folder)
    assert door("db", "rebuild").status == 0
    assert tables(door.folder) == back


def alias_rows(folder: Path) -> list[Any]:
    with connect_readonly(folder / "shop.db") as store:
        return sorted(store.query("SELECT old_id, contact_id FROM contact_aliases"))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    with practising(tmp_path) as made:
        made.customer("Sari", "+62 812-3456-7890", "ID.101").says("halo kak")
        made.customer("Sari Baru", "+62 813-9876-5432", "ID.102").says("nomor baru")
        made.hear()
        yield made


def test_what_was_sent_goes_with_its_number(practice: Practice) -> None:
    practice("reply", "+6281234567890", "untuk nomor lama")
    practice("reply", "+6281398765432", "untuk nomor baru")
    practice.wait(seconds=20)
    before = tables(practice.folder)
    practice("contacts", "merge", "#1", "#2", "--yes")
    assert len(practice.thread("#1")) == 4
    assert practice("db", "rebuild").status == 0
    practice("contacts", "merge", "--undo", "1", "--yes")
    after = tables(practice.folder)
    assert {name: rows for name, rows in after.items() if name != "contact_merges"} == {
        name: rows for name, rows in before.items() if name != "contact_merges"
    }
    assert practice("db", "rebuild").status == 0
    assert tables(practice.folder) == after
    with open_store(practice.folder / "shop.db", create=False) as store:
        assert store.query("PRAGMA foreign_key_check") == []
