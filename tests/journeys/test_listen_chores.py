"""`wacli listen` keeps the appointments of campaigns, and names those that were missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.test_listen_absence import eventually
from tests.support.front_door import FrontDoor
from tests.support.kill_receiver import end, listen
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates

TOKEN = "token-of-a-test"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(clock=Clock(datetime.now(UTC)), token=TOKEN, seed=7)
    put_templates(made.account)
    made.start()
    yield made
    made.stop()


def plan(folder: Path, sandbox: Sandbox, at: datetime, now: datetime) -> FrontDoor:
    """A shop with one customer and a campaign that is kept for `at`, agreed to at `now`."""
    sandbox.add_customer("Agus", "+6281234567890")
    door = FrontDoor(folder, now=now, environment={"WACLI_TOKEN": TOKEN})
    settings = {
        "kind": "sandbox",
        "phone_number_id": sandbox.number.id,
        "waba_id": sandbox.account.waba_id,
        "time_zone": "UTC",
        "api_base": str(sandbox.base_url),
    }
    for key, value in settings.items():
        assert door("config", "set", key, value).status == 0
    for argv in (
        ("contacts", "add", "Agus", "--phone", "+6281234567890"),
        ("templates", "pull"),
        ("campaigns", "plan", "siap", "--template", "order_ready", "--to", "all", "name={name}", "order=A-1"),
        ("campaigns", "send", "siap", "--at", at.isoformat(), "--yes"),
    ):
        outcome = door(*argv)
        assert outcome.status == 0, outcome
    return door


def test_a_campaign_goes_out_when_its_time_has_come(tmp_path: Path, sandbox: Sandbox) -> None:
    now = datetime.now(UTC)  # already come, so that the first look sees it: the next is 20 seconds later
    plan(tmp_path, sandbox, now - timedelta(seconds=1), now - timedelta(minutes=1))
    child, _ = listen(tmp_path, WACLI_TOKEN=TOKEN)
    eventually(lambda: len(sandbox.book.sent) == 1, within=60)
    _, err = end(child)
    assert "Campaign siap: 1 message went out, 0 are left" in err


def test_one_that_was_missed_is_named_and_left_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    now = datetime.now(UTC)
    plan(tmp_path, sandbox, now - timedelta(hours=3), now - timedelta(hours=4))
    child, _ = listen(tmp_path, WACLI_TOKEN=TOKEN)
    assert child.stderr is not None
    said = child.stderr.readline().decode()
    end(child)
    assert "siap missed its time" in said
    assert sandbox.book.sent == {}
