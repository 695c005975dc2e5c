"""`kill -9` at every step of a send ends in exactly one of: not sent, sent once, unknown and later resolved.

The steps are the lines of every module that takes part (tests/support/kill_walk.py), and the places where a process
waits for somebody else: the server, and the lock of the store. What was really accepted is read from the sandbox.
"""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import process
from tests.support.front_door import NOW
from tests.support.sandbox_shop import SandboxShop, sandbox_shop
from wacli.importers.notifications import read
from wacli.services.inbound import ingest
from wacli.services.outbox import Entry, stream_all
from wacli.store.database import Store, open_store
from wacli.store.lease import is_anybody_sending

_STEPS_AT_MOST = 2_000
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    (tmp_path / "shop").mkdir()
    with sandbox_shop(tmp_path / "shop") as made:
        yield made


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(10_000):
        if is_so():
            return
        pause.wait(0.001)
    raise AssertionError("waited in vain")


def let_the_server_finish(shop: SandboxShop) -> None:
    """A killed client's request may still be under way: what the kernel has, the server will read."""
    where = urlsplit(str(shop.sandbox.base_url))
    link = HTTPConnection(str(where.hostname), where.port, timeout=10)
    link.request("GET", "/_sandbox/clock")
    link.getresponse().read()
    link.close()
    assert shop.sandbox._server is not None
    wait_until(lambda: not shop.sandbox._server._server.server_state.tasks)  # type: ignore[union-attr]


def wamids(shop: SandboxShop, text: str) -> list[str]:
    with shop.sandbox.book.lock:
        return [one.id for one in shop.sandbox.book.sent.values() if one.text == text]


def entries(store: Store, text: str) -> list[Entry]:
    return [one for one in stream_all(store, NOW) if isinstance(one, Entry) and one.row.text == text]


def judge(shop: SandboxShop, folder: Path, text: str, at: object) -> str:
    """Which of the three ends it is; fails for any other."""
    accepted = wamids(shop, text)
    assert len(accepted) <= 1, at
    with open_store(folder / "shop.db", create=False) as store:
        before = entries(store, text)
        assert len(before) <= 1, at
        state = before[0].state if before else "absent"
        assert state in (("accepted", "unknown") if accepted else ("absent", "refused", "unknown")), (at, state)
        if bodies := b"\n".join(shop.updates()):
            ingest(store, read(io.BytesIO(bodies)), NOW)
        after = entries(store, text)
    if not accepted:
        assert [one.state for one in after] == [one.state for one in before], at
        return "not sent" if state in ("absent", "refused") else "unknown, not sent"
    assert [(one.state, one.row.wamid) for one in after] == [("accepted", accepted[0])], at
    return "sent once" if state == "accepted" else "unknown, then resolved"


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: SIGKILL does not care, and hundreds of stores wait for no disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


