"""Receiving webhooks on one core: answers a second, and how long each took, beside pywa on FastAPI and uvicorn.

Run: python -m tests.benchmarks.receiver [seconds a round] [rounds]

Each contestant is a process of its own on one core (`taskset`, where there is one), the load comes from this process on
another: 32 connections, each with one signed body of 700 bytes under way, prepared beforehand and written with raw
sockets. The store is a file on a real disk. Contestants take turns; figures are medians, ratios are taken round by round.

- `wacli listen`: the command itself; 200 after the FULL commit of a group; what came in is applied meanwhile.
- `one commit each`: the same with groups of one.
- `pywa, stored first`: a FastAPI route that has pywa verify the body, commits it (FULL), answers, and has pywa dispatch
  it to a handler afterwards, as pywa's own route does.
- `pywa, stored after`: pywa's own route with a handler that commits the raw update: it answers 200 before anything is
  stored, so this one is shown for what it costs, and loses what it has answered when it dies.

After each round the store is counted: at least as many bodies as were answered must be in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from wacli.cloudapi.signature import sign

SECRET, TOKEN = "secret-of-the-benchmark", "verify"
CONNECTIONS = 32
BODY_BYTES = 700
_CONTACTS = 200
_TABLES = {"listen": "notifications", "each": "notifications", "pywa-first": "bodies", "pywa-after": "bodies"}
NAMES = {
    "listen": "wacli listen",
    "each": "one commit each",
    "pywa-first": "pywa, stored first",
    "pywa-after": "pywa, stored after",
}


class Round(NamedTuple):
    """One contestant's run: answers, seconds, latencies (ms) and bodies found in its store."""

    answered: int
    seconds: float
    median_ms: float
    p99_ms: float
    stored: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def request(number: int) -> bytes:
    """A whole request: a text message of one of some contacts, padded to `BODY_BYTES`."""
    phone = f"62811{number % _CONTACTS:07d}"
    message = {"from": phone, "id": f"wamid.{number:012d}", "timestamp": str(1_795_000_000 + number), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "622150550100", "phone_number_id": "105550000000001"},
        "contacts": [{"profile": {"name": "Sari Dewi"}, "wa_id": phone, "user_id": f"ID.{phone}"}],
        "messages": [{**message, "text": {"body": ""}}],
    }
    change = {"field": "messages", "value": value}
    body: dict[str, Any] = {"object": "whatsapp_business_account", "entry": [{"id": "2055500001", "changes": [change]}]}
    short = len(json.dumps(body, separators=(",", ":")))
    value["messages"][0]["text"]["body"] = "x" * (BODY_BYTES - short)  # type: ignore[index]
    raw = json.dumps(body, separators=(",", ":")).encode()
    assert len(raw) == BODY_BYTES
    return (
        b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nUser-Agent: facebookexternalua\r\n"
        b"X-Hub-Signature-256: %b\r\nContent-Length: %d\r\n\r\n%b" % (sign(raw, SECRET).encode(), len(raw), raw)
    )


class _Caller:
    """One connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._answer = b""

    def ask(self, raw: bytes) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(raw)

    def has_answer(self) -> bool:
        """Reads what is there; True when the answer is whole."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        self._answer += piece
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return False
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.decode("latin-1"))
        self._answer = b""
        return True


def load(port: int, requests: Iterator[bytes], seconds: float) -> list[float]:
    """Keeps every connection busy for so long; the latency of each answer in milliseconds."""
    callers = [_Caller(port) for _ in range(CONNECTIONS)]
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, selectors.EVENT_READ, caller)
            caller.ask(next(requests))
        end = time.perf_counter() + seconds
        busy = len(callers)
        while busy:
            for key, _ in selector.select(10):
                caller = key.data
                if not caller.has_answer():
                    continue
                now = time.perf_counter()
                latencies.append((now - caller.began) * 1000)
                if now < end:
                    caller.ask(next(requests))
                else:
                    busy -= 1
    for caller in callers:
        caller.socket.close()
    return latencies


def run(contestant: str, folder: Path, requests: Iterator[bytes], seconds: float) -> Round:
    """One round of one contestant on a new store."""
    folder.mkdir()
    store = folder / "shop.db"
    with _served(contestant, folder, store) as port:
        warm = len(load(port, requests, min(1.0, seconds / 4)))
        begin = time.perf_counter()
        latencies = load(port, requests, seconds)
        took = time.perf_counter() - begin
    with contextlib.closing(sqlite3.connect(store)) as connection:
        (stored,) = connection.execute(f"SELECT count(*) FROM {_TABLES[contestant]}").fetchone()
    shutil.rmtree(folder)
    latencies.sort()
    at = latencies[int(len(latencies) * 0.99)]
    return Round(len(latencies), took, statistics.median(latencies), at, stored - warm)


@contextlib.contextmanager
def _served(contestant: str, folder: Path, store: Path) -> Iterator[int]:
    """The contestant's process on one core; its port. It ends in good order."""
    if contestant == "listen":
        argv = ["-m", "wacli", "listen", "--port", "0", "--lang", "en"]
    else:
        argv = ["-m", "tests.benchmarks.receiver_contestants", contestant, str(store)]
    pinned = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "WACLI_CONFIG": str(folder),
        "WACLI_DB": str(store),
        "WACLI_APP_SECRET": SECRET,
        "WACLI_VERIFY_TOKEN": TOKEN,
    }
    child = subprocess.Popen([*pinned, sys.executable, *argv], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        line = child.stderr.readline()
        yield int(line.partition("127.0.0.1:")[2].partition("/")[0])
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=300)


def main(seconds: float, rounds: int) -> None:
    """Prints medians and ratios; ends with 1 when a contestant stored less than it answered."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    found: dict[str, list[Round]] = {name: [] for name in NAMES}
    prepared = [request(number) for number in range(int(seconds * 1.3 * 12_000))]  # the same for everybody
    # On a real disk: a temporary folder is often in memory, where waiting for the disk costs nothing.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as temporary:
        for turn in range(rounds):
            for name in NAMES:
                found[name].append(run(name, Path(temporary) / f"{name}-{turn}", iter(prepared), seconds))
    print(f"{CONNECTIONS} connections, {BODY_BYTES} bytes, {rounds} rounds of {seconds:g} s, server on one core")
    for name, title in NAMES.items():
        mine = found[name]
        ratio = statistics.median(a.rate / b.rate for a, b in zip(found["listen"], mine, strict=True))
        print(
            f"  {title:20} {statistics.median(one.rate for one in mine):7.0f}/s"
            f"   median {statistics.median(one.median_ms for one in mine):6.1f} ms"
            f"   p99 {max(one.p99_ms for one in mine):6.1f} ms (worst round)"
            f"   stored - answered {min(one.stored - one.answered for one in mine):4}"
            f"   wacli listen is {ratio:.2f}x"
        )
    if any(one.stored < one.answered for mine in found.values() for one in mine):
        sys.exit("something that was answered with 200 is not in a store")


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:3]]
    main(given[0] if given else 5.0, int(given[1]) if len(given) > 1 else 5)
