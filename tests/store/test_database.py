"""Opening a store: what is refused, what is waited for, who may read the file, and what is loaded for it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from tests.support.events import message
from tests.support.store import apply_events, dump, new_store
from wacli.domain.problem import Invalid, NotFound, Unavailable
from wacli.store import database, migrations
from wacli.store.database import connect_as_it_is, connect_readonly, open_store
from wacli.store.intake import Intake
from wacli.store.mark import SCHEMA_VERSION


def test_a_new_store_is_for_its_owner_only_and_set_up_as_it_should(tmp_path: Path) -> None:
    with new_store(tmp_path / "deeper") as store:
        apply_events(store, [message("A")])
        for suffix in ("", "-wal", "-shm"):
            assert Path(f"{store.path}{suffix}").stat().st_mode & 0o777 == 0o600
        for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1)):
            assert store.query(f"PRAGMA {pragma}") == [(value,)]
        assert store.query("PRAGMA busy_timeout") == [(database.BUSY_FOR_MS,)]


def test_a_store_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    path = tmp_path / "store.db"
    path.chmod(0o644)
    open_store(path, create=False).close()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("opened", [lambda p: open_store(p, create=True), connect_readonly])
@pytest.mark.parametrize("content", ["text", "sqlite", "sqlite-with-id"])
def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, content: str, opened: object) -> None:
    path = tmp_path / "other.db"
    if content == "text":
        path.write_text("Dear diary, " * 200)
    else:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE diary (day TEXT)")
        if content == "sqlite-with-id":
            other.execute("PRAGMA application_id = 77")
        other.commit()
        other.close()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(Invalid) as refused:
        opened(path)  # type: ignore[operator]
    assert refused.value.code == "not-a-store"
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        store.query(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for opened in (lambda p: open_store(p, create=False), connect_readonly):
        with pytest.raises(Invalid) as refused:
            opened(tmp_path / "store.db")
        assert refused.value.code == "newer-store"


def test_a_missing_store_says_how_to_make_one(tmp_path: Path) -> None:
    for opened in (lambda p: open_store(p, create=False), connect_readonly):
        with pytest.raises(NotFound) as missing:
            opened(tmp_path / "none.db")
        assert missing.value.code == "no-store"
        assert missing.value.hint is not None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_store_and_an_impossible_place_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not-a-store"):
        open_store(tmp_path, create=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        open_store(tmp_path / "file" / "store.db", create=True)


def test_a_locked_store_is_unavailable_and_nothing_is_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_FOR_MS", 30)
    with new_store(tmp_path) as store, open_store(store.path, create=False) as other:
        intake = Intake(store)
        with other.transaction(), pytest.raises(Unavailable) as locked, intake.transaction():
            intake.apply([(None, [message("A")])])
        assert locked.value.code == "store-locked"
        with intake.transaction():
            intake.apply([(None, [message("A")])])
        assert intake.counts.messages_new == 1


def test_a_full_disk_is_a_clear_problem_and_leaves_the_last_transaction(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A")])
        before = dump(store)
        pages = store.query("PRAGMA page_count")[0][0]
        store.query(f"PRAGMA max_page_count = {pages}")
        intake = Intake(store)
        with pytest.raises(Unavailable) as full, intake.transaction():
            intake.apply([(None, [message(f"long-{i}", text="x" * 4_000) for i in range(50)])])
        assert full.value.code == "disk-full"
        assert intake.counts.messages_new == 0
        assert dump(store) == before


def test_a_damaged_file_is_a_clear_problem(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message(str(i)) for i in range(200)])
    path = tmp_path / "store.db"
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    path.write_bytes(content)
    with connect_readonly(path) as store, pytest.raises(Invalid) as damaged:
        store.query("SELECT (SELECT max(text) FROM messages), (SELECT max(name) FROM contacts)")
    assert damaged.value.code == "store-damaged"


def test_reading_writes_nothing_and_sees_what_others_commit(tmp_path: Path) -> None:
    with new_store(tmp_path) as store, connect_readonly(store.path) as reader:
        version = reader.data_version()
        apply_events(store, [message("A")])
        assert reader.data_version() != version
        assert reader.query("SELECT wamid FROM messages") == [("A",)]
        with pytest.raises(Unavailable):
            reader.query("DELETE FROM messages")


def test_reading_loads_neither_sqlite_utils_nor_anything_heavy(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from wacli.store import threads, messages, contacts, allowance, consents, templates, numbers\n"
        "from wacli.store.database import connect_readonly\n"
        "store = connect_readonly(Path(sys.argv[1]))\n"
        "threads.list_board(store, threads.BoardQuery(limit=20), datetime(2026, 1, 1, tzinfo=UTC))\n"
        "contacts.list_by_name(store, 'x')\n"
        "heavy = {'sqlite_utils', 'phonenumbers', 'dateutil', 'asyncio', 'rich', 'typer', 'urllib3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "store.db"], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_every_step_of_the_schema_is_counted_and_has_a_reason() -> None:
    steps = migrations.migrations._migrations
    assert len(steps) == SCHEMA_VERSION
    assert [step.name[:5] for step in steps] == [f"m{number:03}_" for number in range(1, len(steps) + 1)]
    assert all(step.fn.__doc__ and step.transactional for step in steps)


def test_an_older_store_is_brought_up_to_date_with_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, stop_before="m005_board")
    assert connection.execute("PRAGMA user_version").fetchone() == (4,)
    connection.executescript(
        "INSERT INTO numbers VALUES (1, '1', '1', NULL, NULL);"
        "INSERT INTO contacts (id, name) VALUES (1, 'Sari');"
        "INSERT INTO threads (id, contact_id, number_id, last_at, closes_at) VALUES (1, 1, 1, 5, 86405);"
    )
    connection.close()
    with connect_readonly(path) as store:
        assert store.query("PRAGMA user_version") == [(SCHEMA_VERSION,)]
        assert store.query("SELECT closes_at FROM threads INDEXED BY threads_closing WHERE closes_at > 0") == [(86405,)]


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    steps = migrations.migrations._migrations

    def failing(db: object) -> None:
        steps_fn(db)  # type: ignore[arg-type]
        raise RuntimeError("the power went")

    steps_fn = steps[3].fn
    monkeypatch.setattr(steps[3], "fn", failing)
    with pytest.raises(RuntimeError):
        migrations.migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,), "a new one is as new as before"
    migrations.migrate(connection, stop_before="m002_contacts")
    with pytest.raises(RuntimeError):
        migrations.migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'outbox'").fetchone() == (0,)
    connection.close()
    monkeypatch.undo()
    with open_store(path, create=False) as store:
        assert store.query("SELECT count(*) FROM outbox") == [(0,)]


def test_two_processes_that_make_one_store_at_once_make_one(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wacli.store.database import open_store\n"
        "open_store(Path(sys.argv[1]), create=True).close()"
    )
    path = tmp_path / "store.db"
    children = [subprocess.Popen([sys.executable, "-c", program, path]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    with connect_readonly(path) as store:
        assert store.query("PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_threads_may_take_turns_with_one_store_when_asked_for(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    found: list[object] = []
    with open_store(tmp_path / "store.db", create=False, across_threads=True) as store:
        worker = Thread(target=lambda: found.append(store.query("SELECT count(*) FROM messages")))
        worker.start()
        worker.join()
    assert found == [[(0,)]]


_OPENS_AND_CLOSES = """
import sys
from pathlib import Path
from wacli.store.database import open_store
with open_store(Path(sys.argv[1]), create=False) as store:
    print(store.query("SELECT count(*) FROM numbers")[0][0])
