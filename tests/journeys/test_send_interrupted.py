"""Ctrl-C in the middle of a run: what is in flight ends and is told, and the rest is not tried."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import process
from tests.support.sandbox_shop import SandboxShop, sandbox_shop

_LINES = 200

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signal for another process")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    with sandbox_shop(tmp_path, customers=5) as made:
        assert made.wacli("templates", "pull").status == 0
        yield made


def send(shop: SandboxShop) -> subprocess.Popen[bytes]:
    """`wacli send` to many, each of whose answers takes a while."""
    shop.sandbox.push_fault("slow", seconds=0.3, times=_LINES)
    argv = ("send", "order_ready", "-", "name={name}", "--format", "ndjson")
    sender = subprocess.Popen(
        process.command(*argv),
        cwd=shop.folder,
        env=process.environment(shop.folder, **shop.wacli.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert sender.stdin is not None
    for number in range(_LINES):
        line = {"who": f"#{number % 5 + 1}", "values": {"order": f"A-{number}"}}
        sender.stdin.write(json.dumps(line).encode() + b"\n")
    sender.stdin.close()
    sender.stdin = None
    return sender


def wait_until(is_so: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(3_000):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("waited in vain")


def booked(shop: SandboxShop) -> list[str]:
    with shop.sandbox.book.lock:
        return [str(one.callback_data) for one in shop.sandbox.book.sent.values()]


def test_what_is_in_flight_ends_and_is_told(shop: SandboxShop) -> None:
    with send(shop) as sender:
        wait_until(lambda: len(booked(shop)) > 20)
        sender.send_signal(signal.SIGINT)
        out, err = sender.communicate(timeout=60)
    assert sender.returncode == 130
    told = [json.loads(line) for line in out.splitlines()]
    assert {row["state"] for row in told} == {"accepted"}
    assert [row["key"] for row in told] == [row["key"] for row in told if row["key"] in booked(shop)]
    assert len(told) == len(booked(shop)) < _LINES
    assert b"on their way: waiting for their answers" in err
    rows = shop.outbox("--all")
    assert {row["state"] for row in rows} <= {"accepted", "refused"}
    assert sorted(row["key"] for row in rows if row["state"] == "accepted") == sorted(booked(shop))
    assert {row["error"] for row in rows if row["state"] == "refused"} <= {"run-stopped"}


def test_twice_ends_at_once_and_what_was_in_flight_is_unknown(shop: SandboxShop) -> None:
    with send(shop) as sender:
        wait_until(lambda: len(booked(shop)) > 20)
        shop.sandbox.faults.clear()
        shop.sandbox.push_fault("timeout", seconds=25.0, after_acceptance=True, times=_LINES)
        before = len(booked(shop))
        wait_until(lambda: len(booked(shop)) >= before + 8)
        sender.send_signal(signal.SIGINT)
        assert sender.stderr is not None
        assert b"on their way" in sender.stderr.readline()
        sender.send_signal(signal.SIGINT)
        out, _ = sender.communicate(timeout=20)
    assert sender.returncode == 130
    told = {row["key"] for row in map(json.loads, out.splitlines())}
    rows = {row["key"]: row["state"] for row in shop.outbox("--all")}
    assert {rows[key] for key in told} == {"accepted"}
    assert set(rows.values()) <= {"accepted", "unknown", "refused"}
    assert {rows[key] for key in booked(shop)} == {"accepted", "unknown"}
    shop.told()
    rows = {row["key"]: row["state"] for row in shop.outbox("--all")}
    assert {rows[key] for key in booked(shop)} == {"accepted"}
