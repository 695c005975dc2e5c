"""Receiving webhooks on one core: answers a second, and how long each took, beside pywa on FastAPI and uvicorn.

Run: python -m tests.benchmarks.receiver [seconds a round] [rounds]

Each contestant is a process of its own on one core (`taskset`, where there is one), the load comes from this process on
another: 32 connections, each with one signed body of 700 bytes under way, prepared beforehand and written with raw
sockets. The store is a file on a real disk. Contestants take turns; figures are medians, ratios are taken round by
round.

- `wacli listen`: the command itself; 200 after the FULL commit of a group; what came in is applied meanwhile.
- `without [fast]`: the same on h11 and asyncio, without httptools and uvloop.
- `one commit each`: the same with groups of one.
- `pywa, stored first`: a FastAPI route that has pywa verify the body, commits it (FULL), answers, and has pywa dispatch
  it to a handler afterwards, as pywa's own route does.
- `pywa, stored after`: pywa's own route with a handler that commits the raw update: it answers 200 before anything is
  stored, so this one is shown for what it costs, and loses what it has answered when it dies.

After each round the store is counted: at least as many bodies as were answered must be in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.webhook_load import SECRET, TOKEN, load, request_of, text_body

CONNECTIONS = 32
BODY_BYTES = 700
_PYWA_TABLE, _OUR_TABLE = "bodies", "notifications"
NAMES = {
    "listen": "wacli listen",
    "plain": "without [fast]",
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


def run(contestant: str, folder: Path, requests: Iterator[tuple[int, bytes]], seconds: float) -> Round:
    """One round of one contestant on a new store."""
    folder.mkdir()
    store = folder / "shop.db"
    with _served(contestant, folder, store) as port:
        warm = len(load(port, requests, CONNECTIONS, min(1.0, seconds / 4)))
        begin = time.perf_counter()
        latencies = sorted(one.ms for one in load(port, requests, CONNECTIONS, seconds))
        took = time.perf_counter() - begin
    with contextlib.closing(sqlite3.connect(store)) as connection:
        (stored,) = connection.execute(
            f"SELECT count(*) FROM {_PYWA_TABLE if contestant.startswith('pywa') else _OUR_TABLE}"
        ).fetchone()
    shutil.rmtree(folder)
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
    count = int(seconds * 1.3 * 12_000)  # more than anybody takes
    prepared = [(number, request_of(text_body(number, BODY_BYTES))) for number in range(count)]
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
