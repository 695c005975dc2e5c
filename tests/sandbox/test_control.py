"""The control paths, the clock, and the worlds."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import Caller, Receiver, body_values, template_to, text_to
from wacli.sandbox.agenda import Agenda
from wacli.sandbox.book import Book
from wacli.sandbox.clock import Clock
from wacli.sandbox.customers import Answer
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import demo_world

SARI = "+6281234567890"


def test_a_whole_conversation_by_control_paths_alone(receiver: Receiver, still: Sandbox, caller: Caller) -> None:
    assert (
        caller.call("POST", "/_sandbox/customers", {"name": "Ani", "phone": "+62 812 000 111"}).json["wa_id"]
        == "62812000111"
    )
    who = "/_sandbox/customers/62812000111"
    heard = caller.call("POST", f"{who}/say", {"text": "halo", "at": "2026-11-22T11:00:00Z"}).json
    assert heard["customer"]["threads"][0]["closes_at"] == "2026-11-23T11:00:00Z"
    caller.call("POST", f"{who}/react", {"message_id": heard["id"], "emoji": "🌹"})
    caller.call("POST", f"{who}/call", {})
    caller.call("POST", f"{who}/click-ad", {"text": "iklan", "headline": "Buket"})
    wamid = caller.send(template_to("62812000111", "order_ready", "id", body_values(name="A", order="1"))).json[
        "messages"
    ][0]["id"]
    assert caller.call("POST", "/_sandbox/clock", {"advance": 60}).json["now"] == "2026-11-22T12:01:00Z"
    caller.call("POST", f"{who}/tap", {"title": "Saya ambil"})
    caller.call("POST", f"{who}/stop", {})
    assert caller.call("POST", "/_sandbox/drain").json["failed"] == 0
    book = caller.call("GET", "/_sandbox/book").json
    assert [one["kind"] for one in book["heard"]] == ["text", "reaction", "call", "text", "button"]
    (sent,) = book["sent"]
    assert (sent["id"], sent["status"], sent["category"]) == (wamid, "read", "utility")
    assert sent["pricing"]["type"] == "free_entry_point"
    assert [(one["wamid"], one["is_billed"]) for one in book["charges"]] == [(wamid, False)]
    assert book["notifications"]["delivered"] == len(receiver.bodies)
    assert book["customers"][0]["has_stopped_marketing"]
    assert "sandbox-token" not in str(book)
    assert "app-secret" not in str(book)


def test_faults_webhooks_templates_and_clock_by_control(still: Sandbox, sari: Puppet, caller: Caller) -> None:
    pushed = caller.call("POST", "/_sandbox/faults", {"kind": "bare", "http": 503, "seconds": 1}).json
    assert (pushed["kind"], pushed["http"], pushed["path"]) == ("bare", 503, "/messages")
    assert caller.call("GET", "/_sandbox/faults").json == [pushed]
    assert caller.send(text_to(SARI)).status == 503
    caller.call("POST", "/_sandbox/faults", {"kind": "reset"})
    assert caller.call("DELETE", "/_sandbox/faults").json == {"success": True}
    assert caller.send(text_to(SARI)).status == 200
    for wrong in ({"kind": "x"}, {}, {"kind": "bare", "times": "2"}, {"kind": "bare", "colour": 1}):
        assert caller.call("POST", "/_sandbox/faults", wrong).code == 100
    hook = caller.call("POST", "/_sandbox/webhooks", {"url": "http://127.0.0.1:9/x", "batch": 10, "is_held": True}).json
    assert (hook["url"], hook["batch"], hook["is_held"]) == ("http://127.0.0.1:9/x", 10, True)
    told = caller.call(
        "POST", "/_sandbox/template", {"name": "promo_weekend", "language": "id", "status": "PAUSED"}
    ).json
    assert told["status"] == "PAUSED"
    assert caller.call("POST", "/_sandbox/clock", {"at": "2026-11-23T00:00:00Z", "speed": 0}).json["speed"] == 0
    for wrong_clock in ({"at": "2026-11-01T00:00:00Z"}, {"advance": -1}, {"speed": -1}, {"at": "x"}, {"advance": "1"}):
        assert caller.call("POST", "/_sandbox/clock", wrong_clock).code == 100
    assert caller.call("GET", "/_sandbox/clock").json["now"] == "2026-11-23T00:00:00Z"
    assert caller.call("POST", "/_sandbox/customers/nobody/say", {"text": "x"}).status == 404
    assert caller.call("POST", "/_sandbox/customers/Sari/dance", {}).code == 2500
    assert caller.call("GET", "/_sandbox/customers").json[0]["name"] == "Sari"


def test_a_page_in_a_browser_cannot_pull_the_strings(caller: Caller) -> None:
    assert caller.call("GET", "/_sandbox/book", headers={"Origin": "https://evil.example"}).status == 403
    assert caller.call("GET", "/_sandbox/book", headers={"Host": "evil.example"}).status == 403


def test_a_clock_that_is_driven() -> None:
    real = [100.0]
    clock = Clock(NOON, speed=60, monotonic=lambda: real[0])
    real[0] += 1
    assert clock.now() == NOON + timedelta(minutes=1)
    assert clock.real_seconds_until(NOON + timedelta(minutes=2)) == 1.0
    clock.speed = 0
    real[0] += 1000
    assert clock.now() == NOON + timedelta(minutes=1)
    assert clock.real_seconds_until(NOON + timedelta(minutes=2)) is None
    assert clock.advance(timedelta(hours=1)) == NOON + timedelta(minutes=61)
    assert clock.real_seconds_until(NOON) == 0.0
    with pytest.raises(ValueError, match="back"):
        clock.set(NOON)
    with pytest.raises(ValueError, match="back"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake
    with pytest.raises(ValueError, match="speed"):
        Clock(NOON, speed=-1)
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_things_happen_in_order_and_at_their_own_instant() -> None:
    clock = Clock(NOON, speed=0)
    agenda, seen = Agenda(Book(1), clock), []
    agenda.at(NOON + timedelta(hours=2), lambda due: seen.append(("b", due)))
    agenda.at(
        NOON + timedelta(hours=1), lambda due: agenda.at(due + timedelta(minutes=1), lambda at: seen.append(("a", at)))
    )
    assert agenda.run_due() == 0
    clock.advance(timedelta(days=1))
    assert agenda.run_due() == 3
    assert seen == [("a", NOON + timedelta(minutes=61)), ("b", NOON + timedelta(hours=2))]
    assert agenda.next_due() is None


def test_customers_answer_by_themselves_once(still: Sandbox, sari: Puppet) -> None:
    sari.customer.answers += [Answer("Berapa?", timedelta(minutes=1), to="promo"), Answer("Oke")]
    still.post_message(text_to(SARI, "Ada PROMO baru"))
    still.advance(timedelta(hours=1))
    still.post_message(text_to(SARI, "Dua puluh ribu"))
    still.advance(timedelta(hours=1))
    still.post_message(text_to(SARI, "Masih di sana?"))
    still.advance(timedelta(hours=1))
    assert [one.text for one in still.book.heard.values()] == ["halo", "Berapa?", "Oke"]
    assert list(still.book.heard.values())[1].at == NOON + timedelta(seconds=65)


def test_an_act_in_the_future_waits_for_it(still: Sandbox, sari: Puppet) -> None:
    sari.says("nanti", NOON + timedelta(hours=3))
    assert [one.text for one in still.book.heard.values()] == ["halo"]
    still.advance(timedelta(hours=3))
    assert [one.text for one in still.book.heard.values()] == ["halo", "nanti"]


def test_the_demo_world_tells_its_past_when_somebody_listens(receiver: Receiver) -> None:
    sandbox = demo_world(NOON, speed=0)
    sandbox.account.callback_url = receiver.url
    assert sandbox.drain().failed == 0
    names = {value["contacts"][0]["profile"]["name"] for value in receiver.values}
    assert names == {
        "Sari Wulandari",
        "Budi Santoso",
        "Rina Hapsari",
        "Agus Pratama",
        "Dewi",
        "نورة القحطاني",
        "Joko [bold]",
    }
    open_now = {name: _is_open(sandbox, name) for name in names}
    assert [name for name, is_open in open_now.items() if not is_open] == ["Agus Pratama"]
    assert any("\x1b]0;" in message.get("text", {}).get("body", "") for message in receiver.messages)
    assert any("from" not in message for message in receiver.messages)
    assert any("referral" in message for message in receiver.messages)
    sent: dict[str, Any] = sandbox.post_message(
        template_to("6287855667788", "order_ready", "id", body_values(name="Agus", order="A-104"))
    )
    assert sent["messages"][0]["message_status"] == "accepted"
    assert {one.name for one in sandbox.account.templates} == {"order_ready", "promo_weekend", "login_code"}


def test_ids_differ_between_two_runs_of_the_same_world() -> None:
    first, second = ({one.id for one in demo_world(NOON).book.heard.values()} for _ in range(2))
    assert len(first) == 8
    assert not first & second


@pytest.mark.parametrize(
    ("phone", "country"), [("6281234567890", "ID"), ("966501234567", "SA"), ("12025550123", "US"), ("99999", "XX")]
)
def test_an_id_without_a_phone_number_still_tells_the_country(still: Sandbox, phone: str, country: str) -> None:
    assert still.add_customer("Someone", phone).customer.bsuid.startswith(f"{country}.")


def test_customers_are_found_by_everything_people_call_them(still: Sandbox, sari: Puppet) -> None:
    dewi = still.add_customer("Dewi", "+62 819 0000 1111", username="dewi.bunga")
    for who in ("6281900001111", "+62 819-0000-1111", "@dewi.bunga", "Dewi", dewi.customer.bsuid):
        found = still.find(who)
        assert found is not None
        assert found.customer is dewi.customer
    assert still.find("Siapa") is None
    assert still.find("+62 819") is None


def test_the_web_server_is_loaded_only_by_starting() -> None:
    heavy = ("starlette", "uvicorn", "asyncio", "anyio")
    code = f"import sys, wacli.sandbox.world; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def _is_open(sandbox: Sandbox, name: str) -> bool:
    found = sandbox.find(name)
    assert found is not None
    return sandbox.book.thread(sandbox.number, found.customer).is_open(NOON)


def test_customers_change_their_words_and_their_numbers(caller: Caller, sari: Puppet) -> None:
    who = "/_sandbox/customers/Sari"
    caller.sandbox.courier.take()
    for act, body in (("edit", {"text": "Halo kak"}), ("revoke", {}), ("move", {"phone": "+62 811 2222 3333"}),
                      ("stop", {}), ("resume", {})):  # fmt: skip
        assert caller.call("POST", f"{who}/{act}", body).status == 200
    told = [update.change for update in caller.sandbox.courier.take()]
    assert [change["field"] for change in told] == ["messages"] * 3 + ["user_preferences"] * 2
    assert sari.customer.wa_id == "6281122223333"
    assert not sari.customer.has_stopped_marketing
    assert caller.call("POST", f"{who}/dance", {}).code == 2500
    budi = caller.sandbox.add_customer("Budi", "+62 813 1111 2222")
    assert caller.call("POST", f"/_sandbox/customers/{budi.customer.wa_id}/edit", {"text": "x"}).code == 100
