"""`wacli contacts`: the address book through the front door, in every form, with everything that can go wrong."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.shop import RINA, SARI, Person, Shop, unix

LIST_KEYS = [
    "contact_id", "name", "profile_name", "phone", "bsuid", "parent_bsuid", "username", "tags", "note", "created_at",
]  # fmt: skip


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    made = Shop(wacli)
    made.profile(time_zone="Asia/Jakarta")
    made.hears(SARI, "halo", "2026-11-22T04:00Z")
    made.hears(RINA, "halo", "2026-11-22T04:10Z")
    return made


def show(shop: Shop, who: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.door("contacts", "show", who, "--json").json
    return found


def test_the_list_in_every_form(shop: Shop) -> None:
    rows = shop.door("contacts", "list", "--json").json
    assert [list(row) for row in rows] == [LIST_KEYS] * 2
    assert [row["profile_name"] for row in rows] == ["Rina", "Sari Dewi"]
    assert rows[0]["phone"] is None
    assert rows[1]["phone"] == "+6281355500101"
    lines = shop.door("contacts", "list").out.splitlines()
    assert [line.split("\t")[2] for line in lines] == ["Rina", "Sari Dewi"]
    table = list(csv.DictReader(io.StringIO(shop.door("contacts", "list", "--format", "csv").out)))
    assert [row["profile_name"] for row in table] == ["Rina", "Sari Dewi"]
    assert shop.door("contacts", "list", "--format", "ndjson").out.count("\n") == 2
    shown = shop.door("contacts", "list", "--format", "table")
    assert "+6281355500101" in shown.out
    assert "rina.h" in shown.out
    one = shop.door("contacts", "list", "--limit", "1", "--format", "table").out
    assert "Sari" not in one
    assert "1 more" in one
    assert len(shop.door("contacts", "list", "--limit", "1", "--json").json) == 1


def test_add_edit_show(shop: Shop) -> None:
    added = shop.door("contacts", "add", "Bu Tini", "--phone", "0812-0000-0001", "--tag", "#langganan", "--tag", "b2b",
                      "--note", "suka mawar", "--json")  # fmt: skip
    assert added.status == 0
    assert added.json["tags"] == ["b2b", "langganan"]
    assert (added.json["name"], added.json["phone"], added.json["note"]) == ("Bu Tini", "+6281200000001", "suka mawar")
    assert added.json["created_at"] == "2026-11-22T05:00:00Z"
    assert list(added.json) == [*LIST_KEYS, "identifiers", "consents"]
    again = shop.door("contacts", "add", "Tini", "--phone", "+62 812 0000 0001", "--json")
    assert (again.status, again.out) == (4, "")
    assert len(shop.door("contacts", "list", "--json").json) == 3
    edited = shop.door("contacts", "edit", "bu tini", "--name", "Ibu Tini", "--note", "", "--json").json
    assert (edited["name"], edited["note"], edited["phone"]) == ("Ibu Tini", None, "+6281200000001")
    nothing = shop.door("contacts", "edit", "Ibu Tini")
    assert nothing.status == 2
    assert "Nothing to change" in nothing.err
    shown = shop.door("contacts", "show", "Ibu Tini", "--format", "table").out
    assert "+6281200000001" in shown
    assert "langganan" in shown


def test_the_owners_name_holds_over_the_profiles(shop: Shop) -> None:
    shop.door("contacts", "edit", "Sari Dewi", "--name", "Mbak Sari")
    shop.hears(Person("Sari D.", SARI.phone, SARI.bsuid), "ganti nama", "2026-11-22T04:30Z")
    assert shop.board()["Mbak Sari"]["contact_id"] == 1
    assert show(shop, "#1")["profile_name"] == "Sari D."
    shop.door("contacts", "edit", "#1", "--name", "")
    assert "Sari D." in shop.board()


def test_tags(shop: Shop) -> None:
    assert shop.door("contacts", "tag", "Sari", "vip", "mawar", "vip", "--json").json["tags"] == ["mawar", "vip"]
    assert [row["contact_id"] for row in shop.door("contacts", "list", "--tag", "vip", "--json").json] == [1]
    assert shop.door("contacts", "untag", "Sari", "vip", "nie-gewesen", "--json").json["tags"] == ["mawar"]
    for bad in ("two words", "a,b", "", "#", "x\ny", "\u202ex"):
        outcome = shop.door("contacts", "tag", "Sari", bad, "--json")
        assert (outcome.status, outcome.error["code"]) == (2, "bad-tag"), bad
    assert show(shop, "Sari")["tags"] == ["mawar"]


def test_consents_are_a_ledger(shop: Shop) -> None:
    without = shop.door("contacts", "opt-in", "Sari", "--json")
    assert (without.status, without.error["code"]) == (2, "missing")
    assert shop.door("contacts", "opt-in", "Sari", "--evidence", "formulir 3 Mei").status == 0
    shop.door.now = shop.door.now.replace(hour=6)
    assert shop.door("contacts", "opt-out", "Sari", "--json").status == 0
    ledger = show(shop, "Sari")["consents"]
    assert [(one["category"], one["state"], one["source"], one["evidence"], one["at"]) for one in ledger] == [
        ("marketing", "opted-out", "owner", None, "2026-11-22T06:00:00Z"),
        ("marketing", "opted-in", "owner", "formulir 3 Mei", "2026-11-22T05:00:00Z"),
    ]
    then = shop.door("contacts", "show", "Sari", "--json", "--at", "2026-11-22T05:30Z").json["consents"]
    assert [one["state"] for one in then] == ["opted-in"]
    unknown = shop.door("contacts", "opt-out", "Sari", "--category", "spam", "--json")
    assert (unknown.status, unknown.error["code"]) == (2, "bad-value")


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("add", "X", "--phone", "not a number"), 2, "bad-phone"),
        (("add", "X", "--phone", "ID.12345"), 2, "bad-phone"),
        (("add", "X", "--phone", "+62 8"), 2, "bad-phone"),
        (("add", "X", "--bsuid", "12345"), 2, "bad-bsuid"),
        (("add", "X", "--username", "@No Spaces"), 2, "bad-username"),
        (("show", "Nobody"), 3, "no-such-contact"),
        (("edit", "Nobody", "--name", "x"), 3, "no-such-contact"),
        (("tag", "Nobody", "x"), 3, "no-such-contact"),
        (("opt-out", "Nobody"), 3, "no-such-contact"),
        (("show", "#99"), 3, "no-such-contact"),
        (("show", "@nobody"), 3, "no-such-contact"),
        (("show", "ID.404"), 3, "no-such-contact"),
        (("shwo", "Sari"), 2, "no-such-command"),
        (("show",), 2, "missing"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(shop: Shop, argv: tuple[str, ...], status: int, code: str) -> None:
    outcome = shop.door("contacts", *argv, "--json")
    assert (outcome.status, outcome.out, outcome.error["code"]) == (status, "", code)
    assert len(outcome.err.splitlines()) == 1
    words = shop.door("contacts", *argv)
    assert (words.status, words.out, len(words.err.splitlines())) == (status, "", 1)
    assert len(shop.door("contacts", "list", "--json").json) == 2


def test_one_person_under_several_identifiers(shop: Shop) -> None:
    """A payload that shows a number and a user ID together joins what was known apart; ids shown before still work."""
    shop.door("contacts", "add", "Pak Joko", "--phone", "+62 811 0000 0042")
    shop.hears(Person("joko", None, "ID.42"), "dari id", "2026-11-22T04:20Z")
    ids = {row["contact_id"] for row in shop.door("contacts", "list", "--json").json}
    assert len(ids) == 4
    shop.hears(Person("joko", "6281100000042", "ID.42"), "dua-duanya", "2026-11-22T04:25Z")
    rows = shop.door("contacts", "list", "--json").json
    assert len(rows) == 3
    joko = show(shop, "Pak Joko")
    assert (joko["phone"], joko["bsuid"]) == ("+6281100000042", "ID.42")
    for lost in ids:
        assert shop.door("contacts", "show", f"#{lost}").status == 0
    texts = [one["text"] for one in shop.door("thread", "ID.42", "--json").json["messages"]]
    assert texts == ["dari id", "dua-duanya"]


def test_numbers_that_are_written_in_two_ways_are_one_person(shop: Shop) -> None:
    shop.hears(Person("Ana", "5511987654321"), "com nove", "2026-11-22T04:00Z")
    shop.hears(Person("Ana", "551187654321"), "sem nove", "2026-11-22T04:01Z")
    shop.hears(Person("Luis", "5215512345678"), "con uno", "2026-11-22T04:00Z")
    shop.hears(Person("Luis", "525512345678"), "sin uno", "2026-11-22T04:01Z")
    shop.hears(Person("Eva", "5491123456789"), "con nueve", "2026-11-22T04:00Z")
    shop.hears(Person("Eva", "541123456789"), "sin nueve", "2026-11-22T04:01Z")
    people = [row["profile_name"] for row in shop.door("contacts", "list", "--json").json]
    assert people == ["Ana", "Eva", "Luis", "Rina", "Sari Dewi"]
    assert show(shop, "Ana")["phone"] == "+5511987654321"  # as it was given first
    for who in ("+55 11 98765-4321", "+55 11 8765-4321"):
        assert show(shop, who)["profile_name"] == "Ana"


def test_a_changed_username_is_only_a_label(shop: Shop) -> None:
    shop.hears(RINA._replace(username="rina.baru"), "ganti", "2026-11-22T04:30Z")
    assert show(shop, "@rina.baru")["contact_id"] == 2
    assert shop.door("contacts", "show", "@rina.h").status == 3
    other = Person("Orang lain", None, "ID.555", "rina.h")
    shop.hears(other, "saya yang lain", unix("2026-11-22T04:40Z"))
    assert show(shop, "@rina.h")["bsuid"] == "ID.555"
    assert len(shop.door("contacts", "list", "--json").json) == 3


@pytest.mark.parametrize(
    "argv",
    [
        ("add", "Budi", "--phone", "+62 813-9876-5432", "--tag", "vip"),
        ("edit", "Sari", "--note", "alergi kacang"),
        ("tag", "Sari", "vip"),
        ("untag", "Sari", "vip"),
        ("opt-in", "Sari", "--evidence", "form"),
        ("opt-out", "Sari"),
    ],
    ids=lambda argv: str(argv[0]),
)
def test_a_dry_run_says_what_would_be_and_changes_nothing(shop: Shop, argv: tuple[str, ...]) -> None:
    def everything() -> list[Any]:
        return [show(shop, "Sari"), shop.door("contacts", "list", "--json").json]

    before = everything()
    tried = shop.door("contacts", *argv, "--dry-run", "--json")
    assert tried.status == 0
    assert "This was a dry run: nothing was changed" in tried.err
    assert everything() == before
    done = shop.door("contacts", *argv, "--json")
    assert {**done.json, "created_at": None} == {**tried.json, "created_at": None}
    if argv[0] != "untag":
        assert everything() != before
