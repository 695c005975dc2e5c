"""Importing contacts of mixed forms: wacli beside `sqlite-utils upsert_all` and the sqlite3 shell's `.import`.

Run: python -m tests.benchmarks.contacts_import [rows] [rounds]

The two others put the cells as they are into the same table, which is there and empty, with the phone as its key
(`upsert_all` cannot do without one); they read no number, find nobody and keep no other index. wacli's store is there
and empty as well. `.import` into a table without a key is shown too. Every contestant is a process of its own, one
after the other in each round, with the start of its Python in it; the ratios are of medians. CPU is user and system
time; the clock also shows who waits for the disk (`upsert_all` commits every hundred rows).
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from wacli.store.database import open_store

_PYTHON = """
import resource, sys
{body}
both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(sum(one.ru_utime + one.ru_stime for one in both), sum(one.ru_maxrss for one in both) // 1024)
"""
_WACLI = """
from datetime import UTC, datetime
from pathlib import Path
from wacli.domain.contact_import import ImportWishes
from wacli.domain.finding import Findings
from wacli.importers.contact_files import read_contact_blocks_ahead
from wacli.services.contact_import import ImportTally, import_contacts
from wacli.store.database import open_store
tally = ImportTally()
with open_store(Path(sys.argv[2]), create=False) as store:
    rows = read_contact_blocks_ahead(Path(sys.argv[1]), country="ID", findings=Findings())
    for _ in import_contacts(store, rows, ImportWishes(), datetime(2026, 11, 22, tzinfo=UTC), tally=tally):
        pass
assert tally.read >= int(sys.argv[3]), tally
"""
_UPSERT = """
import csv
from sqlite_utils import Database
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    Database(sys.argv[2], execute_plugins=False)["people"].upsert_all(csv.DictReader(file), pk="phone")
"""
_SHELL = """
import subprocess
subprocess.run(["sqlite3", sys.argv[2], ".mode csv", f".import --skip 1 {sys.argv[1]} people"], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
sys.exit()
"""
_NO_KEY = "CREATE TABLE people (name TEXT, phone TEXT, label TEXT, note TEXT)"
_KEY = "CREATE TABLE people (name TEXT, phone TEXT PRIMARY KEY, label TEXT, note TEXT)"
CONTESTANTS = {
    "wacli": (_WACLI, None),
    "sqlite-utils upsert_all": (_UPSERT, _KEY),
    "sqlite3 .import": (_SHELL, _KEY),
    "  the same, no key": (_SHELL, _NO_KEY),
}


def write_book(path: Path, rows: int) -> None:
    """An invented address book: numbers as people type them, some tags and notes."""
    chance = random.Random(11)
    with path.open("w", encoding="utf-8") as out:
        out.write("name,phone,label,note\n")
        for index in range(rows):
            digits = f"{chance.choice((811, 812, 813, 852, 878))}{index:08d}"
            phone = chance.choice(
                (
                    f"0{digits}",
                    f"+62{digits}",
                    f"62{digits}",
                    f"0{digits[:3]}-{digits[3:7]}-{digits[7:]}",
                    f"+62 {digits}",
                )
            )
            label, note = chance.choice(("", "", "grosir", "retail")), "" if index % 5 else "lama"
            out.write(f"Pelanggan {index},{phone},{label},{note}\n")


class Cost(NamedTuple):
    """Seconds on the clock and of the processor, and the peak in MB."""

    wall: float
    cpu: float
    peak: int


def measure(body: str, table: str | None, book: Path, rows: int) -> Cost:
    """What one contestant costs in a process and a folder of its own, the start of Python included; not the making of
    an empty table, or of an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.db"
        if table is None:
            open_store(path, create=True).close()
        else:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute(table)
        argv = [sys.executable, "-c", _PYTHON.format(body=body), str(book), str(path), str(rows)]
        began = time.perf_counter()
        seconds, peak = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
        return Cost(time.perf_counter() - began, float(seconds), int(peak))


def main() -> None:
    """Prints a line a contestant, with its ratio to wacli."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = [name for name in CONTESTANTS if CONTESTANTS[name][0] is not _SHELL or shutil.which("sqlite3")]
    found: dict[str, list[Cost]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.csv"
        write_book(book, rows)
        for _ in range(rounds):
            for name in names:
                found[name].append(measure(*CONTESTANTS[name], book, rows))
    base = _median(found["wacli"])
    for name, costs in found.items():
        cost = _median(costs)
        print(
            f"{name:<24} {cost.wall:7.2f} s {cost.wall / base.wall:6.2f}x wall"
            f" {cost.cpu:7.2f} s {cost.cpu / base.cpu:6.2f}x CPU {cost.peak:6} MB"
        )


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
        max(each.peak for each in costs),
    )


if __name__ == "__main__":
    main()
