"""The morning brief: everything on one screen, one object for scripts, and 20 when somebody is needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_board import AGUS, fill
from tests.support.demo_shop import DemoShop, demo_shop
from tests.support.front_door import FrontDoor
from tests.support.golden import check_golden
from tests.support.sandbox_shop import sandbox_shop
from tests.support.shop import BUDI, SARI, Shop
from wacli.render.today_view import TODAY_FIELDS
from wacli.store import failed_sends
from wacli.store.database import connect_readonly

FAILED = {"errors": [{"code": 131049, "title": "This message was not delivered to maintain healthy engagement."}]}


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    shop = Shop(wacli)
    shop.profile(time_zone="Asia/Jakarta")
    return shop


def today(shop: Shop, *argv: str) -> Any:
    outcome = shop.door("today", "--json", *argv)
    assert outcome.status == 0, outcome
    return outcome.json


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_one_screen_and_looks_as_somebody_found_it_good(shop: Shop, width: int) -> None:
    fill(shop)
    shop.status(AGUS, "wamid.OUT1=", "failed", "2026-11-21T23:10Z", **FAILED)
    shop.status(SARI, "wamid.OUT2=", "delivered", "2026-11-21T22:00Z")
    shop.door.width, shop.door.is_terminal = width, True
    shop.door.environment["NO_COLOR"] = "1"
    outcome = shop.door("today", "--closing", "5h")
    assert outcome.status == 0
    assert len(outcome.out.splitlines()) <= 24
    check_golden(f"today-{width}", outcome.out)


def test_a_quiet_day_says_so(shop: Shop) -> None:
    shop.hears(SARI, "halo", "2026-11-22T04:00Z")
    shop.owner_types(SARI, "siap", "2026-11-22T04:30Z")
    found = today(shop, "--exit-code")
    assert tuple(found) == TODAY_FIELDS
    assert (found["attention"], found["open_count"], found["waiting_count"]) == ([], 1, 0)
    assert (found["spent"], found["currency"], found["billed_count"]) == ("0", "USD", 0)
    assert (found["allowance_left"], found["allowance_total"]) == (1_000, 1_000)
    assert "Nobody waits" in shop.door("today", "--format", "table").out


def test_who_waits_is_there_and_the_urgent_first(shop: Shop) -> None:
    fill(shop)
    found = today(shop, "--closing", "5h")
    assert [row["name"] for row in found["closing"]] == ["نورة القحطاني"]
    assert [row["name"] for row in found["waiting"]] == [
        "Budi Santoso",
        "Joko [bold]\x1b[2J",
        "Sari Dewi",
        "Agus Pratama",
    ]
    assert (found["closing_count"], found["waiting_count"], found["closing_within_seconds"]) == (1, 5, 18_000)
    assert found["attention"] == ["closing", "waiting"]
    short = today(shop, "--closing", "5h", "--limit", "1")
    assert (len(short["closing"]), len(short["waiting"]), short["waiting_count"]) == (1, 1, 5)
    assert "3 more: wacli threads --unanswered" in shop.door("today", "--limit", "1", "--format", "table").out
    quiet = today(shop, "--closing", "1m")
    assert (quiet["closing"], quiet["attention"]) == ([], ["waiting"])


def test_what_failed_since_yesterday_and_only_that(shop: Shop) -> None:
    shop.status(SARI, "wamid.OUT1=", "failed", "2026-11-21T05:00Z", **FAILED)  # exactly 24 hours ago: included
    shop.status(BUDI, "wamid.OUT2=", "failed", "2026-11-21T04:59:59Z", **FAILED)
    shop.status(AGUS, "wamid.OUT3=", "failed", "2026-11-22T05:00:00Z", **FAILED)
    found = today(shop)
    assert [(one["name"], one["state"], one["error_code"]) for one in found["failed"]] == [
        ("Agus Pratama", "failed", 131049),
        ("Sari Dewi", "failed", 131049),
    ]
    assert found["attention"] == ["failed"]
    assert today(shop, "--at", "2026-11-22T04:59Z")["failed_count"] == 2


def test_the_exit_code_says_that_somebody_is_needed(shop: Shop) -> None:
    shop.hears(SARI, "halo", "2026-11-22T04:00Z")
    assert shop.door("today").status == 0
    assert shop.door("today", "--exit-code", "-q").status == 20
    assert shop.door("threads", "--closing", "2h", "--unanswered", "--exit-code").status == 0
    assert shop.door("threads", "--closing", "24h", "--unanswered", "--exit-code").status == 20
    shop.owner_types(SARI, "siap", "2026-11-22T04:30Z")
    assert shop.door("today", "--exit-code").status == 0
    assert shop.door("threads", "--closing", "24h", "--unanswered", "--exit-code").status == 0


def test_refusals_and_unknown_outcomes_are_failures(tmp_path: Path) -> None:
    with sandbox_shop(tmp_path) as shop:
        shop.sandbox.push_fault("error", code=131009)
        shop.wacli("reply", "Sari", "ditolak")
        shop.sandbox.push_fault("timeout", seconds=0.05)
        shop.wacli("reply", "Sari", "tidak tahu")
        found = shop.wacli("today", "--json").json
        assert {(one["text"], one["state"]) for one in found["failed"]} == {
            ("ditolak", "refused"),
            ("tidak tahu", "unknown"),
        }
        assert (found["failed_count"], found["unknown_count"]) == (2, 1)
        assert found["attention"][-2:] == ["failed", "unknown"]
        shop.wacli.now += timedelta(days=3)
        later = shop.wacli("today", "--json").json
        assert [one["state"] for one in later["failed"]] == ["unknown"]  # until somebody settles it


@pytest.fixture
def selling(wacli: FrontDoor) -> Iterator[DemoShop]:
    with demo_shop(wacli) as made:
        yield made


def test_money_and_templates(selling: DemoShop) -> None:
    selling.done("templates", "pull")
    selling.hear()
    selling.done("send", "order_ready", "Agus", "name=Agus", "order=A-1", "--yes")
    selling.advance(timedelta(minutes=1))
    selling.hear()
    selling.done("config", "set", "budget", "5 USD")
    selling.tell(
        "template_category_update",
        {
            "message_template_name": "order_ready",
            "message_template_language": "id",
            "message_template_id": 1,
            "previous_category": "UTILITY",
            "new_category": "MARKETING",
        },
    )
    found = selling.json("today")
    assert (found["spent"], found["billed_count"], found["budget"]) == ("0.025", 1, "5")
    assert [one["name"] for one in found["template_alarms"]] == ["order_ready"]
    assert "templates" in found["attention"]
    screen = selling.done("today", "--format", "table").out
    assert "$0.025 of $5" in screen
    assert "order_ready" in screen


def test_failures_are_found_without_reading_the_messages(shop: Shop) -> None:
    shop.status(SARI, "wamid.OUT1=", "failed", "2026-11-22T04:00Z", **FAILED)
    with connect_readonly(shop.door.folder / "shop.db") as store:
        plan = store.query(f"EXPLAIN QUERY PLAN {failed_sends._SQL}", {"since": 0, "until": 1})
    read = [row[3] for row in plan if row[3].startswith(("SCAN", "SEARCH"))]
    assert not [line for line in read if line.startswith("SCAN")], read
    assert any("messages_failed" in line for line in read)
    assert any("outbox_refused" in line for line in read)
