"""`wacli trigger`: made-up notifications, signed, posted to wacli's own receiver, refused where they may not go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from phonenumbers import is_valid_number, parse

from tests.support.front_door import NOW, FrontDoor
from wacli.cloudapi.receiver import Door, each
from wacli.cloudapi.serving import serve_in_thread
from wacli.sandbox.catalogue.everything import kinds
from wacli.sandbox.engine import DEFAULT_SECRET
from wacli.services.inbound import apply_pending, receive
from wacli.store.database import open_store

PROFILE = """default_profile = "shop"
[profiles.shop]
kind = "{kind}"
phone_number_id = "105550000000001"
waba_id = "205550000000001"
country = "ID"
time_zone = "Asia/Jakarta"
"""
EVENTS = [kind.name for _, kind in kinds()]


def shop(folder: Path, kind: str = "sandbox") -> FrontDoor:
    (folder / "config").mkdir()
    (folder / "config" / "config.toml").write_text(PROFILE.format(kind=kind), encoding="utf-8")
    return FrontDoor(folder)


@contextmanager
def listening(wacli: FrontDoor, secret: str = DEFAULT_SECRET) -> Iterator[str]:
    """wacli's receiver on loopback, keeping what comes in the shop's store."""
    path = wacli.folder / "shop.db"
    open_store(path, create=True).close()

    def keep(raw: bytes) -> None:
        with open_store(path, create=False) as store:
            receive(store, raw, NOW)
            apply_pending(store, NOW)

    with serve_in_thread(Door(each(keep), verify_token="verify", app_secret=secret)) as server:
        yield f"{server.url}/webhook"


def test_a_text_comes_through_the_receiver_onto_the_board(tmp_path: Path) -> None:
    wacli = shop(tmp_path)
    with listening(wacli) as url:
        outcome = wacli(
            "trigger", "text", "--to", url, "--from", "0812 3456 7890", "--set", "text.body=Halo 🌹", "--json"
        )
    assert outcome.status == 0, outcome
    answer = outcome.json
    assert (answer["event"], answer["posted_count"], answer["accepted_count"]) == ("text", 1, 1)
    assert answer["answers"] == {"200": 1}
    (row,) = wacli("threads", "--json").json
    assert (row["phone"], row["last_text"]) == ("+6281234567890", "Halo 🌹")


def test_what_is_posted_about_a_known_contact_is_about_that_contact(tmp_path: Path) -> None:
    wacli = shop(tmp_path)
    with listening(wacli) as url:
        wacli("trigger", "text", "--to", url, "--set", "value.contacts.0.profile.name=Sari", "--set",
              "message.from_user_id=ID.5", "--set", "contact.user_id=ID.5")  # fmt: skip
        assert wacli("trigger", "image", "--to", url, "--from", "Sari").status == 0
        assert (
            wacli(
                "trigger", "edit", "--to", url, "--from", "Sari", "--set", "message.edit.message.text.body=Baru"
            ).status
            == 0
        )
        assert wacli("trigger", "echo", "--to", url, "--from", "ID.5").status == 0
        assert wacli("trigger", "read", "--to", url, "--from", "Sari").status == 0
    assert len(wacli("threads", "--all", "--json").json) == 1
    messages = wacli("thread", "Sari", "--json").json["messages"]
    assert {message["kind"] for message in messages} >= {"text", "image"}
    assert [message["text"] for message in messages if message["kind"] == "image"] == ["Baru"]
    assert any(message["status"] == "read" for message in messages if message["direction"] == "outbound")


def test_who_moves_takes_no_number_of_anybody_else(tmp_path: Path) -> None:
    """Not the neighbour's either: the two stay two, and a second move is another number again."""
    wacli = shop(tmp_path)
    neighbours = [f"+62812345678{place:02d}" for place in range(20)]
    for phone in neighbours:
        assert wacli("contacts", "add", f"Nr {phone[-2:]}", "--phone", phone).status == 0
    seen = []
    with listening(wacli) as url:
        for _ in range(3):
            wacli.now += timedelta(minutes=1)
            assert wacli("trigger", "number-change", "--to", url, "--from", "Nr 07").status == 0
            phones = {row["name"]: row["phone"] for row in wacli("contacts", "list", "--json").json}
            seen.append(phones["Nr 07"])
            assert len(phones) == len(neighbours)
    assert len(set(seen)) == 3
    assert all(not is_valid_number(parse(phone)) for phone in seen), "an answer reaches nobody"


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_taken(event: str, tmp_path: Path) -> None:
    wacli = shop(tmp_path)
    body = wacli("trigger", event, "--dry-run", "--print", "--quiet")
    assert (body.status, body.err) == (0, "")
    report = wacli("ingest", "-", "--json", stdin=body.out.encode()).json
    assert (report["notifications_new"], report["rejected"]) == (1, 0)
    is_unknown = event in ("unknown-type", "unknown-status", "unknown-field", "payment")
    assert report["unknown"] == int(is_unknown)


