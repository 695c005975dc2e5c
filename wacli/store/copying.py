"""One file made out of an open store, while others read and write it; SQLite's online backup in one step.

Raises what SQLite and the system raise: who calls says it in words. Used by `backup`, and by `database` before it
migrates.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_BLOCK = 1 << 20


def copy_store(connection: sqlite3.Connection, target: Path) -> tuple[int, str]:
    """Copies a store to `target` with `target.sha256` beside it; returns its size in bytes and its SHA-256 in hex.

    It is written beside its place, waited for on the disk, and renamed.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        _write_copy(connection, unfinished)
        with ThreadPoolExecutor(1) as pool:  # the disk writes while the processor counts
            on_disk = pool.submit(_sync, unfinished)
            sha256, size = digest_of(unfinished), unfinished.stat().st_size
            on_disk.result()
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


def _write_copy(connection: sqlite3.Connection, unfinished: Path) -> None:
    copy = sqlite3.connect(unfinished, isolation_level=None)
    try:
        copy.execute("PRAGMA journal_mode=OFF")  # an unfinished copy is thrown away, so nothing has to be undone
        copy.execute("PRAGMA synchronous=OFF")
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, also for readers that may not write beside it
    finally:
        copy.close()


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
