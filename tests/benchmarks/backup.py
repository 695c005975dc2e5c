"""A backup with its checksum beside `cp` and waiting for the disk: of a store at rest, and of one that is written.

Run: python -m tests.benchmarks.backup [megabytes] [rounds]

Each copies the same store in turn, on the clock, until the copy is on the disk (`sync FILE` after `cp`); the ratio is
of medians. `wacli db verify` proves a copy, which is not in the time: it restores it, and takes longer than both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.made_up import make_store
from wacli.store.backup import prove, write_backup
from wacli.store.database import connect_as_it_is

_BYTES_OF_A_MESSAGE = 290
_WRITER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("PRAGMA synchronous=NORMAL")
while True:
    connection.execute("UPDATE contacts SET note = ? WHERE id = 1", (str(time.time()),))
    time.sleep(float(sys.argv[2]))
"""


def _copied(store: Path, target: Path) -> None:
    subprocess.run(["cp", str(store), str(target)], check=True)
    subprocess.run(["sync", str(target)], check=True)


def _backed_up(store: Path, target: Path) -> None:
    with connect_as_it_is(store) as opened:
        write_backup(opened, target)


def _seconds(work: Callable[[Path, Path], None], store: Path, target: Path) -> float:
    target.unlink(missing_ok=True)
    Path(f"{target}.sha256").unlink(missing_ok=True)
    began = time.perf_counter()
    work(store, target)
    return time.perf_counter() - began


def main() -> None:
    """Prints a ratio for each state of the store."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 544
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    messages = megabytes * 1_000_000 // _BYTES_OF_A_MESSAGE
    with tempfile.TemporaryDirectory() as folder:
        store, target = Path(folder) / "shop.db", Path(folder) / "copy.db"
        make_store(store, contact_count=messages // 20, message_count=messages).close()
        print(f"a store of {store.stat().st_size / 1e6:.0f} MB")
        for state, pause in (("at rest", None), ("written every second", 1.0), ("written all the time", 0.001)):
            writer = None
            if pause is not None:
                writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(store), str(pause)])
            try:
                found: dict[str, list[float]] = {"cp": [], "wacli": []}
                for _ in range(rounds):
                    found["cp"].append(_seconds(_copied, store, target))
                    found["wacli"].append(_seconds(_backed_up, store, target))
            finally:
                if writer is not None:
                    writer.kill()
                    writer.wait()
            prove(target)
            cp, ours = statistics.median(found["cp"]), statistics.median(found["wacli"])
            print(f"{state:<22} cp and sync {cp:.2f} s, backup {ours:.2f} s: {ours / cp:.2f}x")


if __name__ == "__main__":
    main()
