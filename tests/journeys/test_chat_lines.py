"""`wacli chat` through a pipe: lines in, lines out, and the status of `reply`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import Outcome
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from tests.support.store import dump
from wacli.render.chat_view import NEWS_FIELDS
from wacli.store.database import connect_readonly


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path) as made:
        yield made


def chat(shop: SandboxShop, *lines: str, argv: tuple[str, ...] = ("--format", "ndjson"), who: str = "Sari") -> Outcome:
    return shop.wacli("chat", who, *argv, stdin="".join(line + "\n" for line in lines).encode())


def news(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_a_line_is_a_message_and_what_happens_comes_out(shop: SandboxShop) -> None:
    outcome = chat(shop, "halo juga", "//kak")
    assert outcome.status == 0
    told = news(outcome)
    assert all(tuple(one) == NEWS_FIELDS for one in told)
    assert [(one["event"], one["direction"], one["text"], one["status"]) for one in told] == [
        ("history", "inbound", "halo", None),
        ("message", "outbound", "halo juga", "accepted"),
        ("message", "outbound", "/kak", "accepted"),
    ]
    shop.told()
    assert news(chat(shop))[1]["status"] in ("sent", "delivered", "read")


def test_the_last_line_needs_no_end(shop: SandboxShop) -> None:
    assert shop.wacli("chat", "Sari", stdin=b"satu\n\ndua").status == 0
    assert [row["text"] for row in shop.outbox("--all")] in (["satu", "dua"], ["dua", "satu"])


def test_plain_lines_and_lines_for_people(shop: SandboxShop) -> None:
    first = chat(shop, argv=()).out.split("\n")[0].split("\t")
    assert first[:1] + first[2:6] == ["history", "inbound", "", "halo", "text"]
    people = chat(shop, "siap", argv=("--format", "table")).out
    assert "← halo" in people
    assert "→ siap  accepted" in people


def test_notes_stay_with_the_owner(shop: SandboxShop, tmp_path: Path) -> None:
    outcome = chat(shop, "/note suka mawar", "/quit", "tidak terkirim")
    assert [(one["event"], one["text"]) for one in news(outcome)] == [("history", "halo"), ("note", "suka mawar")]
    assert shop.outbox("--all") == []
    assert shop.wacli("thread", "Sari", "--json").json["notes"] == [
        {"at": "2026-11-22T05:00:00Z", "text": "suka mawar"}
    ]
    assert "✎ suka mawar" in shop.wacli("thread", "Sari", "--format", "table").out
    assert shop.wacli("thread", "Sari", "--json", "--at", "2026-11-22T04:59Z").json["notes"] == []


def test_a_thread_dealt_with_waits_again_when_they_write(shop: SandboxShop) -> None:
    (before,) = shop.wacli("threads", "--json").json
    assert before["unanswered_count"] == 1
    assert chat(shop, "/close").status == 0
    (after,) = shop.wacli("threads", "--json").json
    assert (after["unanswered_count"], after["waiting_since"]) == (0, None)
    assert (after["window_closes_at"], after["last_outbound_at"]) == (before["window_closes_at"], None)
    again = chat(shop, "/close", argv=("--json",))
    assert (again.status, again.error["code"]) == (4, "nobody-waits")
    shop.sandbox.advance(timedelta(minutes=1))
    shop.wacli.now += timedelta(minutes=1)
    shop.people[0].says("masih di sini")
    shop.told()
    assert shop.wacli("threads", "--json").json[0]["unanswered_count"] == 1
    (then,) = shop.wacli("threads", "--json", "--at", "2026-11-22T04:59:59Z").json or [None]
    assert then is None or then["unanswered_count"] == 1


def test_what_was_on_its_way_while_the_owner_looked_waits(shop: SandboxShop) -> None:
    """Closed up to the message that was seen; one of a later second comes afterwards, whatever our clock said."""
    shop.sandbox.advance(timedelta(minutes=5))
    shop.wacli.now += timedelta(minutes=5)
    shop.people[0].says("satu lagi", shop.wacli.now - timedelta(minutes=2))
    later = shop.updates()
    assert chat(shop, "/close").status == 0
    shop.told(later)
    assert shop.wacli("threads", "--json").json[0]["unanswered_count"] == 1


def test_notes_and_closed_threads_stay_through_a_rebuild_and_a_move(shop: SandboxShop, tmp_path: Path) -> None:
    chat(shop, "/note satu", "/close")
    chat(shop, "/note dua", who="Sari")
    with connect_readonly(tmp_path / "shop.db") as store:
        before = dump(store)
    assert shop.wacli("db", "rebuild").status == 0
    with connect_readonly(tmp_path / "shop.db") as store:
        assert dump(store) == before
    assert shop.wacli("threads", "--json").json[0]["unanswered_count"] == 0
    assert shop.wacli("db", "export", str(tmp_path / "moved")).status == 0
    assert shop.wacli("db", "import", str(tmp_path / "moved"), "--db", str(tmp_path / "other.db")).status == 0
    with connect_readonly(tmp_path / "other.db") as store:
        assert dump(store) == before


def test_quick_replies_templates_and_files(shop: SandboxShop, tmp_path: Path) -> None:
    shop.wacli("templates", "pull")
    shop.wacli("quick", "add", "hours", "Halo {name}, buka 9-17")
    picture = tmp_path / "my menu.txt"
    picture.write_text("menu", "utf-8")
    outcome = chat(shop, "/quick hours", f"/file '{picture}' menunya", "/template order_ready name={name} order=A-1",
                   argv=("--json", "--yes"))  # fmt: skip
    assert outcome.status == 0, outcome.err
    sent = {row["kind"]: row["text"] for row in shop.outbox("--all")}
    assert sent["text"] == "Halo Sari, buka 9-17"
    assert sent["document"] == "menunya"
    assert sent["template"].startswith("Halo Sari, pesanan A-1")


def test_quick_without_a_name_lists_them(shop: SandboxShop) -> None:
    none = chat(shop, "/quick")
    assert (none.status, shop.outbox("--all")) == (0, [])
    assert "wacli quick add NAME" in none.err
    shop.wacli("quick", "add", "hours", "Halo {name}, buka 9-17")
    shop.wacli("quick", "add", "long", "x" * 200)
    listed = chat(shop, "/quick").err
    assert "/quick hours  Halo {name}, buka 9-17" in listed
    assert "/quick long   " + "x" * 59 + "…" in listed


def test_what_costs_needs_a_yes_and_nothing_else_is_held_up(shop: SandboxShop) -> None:
    shop.wacli("templates", "pull")
    line = "/template order_ready name=Sari order=A-1"
    outcome = chat(shop, line, "gratis")
    assert outcome.status == 7
    assert outcome.error["code"] == "needs-yes"
    assert "$0.025" in outcome.error["message"]
    assert [row["text"] for row in shop.outbox("--all")] == ["gratis"]
    assert chat(shop, line, argv=("--json",)).status == 4
    assert chat(shop, line, argv=("--max-cost", "0.03USD")).status == 0
    assert chat(shop, line, argv=("--max-cost", "0.001USD", "--json")).error["code"] == "too-expensive"
    assert chat(shop, line, argv=("--if-free", "--yes", "--json")).error["code"] == "not-free"


def test_while_the_window_is_shut_only_a_template_goes(shop: SandboxShop) -> None:
    shop.wacli("templates", "pull")
    shop.sandbox.advance(timedelta(hours=25))
    shop.wacli.now += timedelta(hours=25)
    shop.wacli("quick", "add", "hours", "buka")
    for line in ("halo", "/quick hours"):
        outcome = chat(shop, line)
        assert (outcome.status, outcome.error["code"]) == (4, "window-closed")
    assert shop.sandbox.book.sent == {}
    assert chat(shop, "/template order_ready name=Sari order=A-1", argv=("--yes",)).status == 0
    assert len(shop.sandbox.book.sent) == 1


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("/colse", 2, "no-such-command"),
        ("/quick nobody", 3, "no-such-quick-reply"),
        ("/file nowhere.pdf", 2, "no-file"),
        ("/template nothing", 3, "no-such-template"),
        ("x" * 4_097, 2, "too-long"),
    ],
)
def test_what_goes_wrong_is_said_with_its_status(shop: SandboxShop, line: str, status: int, code: str) -> None:
    outcome = chat(shop, line)
    assert (outcome.status, outcome.error["code"]) == (status, code)
    assert shop.sandbox.book.sent == {}


def test_a_no_of_the_api_is_the_status_and_a_line(shop: SandboxShop) -> None:
    shop.sandbox.push_fault("error", code=131009)
    outcome = chat(shop, "ditolak")
    assert outcome.status == 5
    assert [(one["event"], one["text"], one["status"]) for one in news(outcome)][1:] == [
        ("message", "ditolak", "failed")
    ]


def test_safe_mode_says_so(shop: SandboxShop) -> None:
    assert shop.wacli("config", "set", "safe_recipients", "+62 811 1111 1111").status == 0
    outcome = chat(shop, "halo")
    assert (outcome.status, outcome.error["code"]) == (4, "not-safe")
    assert "Safe mode" in outcome.err
    assert shop.sandbox.book.sent == {}


def test_a_phone_app_number_gets_links(shop: SandboxShop) -> None:
    assert shop.wacli("config", "set", "kind", "phone-app").status == 0
    outcome = chat(shop, "halo lagi", argv=())
    assert outcome.status == 0
    assert "https://wa.me/6281234567890?text=halo%20lagi" in outcome.err
    assert shop.sandbox.book.sent == {}


def test_marking_as_read_is_asked_for(shop: SandboxShop) -> None:
    chat(shop, "siap")
    assert shop.sandbox.book.read_marks == {}
    assert chat(shop, argv=("--mark-read",)).status == 0
    assert len(shop.sandbox.book.read_marks) == 1


def test_the_past_and_strangers_are_no_chat(shop: SandboxShop) -> None:
    assert chat(shop, argv=("--at", "yesterday 9am", "--json")).error["code"] == "at-while-watching"
    assert chat(shop, who="Nobody").status == 3


def test_notes_go_with_the_person(shop: SandboxShop, tmp_path: Path) -> None:
    """Who is erased leaves no note; whose merge is taken back has their own again."""
    shop.wacli("contacts", "add", "Bu Sari", "--phone", "+62 811 0000 0001")
    chat(shop, "/note rahasia", "/close")
    chat(shop, "/note punya Bu Sari", who="Bu Sari")
    assert shop.wacli("contacts", "merge", "Sari", "Bu Sari", "--yes").status == 0
    assert [one["text"] for one in shop.wacli("thread", "#1", "--json").json["notes"]] == ["rahasia", "punya Bu Sari"]
    assert shop.wacli("contacts", "merge", "--undo", "1", "--yes").status == 0
    assert [one["text"] for one in shop.wacli("thread", "#2", "--json").json["notes"]] == ["punya Bu Sari"]
    assert shop.wacli("contacts", "erase", "#1", "--yes").status == 0
    with connect_readonly(tmp_path / "shop.db") as store:
        assert [text for (text,) in store.query("SELECT text FROM notes")] == ["punya Bu Sari"]
        assert store.query("SELECT DISTINCT unanswered_count FROM threads") == [(0,)], "nobody waits for the erased"
