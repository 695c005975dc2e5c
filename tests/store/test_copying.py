"""A copy of a store that others write: always one moment of it, whichever way it is made."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.store import new_store
from wacli.store import copying
from wacli.store.contacts import ContactChange, add, edit
from wacli.store.database import Store, connect_as_it_is, open_store

from ..support.front_door import NOW

_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("PRAGMA wal_autocheckpoint=50")
print("ready", flush=True)
number = 0
while True:
    number += 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE contacts SET name = ?, note = ?", (str(number), str(number) * 50))
    connection.execute("COMMIT")
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    for index in range(300):
        add(made, ContactChange(name="0", note="0" * 50, phone=f"62812{index:06d}"), NOW)
    return made


def test_a_store_at_rest_is_copied_as_it_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_copied_by_page", None)
    with connect_as_it_is(store.path) as reading:
        size, sha256 = copying.copy_store(reading.connection, target := store.path.with_name("copy.db"))
    assert target.stat().st_size == size == store.path.stat().st_size
    assert hashlib.sha256(target.read_bytes()).hexdigest() == sha256
    assert not list(target.parent.glob(".*part"))
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM contacts").fetchone() == (300,)
    copy.close()
    store.close()


def test_what_is_written_meanwhile_is_not_in_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes, and tries to fold the WAL into the file, right while the bytes are copied."""
    monkeypatch.setattr(copying, "_copied_by_page", None)
    monkeypatch.setattr(copying, "_BLOCK", 4096)
    kept = copying._copy_bytes

    def copy_bytes(source: int, copy: int, size: int, counted: object) -> None:
        for contact_id in range(1, 301):
            edit(store, contact_id, ContactChange(name="1", note="1" * 5_000), NOW)
        answer = store.query("PRAGMA wal_checkpoint(PASSIVE)")[0]
        assert answer[2] < answer[1], "nothing may have been copied into the file"
        kept(source, copy, size, counted)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_copy_bytes", copy_bytes)
    with connect_as_it_is(store.path) as reading:
        _, sha256 = copying.copy_store(reading.connection, target := store.path.with_name("copy.db"))
    assert copying.digest_of(target) == sha256
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT DISTINCT name, length(note) FROM contacts").fetchall() == [("0", 50)]
    copy.close()
    assert store.query("PRAGMA wal_checkpoint(PASSIVE)")[0][0] == 0
    store.close()


@pytest.mark.parametrize("way", ["either", "by page"])
def test_somebody_writes_without_a_pause(store: Store, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "by page":
        monkeypatch.setattr(copying, "_TRIES", 0)
    store.close()
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, store.path], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "ready\n"
        for turn in range(5):
            target = store.path.with_name(f"copy{turn}.db")
            with connect_as_it_is(store.path) as reading:
                _, sha256 = copying.copy_store(reading.connection, target)
            assert copying.digest_of(target) == sha256
            with sqlite3.connect(target) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert len(copy.execute("SELECT DISTINCT name, note FROM contacts").fetchall()) == 1
            copy.close()
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()


def test_the_file_is_not_closed_under_the_locks_of_others(store: Store) -> None:
    """Closing a file drops every lock that the process has on it: a second connection would go on unprotected."""
    before = len(copying._held)
    for turn in range(3):
        with connect_as_it_is(store.path) as reading:
            copying.copy_store(reading.connection, store.path.with_name(f"copy{turn}.db"))
    assert len(copying._held) - before == 1  # however often it is copied
    other = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0);"
            "print(c.execute('PRAGMA journal_mode=DELETE').fetchone()[0])",
            str(store.path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert other.stdout.strip() != "delete", "our connection still protects its WAL"
    store.close()
    open_store(store.path, create=False).close()
