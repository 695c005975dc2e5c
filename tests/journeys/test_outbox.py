"""`wacli outbox`: what became of what was sent, in every form, and how what is not known becomes known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.front_door import NOW, FrontDoor
from tests.support.passing_time import PassingTime
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from wacli.cloudapi.client import Client
from wacli.cloudapi.transport import Patience
from wacli.render.outbox_view import OUTBOX_FIELDS
from wacli.services.delivery_run import deliver
from wacli.services.retry import Retries

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path, customers=2) as made:
        yield made


def lose_the_answer(shop: SandboxShop, *, is_after: bool) -> str:
    """A reply whose answer never came; returns its key."""
    shop.sandbox.push_fault("reset", after_acceptance=is_after)
    outcome = shop.wacli("reply", "Sari", "siap", "--json")
    assert outcome.json[0]["state"] == "unknown"
    return str(outcome.json[0]["key"])


def test_an_empty_outbox_is_an_answer(wacli: FrontDoor, terminal: FrontDoor) -> None:
    assert (wacli("outbox", "list").status, wacli("outbox", "list").out) == (0, "")
    assert wacli("outbox", "list", "--json").json == []
    assert "Nothing is under way and nothing is unknown" in terminal("outbox", "list").out
    assert "Nothing was ever sent" in terminal("outbox", "list", "--all").out
    assert wacli("outbox", "show", "3fa9").status == 3
    assert wacli("outbox", "resolve", "--all").status == 3


def test_what_was_sent_in_every_form(shop: SandboxShop) -> None:
    key = shop.wacli("reply", "Sari", "siap", "--json").json[0]["key"]
    assert shop.outbox() == []
    row = shop.one()
    assert tuple(row) == OUTBOX_FIELDS
    assert row["name"] == "Sari"
    assert (row["key"], row["kind"], row["state"], row["status"]) == (key, "text", "accepted", "accepted")
    assert (row["attempts"], row["error"], row["created_at"]) == (1, None, "2026-11-22T05:00:00Z")
    assert [row["wamid"]] == shop.booked(key)
    plain = shop.wacli("outbox", "list", "--all").out.rstrip("\n").split("\t")
    assert len(plain) == len(OUTBOX_FIELDS)
    assert shop.wacli("outbox", "list", "--all", "--format", "csv").out.splitlines()[0].split(",")[0] == "key"
    assert json.loads(shop.wacli("outbox", "list", "--all", "--format", "ndjson").out)["key"] == key
    shop.wacli.is_terminal = True
    shop.wacli.width = 120
    table = shop.wacli("outbox", "list", "--all", environment={"NO_COLOR": "1"}).out
    assert key[-8:] in table
    assert "accepted" in table
    assert "siap" in table


def test_a_refusal_says_why_in_words_and_keeps_metas_own(shop: SandboxShop) -> None:
    shop.sandbox.push_fault("error", code=131026)
    assert shop.wacli("reply", "Sari", "siap").status == 5
    row = shop.one()
    assert (row["state"], row["error"]) == ("refused", "api-131026")
    shown = shop.wacli("outbox", "show", row["key"][:6], "--json").json
    assert shown["error_trace"]
    assert json.loads(shown["request"])["biz_opaque_callback_data"] == row["key"]


def test_the_limit_and_what_is_more(shop: SandboxShop) -> None:
    for number in range(3):
        shop.wacli("reply", "Sari", f"pesan {number}")
    assert [row["text"] for row in shop.outbox("--all", "--limit", "2")] == ["pesan 2", "pesan 1"]
    assert len(shop.outbox("--all")) == 3
    assert "1 more" in shop.wacli("outbox", "list", "--all", "--limit", "2", "--format", "table").out
    assert shop.wacli("outbox", "list", "--all", "--unknown").status == 2


def test_an_unknown_one_stays_unknown_until_somebody_tells(shop: SandboxShop) -> None:
    key = lose_the_answer(shop, is_after=False)
    assert [row["key"] for row in shop.outbox("--unknown")] == [key]
    outcome = shop.wacli("outbox", "resolve", "--all", "--json")
    assert (outcome.status, outcome.json[0]["resolution"], outcome.json[0]["state"]) == (6, "open", "unknown")
    assert f"wacli outbox resolve --resend {key[-8:]}" in outcome.err
    assert shop.booked(key) == []
    shown = shop.wacli("outbox", "show", key[:4], "--format", "table").out
    assert "may or may not have gone out" in shown


def test_a_webhook_that_was_received_and_not_applied_resolves_it(shop: SandboxShop) -> None:
    key = lose_the_answer(shop, is_after=True)
    from wacli.services.inbound import receive

    with shop.store() as store:
        for body in shop.updates():
            assert receive(store, body, NOW)
    assert shop.one()["state"] == "unknown"
    outcome = shop.wacli("outbox", "resolve", key[-8:], "--json")
    assert (outcome.status, outcome.json[0]["resolution"], outcome.json[0]["status"]) == (0, "status", "sent")
    assert len(shop.booked(key)) == 1


def test_history_tells_what_lost_webhooks_would_have_told_and_a_rebuild_keeps_it(shop: SandboxShop) -> None:
    key = shop.wacli("reply", "Sari", "siap", "--json").json[0]["key"]
    assert shop.wacli("outbox", "resolve", key, "--json").json[0]["resolution"] == "history"  # sent, at once
    shop.sandbox.advance(timedelta(minutes=10))
    shop.updates()  # lost, all of them
    assert shop.one()["status"] == "sent"
    other = shop.wacli("reply", "Sari 1", "juga", "--json").json[0]["key"]
    shop.sandbox.advance(timedelta(minutes=10))
    shop.updates()
    found = shop.wacli("outbox", "resolve", "--all", "--json").json
    assert [(one["key"], one["resolution"], one["status"]) for one in found] == [(other, "history", "read")]
    assert shop.wacli("outbox", "resolve", "--all", "--json").json == []
    before = shop.outbox("--all")
    said = shop.wacli("thread", "Sari 1", "--json").json
    assert said["messages"][-1]["status"] == "read"
    assert shop.wacli("db", "rebuild").status == 0
    assert shop.outbox("--all") == before
    assert shop.wacli("thread", "Sari 1", "--json").json == said


def test_history_that_has_nothing_to_tell_is_said_so(shop: SandboxShop) -> None:
    key = shop.wacli("reply", "Sari", "siap", "--json").json[0]["key"]
    shop.sandbox.book.sent.clear()
    outcome = shop.wacli("outbox", "resolve", key, "--json")
    assert (outcome.status, outcome.json[0]["resolution"], outcome.json[0]["state"]) == (0, "asked", "accepted")


def test_only_a_person_sends_again_and_it_is_written_down(shop: SandboxShop) -> None:
    key = lose_the_answer(shop, is_after=False)
    early = shop.wacli("outbox", "resolve", "--resend", key, "--yes", "--json")
    assert (early.status, early.error["code"]) == (4, "on-its-way")
    shop.wacli.now = LATER
    asked = shop.wacli("outbox", "resolve", "--resend", key, "--json")
    assert (asked.status, asked.error["code"]) == (2, "needs-yes")
    assert shop.sandbox.book.sent == {}
    done = shop.wacli("outbox", "resolve", "--resend", key[-8:], "--yes", "--json")
    assert (done.status, done.json[0]["state"]) == (0, "accepted")
    again = done.json[0]["key"]
    assert (shop.booked(key), len(shop.booked(again))) == ([], 1)
    newer, older = shop.outbox("--all")
    assert (newer["key"], newer["replaces"], newer["state"]) == (again, key, "accepted")
    assert (older["key"], older["replaced_by"], older["state"]) == (key, again, "unknown")
    twice = shop.wacli("outbox", "resolve", "--resend", key, "--yes", "--json")
    assert (twice.status, twice.error["code"]) == (4, "already-replaced")
    assert "--resend" not in shop.wacli("outbox", "resolve", "--all").err  # nobody is told to do that
    was_sent = shop.wacli("outbox", "resolve", "--resend", again, "--yes", "--json")
    assert (was_sent.status, was_sent.error["code"]) == (4, "was-sent")
    assert len(shop.sandbox.book.sent) == 1
    (body,) = (dict(one.body) for one in shop.sandbox.book.sent.values())
    assert body["text"] == {"body": "siap"} or body["text"]["body"] == "siap"  # type: ignore[index]


def test_a_status_that_came_meanwhile_forbids_sending_again(shop: SandboxShop) -> None:
    key = lose_the_answer(shop, is_after=True)
    from wacli.services.inbound import receive

    with shop.store() as store:
        for body in shop.updates():
            receive(store, body, NOW)
    shop.wacli.now = LATER
    outcome = shop.wacli("outbox", "resolve", "--resend", key, "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (4, "was-sent")
    assert len(shop.sandbox.book.sent) == 1


def test_the_rules_of_today_hold_for_what_is_sent_again(shop: SandboxShop) -> None:
    key = lose_the_answer(shop, is_after=False)
    shop.wacli.now = NOW + timedelta(days=2)
    outcome = shop.wacli("outbox", "resolve", "--resend", key, "--yes", "--json")
    assert (outcome.status, outcome.error["code"]) == (4, "window-closed")


def test_a_template_that_was_refused_can_be_sent_again_when_the_cause_is_mended(shop: SandboxShop) -> None:
    assert shop.wacli("templates", "pull").status == 0
    shop.sandbox.push_fault("error", code=131042)
    sent = shop.wacli("send", "order_ready", "Sari", "name=Sari", "order=A-1", "--json")
    assert sent.json[0]["state"] == "refused"
    done = shop.wacli("outbox", "resolve", "--resend", sent.json[0]["key"], "--yes", "--json")
    assert done.status == 0
    (booked,) = shop.sandbox.book.sent.values()
    assert (booked.template, booked.callback_data) == ("order_ready", done.json[0]["key"])
    assert booked.text is not None
    assert "A-1" in booked.text


def test_usage(shop: SandboxShop) -> None:
    assert shop.wacli("outbox", "resolve").status == 2
    assert shop.wacli("outbox", "resolve", "--all", "--resend", "x").status == 2
    assert shop.wacli("outbox", "show", "nope", "--json").error["code"] == "no-such-send"
    keys = [shop.wacli("reply", "Sari", str(n), "--json").json[0]["key"] for n in range(17)]
    first = next(key[0] for key in keys if sum(other[0] == key[0] for other in keys) > 1)
    assert shop.wacli("outbox", "show", first, "--json").error["code"] == "ambiguous"


def test_one_key_that_ends_as_another_begins_is_no_answer(shop: SandboxShop) -> None:
    """What is sent again must be the one that was meant."""
    keys = [shop.wacli("reply", "Sari", str(n), "--json").json[0]["key"] for n in range(2)]
    with shop.store() as store, store.transaction() as connection:
        clashing = keys[0][-8:] + keys[1][8:]
        connection.execute("UPDATE outbox SET key = ? WHERE key = ?", (clashing, keys[1]))
    assert shop.wacli("outbox", "show", keys[0][-8:], "--json").error["details"]["candidates"] == sorted(
        (keys[0], clashing)
    )
    assert shop.wacli("outbox", "show", clashing, "--json").status == 0


def test_the_shown_part_of_a_key_is_enough(shop: SandboxShop) -> None:
    """Sends of one minute: keys begin with the time, so their beginnings are one."""
    keys = [shop.wacli("reply", "Sari", str(n), "--json").json[0]["key"] for n in range(3)]
    assert len({key[:8] for key in keys}) == 1
    table = shop.wacli("outbox", "list", "--all", "--format", "table").out.splitlines()
    shown = [line.split()[0] for line in table if line[:1].isalnum() and len(line.split()[0]) == 8]
    assert sorted(shown) == sorted(key[-8:] for key in keys)
    for key in keys:
        assert shop.wacli("outbox", "show", key[-8:], "--json").json["key"] == key
        assert shop.wacli("outbox", "show", key[:-1], "--json").json["key"] == key


def test_a_dry_run_asks_nobody_and_sends_nothing(shop: SandboxShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.sandbox.push_fault("reset", after_acceptance=True)
    key = shop.wacli("reply", "Sari", "halo", "--json").json[0]["key"]

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dry run makes no client")

    monkeypatch.setattr(Client, "__init__", refuse)
    shop.wacli.now += timedelta(minutes=5)
    (row,) = shop.wacli("outbox", "resolve", "--all", "--dry-run", "--json").json
    assert (row["key"], row["state"]) == (key, "unknown")
    again = shop.wacli("outbox", "resolve", "--resend", key, "--dry-run", "--json")
    assert (again.status, again.json["body"]["text"]["body"], again.json["dry_run"]) == (0, "halo", True)
    assert again.json["body"]["biz_opaque_callback_data"] != key
    assert [one["key"] for one in shop.outbox("--all")] == [key]


def test_a_patient_client_has_time_outs_on_everything(shop: SandboxShop) -> None:
    with shop.client() as client:
        patience = client.settings.patience
    assert isinstance(patience, Patience)
    assert 0 < patience.connect_s < 60
    assert 0 < patience.read_s < 60


def test_a_long_wait_that_the_answer_asks_for_is_honoured_or_not_begun(shop: SandboxShop) -> None:
    time = PassingTime()
    retries = Retries(random=lambda: 0.0)
    shop.sandbox.push_fault("error", code=4, times=9)
    with shop.store() as store, shop.client() as client:
        deliver(
            store, client, shop.sandbox.number.id, shop.prepared(store), lambda: NOW, pace=time.pace(), retries=retries
        )
    assert time.slept == [0.25, 0.5, 1.0]  # jitter takes at most half
