"""The board and the thread through the front door: every form of output, every filter, both edges of both clocks."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import struct
import subprocess
import termios
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.payloads import messages
from tests.support.process import command as process_of
from tests.support.process import environment
from tests.support.shop import BUDI, RINA, SARI, Person, Shop, rfc3339, unix

# COMMANDS.md, "Output": scripts rely on these names and on this order.
THREAD_KEYS = [
    "contact_id", "name", "phone", "bsuid", "username", "market", "last_inbound_at", "last_outbound_at", "last_text",
    "unanswered_count", "waiting_since", "window", "window_closes_at", "seconds_left", "may_send", "next_reply",
    "free_reason", "free_until", "price", "currency", "entry_point", "tags",
]  # fmt: skip
NOW = "2026-11-22T05:00Z"
AGUS = Person("Agus Pratama", "6287855667788", "ID.9000000000000000404")
NOURA = Person("نورة القحطاني", "966501234567", "SA.9000000000000000505")
JOKO = Person("Joko [bold]\x1b[2J", "6282144445555", "ID.9000000000000000606")
LIN = Person("林 美玲 🌸", "886912345678", "TW.9000000000000000707")


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    """Seven contacts, one of each kind, at 05:00 UTC."""
    shop = Shop(wacli)
    shop.profile(time_zone="Asia/Jakarta")
    fill(shop)
    return shop


def fill(shop: Shop) -> None:
    shop.hears(SARI, "Halo kak, buket mawar putih masih ada?", "2026-11-22T04:47Z")
    shop.hears(SARI, "Untuk besok pagi ya 🌹", "2026-11-22T04:48Z")
    shop.clicks_ad(BUDI, "Saya lihat iklan buket wisuda. Berapa harganya?", "2026-11-22T03:00Z")
    shop.calls(RINA, "2026-11-21T05:40Z")
    shop.hears(AGUS, "Pesanan A-104 kapan siap?", "2026-11-17T02:00Z")
    shop.hears(NOURA, "مرحبا، هل لديكم ورد أبيض؟", "2026-11-21T09:00Z")
    shop.hears(JOKO, "[/red] total \x1b[31mRp 150.000\x1b[0m \x1b]0;kena\x07 \u202eya?", "2026-11-22T04:00Z")
    shop.hears(LIN, "請問可以寄到台北嗎?", "2026-11-21T23:00Z")
    shop.owner_types(LIN, "Bisa!", "2026-11-22T01:00Z")


# --- forms ----------------------------------------------------------------------------------------------------------


def test_json_has_the_promised_keys_in_their_order(shop: Shop) -> None:
    rows = shop.door("threads", "--json").json
    assert rows
    assert all(list(row) == THREAD_KEYS for row in rows)
    assert shop.door("threads", "--format", "json").out == shop.door("--json", "threads").out
    sari = shop.board()["Sari Dewi"]
    assert sari == {
        "contact_id": 1,
        "name": "Sari Dewi",
        "phone": "+6281355500101",
        "bsuid": "ID.9000000000000000101",
        "username": None,
        "market": "Indonesia",
        "last_inbound_at": "2026-11-22T04:48:00Z",
        "last_outbound_at": None,
        "last_text": "Untuk besok pagi ya 🌹",
        "unanswered_count": 2,
        "waiting_since": "2026-11-22T04:47:00Z",
        "window": "open",
        "window_closes_at": "2026-11-23T04:48:00Z",
        "seconds_left": 85_680,
        "may_send": "free-form",
        "next_reply": "free",
        "free_reason": "allowance",
        "free_until": "2026-11-23T04:48:00Z",
        "price": "0",
        "currency": "USD",
        "entry_point": "none",
        "tags": [],
    }


def test_the_other_forms_say_the_same(shop: Shop) -> None:
    rows = shop.door("threads", "--json").json
    lines = shop.door("threads", "--format", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == rows
    assert shop.door("threads").out == shop.door("threads", "--format", "plain").out
    plain = [line.split("\t") for line in shop.door("threads").out.splitlines()]
    assert [len(line) for line in plain] == [len(THREAD_KEYS)] * len(rows)
    table = list(csv.DictReader(io.StringIO(shop.door("threads", "--format", "csv").out)))
    assert list(table[0]) == THREAD_KEYS
    for row, cells, line in zip(rows, table, plain, strict=True):
        for place, key in enumerate(THREAD_KEYS):
            if key in ("last_text", "name"):
                continue  # what is harmless differs by form; see the tests of hostile texts
            said = "" if row[key] is None else ",".join(row[key]) if key == "tags" else str(row[key])
            assert line[place] == said
            assert cells[key].removeprefix("'") == said  # a + at the start of a cell is guarded


def test_fields_are_chosen_and_ordered(shop: Shop) -> None:
    rows = shop.door("threads", "--json", "--fields", "window,name").json
    assert all(list(row) == ["window", "name"] for row in rows)
    assert shop.door("threads", "--fields", "contact_id").out.split() == [str(n) for n in (3, 5, 7, 2, 6, 1, 4)]
    wrong = shop.door("threads", "--json", "--fields", "window,nmae")
    assert (wrong.status, wrong.out, wrong.error["code"]) == (2, "", "unknown-field")
    assert ", ".join(THREAD_KEYS) in wrong.error["hint"]


def test_an_empty_machine_answers_with_nothing(wacli: FrontDoor) -> None:
    assert (wacli("threads", "--json").status, wacli("threads", "--json").out) == (0, "[]\n")
    assert wacli("threads", "--format", "ndjson").out == ""
    assert wacli("threads").out == ""
    assert wacli("threads", "--format", "csv").out == ",".join(THREAD_KEYS) + "\n"
    assert "wacli demo" in wacli("threads", "--format", "table").out
    assert wacli("contacts", "list", "--json").json == []
    for command in (("thread", "Sari"), ("can", "Sari"), ("contacts", "show", "Sari")):
        outcome = wacli(*command, "--json")
        assert (outcome.status, outcome.out, outcome.error["code"]) == (3, "", "no-store")
    assert not (wacli.folder / "shop.db").exists()


# --- which threads, in which order ----------------------------------------------------------------------------------


def names(shop: Shop, *argv: str) -> list[str]:
    return [str(row["name"]) for row in shop.door("threads", "--json", *argv).json]


def test_the_board_shows_open_windows_then_who_waits(shop: Shop) -> None:
    # Rina called: her 24 hours count from the call's beginning, and a call is nothing to answer in writing.
    assert names(shop) == [
        "Rina", NOURA.name, LIN.name, "Budi Santoso", JOKO.name, "Sari Dewi", "Agus Pratama",
    ]  # fmt: skip
    assert shop.board()["Rina"]["seconds_left"] == 40 * 60
    assert names(shop, "--open") == names(shop)[:-1]
    assert names(shop, "--closed") == ["Agus Pratama"]
    assert names(shop, "--unanswered") == [NOURA.name, "Budi Santoso", JOKO.name, "Sari Dewi", "Agus Pratama"]
    assert names(shop, "--closing", "1h") == ["Rina"]
    assert names(shop, "--closing", "4h") == ["Rina", NOURA.name]
    assert names(shop, "--closing", "4h", "--unanswered") == [NOURA.name]
    assert names(shop, "--limit", "2") == ["Rina", NOURA.name]
    assert names(shop, "--limit", "0") == names(shop)
    assert names(shop, "--sort", "waiting")[0] == "Agus Pratama"
    assert names(shop, "--sort", "recent")[0] == "Sari Dewi"
    assert names(shop, "--sort", "name")[:2] == ["Agus Pratama", "Budi Santoso"]
    assert names(shop, "--closed", "--at", "2026-11-30T00:00Z") != []


def test_answered_and_closed_is_only_in_all(shop: Shop) -> None:
    shop.owner_types(AGUS, "Sudah siap, silakan ambil", "2026-11-17T03:00Z")
    assert "Agus Pratama" not in names(shop)
    assert names(shop, "--all")[-1] == "Agus Pratama"
    agus = shop.board("--all")["Agus Pratama"]
    assert (agus["unanswered_count"], agus["waiting_since"], agus["window"]) == (0, None, "closed")
    assert agus["last_outbound_at"] == "2026-11-17T03:00:00Z"


def test_tags_narrow_the_board(shop: Shop) -> None:
    assert shop.door("contacts", "tag", "Sari", "vip", "#mawar").status == 0
    assert names(shop, "--tag", "vip") == ["Sari Dewi"]
    assert shop.board()["Sari Dewi"]["tags"] == ["mawar", "vip"]
    assert names(shop, "--tag", "gone") == []


def test_exit_code_for_cron(shop: Shop) -> None:
    assert shop.door("threads", "--closing", "1h", "--exit-code").status == 20
    assert shop.door("threads", "--closing", "1m", "--exit-code").status == 0
    assert shop.door("threads", "--closing", "1h").status == 0


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("--open", "--closed"), "usage"),
        (("--sort", "size"), "bad-value"),
        (("--closing", "soon"), "bad-duration"),
        (("--at", "someday"), "bad-instant"),
        (("--limit", "-1"), "bad-option"),
        (("--format", "xml"), "bad-option"),
        (("--opne",), "no-such-option"),
    ],
)
def test_wrong_usage_is_two_with_an_error_object(shop: Shop, argv: tuple[str, ...], code: str) -> None:
    outcome = shop.door("threads", "--json", *argv)
    assert (outcome.status, outcome.out, outcome.error["code"]) == (2, "", code)
    assert set(outcome.error) >= {"code", "message", "hint"}
    assert len(outcome.err.splitlines()) == 1
    in_words = shop.door("threads", *argv)
    assert in_words.err.startswith("wacli: ")
    assert len(in_words.err.splitlines()) == 1


def test_free_looks_past_what_is_not_free(wacli: FrontDoor) -> None:
    """With the allowance used up only ad windows are free; one far down the board is found all the same."""
    shop = Shop(wacli)
    use_up(shop, 1_000)
    for n in range(30):
        shop.hears(Person(f"P{n:02}", f"62811{n:07}"), "halo", unix("2026-11-22T01:00Z") + n)
    shop.clicks_ad(BUDI, "iklan", "2026-11-22T04:00Z")
    assert names(shop, "--free") == ["Budi Santoso"]
    assert names(shop, "--free", "--limit", "3") == ["Budi Santoso"]
    table = wacli("threads", "--free", "--format", "table").out
    assert "Budi Santoso" in table
    assert "P00" not in table


def use_up(shop: Shop, count: int, month: str = "2026-11") -> None:
    """Service messages to Agus, delivered in that month."""
    for first in range(0, count, 500):
        statuses = [
            {
                "id": f"wamid.USED{n}=",
                "status": "delivered",
                "timestamp": str(unix(f"{month}-05T08:00Z") + n),
                **AGUS.recipient,
                "pricing": {"pricing_model": "PMP", "type": "free_customer_service", "category": "service"},
            }
            for n in range(first, min(first + 500, count))
        ]
        body = messages([], [AGUS.card])
        body["entry"][0]["changes"][0]["value"]["statuses"] = statuses
        shop.tell(body)


# --- both edges of both clocks --------------------------------------------------------------------------------------

WROTE = unix("2026-11-20T10:00Z")
DAY = 86_400


@pytest.mark.parametrize(
    ("after", "window", "left"),
    [(-1, None, None), (0, "open", DAY), (1, "open", DAY - 1), (DAY - 1, "open", 1), (DAY, "closed", 0)],
)
def test_the_window_is_half_open(wacli: FrontDoor, after: int, window: str | None, left: int | None) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "halo", WROTE)
    at = rfc3339(WROTE + after)
    rows = shop.board("--all", "--at", at)
    if window is None:
        assert rows == {}
    else:
        row = rows["Sari Dewi"]
        assert (row["window"], row["seconds_left"]) == (window, left)
        assert row["window_closes_at"] == rfc3339(WROTE + DAY)
        assert (row["may_send"], row["next_reply"]) == (
            ("free-form", "free") if window == "open" else ("template-only", "template-only")
        )
    verdict = shop.can("Sari", "--at", at)
    assert verdict.status == (0 if window == "open" else 11)
    assert verdict.json["window_closes_at"] == (None if window is None else rfc3339(WROTE + DAY))
    detail = wacli("thread", "Sari", "--json", "--at", at).json
    assert detail["window"] == (window or "closed")
    assert len(detail["messages"]) == (0 if window is None else 1)


def test_what_opens_a_window_and_what_does_not(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "halo", WROTE)
    shop.hears(SARI, "", WROTE + 100, type="reaction", reaction={"message_id": "wamid.X", "emoji": "👍"})
    shop.hears(SARI, "", WROTE + 200, type="unsupported", errors=[{"code": 131051, "title": "x"}])
    shop.hears(SARI, "", WROTE + 300, type="system", system={"type": "customer_identity_changed", "body": "x"})
    shop.owner_types(SARI, "ya", WROTE + 400)
    shop.status(SARI, "wamid.OUT=", "delivered", WROTE + 500)
    assert shop.board("--all")["Sari Dewi"]["window_closes_at"] == rfc3339(WROTE + DAY)
    shop.calls(SARI, WROTE + 600, rang_for=45)
    assert shop.board("--all")["Sari Dewi"]["window_closes_at"] == rfc3339(WROTE + 600 + DAY)
    shop.hears(SARI, "", WROTE + 700, type="button", button={"text": "Ya", "payload": "Ya"})
    assert shop.board("--all")["Sari Dewi"]["window_closes_at"] == rfc3339(WROTE + 700 + DAY)


def test_the_entry_point_from_armed_to_its_end(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.clicks_ad(BUDI, "lihat iklan", WROTE)
    answered = WROTE + 3_600
    shop.status(BUDI, "wamid.ANSWER=", "sent", answered)
    sure = answered + 72 * 3_600

    def at(seconds: int) -> tuple[str, str, str | None]:
        row = shop.board("--all", "--at", rfc3339(seconds))["Budi Santoso"]
        return row["entry_point"], row["next_reply"], row["free_reason"]

    assert at(WROTE) == ("armed", "free", "free_entry_point")
    assert at(answered - 1) == ("armed", "free", "free_entry_point")
    assert at(answered) == ("running", "free", "free_entry_point")
    assert at(WROTE + DAY - 1) == ("running", "free", "free_entry_point")
    # It is a price clock and no permission: when the 24 hours are over, only a template may be sent, for free.
    assert at(WROTE + DAY) == ("running", "template-only", None)
    assert at(sure - 1)[0] == "running"
    assert at(sure)[0] == "none"
    for instant in (answered, WROTE + DAY, sure - 1):
        assert shop.board("--all", "--at", rfc3339(instant))["Budi Santoso"]["free_until"] == rfc3339(sure)
    assert shop.board("--all", "--at", rfc3339(sure))["Budi Santoso"]["free_until"] is None


def test_metas_own_word_on_the_entry_point_is_the_truth(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.clicks_ad(BUDI, "lihat iklan", WROTE)
    ends = WROTE + 5 * DAY + 123
    shop.status(
        BUDI,
        "wamid.ANSWER=",
        "sent",
        WROTE + 60,
        conversation={"id": "c1", "expiration_timestamp": str(ends), "origin": {"type": "referral_conversion"}},
        pricing={"pricing_model": "PMP", "type": "free_entry_point", "category": "referral_conversion"},
    )
    states = {
        seconds: shop.board("--all", "--at", rfc3339(seconds))["Budi Santoso"]["entry_point"]
        for seconds in (WROTE, WROTE + 60, ends - 1, ends)
    }
    assert list(states.values()) == ["armed", "running", "running", "none"]


@pytest.mark.parametrize(("after", "state"), [(DAY - 1, "running"), (DAY, "lost")])
def test_an_answer_counts_within_a_day_of_the_ad(wacli: FrontDoor, after: int, state: str) -> None:
    shop = Shop(wacli)
    shop.clicks_ad(BUDI, "lihat iklan", WROTE)
    shop.status(BUDI, "wamid.ANSWER=", "sent", WROTE + after)
    assert shop.board("--all", "--at", rfc3339(WROTE + DAY + 10))["Budi Santoso"]["entry_point"] == state


# --- as of an earlier instant ---------------------------------------------------------------------------------------


def test_the_board_of_yesterday_is_the_board_as_it_was(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "pertama", WROTE)
    then = wacli("threads", "--all", "--json", "--at", rfc3339(WROTE + 50)).out
    detail = wacli("thread", "Sari", "--json", "--at", rfc3339(WROTE + 50)).out
    verdict = wacli("can", "Sari", "--json", "--at", rfc3339(WROTE + 50)).out
    shop.hears(SARI, "kedua", WROTE + 100)
    shop.status(SARI, "wamid.ANSWER=", "delivered", WROTE + 200)
    shop.hears(SARI, "", WROTE + 300, type="edit", edit={"original_message_id": "wamid.IN1=", "message": {
        "type": "text", "text": {"body": "diganti"}}})  # fmt: skip
    assert wacli("--at", rfc3339(WROTE + 50), "threads", "--all", "--json").out == then
    assert wacli("thread", "Sari", "--json", "--at", rfc3339(WROTE + 50)).out == detail
    assert wacli("can", "--at", rfc3339(WROTE + 50), "Sari", "--json").out == verdict
    assert shop.board("--all")["Sari Dewi"]["last_text"] != "pertama"


def test_at_is_read_as_people_write_it(shop: Shop) -> None:
    for words, same in (
        ("2026-11-22T11:00+07:00", "2026-11-22T04:00Z"),
        ("2026-11-22 11:00", "2026-11-22T04:00Z"),  # the account's time zone
        ("1h ago", "2026-11-22T04:00Z"),
        ("yesterday 9am", "2026-11-21T02:00Z"),
        ("kemarin 09:00", "2026-11-21T02:00Z"),
        ("in 2h", "2026-11-22T07:00Z"),
        ("now", NOW),
    ):
        asked = shop.door("threads", "--all", "--json", "--at", words)
        assert (asked.status, asked.out) == (0, shop.door("threads", "--all", "--json", "--at", same).out), words


def test_at_is_refused_where_something_would_change(shop: Shop) -> None:
    for command in (
        ("ingest", "-"),
        ("contacts", "add", "X", "--phone", "+62811000"),
        ("contacts", "tag", "Sari", "vip"),
        ("contacts", "opt-out", "Sari"),
        ("reply", "Sari", "halo"),
        ("send", "x", "Sari"),
        ("templates", "pull"),
        ("db", "rebuild"),
    ):
        outcome = shop.door(*command, "--at", "2026-11-22T04:00Z", "--json")
        assert (outcome.status, outcome.error["code"]) == (2, "at-needs-dry-run"), command


def test_a_clock_that_runs_behind_metas_does_not_hide_a_message(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "dari masa depan", unix(NOW) + 90)
    row = shop.board()["Sari Dewi"]
    assert (row["window"], row["next_reply"]) == ("open", "free")
    assert shop.can("Sari").status == 0


# --- one thread -----------------------------------------------------------------------------------------------------


def test_a_thread_as_json(shop: Shop) -> None:
    shop.status(SARI, "wamid.OUT1=", "sent", "2026-11-22T04:50Z", biz_opaque_callback_data="not-ours")
    shop.status(SARI, "wamid.OUT1=", "read", "2026-11-22T04:52Z")
    detail = shop.door("thread", "Sari", "--json").json
    assert list(detail) == [*THREAD_KEYS, "verdict", "messages", "notes"]
    assert {key: detail[key] for key in THREAD_KEYS} == shop.board("--all")["Sari Dewi"]
    assert [message["text"] for message in detail["messages"][:2]] == [
        "Halo kak, buket mawar putih masih ada?",
        "Untuk besok pagi ya 🌹",
    ]
    last = detail["messages"][-1]
    assert (last["wamid"], last["direction"], last["status"]) == ("wamid.OUT1=", "outbound", "read")
    assert last["status_at"] == "2026-11-22T04:52:00Z"
    one = shop.door("thread", "Sari", "--limit", "1", "--json").json
    assert [message["wamid"] for message in one["messages"]] == ["wamid.OUT1="]
    said = shop.door("thread", "Sari", "--limit", "1", "--format", "table").out
    assert "2 earlier messages" in said
    before = shop.door("thread", "Sari", "--limit", "1", "--format", "table", "--at", "2026-11-22T04:47:30Z").out
    assert "earlier" not in before


def test_a_thread_with_somebody_who_never_wrote(shop: Shop) -> None:
    shop.door("contacts", "add", "Baru", "--phone", "0812 9999 0000", "--tag", "baru")
    detail = shop.door("thread", "Baru", "--json").json
    assert list(detail) == [*THREAD_KEYS, "verdict", "messages", "notes"]
    assert (detail["phone"], detail["market"], detail["tags"]) == ("+6281299990000", "Indonesia", ["baru"])
    assert (detail["window"], detail["window_closes_at"], detail["next_reply"]) == ("closed", None, "template-only")
    assert detail["messages"] == []
    assert "No messages yet" in shop.door("thread", "Baru", "--format", "table").out
    assert "Baru" not in names(shop, "--all")


def test_edits_and_deletions_show(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    first = shop.hears(SARI, "salah", WROTE)
    second = shop.hears(SARI, "rahasia", WROTE + 1)
    shop.hears(SARI, "", WROTE + 2, type="edit", edit={"original_message_id": first, "message": {
        "type": "text", "text": {"body": "benar"}}})  # fmt: skip
    shop.hears(SARI, "", WROTE + 3, type="revoke", revoke={"original_message_id": second})
    said = wacli("thread", "Sari", "--format", "table", "--at", rfc3339(WROTE + 9)).out
    assert "benar   [edited]" in said
    assert "(deleted)" in said
    assert "rahasia" not in said
    assert "salah" not in said


def test_a_contact_without_a_number(shop: Shop) -> None:
    rina = shop.board()["Rina"]
    assert (rina["phone"], rina["bsuid"], rina["username"]) == (None, RINA.bsuid, "rina.h")
    assert rina["market"] == "Indonesia"  # of the prefix of the user ID
    for who in ("Rina", "@rina.h", "@RINA.H", str(RINA.bsuid), "#3", "3"):
        outcome = shop.can(who)
        assert (outcome.status, outcome.json["contact_id"]) == (0, 3), who


def test_a_person_who_changes_the_number_stays_one(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "nomor lama", WROTE)
    wacli("contacts", "tag", "Sari", "vip")
    moved = Person("Sari Dewi", "6281355500199", "ID.9000000000000000199")
    shop.hears(
        SARI,
        "",
        WROTE + 60,
        type="system",
        system={
            "type": "user_changed_number",
            "body": "changed",
            "wa_id": moved.phone,
            "user_id": moved.bsuid,
            "previous_user_id": SARI.bsuid,
        },
    )
    shop.hears(moved, "nomor baru", WROTE + 120)
    rows = shop.door("threads", "--all", "--json").json
    assert [(row["phone"], row["bsuid"], row["tags"]) for row in rows] == [("+6281355500199", moved.bsuid, ["vip"])]
    texts = [message["text"] for message in wacli("thread", "+62 813 5550 0101", "--json").json["messages"]]
    assert texts[0] == "nomor lama"
    assert texts[-1] == "nomor baru"
    for who in ("6281355500101", "6281355500199", str(SARI.bsuid), str(moved.bsuid)):
        assert shop.can(who).json["contact_id"] == rows[0]["contact_id"]


# --- as it looks ----------------------------------------------------------------------------------------------------

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("width", [80, 120])
def test_the_board_as_it_looks(tmp_path: Path, width: int, language: str) -> None:
    door = FrontDoor(tmp_path, is_terminal=True, environment={"NO_COLOR": "1", "WACLI_LANG": language}, width=width)
    shop = Shop(door)
    shop.profile(time_zone="Asia/Jakarta")
    fill(shop)
    looks_like(f"board-{width}-{language}.txt", door("threads").out, width)
    shop.status(SARI, "wamid.OUT1=", "read", "2026-11-22T04:52Z")
    looks_like(f"thread-{width}-{language}.txt", door("thread", "Sari").out, width)
    looks_like(f"can-{width}-{language}.txt", door("can", "Budi").out + door("can", "Agus").out, None)


def looks_like(name: str, said: str, width: int | None) -> None:
    """Compares with a golden file. To accept a change: delete the file, run once, and look at the difference."""
    path = GOLDEN / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
        pytest.fail(f"{path.name} was not there: written; look at it, and run again")
    assert said == path.read_text(encoding="utf-8")
    assert width is None or all(columns(line) <= width for line in said.splitlines())


def columns(line: str) -> int:
    """How many columns of a terminal a line takes."""
    from rich.cells import cell_len

    return cell_len(line)


def test_colour_is_only_ours(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path, is_terminal=True, environment={"TERM": "xterm-256color"})
    shop = Shop(door)
    fill(shop)
    for command in (("threads",), ("thread", "Joko"), ("can", "Joko"), ("contacts", "list")):
        said = door(*command).out
        assert "\x1b[" in said
        painted = re.sub(r"\x1b\[(?:0|1|2|3[0-7]|1;3[0-7]|)m", "", said)
        assert_harmless(painted)
        assert "\x1b" not in door(*command, "--color", "off").out
        assert "\x1b" not in door(*command, environment={"NO_COLOR": "1"}).out


def assert_harmless(said: str) -> None:
    """No control characters but line feeds, and nothing that turns the reading direction round."""
    found = [hex(ord(char)) for char in said if (ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160]
    assert not found
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]", said)


HOSTILE: dict[str, Any] = {
    "escapes": "\x1b[2J\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1bP1$q\x1b\\",
    "c1": "\x9b31mred\x9d0;title\x9c \x85next",
    "markup": "[/red][bold]x[/] [link=http://x]y[/link] [/] :smile: [@click=app.quit]",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u200fRTL\u200e",
    "breaks": "a\nb\r\nc\rd\x0be\x0cf\u2028g\u2029h\ti\x00j",
    "long": "x" * 4_096,
    "wide": "字" * 4_096,
    "combining": "e" + "\u0301" * 4_000,
    "emoji": "👩‍👩‍👧‍👦" * 600,
    "joiners": "\u200d\ufe0f\u200b\ufeff" * 500,
    "rtl": "مرحبا " * 600,
    "surrogate": "a\ud83d b",
    "formula": '=HYPERLINK("http://x","y")',
    "percent": "%s %d {0} {name} {} \\033[31m ${HOME} `id`",
    "spaces": " \u3000\u00a0\t ",
}


@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_on_a_terminal(tmp_path: Path, kind: str, width: int) -> None:
    text = HOSTILE[kind]
    door = FrontDoor(tmp_path, is_terminal=True, environment={"NO_COLOR": "1"}, width=width)
    shop = Shop(door)
    who = Person(text[:600], "6281355500101", "ID.9000000000000000101", "sari")
    wamid = shop.hears(who, text, "2026-11-22T04:00Z")
    shop.status(who, "wamid.OUT=", "failed", "2026-11-22T04:10Z", errors=[{"code": 131026, "title": text[:300]}])
    shop.hears(who, "", "2026-11-22T04:20Z", type="document", document={"id": "1", "filename": text, "caption": text})
    for words in ("threads", "contacts list"):
        said = door(*words.split())
        assert said.status == 0
        assert_harmless(said.out)
        table = said.out.split("Free replies")[0].splitlines()
        if width >= 80:
            assert all(columns(line) <= width for line in table), words
    for words in ("thread #1", "can #1", "contacts show #1"):
        said = door(*words.split())
        assert said.status in (0, 11)
        assert_harmless(said.out)
    assert_harmless(door("can", text or "x").err.replace("\n", ""))
    for form in ("plain", "csv", "json", "ndjson"):
        for words in ("threads", "thread #1", "contacts list"):
            said = door(*words.split(), "--format", form)
            assert said.status == 0
            assert_harmless(said.out) if form in ("plain", "csv") else assert_escaped(said.out)
    kept = door("thread", "#1", "--json").json["messages"][0]
    assert kept["wamid"] == wamid
    assert kept["text"] == (text.replace("\ud83d", "\ufffd"))


def test_a_real_terminal(tmp_path: Path) -> None:
    """Through a pseudo-terminal of 80 columns: a table, in colour, and nothing of the text's own escapes."""
    pty = pytest.importorskip("pty")
    shop = Shop(FrontDoor(tmp_path))
    shop.hears(JOKO, HOSTILE["escapes"] + HOSTILE["c1"], "2026-11-22T04:00Z")
    for argv, marks in ((("threads", "--all"), "─" * 20), (("thread", "Joko"), "←"), (("contacts", "list"), "#1")):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        done = subprocess.Popen(
            process_of(*argv), env=environment(tmp_path, TERM="xterm"), stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        pieces = []
        while True:
            try:
                pieces.append(os.read(ours, 65_536))
            except OSError:  # the other side is closed: Linux says it so
                break
            if not pieces[-1]:
                break
        os.close(ours)
        assert done.wait(20) == 0
        said = b"".join(pieces).decode().replace("\r\n", "\n")
        assert marks in said
        assert "\x1b[" in said
        painted = re.sub(r"\x1b\[(?:0|1|2|3[0-7]|1;3[0-7]|)m", "", said)
        assert_harmless(painted)
        assert "title" not in painted
        if argv[0] != "thread":
            assert all(columns(line) <= 80 for line in painted.splitlines() if "wacli" not in line)


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    shop = Shop(FrontDoor(tmp_path))
    people = [Person(f"Orang {n}" * 20, f"62811{n:07}") for n in range(2_000)]
    said = {"timestamp": str(WROTE), "type": "text", "text": {"body": "x"}}
    shop.tell(*(messages([{**who.sender, **said, "id": f"w{who.phone}"}], [who.card]) for who in people))
    for form in ("--json", "--format=ndjson", "--format=plain", "--format=csv"):
        process = subprocess.Popen(
            process_of("threads", "--all", form),
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read()
        process.stderr.close()
        assert (process.wait(20), complaints) == (0, b"")


def assert_escaped(said: str) -> None:
    assert not [char for char in said if (ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029]", said)
    said.encode()


def test_a_chat_with_another_number_of_ours_is_shown_and_answered_with_its_profile(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.hears(SARI, "Halo", "2026-11-22T04:00Z")
    own = "1000000000000001"
    wacli("config", "set", "phone_number_id", own)
    (line,) = wacli("threads", "--json").json
    shown = wacli("thread", "Sari", "--json")
    assert [message["text"] for message in shown.json["messages"]] == ["Halo"]
    assert {key: shown.json[key] for key in THREAD_KEYS} == line, "the thread says what the board says"
    assert "profile default has another number and cannot answer it" in shown.err

    judged = wacli("can", "Sari", "--json")
    assert (judged.status, judged.json["reasons"][0]["code"]) == (11, "never-wrote")
    where = "They wrote to another number of yours, +"
    assert judged.json["hint"].startswith(where)
    refused = wacli("reply", "Sari", "Halo juga", "--json")
    assert (refused.status, refused.error["code"]) == (4, "window-closed")
    assert refused.error["hint"].startswith(where)

    wacli("contacts", "add", "Tini", "--phone", "+6281299988877")
    alone = wacli("thread", "Tini", "--json")
    assert (alone.json["messages"], alone.err) == ([], "")
    assert "another number" not in str(wacli("can", "Tini", "--json").json["hint"])
