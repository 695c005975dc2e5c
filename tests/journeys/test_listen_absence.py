"""`wacli listen --away` against the sandbox as both run in life: clocks that go, two processes, webhooks between."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.kill_receiver import end, listen
from tests.support.webhook_load import SECRET
from wacli.domain.business_hours import DAYS
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox

TOKEN = "token-of-a-test"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def eventually(condition: Callable[[], bool], within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.05)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(clock=Clock(datetime.now(UTC)), token=TOKEN, app_secret=SECRET, seed=7)
    made.start()
    yield made
    made.stop()


def set_up(folder: Path, sandbox: Sandbox) -> FrontDoor:
    door = FrontDoor(folder)
    day_after_tomorrow = (datetime.now(UTC) + timedelta(days=2)).weekday()  # not today, in whatever zone
    settings = {
        "kind": "sandbox",
        "phone_number_id": sandbox.number.id,
        "time_zone": "UTC",
        "api_base": str(sandbox.base_url),
        "business_hours": f"{DAYS[day_after_tomorrow]} 08:00-17:00",
        "away_message": "Halo {name}, kami tutup.",
        "away": "on",
    }
    for key, value in settings.items():
        assert door("config", "set", key, value).status == 0
    return door


def start(folder: Path, sandbox: Sandbox, *argv: str) -> subprocess.Popen[bytes]:
    child, port = listen(folder, *argv, WACLI_TOKEN=TOKEN)
    sandbox.account.callback_url = f"http://127.0.0.1:{port}/webhook"
    return child


def test_an_away_message_goes_out_once_also_after_a_kill(tmp_path: Path, sandbox: Sandbox) -> None:
    set_up(tmp_path, sandbox)
    sari = sandbox.add_customer("Sari", "+6281234567890")
    child = start(tmp_path, sandbox)
    sari.says("halo")
    eventually(lambda: len(sandbox.book.sent) == 1)
    child.send_signal(signal.SIGKILL)
    _, said = child.communicate()
    assert "Automatic answers are on" not in said.decode()  # that was said before it was listening
    again = start(tmp_path, sandbox)
    sari.says("halo?")
    budi = sandbox.add_customer("Budi", "+6281234567891")
    budi.says("permisi")
    eventually(lambda: len(sandbox.book.sent) == 2)
    _, err = end(again)
    assert [one.customer and one.customer.name for one in sandbox.book.sent.values()] == ["Sari", "Budi"]
    assert "Away message to Budi (free: allowance); 998 free replies left this month" in err
    assert "Away message to Sari" not in err


@pytest.mark.parametrize(
    ("changes", "argv", "code"),
    [
        ({}, ("--greet",), "not-set-up"),
        ({"away_message": "Halo {nama}"}, (), "no-such-field"),
        ({"kind": "phone-app"}, (), "phone-app"),
    ],
)
def test_what_is_not_set_up_is_said_before_anything_listens(
    tmp_path: Path, sandbox: Sandbox, changes: dict[str, str], argv: tuple[str, ...], code: str
) -> None:
    door = set_up(tmp_path, sandbox)
    door.environment["WACLI_APP_SECRET"] = "s"
    for key, value in changes.items():
        assert door("config", "set", key, value).status == 0
    outcome = door("listen", "--dry-run", "--json", *argv)
    assert outcome.error["code"] == code


def test_what_is_on_is_shown_and_can_be_switched_off(tmp_path: Path, sandbox: Sandbox) -> None:
    door = set_up(tmp_path, sandbox)
    door.environment["WACLI_APP_SECRET"] = "s"
    on = door("listen", "--dry-run", "--json").json
    off = door("listen", "--dry-run", "--json", "--no-away").json
    assert (on["away"], on["greet"], off["away"], off["business_hours"]) == (True, False, False, None)
    unit = door("listen", "--print-systemd", "--no-away").out
    assert " --no-away" in unit


@pytest.mark.parametrize(("key", "value"), [("business_hours", "mon 9-5"), ("away", "yes"), ("away_message", " ")])
def test_settings_that_will_not_do_are_refused(tmp_path: Path, key: str, value: str) -> None:
    outcome = FrontDoor(tmp_path)("config", "set", key, value, "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "config-value")


def test_nothing_goes_out_where_nothing_is_switched_on(tmp_path: Path, sandbox: Sandbox) -> None:
    door = set_up(tmp_path, sandbox)
    assert door("config", "set", "away", "off").status == 0
    child = start(tmp_path, sandbox)
    sandbox.add_customer("Sari", "+6281234567890").says("halo")
    eventually(lambda: bool(door("threads", "--json").json))
    end(child)
    assert sandbox.book.sent == {}
