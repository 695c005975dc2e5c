"""Hostile and broken clients of `wacli listen`: refused or kept as they should be, memory flat, others unaffected."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.kill_receiver import end, listen
from tests.support.webhook_load import SECRET, load, request_of, text_body
from wacli.cloudapi.signature import HEADER, sign
from wacli.store.database import open_store

MEGABYTE = 1024 * 1024
LIMIT = 4 * MEGABYTE


class Receiver:
    """A running `wacli listen`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.child: subprocess.Popen[bytes]
        self.child, self.port = listen(folder)
        self._number = 0

    def post(self, raw: bytes, *, signature: str | None = None, **headers: str) -> int:
        """The status; 0 when the connection was closed instead."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/webhook", raw, {HEADER: signature or sign(raw, SECRET), **headers})
            return connection.getresponse().status
        except ConnectionError:
            return 0
        finally:
            connection.close()

    def slowest_ms(self, count: int = 30) -> float:
        """How long a healthy client waits for the slowest of some answers; each must be a 200."""
        numbers = range(self._number, self._number + count)
        self._number += count
        requests = iter([(number, request_of(text_body(number))) for number in numbers])
        answered = load(self.port, requests, 4, 60)
        assert len(answered) == count
        return max(one.ms for one in answered)

    def memory(self) -> int:
        """Bytes of memory in use."""
        lines = Path(f"/proc/{self.child.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def kept(self) -> list[bytes]:
        """Every body in the store."""
        with open_store(self.folder / "shop.db", create=False) as store:
            return [row[0] for row in store.query("SELECT body FROM notifications ORDER BY id")]

    def pending(self) -> int:
        """How many are not applied."""
        with open_store(self.folder / "shop.db", create=False) as store:
            return int(store.query("SELECT count(*) FROM notifications WHERE applied_at IS NULL")[0][0])


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    running = Receiver(tmp_path)
    yield running
    if running.child.poll() is None:
        _, err = end(running.child)
        assert "Traceback" not in err


def test_what_is_no_notification_is_refused_and_not_kept(receiver: Receiver) -> None:
    for raw in (b"", b"not json", b"\xff\xfe", b"NaN", b"[" * 100_000, b'{"a":1}{', b"1" * 5_000):
        assert receiver.post(raw) == 400, raw[:20]
    assert receiver.kept() == []


def test_any_json_that_is_signed_is_kept_and_stands_in_nobodys_way(receiver: Receiver) -> None:
    strange = [
        b"null",
        b"[]",
        b'{"entry": 7}',
        b'{"entry": [{"changes": [{"field": "messages", "value": {"messages": [{"timestamp": 1e300}]}}]}]}',
        b'{"a": "\\ud83d"}',
        b'{"entry":' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"entry":[{"changes":[{"field":"x","value":' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"}]}]}",
    ]
    for raw in strange:
        assert receiver.post(raw) == 200, raw[:40]
    assert receiver.post(text_body(1)) == 200
    _, err = end(receiver.child)
    assert "Traceback" not in err
    assert receiver.kept() == [*strange, text_body(1)]
    assert receiver.pending() == 0


def test_as_deep_as_python_reads(receiver: Receiver) -> None:
    """Around the depth where reading fails, what was answered with 200 is kept and applied, whoever reads it later."""
    statuses = {}
    for depth in range(900, 1_000, 3):
        raw = b'{"entry":[{"changes":[{"field":"x","value":' + b"[" * depth + b"%d" % depth + b"]" * depth + b"}]}]}"
        statuses[raw] = receiver.post(raw)
    assert set(statuses.values()) <= {200, 400}
    _, err = end(receiver.child)
    assert "Traceback" not in err
    assert receiver.kept() == [raw for raw, status in statuses.items() if status == 200]
    assert receiver.pending() == 0


def test_replayed_bodies_are_kept_once(receiver: Receiver) -> None:
    raw = text_body(1)
    spaced = json.dumps(json.loads(raw), indent=1).encode()
    assert [receiver.post(one) for one in (raw, raw, spaced, raw)] == [200] * 4
    assert receiver.kept() == [raw]


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_too_large_or_forged_bodies_cost_no_memory(receiver: Receiver) -> None:
    receiver.slowest_ms()
    before = receiver.memory()
    large = b"x" * (5 * MEGABYTE)
    just_forged = b"x" * LIMIT
    for _ in range(6):
        assert receiver.post(large) == 413
        assert receiver.post(just_forged, signature="sha256=00") == 403
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=30) as connection:
            connection.sendall(
                b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=0\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
            try:
                for _ in range(100):
                    connection.sendall(b"19000\r\n" + b"x" * 0x19000 + b"\r\n")
            except ConnectionError:
                pass
            else:
                assert connection.recv(20).startswith(b"HTTP/1.1 413")
    assert receiver.slowest_ms() < 1_000
    assert receiver.memory() - before < 40 * MEGABYTE
    assert len(receiver.kept()) == 60


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_bodies_of_very_many_keys(receiver: Receiver) -> None:
    million = b"{" + b",".join(b'"%d":0' % number for number in range(1_000_000)) + b"}"
    assert receiver.post(million) == 413

    def many(seed: int) -> bytes:
        raw = b"{" + b",".join(b'"%d":%d' % (number, seed) for number in range(350_000)) + b"}"
        assert len(raw) < LIMIT
        return raw

    assert receiver.post(many(0)) == 200
    _wait_until_applied(receiver)  # what reading one of them takes is in what it began with
    receiver.slowest_ms()
    before = receiver.memory()
    for seed in range(1, 4):
        assert receiver.post(many(seed)) == 200
    assert receiver.slowest_ms() < 3_000
    _wait_until_applied(receiver)
    assert receiver.memory() - before < 80 * MEGABYTE  # one of them is read at a time


def _wait_until_applied(receiver: Receiver) -> None:
    deadline = time.monotonic() + 30
    while receiver.pending():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_a_crowd_of_slow_clients_keeps_nobody_waiting(receiver: Receiver) -> None:
    receiver.slowest_ms()
    before = receiver.memory()
    with ExitStack() as crowd:
        for number in range(600):
            connection = socket.create_connection(("127.0.0.1", receiver.port), timeout=30)
            crowd.callback(connection.close)
            try:
                connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * (number % 50))
            except ConnectionError:  # cut off already, to make room
                continue
        assert receiver.slowest_ms() < 1_000
    assert receiver.memory() - before < 40 * MEGABYTE
