"""Opening the one SQLite file of a profile, and the transactions on it.

Rules and reasons:

- WAL, so that a board can be read while a webhook is written; `foreign_keys` on; a busy timeout, so that two
  processes that ingest at once queue up instead of failing. sqlite-utils opens with none of these: they are set here
  and nowhere else.
- `synchronous=NORMAL`: a killed process loses nothing committed. A power cut may lose the last commits, which Meta
  delivers again; what only we know (the outbox) is written with `durable=True`, which waits for the disk.
- Our own `application_id`, and `user_version` = the number of migrations applied: another program's file, a file that
  is no database and a store of a newer wacli are each refused with one sentence.
- The file itself is never opened but by SQLite: closing any descriptor of it takes away the locks (POSIX) that every
  other connection of this process holds on it, and the next process to close would fold the WAL away under our feet.
- The file is made with mode 0600, and SQLite gives `-wal` and `-shm` the mode of the file.
- sqlite_utils (70-80 ms to import) is loaded only when a migration is pending; `connect_readonly` never loads it for
  a store that is up to date.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from ..domain.problem import Invalid, NotFound, Problem, Unavailable
from ..domain.text import t
from .mark import APPLICATION_ID, SCHEMA_VERSION

BUSY_FOR_MS = 10_000
# Frames of 4 KiB before a commit also checkpoints: the default of 1,000 copies the same hot index pages into the main
# file over and over while a backlog is written; measured, 20,000 (80 MB) nearly halves the cost of bulk inserts.
CHECKPOINT_FRAMES = 20_000
# While a backlog is written nobody waits for the main file: fewer checkpoints still (240 MB), one at the end.
BULK_CHECKPOINT_FRAMES = 60_000
WAL_KEPT_BYTES = 100_000_000  # what stays of the WAL file after a backlog
WRITER_CACHE_KIB = 32_000
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_SQLITE_MAGIC = b"SQLite format 3\x00"

Row: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Sequence[object] | Mapping[str, object]


class _TakenBackError(Exception):
    """The end of a rehearsal."""


class Store:
    """An open store. Everything that reads or writes goes through `query`, `execute` or a `transaction`."""

    __slots__ = ("connection", "path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def query(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of one SELECT. Raises Unavailable when the store is locked, and a Problem when it is damaged."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except UnicodeEncodeError:  # half a character, out of a command line that was no UTF-8
            return self.query(sql, _storable_parameters(parameters))
        except sqlite3.Error as error:
            raise problem_of(error, self.path) from error

    def query_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row of one SELECT, or None."""
        rows = self.query(sql, parameters)
        return rows[0] if rows else None

    def stream(self, sql: str, parameters: Parameters = ()) -> Generator[Row, None, None]:
        """The rows of one SELECT as they come: for lists without a limit."""
        try:
            yield from self.connection.execute(sql, parameters)
        except sqlite3.Error as error:
            raise problem_of(error, self.path) from error

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing. Takes the write lock at once (no upgrade that could fail half-way), nests by joining.

        `durable` waits until the disk has it: for what no one can tell us again. Raises Unavailable when another
        process holds the lock longer than the busy timeout or the disk is full; nothing is half-done then.
        """
        connection = self.connection
        if self._is_in_transaction():
            yield connection
            return
        try:
            if durable:
                connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if self._is_in_transaction():  # SQLite has rolled back by itself when the disk is full
                    connection.execute("ROLLBACK")
                raise
            finally:
                if durable:
                    connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise problem_of(error, self.path) from error

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Everything that is written inside is taken back at the end: for dry runs. Other writers wait meanwhile."""
        try:
            with self.transaction():
                yield
                raise _TakenBackError
        except _TakenBackError:
            pass

    def wait_at_most(self, milliseconds: int) -> None:
        """How long to wait for another writer from here on, where `BUSY_FOR_MS` would be too long."""
        self.connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    def _is_in_transaction(self) -> bool:
        return self.connection.in_transaction

    def data_version(self) -> int:
        """A number that changes when another connection has committed (`PRAGMA data_version`)."""
        row = self.query_one("PRAGMA data_version")
        assert row is not None
        return int(row[0])

    def count_changes(self) -> int:
        """How many rows this connection has written: what it read stands while neither number moves."""
        return self.connection.total_changes

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """For writing a backlog: checkpoints seldom, and once at the end (as far as no reader is in the way).

        The WAL file keeps its size meanwhile: cutting it short after each checkpoint and growing it again is a tenth of
        the work. The next to write after the backlog cuts it, or the last to close takes it away.
        """
        self.query(f"PRAGMA wal_autocheckpoint={BULK_CHECKPOINT_FRAMES}")
        self.query("PRAGMA journal_size_limit=-1")
        try:
            yield
        finally:
            self.query(f"PRAGMA wal_autocheckpoint={CHECKPOINT_FRAMES}")
            self.query(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
        self.checkpoint()

    def leave_checkpoints(self) -> None:
        """For a connection that somebody waits for: its commits never checkpoint; another connection's will."""
        self.query("PRAGMA wal_autocheckpoint=0")

    @contextmanager
    def sorting_on_disk(self) -> Iterator[None]:
        """For sorting a million rows in little memory. Not inside a transaction."""
        self.query("PRAGMA temp_store=FILE")
        try:
            yield
        finally:
            self.query("PRAGMA temp_store=MEMORY")

    @contextmanager
    def trusting_references(self) -> Iterator[None]:
        """For rows that are made out of the very rows they refer to: no reference is looked up (an eighth of importing
        an address book). Not inside a transaction, where SQLite would go on checking."""
        self.query("PRAGMA foreign_keys=OFF")
        try:
            yield
        finally:
            self.query("PRAGMA foreign_keys=ON")

    def checkpoint(self) -> None:
        """Moves what the WAL holds into the main file as far as no reader is in the way: off the answering path."""
        if not self._is_in_transaction():  # it would have to wait for itself
            self.query("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Closes the connection; the last one to close folds the WAL away."""
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(path: Path, *, create: bool, across_threads: bool = False) -> Store:
    """Opens the store for writing, brings its schema up to date, and makes it first when `create`.

    `across_threads`: threads may take turns with it (the receiver answers in worker threads); they must not meet in
    it, so the caller holds a lock around each use.
    Raises NotFound (`no-store`), Invalid (`not-a-store`, `newer-store`) or Unavailable (`store-locked`, `disk-full`,
    `store-unusable`).
    """
    if create:
        _make_file(path)
    _check_file(path)
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=rw", across_threads=across_threads)
        try:
            version = _check_header(connection, path, may_be_new=True)
            _switch_to_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_FRAMES}")
            connection.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
            connection.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("PRAGMA foreign_keys=ON")
            if version < SCHEMA_VERSION:
                from .migrations import migrate

                if version:
                    _keep_copy(connection, path, version)
                migrate(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise problem_of(error, path) from error
    return Store(connection, path)


def connect_readonly(path: Path) -> Store:
    """Opens the store for reading only, as fast as SQLite can; an older schema is migrated first, once."""
    _check_file(path)
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
        try:
            version = _check_header(connection, path, may_be_new=True)
        except BaseException:
            connection.close()
            raise
        if version < SCHEMA_VERSION:
            connection.close()
            open_store(path, create=False).close()
            connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
    except sqlite3.Error as error:
        raise problem_of(error, path) from error
    return Store(connection, path)


def connect_as_it_is(path: Path) -> Store:
    """Opens the store for reading only and leaves an older schema as it is: for backups, which change nothing."""
    _check_file(path)
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro")
        try:
            _check_header(connection, path, may_be_new=False)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise problem_of(error, path) from error
    return Store(connection, path)


def problem_of(error: sqlite3.Error, path: Path) -> Problem:
    """What a person should read when SQLite says this."""
    name = getattr(error, "sqlite_errorname", "") or ""
    place = str(path)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Unavailable(
            "store-locked",
            t("{path} is being written by another wacli", path=place),
            t("Try again in a moment; `wacli doctor` shows what is running"),
        )
    if name.startswith("SQLITE_FULL"):
        return Unavailable(
            "disk-full",
            t("The disk that holds {path} is full; nothing was half-written", path=place),
            t("Free some space and type the same command again"),
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Invalid(
            "store-damaged",
            t("{path} is damaged: {reason}", path=place, reason=str(error)),
            t("Check it with `wacli db verify`, or bring a backup back with `wacli db restore`"),
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_AUTH")):
        return Unavailable(
            "store-unusable",
            t("{path} cannot be opened or written: {reason}", path=place, reason=str(error)),
            t("Check that the folder exists and belongs to you"),
        )
    return Problem("store-failed", t("{path}: {reason}", path=place, reason=str(error)))


def storable(text: str) -> str:
    """The text with every half of a character replaced (U+FFFD): what is left can be written as UTF-8."""
    return text if text.isascii() else _HALF_A_CHARACTER.sub("\ufffd", text)


def _storable_parameters(parameters: Parameters) -> Parameters:
    if isinstance(parameters, Mapping):
        return {key: storable(value) if isinstance(value, str) else value for key, value in parameters.items()}
    return [storable(value) if isinstance(value, str) else value for value in parameters]


def _keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> None:
    from .copying import copy_before_migration

    try:
        copy_before_migration(connection, path, version)
    except OSError as error:
        raise Unavailable(
            "store-unusable",
            t("{path} is older and cannot be copied before it is changed: {reason}", path=str(path), reason=str(error)),
            t("Free some space, or make the folder writable"),
        ) from error


def _connect(uri: str, *, across_threads: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_FOR_MS / 1000, isolation_level=None, check_same_thread=not across_threads
    )
    connection.execute(f"PRAGMA busy_timeout={BUSY_FOR_MS}")
    return connection


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable(
            "store-unusable",
            t("{path} cannot be made: {reason}", path=str(path), reason=error.strerror or str(error)),
            t("Choose another place with --db"),
        ) from error


def _check_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise NotFound(
            "no-store",
            t("There is no store at {path} yet", path=str(path)),
            t("Make one with `wacli setup`, or try `wacli demo`"),
        ) from None
    except OSError as error:
        raise Unavailable(
            "store-unusable",
            t("{path} cannot be opened: {reason}", path=str(path), reason=error.strerror or str(error)),
            t("Check that it is a file and belongs to you"),
        ) from error
    if stat.S_ISDIR(mode):  # SQLite would call it a fault of the disk
        raise _foreign(path)


def _is_no_database(path: Path) -> bool:
    """Whether the file is not SQLite's at all. Asked only of what SQLite refused: nobody has that open (see above)."""
    with path.open("rb") as file:
        start = file.read(len(_SQLITE_MAGIC))
    return bool(start) and start != _SQLITE_MAGIC


def _keep_private(path: Path) -> None:
    """The store's files for their owner only, as they were made; not every file system can, and then nothing helps."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{path}{suffix}").chmod(0o600)


def _check_header(connection: sqlite3.Connection, path: Path, *, may_be_new: bool) -> int:
    try:
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_NOTADB" and _is_no_database(path):
            raise _foreign(path) from None
        raise
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application_id != APPLICATION_ID:
        is_empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if not (may_be_new and is_empty and application_id == 0 and version == 0):
            raise _foreign(path)
        return 0
    _keep_private(path)
    if version > SCHEMA_VERSION:
        raise Invalid(
            "newer-store",
            t("{path} was written by a newer wacli", path=str(path)),
            t("Upgrade wacli, or choose another store with --db"),
            {"schema": version, "known": SCHEMA_VERSION},
        )
    return version


def _foreign(path: Path) -> Invalid:
    return Invalid(
        "not-a-store",
        t("{path} is not a wacli store, and stays as it is", path=str(path)),
        t("Choose another file with --db"),
    )


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The switch needs the file alone and SQLite does not wait for that: two processes that make one store at the
    # same time would meet here.
    for attempt in range(100):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.02)