class Walker:
    """Lets a command be killed at its n-th step, in a copy of the shop's machine."""

    def __init__(self, shop: SandboxShop, disk: Path, process_: subprocess.Popen[str]) -> None:
        self._shop, self._disk, self._process = shop, disk, process_
        self.places: list[str] = []
        self.status: int | None = None

    @contextmanager
    def killed(self, step: int, *argv: str) -> Iterator[Path]:
        """The copy's folder after the kill, or after the end (`status` is known then)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        folder = self._disk / str(step)
        shutil.copytree(self._shop.folder, folder)
        asked = {"folder": str(folder), "step": step, "argv": argv, "token": self._shop.sandbox.account.token}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        let_the_server_finish(self._shop)
        if told["at"] is None:
            self.status = told["status"]
        else:
            self.places.append(told["at"])
        yield folder
        shutil.rmtree(folder)


@pytest.fixture
def walker(shop: SandboxShop, quick_disk: Path) -> Iterator[Walker]:
    found = subprocess.Popen(
        [sys.executable, "-m", "tests.support.kill_walk"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=process.environment(quick_disk),
        text=True,
    )
    with found:
        yield Walker(shop, quick_disk, found)
        assert found.stdin is not None
        found.stdin.close()


def test_at_every_line(shop: SandboxShop, walker: Walker) -> None:
    ends: Counter[str] = Counter()
    for step in range(1, _STEPS_AT_MOST):
        text = f"pesan {step}"
        with walker.killed(step, "reply", "Sari", text) as folder:
            end = judge(shop, folder, text, walker.places[-1:])
        if walker.status is not None:
            assert (walker.status, end) == (0, "sent once")
            break
        ends[end] += 1
    # Every kind of end was met, and the walk went through all of a send.
    assert set(ends) == {"not sent", "unknown, not sent", "unknown, then resolved", "sent once"}, ends
    assert {place.split(":")[0] for place in walker.places} >= {
        "services/delivery_run.py", "services/lanes.py", "services/delivery.py", "store/outbox_writer.py",
        "store/lease.py", "cloudapi/client.py", "cloudapi/transport.py", "store/settle.py",
    }  # fmt: skip


def test_a_run_of_several_in_lanes(shop: SandboxShop, walker: Walker) -> None:
    """Steps of several threads come in another order each time, so every third of them is enough."""
    for name, phone in (("Budi", "+6281234567891"), ("Rina", "+6281234567892")):
        shop.sandbox.add_customer(name, phone).says("halo", NOW)
    shop.told()
    assert shop.wacli("templates", "pull").status == 0
    ends: Counter[str] = Counter()
    for step in range(1, _STEPS_AT_MOST, 3):
        with shop.sandbox.book.lock:
            before = set(shop.sandbox.book.sent)
        with walker.killed(step, "send", "order_ready", "Sari", "Budi", "Rina", "name=a", f"order={step}") as folder:
            found = judge_run(shop, folder, before, walker.places[-1:])
        if walker.status is not None:
            assert (walker.status, found) == (0, Counter({"sent once": 3}))
            break
        ends += found
    assert set(ends) == {"not sent", "unknown, not sent", "unknown, then resolved", "sent once"}, ends


def judge_run(shop: SandboxShop, folder: Path, before: set[str], at: object) -> Counter[str]:
    """How many of the three ended in which way; fails for any other."""
    with shop.sandbox.book.lock:
        booked = [(one.callback_data, one.id) for one in shop.sandbox.book.sent.values() if one.id not in before]
    accepted = {str(key): wamid for key, wamid in booked}
    assert len(accepted) == len(booked), at  # none twice
    with open_store(folder / "shop.db", create=False) as store:
        states = {one.row.key: one.state for one in stream_all(store, NOW) if isinstance(one, Entry)}
        assert accepted.keys() <= states.keys(), at  # none that was not written down
        if bodies := b"\n".join(shop.updates()):
            ingest(store, read(io.BytesIO(bodies)), NOW)
        after = {one.row.key: one for one in stream_all(store, NOW) if isinstance(one, Entry)}
    ends: Counter[str] = Counter({"not sent": 3 - len(states)})
    for key, state in states.items():
        if key in accepted:
            assert state in ("accepted", "unknown"), (at, state)
            assert (after[key].state, after[key].row.wamid) == ("accepted", accepted[key]), at
            ends["sent once" if state == "accepted" else "unknown, then resolved"] += 1
        else:
            assert (state, after[key].state) in (("refused", "refused"), ("unknown", "unknown")), (at, state)
            ends["not sent" if state == "refused" else "unknown, not sent"] += 1
    return +ends


@pytest.mark.parametrize("is_after", [False, True])
def test_while_the_server_keeps_it_waiting(shop: SandboxShop, is_after: bool) -> None:
    shop.sandbox.push_fault("timeout", seconds=60.0, after_acceptance=is_after)
    sender = start(shop, "reply", "Sari", "tunggu")
    wait_until(lambda: bool(shop.sandbox.faults.struck) and len(wamids(shop, "tunggu")) == is_after)
    assert shop.one()["state"] == "sending"  # its sender lives
    kill(sender)
    assert [row["state"] for row in shop.outbox("--unknown")] == ["unknown"]
    row = shop.one()
    assert (row["error"], row["error_text"]) == ("interrupted", "wacli ended before the answer came")
    let_the_server_finish(shop)
    assert judge(shop, shop.folder, "tunggu", None) == ("unknown, then resolved" if is_after else "unknown, not sent")


def test_while_it_waits_to_try_again(shop: SandboxShop) -> None:
    shop.sandbox.push_fault("error", code=131056, times=50)
    sender = start(shop, "reply", "Sari", "tunggu")
    wait_until(lambda: len(shop.sandbox.faults.struck) >= 2 and shop.one()["state"] == "queued")
    kill(sender)
    row = shop.one()
    assert (row["state"], row["error"], wamids(shop, "tunggu")) == ("refused", "api-131056", [])
    shop.sandbox.faults.clear()
    assert shop.wacli("reply", "Sari", "berikut").status == 0  # the next sender writes it down
    assert [row["state"] for row in shop.outbox("--all")] == ["accepted", "refused"]


def test_while_another_program_writes_the_store(shop: SandboxShop) -> None:
    with shop.store() as store:
        store.connection.execute("BEGIN IMMEDIATE")
        sender = start(shop, "reply", "Sari", "tunggu")
        wait_until(lambda: is_anybody_sending(shop.folder / "shop.db") or sender.poll() is not None)
        kill(sender)
        store.connection.execute("ROLLBACK")
    assert shop.outbox("--all") == []
    assert wamids(shop, "tunggu") == []


def start(shop: SandboxShop, *argv: str) -> subprocess.Popen[bytes]:
    return process.start(shop.folder, *argv, **shop.wacli.environment)


def kill(sender: subprocess.Popen[bytes]) -> None:
    sender.kill()
    sender.communicate()
    assert sender.returncode == -signal.SIGKILL
