"""`kill -9` in the middle, two at once, and files that are not ours."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.front_door import FrontDoor
from tests.support.payloads import PAYLOADS, contact, messages, status, text
from tests.support.process import start
from tests.support.process import wacli as run_process
from tests.support.store import Dump, dump
from wacli.store.database import connect_readonly
from wacli.store.mark import SCHEMA_VERSION

ROUNDS = 8
NOTIFICATIONS = 3_000


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three transactions of notifications: each says one message and a status of another."""
    file = tmp_path_factory.mktemp("big") / "big.ndjson"
    chance = random.Random(5)
    with file.open("w") as out:
        for n in range(NOTIFICATIONS):
            who = chance.randrange(400)
            phone, bsuid = f"62813{who:08}", f"ID.7{who:08}"
            body = messages(
                [text(f"wamid.BIG{n}=", 1_795_000_000 + n, f"pesan {n}", phone, bsuid)],
                [contact(phone, bsuid, f"Orang {who}")],
            )
            value = body["entry"][0]["changes"][0]["value"]
            value["statuses"] = [status(f"wamid.OUT{n // 3}=", ("sent", "delivered", "read")[n % 3], 1_795_000_000 + n)]
            out.write(json.dumps(body) + "\n")
    return file


@pytest.fixture(scope="module")
def whole(big_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Dump:
    """The tables that the file comes to."""
    folder = tmp_path_factory.mktemp("whole")
    assert FrontDoor(folder)("ingest", str(big_file)).status == 0
    return tables(folder)


def tables(folder: Path) -> Dump:
    with connect_readonly(folder / "shop.db") as store:
        return dump(store)


def size_of(path: Path) -> int:
    """0 where there is nothing (any more): SQLite makes and removes its log as it likes."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def killed(folder: Path, file: Path, after: float) -> bool:
    """Starts an ingest and kills it that many seconds after its store has begun to fill; False when it was done."""
    process = start(folder, "ingest", str(file))
    path, until = folder / "shop.db-wal", time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None and not size_of(path):
        os.sched_yield()
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_kill_at_any_moment_of_an_ingest(big_file: Path, whole: Dump, tmp_path: Path) -> None:
    chance, kills = random.Random(11), 0
    for attempt in range(ROUNDS):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        kills += killed(folder, big_file, chance.uniform(0, 0.25))
        assert_sound(folder)
        done = FrontDoor(folder)("ingest", str(big_file), "--json")
        assert done.status == 0
        assert done.json["notifications_new"] + done.json["notifications_seen"] == NOTIFICATIONS
        if attempt % 4 == 0:
            assert tables(folder) == whole
    assert kills >= ROUNDS // 2, "the kills came too late to prove anything"


def test_killed_again_and_again_it_still_gets_there(big_file: Path, whole: Dump, tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(4):
        killed(tmp_path, big_file, chance.uniform(0.01, 0.2))
        assert_sound(tmp_path)
    assert run_process(tmp_path, "ingest", str(big_file)).status == 0
    assert tables(tmp_path) == whole


def assert_sound(folder: Path) -> None:
    """The store opens, is whole, and what was committed was applied: each notification with its message and status."""
    board = FrontDoor(folder)("threads", "--all", "--json")
    assert board.status == 0, board.err
    path = folder / "shop.db"
    if not path.exists():
        return
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'statuses'").fetchone()[0]:
            return  # killed while the tables were being made: the next command makes the rest
        (kept,) = connection.execute("SELECT count(*) FROM notifications").fetchone()
        assert connection.execute("SELECT count(*) FROM notifications WHERE applied_at IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM messages WHERE direction = 'inbound'").fetchone() == (kept,)
        assert connection.execute("SELECT count(*) FROM statuses").fetchone() == (kept,)
        assert kept % 1_000 == 0
    connection.close()
    assert sum(row["unanswered_count"] for row in board.json) == kept


def test_two_processes_ingest_at_once(big_file: Path, whole: Dump, tmp_path: Path) -> None:
    both = [start(tmp_path, "ingest", str(big_file), "--json") for _ in range(2)]
    reports = []
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, b"")
        reports.append(json.loads(out))
    assert sum(report["notifications_new"] for report in reports) == NOTIFICATIONS
    assert sum(report["notifications_seen"] for report in reports) == NOTIFICATIONS
    assert sum(report["messages_new"] for report in reports) == NOTIFICATIONS
    assert tables(tmp_path) == whole


def test_two_processes_with_different_files_and_a_reader(tmp_path: Path) -> None:
    folders = [str(PAYLOADS / name) for name in ("messages", "statuses", "history", "people")]
    writers = [start(tmp_path, "ingest", folder, "--json") for folder in folders]
    reader = start(tmp_path, "threads", "--all", "--json")
    for process in [*writers, reader]:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    alone = tmp_path / "alone"
    alone.mkdir()
    for folder in folders:
        assert FrontDoor(alone)("ingest", folder).status == 0
    assert tables(tmp_path) == tables(alone)


# --- files that are not ours ------------------------------------------------------------------------------------------

COMMANDS = [
    ("threads",),
    ("can", "Sari"),
    ("contacts", "list"),
    ("contacts", "add", "X"),
    ("ingest", str(PAYLOADS / "messages" / "text.json")),
    ("db", "rebuild"),
    ("reply", "Sari", "halo"),
]


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
        connection.execute("INSERT INTO notes VALUES ('mine')")
    connection.close()


def empty_of_another(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 252006673")  # a GeoPackage
    connection.close()


def newer(path: Path) -> None:
    assert FrontDoor(path.parent)("ingest", str(PAYLOADS / "messages" / "text.json")).status == 0
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def cut_off(path: Path) -> None:
    assert FrontDoor(path.parent)("ingest", str(PAYLOADS)).status == 0
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    raw = path.read_bytes()
    path.write_bytes(raw[:4_096] + b"\x00\xff" * 2_048 + raw[8_192 : len(raw) // 2])


STRANGERS: dict[str, tuple[Callable[[Path], object], str | None, int]] = {
    "a text file": (lambda path: path.write_text("hello\n"), "not-a-store", 2),
    "another program's database": (foreign, "not-a-store", 2),
    "an empty database of another program": (empty_of_another, "not-a-store", 2),
    "a newer store": (newer, "newer-store", 2),
    "half a header": (lambda path: path.write_bytes(b"SQLite format 3\x00" + bytes(40)), None, 2),
    "a damaged store": (cut_off, "store-damaged", 2),
    "a directory": (lambda path: path.mkdir(), "not-a-store", 2),
}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda argv: " ".join(argv[:2]).split("/")[0])
@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_is_not_ours_is_refused_in_one_sentence(
    wacli: FrontDoor, name: str, command: tuple[str, ...]
) -> None:
    make, code, status_expected = STRANGERS[name]
    path = wacli.folder / "shop.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    outcome = wacli(*command, "--json")
    assert (outcome.status, outcome.out) == (status_expected, "")
    assert outcome.error["code"] == code or code is None
    assert str(path) in outcome.error["message"]
    in_words = wacli(*command)
    assert len(in_words.err.splitlines()) == 1
    assert in_words.err.startswith("wacli: ")
    if name != "a damaged store":
        assert (path.read_bytes() if path.is_file() else b"") == before


def test_an_empty_file_becomes_a_store(wacli: FrontDoor) -> None:
    (wacli.folder / "shop.db").touch()
    assert wacli("threads", "--json").json == []
    assert wacli("ingest", str(PAYLOADS / "messages" / "text.json")).status == 0
    assert len(wacli("threads", "--all", "--json").json) == 1


@pytest.fixture
def locked(wacli: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrontDoor]:
    """Another process writes and does not stop."""
    monkeypatch.setattr("wacli.store.database.BUSY_FOR_MS", 50)
    assert wacli("ingest", str(PAYLOADS / "messages" / "text.json")).status == 0
    other = sqlite3.connect(wacli.folder / "shop.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield wacli
    other.close()


def test_a_locked_store_can_be_read_and_writing_is_try_again_later(locked: FrontDoor) -> None:
    assert locked("threads", "--all", "--json").status == 0
    outcome = locked("ingest", str(PAYLOADS / "messages" / "image.json"), "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "store-locked")


def test_a_place_that_cannot_be_written(wacli: FrontDoor) -> None:
    outcome = wacli("--db", "/proc/nowhere/shop.db", "ingest", str(PAYLOADS / "messages" / "text.json"), "--json")
    assert (outcome.status, outcome.error["code"]) == (6, "store-unusable")