"""


@pytest.mark.parametrize("again", [open_store, connect_readonly], ids=["for writing", "for reading"])
def test_a_second_store_of_this_process_does_not_lose_the_locks_of_the_first(tmp_path: Path, again: object) -> None:
    """Otherwise the other process deletes the WAL, and what we commit afterwards is never seen again."""

    def seen_by_another_process() -> str:
        argv = [sys.executable, "-c", _OPENS_AND_CLOSES, str(tmp_path / "store.db")]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    with new_store(tmp_path) as store:
        with open_store(store.path, create=True) if again is open_store else connect_readonly(store.path):
            pass
        for count in range(1, 4):
            with store.transaction() as connection:
                connection.execute("INSERT INTO numbers (key) VALUES (?)", (str(count),))
            assert seen_by_another_process() == str(count)


def test_a_second_connection_does_not_take_the_locks_of_the_first(tmp_path: Path) -> None:
    """Closing any descriptor of a file drops this process's locks on it (POSIX): then another process that closes the
    store would believe to be the last, and fold away the WAL that we are still reading."""
    path = tmp_path / "store.db"
    open_store(path, create=True).close()
    write = "with store.transaction() as c: c.execute(\"INSERT INTO contacts (name) VALUES ('x')\")"
    other = (
        "from pathlib import Path\nfrom wacli.store.database import open_store\n"
        f"with open_store(Path({str(path)!r}), create=False) as store:\n    {write}\n"
    )
    with open_store(path, create=False) as writer, connect_readonly(path) as reader:
        assert reader.query("SELECT count(*) FROM contacts") == [(0,)]
        open_store(path, create=True).close()
        connect_readonly(path).close()
        connect_as_it_is(path).close()
        subprocess.run([sys.executable, "-c", other], check=True, cwd=Path(__file__).parents[2])
        assert Path(f"{path}-wal").exists()
        with writer.transaction() as connection:
            connection.execute("INSERT INTO contacts (name) VALUES ('y')")
        assert reader.query("SELECT count(*) FROM contacts") == [(2,)]
        assert reader.query("PRAGMA integrity_check") == [("ok",)]


def test_a_backlog_keeps_the_wal_file_as_large_as_it_is_and_the_next_to_write_cuts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cutting the file after each checkpoint and growing it again costs more than the checkpoint."""
    kept = 20_000
    monkeypatch.setattr(database, "BULK_CHECKPOINT_FRAMES", 30)
    monkeypatch.setattr(database, "WAL_KEPT_BYTES", kept)
    with new_store(tmp_path) as store:
        wal = Path(f"{store.path}-wal")
        store.checkpoint()

        def write(key: int) -> int:
            with store.transaction() as connection:
                connection.execute("INSERT INTO unrecognised VALUES (NULL, ?, 1, '', ?, '')", (key, "x" * 30_000))
            return wal.stat().st_size

        with store.bulk():
            sizes = [write(key) for key in range(40)]
        assert sizes == sorted(sizes)
        assert kept < sizes[-1] < 40 * 30_000, "the file is used again, as checkpoints are made"
        assert write(40) < sizes[-1]
        assert store.query("PRAGMA integrity_check") == [("ok",)]
