"""`wacli doctor`: what is wrong is found, named once, and answered with what to type."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.support.account import TOKEN, account_at_meta, by_name, connect
from tests.support.front_door import NOW, FrontDoor
from wacli.domain.campaign import NO_LIMIT
from wacli.sandbox.book import Grant
from wacli.sandbox.sandbox import Sandbox
from wacli.store import campaign_counts
from wacli.store.database import BUSY_FOR_MS, connect_readonly, open_store

ALL = [
    "versions", "path", "files", "store", "erasure", "profile", "time-zone", "api-version", "rate-card", "connection",
    "token", "token-expiry", "permissions", "account", "number", "display-name", "quality", "messaging-limit", "health",
    "payment-method", "currency", "webhook", "clock",
]  # fmt: skip


@pytest.fixture
def meta() -> Iterator[Sandbox]:
    with account_at_meta() as sandbox:
        yield sandbox


@pytest.fixture
def shop(wacli: FrontDoor, meta: Sandbox) -> FrontDoor:
    assert connect(wacli, meta).status == 0
    return wacli


def look(door: FrontDoor, *argv: str, status: int = 0) -> dict[str, dict[str, Any]]:
    outcome = door("doctor", "--json", *argv)
    assert outcome.status == status, outcome
    assert TOKEN not in outcome.out + outcome.err
    return by_name(outcome.json)


def test_everything_is_all_right(shop: FrontDoor) -> None:
    rows = shop("doctor", "--json").json
    assert [row["check"] for row in rows] == ALL
    assert all(list(row) == ["check", "result", "message", "next", "details"] for row in rows)
    assert {row["result"] for row in rows} == {"ok"}
    assert all(row["next"] is None for row in rows)
    as_table = shop("doctor", "--format", "table")
    assert "Nothing is wrong." in as_table.out
    assert max(len(line) for line in as_table.out.splitlines()) <= 80


def test_a_machine_without_anything(wacli: FrontDoor) -> None:
    checks = look(wacli, status=1)
    assert list(checks) == ALL
    assert (checks["profile"]["result"], checks["profile"]["next"]) == ("fail", "Make one: wacli setup")
    assert checks["store"]["result"] == "warn"
    assert "wacli -p default setup" in checks["store"]["next"]
    assert checks["token"]["result"] == "fail"
    assert checks["connection"]["result"] == "skipped"


def test_offline_asks_nobody(shop: FrontDoor, meta: Sandbox) -> None:
    meta.push_fault("bare")  # the next question would be answered with a 502
    checks = look(shop, "--offline")
    assert list(checks) == ALL
    assert {row["result"] for name, row in checks.items() if ALL.index(name) >= ALL.index("connection")} == {"skipped"}
    assert len(meta.faults.waiting()) == 1


def test_the_phone_app_has_nobody_to_ask(wacli: FrontDoor) -> None:
    wacli("setup", "--kind", "phone-app", "--country", "ID", "--time-zone", "Asia/Jakarta")
    checks = look(wacli)
    assert checks["token"]["result"] == checks["api-version"]["result"] == "skipped"
    assert checks["profile"]["result"] == "ok"


def test_another_time_than_now_makes_no_sense(shop: FrontDoor) -> None:
    assert shop("doctor", "--at", "yesterday").status == 2


def test_a_token_that_ended_is_said_once(shop: FrontDoor, meta: Sandbox) -> None:
    meta.account.grant = Grant(expires_at=NOW)
    checks = look(shop, status=1)
    assert [name for name, row in checks.items() if row["result"] == "fail"] == ["token"]
    assert checks["token"]["details"]["code"] == 190
    assert checks["token"]["details"]["fbtrace_id"]
    assert checks["number"]["result"] == "skipped"
    with_details = shop("doctor", "--debug", "--format", "table").out
    assert "fbtrace_id: A" in with_details


@pytest.mark.parametrize(
    ("left", "result"),
    [(timedelta(days=7), "ok"), (timedelta(days=7, seconds=-1), "warn"), (timedelta(seconds=1), "warn")],
)
def test_a_token_that_ends_soon(shop: FrontDoor, meta: Sandbox, left: timedelta, result: str) -> None:
    meta.account.grant = Grant(expires_at=NOW + left)
    expiry = look(shop)["token-expiry"]
    assert expiry["result"] == result
    assert expiry["details"]["expires_at"] == (NOW + left).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_token_that_may_not_be_inspected_leaves_open_what_it_may(shop: FrontDoor, meta: Sandbox) -> None:
    meta.account.grant = Grant(is_inspectable=False)
    checks = look(shop)
    assert checks["token"]["result"] == "ok"
    assert checks["token-expiry"]["result"] == checks["permissions"]["result"] == "unknown"


@pytest.mark.parametrize("scope", ["whatsapp_business_management", "whatsapp_business_messaging"])
def test_a_permission_that_is_missing(shop: FrontDoor, meta: Sandbox, scope: str) -> None:
    meta.account.grant = Grant(scopes=(scope,))
    permissions = look(shop, status=1)["permissions"]
    (missing,) = {"whatsapp_business_management", "whatsapp_business_messaging"} - {scope}
    assert permissions["details"]["missing"] == [missing]


@pytest.mark.parametrize(
    ("status", "result"),
    [("CONNECTED", "ok"), ("FLAGGED", "warn"), ("RESTRICTED", "warn"), ("BANNED", "fail"), ("PENDING", "fail"),
     ("SOMETHING_NEW", "unknown")],
)  # fmt: skip
def test_the_number_in_each_state(shop: FrontDoor, meta: Sandbox, status: str, result: str) -> None:
    meta.number.status = status
    checks = by_name(shop("doctor", "--json").json)
    assert checks["number"]["result"] == result
    assert checks["number"]["details"]["status"] == status
    if status != "CONNECTED":
        assert checks["health"]["result"] == "fail"
        assert checks["health"]["next"] == "See: wacli help error 133010"


@pytest.mark.parametrize("version", ["v23.0", "v24.0", "v26.0"])
def test_the_limit_has_another_name_in_older_versions(shop: FrontDoor, meta: Sandbox, version: str) -> None:
    meta.number.limit = "TIER_2K"
    shop("config", "set", "api_version", version)
    limit = look(shop)["messaging-limit"]
    assert limit["details"] == {"tier": "TIER_2K", "people_per_day": 2000}
    assert "2,000 people" in limit["message"]


@pytest.mark.parametrize(("tier", "people"), [("TIER_2K", 2_000), ("TIER_UNLIMITED", NO_LIMIT), ("SOON", None)])
def test_the_limit_is_kept_for_whoever_plans(shop: FrontDoor, meta: Sandbox, tier: str, people: int | None) -> None:
    shop("contacts", "add", "Sari", "--phone", "+6281234567890")
    meta.number.limit = tier
    look(shop)
    with open_store(shop.folder / "shop.db", create=False) as store:
        assert campaign_counts.messaging_limit(store) == people


def test_quality_money_and_currency(shop: FrontDoor, meta: Sandbox) -> None:
    meta.number.quality, meta.account.has_payment_method, meta.account.currency = "RED", False, "IDR"
    checks = look(shop)
    assert {name for name, row in checks.items() if row["result"] == "warn"} == {
        "quality", "payment-method", "currency", "health",
    }  # fmt: skip
    assert "131042" in checks["payment-method"]["message"]
    assert "config set currency IDR" in checks["currency"]["next"]
    assert "no valid payment method" in checks["health"]["message"]


def test_the_webhook_without_subscription_and_without_address(shop: FrontDoor, meta: Sandbox) -> None:
    meta.account.callback_url = None
    assert look(shop)["webhook"]["result"] == "warn"
    meta.account.is_subscribed = False
    webhook = look(shop, status=1)["webhook"]
    assert (webhook["result"], webhook["details"]["apps"]) == ("fail", [])
    assert "setup --subscribe" in webhook["next"]


@pytest.mark.parametrize(
    ("ahead", "result", "said"),
    [
        (timedelta(0), "ok", 0),
        (timedelta(seconds=1), "ok", 0),  # the server's time is cut to the second
        (timedelta(seconds=31), "ok", 30),
        (timedelta(seconds=31, microseconds=1), "warn", 30),
        (timedelta(seconds=301), "warn", 300),
        (timedelta(seconds=302), "fail", 301),
        (timedelta(seconds=-30), "ok", -30),
        (timedelta(seconds=-31), "warn", -31),
        (timedelta(hours=-7), "fail", -25200),
    ],
)
def test_a_clock_that_is_wrong(shop: FrontDoor, ahead: timedelta, result: str, said: int) -> None:
    shop.now = NOW + ahead
    clock = by_name(shop("doctor", "--json").json)["clock"]
    assert (clock["result"], clock["details"]["skew_seconds"]) == (result, said)
    if result != "ok":
        assert ("ahead" if ahead > timedelta(0) else "behind") in clock["message"]


def test_a_server_that_is_away_is_said_once(wacli: FrontDoor) -> None:
    with account_at_meta() as gone:
        connect(wacli, gone)
    checks = look(wacli, status=1)
    assert [name for name, row in checks.items() if row["result"] == "fail"] == ["connection"]
    assert sum(row["result"] == "skipped" for row in checks.values()) == len(ALL) - ALL.index("connection") - 1


def test_a_sandbox_that_does_not_run_says_how_to_start_it(wacli: FrontDoor) -> None:
    wacli("setup", "--name", "prac", "--kind", "sandbox")
    wacli("config", "set", "api_base", "http://127.0.0.1:1")
    assert "wacli -p prac sandbox" in look(wacli, status=1)["connection"]["next"]


@pytest.mark.skipif(os.name != "posix", reason="there are no modes here")
def test_files_that_others_can_read(shop: FrontDoor, tmp_path: Path) -> None:
    (tmp_path / "shop.db").chmod(0o644)
    files = look(shop)["files"]
    assert (files["result"], files["details"]["open_to_others"]) == ("warn", [str(tmp_path / "shop.db")])
    assert look(shop)["files"]["result"] == "ok"  # opening it closed it
    secret = tmp_path / "config" / "secrets" / "shop.token"
    secret.chmod(0o640)
    checks = look(shop, status=1)
    assert checks["files"]["result"] == checks["token"]["result"] == "fail"
    assert checks["files"]["next"] == f"Close them: chmod 600 {secret}"


def program(folder: Path, content: bytes) -> Path:
    folder.mkdir()
    path = folder / "wacli"
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def test_another_program_of_the_same_name(shop: FrontDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = program(tmp_path / "ours", b"#!/usr/bin/python3\nfrom wacli.__main__ import main\n")
    stranger = program(tmp_path / "theirs", b"\x7fELF\x02\x01\x01")
    monkeypatch.setattr(sys, "argv", [str(ours)])
    shop.environment["PATH"] = f"{ours.parent}{os.pathsep}{stranger.parent}{os.pathsep}/nonexistent{os.pathsep}"
    path = look(shop)["path"]
    assert (path["result"], path["details"]["others"]) == ("ok", [str(stranger)])
    shop.environment["PATH"] = f"{stranger.parent}{os.pathsep}{ours.parent}"
    path = look(shop)["path"]
    assert path["result"] == "warn"
    assert str(stranger) in path["message"]
    assert str(ours.parent) in path["next"]
    shop.environment["PATH"] = str(ours.parent)
    assert look(shop)["path"]["details"]["others"] == []


def test_a_store_that_is_none(shop: FrontDoor, tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"not a database at all")
    store = look(shop, status=1)["store"]
    assert store["result"] == "fail"
    assert store["next"]


def test_an_erasure_that_was_cut_short(shop: FrontDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop("contacts", "add", "Sari", "--phone", "+6281234567890").status == 0
    assert look(shop)["erasure"]["result"] == "ok"

    def crash(_store: object) -> bool:
        raise RuntimeError

    with monkeypatch.context() as cut:
        cut.setattr("wacli.store.scrubbing.scrub", crash)
        with pytest.raises(RuntimeError):
            shop("contacts", "erase", "Sari", "--yes")
    assert "+62" not in shop("contacts", "list").out
    left = look(shop, status=1)["erasure"]
    assert (left["result"], left["next"]) == ("fail", "Clear them: wacli -p shop contacts erase --finish")
    assert shop(*left["next"].split()[3:]).status == 0
    assert look(shop)["erasure"]["result"] == "ok"


def test_a_store_that_somebody_else_writes(shop: FrontDoor, tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    started = monotonic()
    try:
        writer.execute("BEGIN IMMEDIATE")
        outcome = shop("doctor", "--json")
    finally:
        writer.close()
    assert monotonic() - started < BUSY_FOR_MS / 1000, "what doctor notes does not wait as other writers do"
    store = by_name(outcome.json)["store"]
    assert (outcome.status, store["result"]) == (0, "warn")
    assert "being written" in store["message"]
    assert outcome.err.startswith("What Meta said was not noted in the store: ")
    assert "being written by another wacli" in outcome.err

    calm = shop("doctor", "--json")
    assert by_name(calm.json)["store"]["result"] == "ok"
    assert calm.err == ""
    with connect_readonly(tmp_path / "shop.db") as opened:
        assert opened.query("SELECT has_payment_method FROM account_facts") == [(1,)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not show who has a file open")
def test_who_has_the_store_open(shop: FrontDoor, tmp_path: Path) -> None:
    import subprocess

    from wacli.services.doctor_machine import _processes_with

    code = "import sys, sqlite3; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); print(1, flush=True)"
    held = subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.stdin.read()", str(tmp_path / "shop.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert held.stdout is not None
        held.stdout.readline()
        (holder,) = _processes_with(tmp_path / "shop.db")
        assert holder.startswith(f"{held.pid} (")
    finally:
        held.communicate()


def test_what_the_settings_lack(shop: FrontDoor) -> None:
    for key in ("time_zone", "country"):
        shop("config", "set", key, "")
    checks = look(shop)
    assert checks["time-zone"]["result"] == checks["profile"]["result"] == "warn"
    assert "config set time_zone" in checks["time-zone"]["next"]
    shop("config", "set", "phone_number_id", "")
    checks = look(shop, status=1)
    assert checks["profile"]["details"]["missing"] == ["phone_number_id"]
    assert checks["number"]["result"] == "skipped"


@pytest.mark.parametrize(
    ("now", "result"),
    [("2026-12-31T16:59:59Z", "ok"), ("2026-12-31T17:00:00Z", "warn"), ("2027-05-01T00:00:00Z", "warn")],
)
def test_a_price_list_grows_old_when_a_quarter_begins(shop: FrontDoor, now: str, result: str) -> None:
    shop.now = datetime.fromisoformat(now).astimezone(UTC)
    card = by_name(shop("doctor", "--offline", "--json").json)["rate-card"]
    assert card["result"] == result, card


def test_a_currency_without_a_price_list(shop: FrontDoor) -> None:
    shop("config", "set", "currency", "XTS")
    card = by_name(shop("doctor", "--offline", "--json").json)["rate-card"]
    assert (card["result"], card["details"]["rate_card"]) == ("warn", None)


@pytest.mark.parametrize(
    ("version", "now", "result"),
    [
        ("v25.0", "2028-04-30T00:00:00Z", "ok"),
        ("v25.0", "2028-04-30T23:59:59Z", "ok"),
        ("v25.0", "2028-05-01T00:00:00Z", "warn"),
        ("v25.0", "2028-07-28T23:59:59Z", "warn"),
        ("v25.0", "2028-07-29T00:00:00Z", "fail"),
        ("v26.0", "2030-01-01T00:00:00Z", "ok"),
        ("v20.0", "2026-11-22T00:00:00Z", "fail"),
        ("v99.0", "2026-11-22T00:00:00Z", "unknown"),
    ],
)
def test_a_version_of_the_api_that_ends(shop: FrontDoor, version: str, now: str, result: str) -> None:
    shop("config", "set", "api_version", version)
    shop.now = datetime.fromisoformat(now).astimezone(UTC)
    assert by_name(shop("doctor", "--offline", "--json").json)["api-version"]["result"] == result


@pytest.mark.parametrize("fault", ["timeout", "reset", "garbage", "bare", "truncated"])
def test_an_answer_that_goes_wrong_is_a_finding_and_not_a_crash(shop: FrontDoor, meta: Sandbox, fault: str) -> None:
    for _ in range(30):
        meta.push_fault(fault, **({"seconds": 0.01} if fault == "timeout" else {}))
    outcome = shop("doctor", "--json")
    assert outcome.status in (0, 1), outcome
    assert [row["check"] for row in outcome.json] == ALL
    assert "Traceback" not in outcome.err