def test_many_are_many(tmp_path: Path) -> None:
    wacli = shop(tmp_path)
    with listening(wacli) as url:
        outcome = wacli("trigger", "text", "--to", url, "--count", "25", "--format", "table")
    assert outcome.out.startswith(f"{url} took all 25 of them: text, ")
    assert len(wacli("thread", "Sari", "--json").json["messages"]) == 25


def test_a_receiver_with_another_secret_says_no_and_why(tmp_path: Path) -> None:
    wacli = shop(tmp_path)
    with listening(wacli, secret="another") as url:
        outcome = wacli("trigger", "text", "--to", url, "--format", "table")
    assert outcome.status == 5
    assert outcome.out == f"{url} answered 403, 1 time\n403: its app secret is another one than this profile's\n"
    assert wacli("threads", "--json").json == []


def test_nobody_listens(tmp_path: Path) -> None:
    outcome = shop(tmp_path)("trigger", "text", "--to", "http://127.0.0.1:1/webhook", "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "no-receiver")
    assert outcome.error["hint"].endswith("wacli listen")


def test_a_real_number_is_asked_for_and_needs_its_secret(tmp_path: Path) -> None:
    wacli = shop(tmp_path, kind="cloud-api")
    outcome = wacli("trigger", "text", "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "needs-yes")
    wacli.can_ask = True
    said_no = wacli("trigger", "text", stdin=b"n\n")
    assert said_no.status == 4
    assert "is a real number" in said_no.err
    assert (wacli("trigger", "text", "--yes", "--json").error["code"]) == "no-app-secret"
    wacli.environment["WACLI_APP_SECRET"] = "s3cret"
    with listening(wacli, secret="s3cret") as url:
        assert wacli("trigger", "text", "--yes", "--to", url).status == 0
    (row,) = wacli("threads", "--json").json
    assert row["phone"] == "+12025550143"  # a number kept for films: an answer reaches nobody


def test_another_machine_is_asked_for_too(tmp_path: Path) -> None:
    outcome = shop(tmp_path)("trigger", "text", "--to", "https://shop.example/webhook", "--json")
    assert outcome.error["code"] == "needs-yes"


def test_a_dry_run_posts_nothing_and_may_pretend_a_time(tmp_path: Path) -> None:
    wacli = shop(tmp_path, kind="cloud-api")
    outcome = wacli("trigger", "ad", "--dry-run", "--print", "--at", "2026-11-20T10:00:00+07:00")
    assert outcome.status == 0
    message = json.loads(outcome.out)["entry"][0]["changes"][0]["value"]["messages"][0]
    assert message["timestamp"] == "1795143600"
    assert "Nothing was posted; it would have been 1 notification “ad”" in outcome.err
    assert wacli("trigger", "ad", "--at", "yesterday", "--json").error["code"] == "at-needs-dry-run"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ([], "missing"),
        (["teks"], "no-such-event"),
        (["text", "--count", "0"], "bad-value"),
        (["text", "--code", "131047"], "no-code"),
        (["text", "--set", "text.body"], "bad-set"),
        (["text", "--set", "=x"], "bad-set"),
        (["text", "--set", ".=x"], "bad-set"),
        (["text", "--dry-run", "--set", "text.bdy.x=1"], "no-such-path"),
        (["text", "--dry-run", "--set", "message.text.body.x=1"], "no-such-path"),
        (["text", "--dry-run", "--set", "entry.7.id=1"], "no-such-path"),
        (["text", "--dry-run", "--unset", "message.nothing"], "no-such-path"),
        (["text", "--to", "shop"], "bad-url"),
        (["text", "--from", "siapa", "--dry-run"], "bad-phone"),
    ],
)
def test_what_cannot_be_made_up(argv: list[str], code: str, tmp_path: Path) -> None:
    outcome = shop(tmp_path)("trigger", *argv, "--json")
    assert outcome.error["code"] == code
    assert outcome.status in (2, 3)
    assert outcome.out == ""


def test_the_list_has_a_sentence_for_each(tmp_path: Path) -> None:
    rows = shop(tmp_path)("trigger", "--list", "--json").json
    assert [row["event"] for row in rows] == EVENTS
    assert all(row["what"] and row["chapter"] for row in rows)
    table = FrontDoor(tmp_path)("trigger", "--list", "--format", "table").out
    assert "a customer writes" in table


def test_it_goes_where_listen_listens_unless_told_otherwise() -> None:
    from wacli.cli.commands import listen, trigger

    assert f"http://127.0.0.1:{listen.DEFAULT_PORT}/webhook" == trigger.RECEIVER
