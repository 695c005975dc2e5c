"""`wacli listen` deletes sensitive files at Meta once they were delivered, and keeps the profile's rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.test_erase import in_files
from tests.journeys.test_listen_absence import eventually
from tests.support.front_door import FrontDoor
from tests.support.kill_receiver import end, listen
from tests.support.pdfs import write_pdf
from tests.support.shop import BUDI, SARI, Shop
from tests.support.webhook_load import SECRET
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox

TOKEN = "token-of-a-test"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(clock=Clock(datetime.now(UTC)), token=TOKEN, app_secret=SECRET, seed=7)
    made.start()
    yield made
    made.stop()


def set_up(folder: Path, sandbox: Sandbox) -> FrontDoor:
    door = FrontDoor(folder, now=datetime.now(UTC), environment={"WACLI_TOKEN": TOKEN})
    settings = {"kind": "sandbox", "phone_number_id": sandbox.number.id, "country": "ID", "time_zone": "UTC"}
    for key, value in (*settings.items(), ("api_base", str(sandbox.base_url))):
        assert door("config", "set", key, value).status == 0
    return door


def test_a_delivered_file_is_deleted_at_meta(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    door = set_up(tmp_path, sandbox)
    child, port = listen(tmp_path, WACLI_TOKEN=TOKEN)
    sandbox.account.callback_url = f"http://127.0.0.1:{port}/webhook"
    sandbox.add_customer("Sari Dewi", f"+{SARI.phone}").says("halo")
    eventually(lambda: bool(door("threads", "--json").json))
    write_pdf(tmp_path / "QX7.pdf", "QX7")
    (tmp_path / "people.csv").write_text(f"phone,booking\n+{SARI.phone},QX7", "utf-8")
    door.now = datetime.now(UTC)
    sent = door("documents", "send", "QX7.pdf", "--csv", "people.csv", "--match", "{booking}.pdf", "--yes", "--json")
    assert sent.status == 0, sent
    (message,) = sandbox.book.sent.values()
    body: Any = message.body
    media_id = body["document"]["id"]
    eventually(lambda: not sandbox.media.has(sandbox.account, media_id, datetime.now(UTC)))
    _, err = end(child)
    assert "1 file was deleted at Meta" in err
    (row,) = door("documents", "list", "--json").json
    assert row["delivered_at"] <= row["media_deleted_at"]


def test_the_rule_is_kept_where_there_is_one(tmp_path: Path, sandbox: Sandbox) -> None:
    door = set_up(tmp_path, sandbox)
    shop = Shop(door)
    shop.hears(SARI, "halo", door.now.isoformat())
    shop.hears(BUDI, "RAHASIA", (door.now - timedelta(days=800)).isoformat())
    child, _ = listen(tmp_path, WACLI_TOKEN=TOKEN)
    end(child)
    assert in_files(tmp_path, "RAHASIA"), "nobody is erased without a rule"
    assert door("config", "set", "keep_silent_for", "730d").status == 0
    child, _ = listen(tmp_path, WACLI_TOKEN=TOKEN)
    eventually(lambda: not in_files(tmp_path, "RAHASIA", str(BUDI.phone)))
    _, err = end(child)
    assert "1 contact was erased: silent for longer than keep_silent_for allows" in err
    assert {row["profile_name"] for row in door("contacts", "list", "--json").json} == {"Sari Dewi", None}
