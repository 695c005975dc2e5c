"""One file made out of an open store, while others read and write it.

Mostly the store's file is copied as it is, by the system, while a second thread counts the checksum: a store of half a
gigabyte takes little longer than `cp` and waiting for the disk. That is sound only while nothing may change the file.
In WAL mode only a checkpoint does, and none does while somebody reads a store whose WAL has been copied into it
altogether (SQLite's read mark 0). So the write lock is taken for the moment in which the WAL is copied and our reading
begins, and whether that reading is of that kind is seen from outside: nothing was left to copy before it began and
nothing after, and nobody has committed in between. Where that is not so (somebody else reads an older state for long),
SQLite's online backup copies page by page.

The file that is read is never closed again by this process: on POSIX systems that would drop the locks that SQLite
holds on it, for every connection of the process (https://www.sqlite.org/howtocorrupt.html, section 2.2).

Raises what SQLite and the system raise: who calls says it in words. Used by `backup`, and by `database` before it
migrates.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

_BLOCK = 1 << 18
_COPIED_AT_ONCE = 1 << 26
_TRIES = 3
_PATIENCE = 0.5  # seconds
_VERSIONS_AT = 18  # in the header: 2, 2 for a store with a WAL; 1, 1 for one that is a single file
_SINGLE_FILE = b"\x01\x01"
_held: dict[tuple[int, int], int] = {}  # files of stores that this process has open: device, inode -> descriptor


def copy_store(connection: sqlite3.Connection, target: Path) -> tuple[int, str]:
    """Copies a store to `target` with `target.sha256` beside it; returns its size in bytes and its SHA-256 in hex.

    It is written beside its place, waited for on the disk, and renamed.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with ThreadPoolExecutor(1) as pool:  # the disk writes while the processor counts
            sha256 = _copied_as_it_is(connection, unfinished, pool) or _copied_by_page(connection, unfinished, pool)
        size = unfinished.stat().st_size
        checksum = Path(f"{target}.sha256")
        checksum.write_text(f"{sha256}  {target.name}\n", "utf-8")
        checksum.chmod(0o600)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return size, sha256


def copy_before_migration(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Keeps the store as an older wacli wrote it, once for each version of the schema."""
    target = path.parent / "backups" / f"{path.stem}-schema-{version}{path.suffix or '.db'}"
    if not target.exists():
        copy_store(connection, target)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _copied_as_it_is(connection: sqlite3.Connection, unfinished: Path, pool: ThreadPoolExecutor) -> str | None:
    """The checksum of a copy of the file; None where the file may change meanwhile."""
    if os.name != "posix" or connection.in_transaction:
        return None
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    for _ in range(_TRIES):
        with _settled(connection, path) as size:
            if size:
                source = _open_for_good(path)
                copy = os.open(unfinished, os.O_RDWR)
                try:
                    counted = pool.submit(_digest_of_single_file, source, size)
                    _copy_bytes(source, copy, size, counted)
                    os.pwrite(copy, _SINGLE_FILE, _VERSIONS_AT)
                    os.fsync(copy)
                finally:
                    os.close(copy)
                return counted.result()
    return None


@contextmanager
def _settled(connection: sqlite3.Connection, path: Path) -> Iterator[int]:
    """Reads the store inside; gives the size of its file where that holds everything and nothing may change it, else
    0. Whoever writes waits for the milliseconds in which that is brought about, and not for what is done inside."""
    with ExitStack() as stack:
        try:
            folding, barring = (stack.enter_context(closing(_outside(path))) for _ in range(2))
            _state(folding)  # most of the WAL, while others still write
            barring.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            yield 0
            return
        before = _state(folding)
        connection.execute("BEGIN")
        try:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            size = pages * connection.execute("PRAGMA page_size").fetchone()[0]
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
            is_settled = before is not None and _state(folding) == before and path.stat().st_size == size
            barring.execute("ROLLBACK")
            yield size if is_settled else 0
        finally:
            connection.execute("ROLLBACK")


def _outside(path: Path) -> sqlite3.Connection:
    """Another connection to the store; it does not wait long for the others."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_PATIENCE)


def _state(outside: sqlite3.Connection) -> tuple[int, int] | None:
    """How far the WAL goes, and a number that changes with every commit; None unless all of it is in the file."""
    try:
        is_busy, frames, copied = outside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        version = outside.execute("PRAGMA data_version").fetchone()[0]
    except sqlite3.Error:
        return None
    return (frames, version) if not is_busy and frames == copied else None  # -1, -1: it has no WAL


def _open_for_good(path: Path) -> int:
    found = path.stat()
    key = found.st_dev, found.st_ino
    if key not in _held:
        _held[key] = os.open(path, os.O_RDONLY)
    return _held[key]


def _copy_bytes(source: int, copy: int, size: int, counted: Future[str]) -> None:
    """In the kernel where it can, else block by block."""
    done = 0
    in_kernel = hasattr(os, "copy_file_range")
    while done < size:
        if counted.done() and (error := counted.exception()) is not None:
            raise error
        if in_kernel:
            try:
                moved = os.copy_file_range(source, copy, min(size - done, _COPIED_AT_ONCE), done, done)
            except OSError:
                in_kernel = False  # between these two file systems it cannot
                continue
        else:
            moved = os.pwrite(copy, os.pread(source, min(size - done, _BLOCK), done), done)
        if not moved:
            raise OSError(f"the file of the store ends at byte {done}")
        done += moved


def _digest_of_single_file(source: int, size: int) -> str:
    """The checksum of what the copy will hold."""
    digest, done = hashlib.sha256(), 0
    block = memoryview(bytearray(_BLOCK))
    while done < size:
        count = min(os.preadv(source, [block], done), size - done)
        if not count:
            raise OSError(f"the file of the store ends at byte {done}")
        if not done:
            block[_VERSIONS_AT : _VERSIONS_AT + len(_SINGLE_FILE)] = _SINGLE_FILE
        digest.update(block[:count])
        done += count
    return digest.hexdigest()


def _copied_by_page(connection: sqlite3.Connection, unfinished: Path, pool: ThreadPoolExecutor) -> str:
    """The checksum of a copy that SQLite has made in one step."""
    copy = sqlite3.connect(unfinished, isolation_level=None)
    try:
        copy.execute("PRAGMA journal_mode=OFF")  # an unfinished copy is thrown away, so nothing has to be undone
        copy.execute("PRAGMA synchronous=OFF")
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, also for readers that may not write beside it
    finally:
        copy.close()
    on_disk = pool.submit(_sync, unfinished)
    sha256 = digest_of(unfinished)
    on_disk.result()
    return sha256


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
