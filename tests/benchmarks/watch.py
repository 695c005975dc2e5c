"""`python -m tests.benchmarks.watch`: how soon `wacli watch` shows a commit, and what it costs all day.

Wanted (issue 6): a median below 0.25 s and at most 0.5 s; below 2% of a core when idle; flat memory over 10,000
changes. The watcher is a process of its own, as a user starts it; the idle one draws a full board on a
pseudo-terminal. Linux only: a process is asked for its own numbers through /proc.
"""

from __future__ import annotations

import argparse
import os
import select
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.events import message
from tests.support.process import command, environment
from tests.support.pty import Terminal
from tests.support.store import apply_events
from wacli.domain.identity import Party
from wacli.store.database import Store, open_store

_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Runs the three measurements one after another and prints them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.watch", description=__doc__)
    parser.add_argument("--threads", type=int, default=200, help="open windows on the board")
    parser.add_argument("--changes", type=int, default=50, help="commits that the latency is taken of")
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of doing nothing")
    parser.add_argument("--many", type=int, default=10_000, help="changes over which memory must stay flat")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with open_store(folder / "shop.db", create=True) as store:
            fill(store, options.threads)
            with piped(folder) as watcher:
                lines = _Lines(watcher)
                lines.read(options.threads)
                latency(store, lines, options.changes)
                memory(store, watcher, lines, options.many)
            idle(folder, options.idle)


def latency(store: Store, lines: _Lines, count: int) -> None:
    """From the return of a commit to the line in our hands."""
    waits = []
    for number in range(count):
        say(store, f"L{number}", number % 20)
        committed = time.perf_counter()
        lines.read(1)
        waits.append(time.perf_counter() - committed)
        time.sleep(0.013 * (number % 9))  # not in step with its polling
    median = statistics.median(waits)
    print(f"Another process's commit is shown after {median:.3f} s (median of {count}), {max(waits):.3f} s at most")


def memory(store: Store, watcher: subprocess.Popen[bytes], lines: _Lines, count: int) -> None:
    """The resident size after the first tenth and at the end."""
    early = 0
    for number in range(count):
        say(store, f"M{number}", number % 100)
        if number % 20 == 19:
            lines.drain()
        if number == count // 10:
            early = resident(watcher.pid)
    lines.drain()
    sizes = f"{early / 1024:.1f} MB after {count // 10:,}, {resident(watcher.pid) / 1024:.1f} MB at the end"
    print(f"Memory over {count:,} changes: {sizes} ({lines.count:,} lines)")


def idle(folder: Path, seconds: float) -> None:
    """CPU of a full board on a terminal, with nothing happening but its countdowns."""
    with Terminal(command("watch"), environment(folder, TERM="xterm-256color"), 120, 40) as terminal:
        terminal.until(lambda screen: "windows open" in screen)
        before, began = cpu(terminal.pid), time.perf_counter()
        while (left := began + seconds - time.perf_counter()) > 0:
            terminal.feed(left)
        spent = (cpu(terminal.pid) - before) / (time.perf_counter() - began)
        print(f"Idle: {spent:.2%} of a core over {seconds:.0f} s, 120x40")
        terminal.press("q")
        terminal.wait()


class _Lines:
    """Lines of a watcher, read as they come."""

    def __init__(self, watcher: subprocess.Popen[bytes]) -> None:
        assert watcher.stdout is not None
        self._descriptor = watcher.stdout.fileno()
        self.count = 0

    def read(self, count: int, patience: float = 30.0) -> None:
        """Waits for so many more lines."""
        wanted = self.count + count
        deadline = time.monotonic() + patience
        while self.count < wanted:
            assert self._take(deadline - time.monotonic()), "the watcher says nothing"

    def drain(self) -> None:
        """Takes what has come."""
        while self._take(0.0):
            pass

    def _take(self, patience: float) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], max(patience, 0))
        piece = os.read(self._descriptor, 1_000_000) if ready else b""
        self.count += piece.count(b"\n")
        return bool(piece)


@contextmanager
def piped(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A watcher whose lines we read."""
    watcher = subprocess.Popen(
        command("watch"), cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    try:
        yield watcher
    finally:
        watcher.terminate()
        watcher.communicate(timeout=10)


def fill(store: Store, count: int) -> None:
    """So many open windows, all over the day."""
    now = datetime.now(UTC)
    waiting = [(one, int((now - timedelta(minutes=one % 1_380)).timestamp())) for one in range(count)]
    apply_events(store, [message(f"F{one}", at, party=party(one)) for one, at in waiting])


def say(store: Store, key: str, who: int) -> None:
    """A message, committed."""
    apply_events(store, [message(key, int(time.time()), party=party(who), text=f"Halo {key}")])


def party(number: int) -> Party:
    """Somebody."""
    return Party(phone=f"62812{number:07d}", name=f"Pelanggan {number}")


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int) -> int:
    """Kilobytes of memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


if __name__ == "__main__":
    main()
