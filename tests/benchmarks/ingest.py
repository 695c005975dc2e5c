"""Ingest against sqlite-utils and against C.

"wacli" writes four things for each message: the raw notification, the message with its dedupe key, and the clocks
of its thread, 1,000 in a transaction, into a store with the usual indexes. "sqlite-utils insert_all" writes bare
message rows with its default pragmas (a rollback journal, synced for each of its batches of 100) into a table of as
many rows as the store has messages, the wamid its primary key. "C" does the four writes of wacli with prepared
statements and the same pragmas, and finds whoever wrote by their identifiers, as wacli has to. All start from a copy
of the same files, with nothing of the copy left to be written by the system. What reading JSON costs besides is shown
by itself. Three sizes of shop: a small store, and the large one with all its contacts or a twentieth of them writing.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.made_up import NOW, notifications, person, wamid
from tests.benchmarks.side_by_side import Cost, rotate, show, timed
from wacli.cloudapi.wire import parse
from wacli.importers.notifications import decode, digest, read
from wacli.services.inbound import BATCH, ingest
from wacli.store import notifications as kept
from wacli.store.database import open_store
from wacli.store.intake import Intake

_SUFFIXES = ("", "-wal", "-shm", "-journal")


class Shop(NamedTuple):
    """A store, how many messages it holds, and how many of its contacts write."""

    store: Path
    message_count: int
    writer_count: int


def run(folder: Path, shops: Sequence[Shop], *, rows: int, rounds: int) -> None:
    """Prints a table for each shop."""
    program = _compile(folder)
    for store, message_count, writer_count in shops:
        table = _bare_table(folder, message_count)
        bodies = list(notifications(rows, contact_count=writer_count, first_index=message_count))
        contestants: dict[str, Callable[[], Cost]] = {
            "wacli, four writes for each message": partial(_wacli, folder, store, bodies),
            "wacli ingest, reading JSON included": partial(_wacli_whole, folder, store, bodies),
            "sqlite-utils insert_all, bare messages": partial(_sqlite_utils, folder, table, message_count, rows),
        }
        if program is None:
            print("No C compiler with sqlite3.h here (Debian: gcc libsqlite3-dev): the C loop is left out.")
        else:
            contestants["C, four writes for each message"] = partial(
                _c_loop, folder, store, program, rows, writer_count
            )
        show(
            f"Into {message_count:,} messages, {rows:,} more from {writer_count:,} contacts:",
            rotate(contestants, rounds),
            "wacli, four writes for each message",
        )


def _fresh(source: Path, folder: Path, name: str) -> Path:
    target = folder / name
    for suffix in _SUFFIXES:
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copy(source, target)
    os.sync()  # else the system writes the copy out while somebody is timed
    return target


def _wacli(folder: Path, source: Path, bodies: list[bytes]) -> Cost:
    values = [decode(body) for body in bodies]
    said = [(digest(value), body, parse(value)) for value, body in zip(values, bodies, strict=True)]
    del values
    with open_store(_fresh(source, folder, "work.db"), create=False) as store:

        def work() -> None:
            intake = Intake(store)
            with store.bulk():
                for start in range(0, len(said), BATCH):
                    batch = said[start : start + BATCH]
                    with intake.transaction() as connection:
                        pairs = [(key, body) for key, body, _ in batch]
                        ids = kept.record_many(connection, pairs, NOW, is_applied=True)
                        intake.apply((row, events) for row, (_, _, events) in zip(ids, batch, strict=True))
            assert intake.counts.messages_new == len(said)

        gc.collect()
        gc.disable()  # as `ingest` does; the decoded events of the whole run are kept here, and are no part of it
        try:
            return timed(work, len(said))
        finally:
            gc.enable()


def _wacli_whole(folder: Path, source: Path, bodies: list[bytes]) -> Cost:
    file = folder / "bodies.ndjson"
    file.write_bytes(b"\n".join(bodies))
    with open_store(_fresh(source, folder, "work.db"), create=False) as store:
        return timed(lambda: ingest(store, read(file), NOW), len(bodies))


def _bare_rows(first: int, count: int) -> Iterator[dict[str, object]]:
    chance = random.Random(first)
    at = int(NOW.timestamp())
    for index in range(first, first + count):
        who = person(chance.randrange(100_000))
        yield {
            "wamid": wamid(index),
            "phone": who.phone,
            "bsuid": who.bsuid,
            "direction": "inbound",
            "origin": "api",
            "kind": "text",
            "at": at,
            "text": "Terima kasih, saya tunggu ya",
            "reply_to": None,
            "status": None,
        }


def _bare_table(folder: Path, message_count: int) -> Path:
    from sqlite_utils import Database

    path = folder / f"bare-{message_count}.db"
    if not path.exists():
        database = Database(path, execute_plugins=False)
        database.execute("PRAGMA synchronous=OFF")
        with database.atomic():
            database.table("messages").insert_all(_bare_rows(0, message_count), pk="wamid")
        database.close()
    return path


def _sqlite_utils(folder: Path, source: Path, message_count: int, count: int) -> Cost:
    from sqlite_utils import Database

    rows = list(_bare_rows(message_count, count))
    database = Database(_fresh(source, folder, "bare-work.db"), execute_plugins=False)
    try:
        return timed(lambda: database.table("messages").insert_all(rows, pk="wamid"), count)
    finally:
        database.close()


def _compile(folder: Path) -> Path | None:
    program = folder / "c_loop"
    source = Path(__file__).with_name("c_loop.c")
    try:
        subprocess.run(["cc", "-O2", "-o", program, source, "-lsqlite3"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return program


def _c_loop(folder: Path, source: Path, program: Path, rows: int, writers: int) -> Cost:
    work = _fresh(source, folder, "work.db")
    done = subprocess.run([program, work, str(rows), str(writers)], check=True, capture_output=True, text=True)
    wall, cpu = (float(part) for part in done.stdout.split())
    return Cost(wall / rows * 1e6, cpu / rows * 1e6)
