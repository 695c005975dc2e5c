"""Bad days of a campaign: Ctrl-C, a full disk, a locked store, a clock that goes backwards, a token revoked midway.

Each time a clear stop, nothing lost, nobody twice, and a resume that sends exactly the rest.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import process
from tests.support.front_door import NOW
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from wacli.cloudapi.client import Client
from wacli.domain.problem import Unavailable
from wacli.ratecards.shelf import shelf
from wacli.services.campaign_report import report
from wacli.services.campaign_send import CampaignRun
from wacli.services.pace import Pace
from wacli.services.prices import Prices
from wacli.services.send_run import Sender
from wacli.services.sending import Desk
from wacli.store import campaigns
from wacli.store.database import Store

PEOPLE = 40
_OPEN: list[Client] = []


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path, customers=PEOPLE) as made:
        wacli = made.wacli
        assert wacli("templates", "pull").status == 0
        for number in range(1, PEOPLE + 1):
            wacli("contacts", "opt-in", f"#{number}", "--evidence", "the form")
        plan = ("campaigns", "plan", "promo", "--template", "promo_weekend", "--to", "all", "1={name}", "2=20%")
        assert wacli(*plan).status == 0
        yield made
        while _OPEN:
            _OPEN.pop().close()


def booked(shop: SandboxShop) -> list[str]:
    with shop.sandbox.book.lock:
        return [str(one.callback_data) for one in shop.sandbox.book.sent.values() if one.body.get("type") == "template"]


def finish(shop: SandboxShop) -> None:
    """The rest goes out, and everybody has had it once."""
    done = shop.wacli("campaigns", "resume", "promo", "--json")
    assert (done.status, done.json["accepted"], done.json["waiting"], done.json["unknown"]) == (0, PEOPLE, 0, 0), done
    assert len(booked(shop)) == len(set(booked(shop))) == PEOPLE


def run_of(shop: SandboxShop, store: Store, clock: Callable[[], datetime] = lambda: NOW) -> CampaignRun:
    desk = Desk(store, Prices(shelf(None), "USD", UTC), shop.sandbox.number.id)
    campaign = campaigns.get(store, "promo")
    client = shop.client()
    _OPEN.append(client)
    return CampaignRun(desk, Sender(client, shop.sandbox.number.id, clock, 4, Pace(None)), campaign)


def approve(shop: SandboxShop) -> None:
    """As `send` would, without sending much."""
    shop.wacli("campaigns", "send", "promo", "--yes", "--max-cost", "0.05USD")
    with shop.store() as store:
        campaign = campaigns.get(store, "promo")
        assert campaign.approval is not None
        campaigns.approve(store, campaign.id, campaign.approval._replace(max_cost=None), None)


def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_go_on(shop: SandboxShop) -> None:
    shop.sandbox.push_fault("slow", seconds=0.4, times=PEOPLE)
    sending = process.start(
        shop.folder, "campaigns", "send", "promo", "--yes", "--pace", "20/s", **shop.wacli.environment
    )
    pause = threading.Event()
    while not booked(shop):
        assert sending.poll() is None
        pause.wait(0.01)
    sending.send_signal(signal.SIGINT)
    out, err = sending.communicate()
    assert sending.returncode == 130, (out, err)
    assert b"wacli campaigns resume promo" in err
    rows = shop.outbox("--all")
    assert {row["state"] for row in rows} <= {"accepted", "refused"}, [
        (r["state"], r["error"], r["attempts"]) for r in rows
    ] + [err]
    assert sum(row["state"] == "accepted" for row in rows) == len(booked(shop)) < PEOPLE
    assert shop.wacli("campaigns", "show", "promo", "--json").json["stopped_by"] == "stopped-by-hand"
    shop.sandbox.faults.clear()
    finish(shop)


def test_a_full_disk(shop: SandboxShop) -> None:
    approve(shop)
    with shop.store() as store:
        (pages,) = store.connection.execute("PRAGMA page_count").fetchone()
        store.connection.execute(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(Unavailable) as full:
            list(run_of(shop, store).results())
        assert full.value.code == "disk-full"
    with shop.store() as store:
        counts = report(store, campaigns.get(store, "promo"), NOW).counts
        assert counts.taken + counts.waiting + counts.unknown + counts.under_way == PEOPLE
    shop.told()  # what was accepted and could not be written down, webhooks tell
    shop.wacli("campaigns", "resume", "promo")
    shop.told()
    shown = shop.wacli("campaigns", "show", "promo", "--json").json
    assert (shown["accepted"], shown["waiting"]) == (PEOPLE - shown["unknown"], 0)
    assert len(booked(shop)) == len(set(booked(shop))) == shown["accepted"]


def test_a_store_that_somebody_keeps_locked(shop: SandboxShop) -> None:
    approve(shop)
    with shop.store() as store:
        store.connection.execute("PRAGMA busy_timeout=20")
        other = sqlite3.connect(shop.folder / "shop.db", isolation_level=None, timeout=0)
        run = run_of(shop, store).results()
        next(run)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as locked:
            list(run)
        assert locked.value.code == "store-locked"
        other.execute("ROLLBACK")
        other.close()
    shop.told()
    assert shop.wacli("campaigns", "resume", "promo").status in (0, 7)
    shop.told()
    shown = shop.wacli("campaigns", "show", "promo", "--json").json
    assert (shown["accepted"] + shown["unknown"], shown["waiting"]) == (PEOPLE, 0)
    assert len(booked(shop)) == len(set(booked(shop))) == shown["accepted"]


def test_a_clock_that_goes_backwards(shop: SandboxShop) -> None:
    approve(shop)
    ticks = iter(range(10**6))

    def clock() -> datetime:
        return NOW - timedelta(seconds=next(ticks) * 7)

    with shop.store() as store:
        states = [sent.state for sent in run_of(shop, store, clock).results()]
        assert states == ["accepted"] * (PEOPLE - 1)
    shop.told()
    shown = shop.wacli("campaigns", "show", "promo", "--json").json
    assert (shown["accepted"], shown["state"]) == (PEOPLE, "done")


def test_a_token_that_is_revoked_midway(shop: SandboxShop) -> None:
    approve(shop)
    token = shop.sandbox.account.token
    with shop.store() as store:
        results = run_of(shop, store).results()
        for _ in range(5):
            assert next(results).state == "accepted"
        shop.sandbox.account.token = "another"
        rest = list(results)
        assert any(sent.problem is not None for sent in rest)
        campaign = campaigns.get(store, "promo")
        assert campaign.stopped_by == "api-190"
        counts = report(store, campaign, NOW).counts
        assert (counts.refused, counts.unknown) == (0, 0)
        assert counts.taken == len(booked(shop)) >= 6
        assert counts.waiting == PEOPLE - counts.taken
    refused = shop.wacli("campaigns", "resume", "promo", "--json")
    assert (refused.status, refused.error["code"]) == (7, "api-190")
    shop.sandbox.account.token = token
    finish(shop)


def test_two_at_once(shop: SandboxShop) -> None:
    approve(shop)
    with shop.store() as store:
        results = run_of(shop, store).results()
        next(results)
        second = shop.wacli("campaigns", "resume", "promo", "--json")
        assert (second.status, second.error["code"]) == (6, "campaign-running")
        list(results)
    assert len(booked(shop)) == len(set(booked(shop))) == PEOPLE


def test_somebody_who_turns_out_to_be_somebody_else_gets_it_once(shop: SandboxShop) -> None:
    shop.wacli("contacts", "add", "Sari again", "--bsuid", "ID.777")
    shop.wacli("contacts", "opt-in", "Sari again", "--evidence", "the form")
    plan = (
        "campaigns",
        "plan",
        "promo",
        "--template",
        "promo_weekend",
        "--to",
        "all",
        "1={name}",
        "2=20%",
        "--replace",
    )
    assert shop.wacli(*plan).status == 0
    assert shop.wacli("contacts", "edit", "#1", "--bsuid", "ID.777").status in (0, 4)
    assert shop.wacli("contacts", "merge", "#1", "Sari again", "--yes").status == 0
    sent = shop.wacli("campaigns", "send", "promo", "--yes", "--json")
    assert sent.json["accepted"] == PEOPLE
    assert [one["reason"] for one in sent.json["skipped_reasons"]] == ["duplicate"]


def test_a_person_at_a_terminal_sees_the_bar(shop: SandboxShop) -> None:
    shop.wacli.is_terminal = True
    shop.sandbox.push_fault("slow", seconds=0.15, times=PEOPLE)
    sent = shop.wacli("campaigns", "send", "promo", "--yes", "--pace", "15/s")
    assert sent.status == 0, sent
    assert "/s, $" in sent.err
