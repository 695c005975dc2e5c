"""Importing an exported chat of a million lines into a store, end to end, beside whatstk and chat-miner, which read the
same file and keep nothing; its peak memory at a tenth and at the whole; and the same chat once more.

Run: python -m tests.benchmarks.import_chat [lines] [rounds] [python of the others]

The others live in an environment of their own (see `tests.benchmarks.chat_export`). Every run is a process of its own,
one after the other in each round; the ratios are of medians, of CPU time (user and system) and on the clock, without
the start of Python and the imports of modules. The CPU time and the peak of wacli's second process, which reads ahead,
are added to those of the first (the memory they share is counted twice).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.chat_export import READERS, write_chat
from wacli.store.database import open_store

_SIDES = ("Sari", "Toko Maju")
_MEASURED = """
import json, os, resource, sys, time
def used():
    return sum(os.times()[:4])  # with the process that reads ahead
began, clock = used(), time.perf_counter()
{body}
seconds, clock = used() - began, time.perf_counter() - clock
peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([count, seconds, clock, peak // 1024]))
"""
_WACLI = """
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from wacli.domain.event import Number
from wacli.importers.chat_export import read_chat
from wacli.services.chat_import import ChatTally, ChatWishes, import_chat
from wacli.store.database import open_store
began, clock = used(), time.perf_counter()
tally = ChatTally()
with open_store(Path(sys.argv[2]), create=False) as store:
    export = read_chat(Path(sys.argv[1]), zone=ZoneInfo("Asia/Jakarta"))
    wishes = ChatWishes("Toko Maju", "+6281234567890", "ID")
    import_chat(store, export, wishes, Number("1", None, None), datetime(2026, 11, 22, tzinfo=UTC), tally=tally)
count = tally.added
"""


class Cost(NamedTuple):
    """Messages, CPU seconds, seconds on the clock, peak in MB."""

    messages: int
    cpu: float
    wall: float
    peak: int


def measure(python: str, body: str, chat: Path, store: Path) -> Cost:
    """One run in a process of its own."""
    open_store(store, create=True).close()
    os.sync()  # else the system writes the last run's files out while this one is timed
    argv = [python, "-c", _MEASURED.format(body=body), str(chat), str(store)]
    answer = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return Cost(*json.loads(answer.strip().splitlines()[-1]))


def main() -> None:
    """Prints a line for each contestant, and what a re-import and a small import take."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    others = sys.argv[3] if len(sys.argv) > 3 else None
    readers = {name: body.replace("time.process_time()", "used(); clock = time.perf_counter()", 1)
               for name, body in READERS.items() if name != "wacli"} if others else {}  # fmt: skip
    found: dict[str, list[Cost]] = {name: [] for name in ("wacli", "the same again", "a tenth", *readers)}
    with tempfile.TemporaryDirectory() as folder:
        chat, small = (Path(folder) / name / "WhatsApp Chat with Sari.txt" for name in ("whole", "tenth"))
        for path, count in ((chat, lines), (small, lines // 10)):
            path.parent.mkdir()
            write_chat(path, count, _SIDES)
        for turn in range(rounds):
            store = Path(folder) / f"shop{turn}.db"
            found["wacli"].append(measure(sys.executable, _WACLI, chat, store))
            found["the same again"].append(measure(sys.executable, _WACLI, chat, store))
            found["a tenth"].append(measure(sys.executable, _WACLI, small, Path(folder) / f"small{turn}.db"))
            for name, body in readers.items():
                found[name].append(measure(others or "", body, chat, store))
    base = found["wacli"]
    for name, costs in found.items():
        cpu, wall = (statistics.median(each[place] for each in costs) for place in (1, 2))
        ratios = (statistics.median(each[place] for each in base) for place in (1, 2))
        shown = " ".join(
            f"{value:7.2f} s {value / ratio:5.2f}x" for value, ratio in zip((cpu, wall), ratios, strict=True)
        )
        print(f"{name:<15} {costs[0].messages:>9,} messages {shown} (CPU, clock) {max(c.peak for c in costs):6} MB")


if __name__ == "__main__":
    main()
