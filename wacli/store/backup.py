"""Copies of a store: made while it is in use, with a checksum, proved by restoring them, and brought back.

- A copy is made by SQLite's online backup in one step: a snapshot, while others read and write. It is written beside
  its place, waited for on the disk, and renamed: a killed process leaves no half of a backup under a good name.
- The copy is one file (no WAL beside it), for its owner only, with `FILE.sha256` in the form `sha256sum -c` reads.
- A proof is a restore: the checksum is compared, the file is copied, the copy is opened and migrated like any store,
  and SQLite checks every page and every reference.
- A restore writes into the file that is there, in one transaction, so that other processes that have it open see the
  old store or the new one. What was there is backed up first; what is too damaged for that is moved aside.
"""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..domain.problem import Invalid, NotFound, Problem, Refused, Unavailable
from ..domain.text import t
from .copying import copy_store, digest_of
from .database import Store, connect_as_it_is, open_store, problem_of

_COUNTED = ("contacts", "threads", "messages", "notifications")


class Backup(NamedTuple):
    """A copy: where it is, its size in bytes, its SHA-256 in hex."""

    path: Path
    size: int
    sha256: str


class Proof(NamedTuple):
    """What a file that restores holds. `checksum` is None where no `.sha256` stands beside it."""

    path: Path
    size: int
    checksum: str | None
    schema: int
    counts: dict[str, int]


def backup_path(store_path: Path, now: datetime, mark: str = "") -> Path:
    """Where a backup goes when no place is named: the folder `backups` beside the store, by name and instant."""
    name = f"{store_path.stem}-{now:%Y%m%dT%H%M%SZ}{mark}{store_path.suffix or '.db'}"
    return store_path.parent / "backups" / name


def write_backup(store: Store, target: Path) -> Backup:
    """Copies the open store to `target`. Raises Refused (`file-exists`) and Unavailable (disk full, no permission)."""
    if target.exists():
        raise Refused("file-exists", t("{path} exists already", path=str(target)), t("Name another file"))
    return _copied(store.connection, target)


def verify_store(store: Store) -> None:
    """Has SQLite check every page, index and reference. Raises Invalid (`store-damaged`)."""
    broken = [str(row[0]) for row in store.query("PRAGMA integrity_check(5)") if row[0] != "ok"]
    broken += [f"{row[0]}: row {row[1]} points nowhere" for row in store.query("PRAGMA foreign_key_check")][:5]
    if broken:
        raise Invalid(
            "store-damaged",
            t("{path} is damaged: {reason}", path=str(store.path), reason="; ".join(broken)),
            t("Bring a backup back: wacli db restore FILE"),
        )


def prove(file: Path) -> Proof:
    """Restores `file` in a temporary folder and checks everything. Raises NotFound, Invalid (`bad-checksum`,
    `not-a-store`, `newer-store`, `store-damaged`) and Unavailable."""
    expected, size = _expected(file), _size(file)
    if expected is not None and (found := digest_of(file)) != expected:
        raise Invalid(
            "bad-checksum",
            t("{path} is not what was written: its checksum is {found}", path=str(file), found=found[:16]),
            t("Use another backup"),
        )
    with tempfile.TemporaryDirectory(prefix="wacli-verify-") as folder:
        copy = Path(folder) / "store.db"
        try:
            with connect_as_it_is(file) as source:
                _copied(source.connection, copy)
            with open_store(copy, create=False) as store:
                verify_store(store)
                version = store.query_one("PRAGMA user_version")
                return Proof(file, size, expected, int(version[0]) if version else 0, count_rows(store))
        except Invalid as problem:
            raise _unproved(file, copy, problem) from problem


def _unproved(file: Path, copy: Path, problem: Invalid) -> Invalid:
    """The same about the file that was given: nobody knows its copy."""
    if problem.code != "store-damaged":
        return problem
    reason = str(problem.message.values["reason"]).replace(str(copy), str(file))
    return Invalid(
        problem.code, t("{path} is damaged: {reason}", path=str(file), reason=reason), t("Use another backup")
    )


def count_rows(store: Store) -> dict[str, int]:
    """How many contacts, threads, messages and notifications there are."""
    rows = store.query(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in _COUNTED))
    return {name: int(count) for name, count in rows}


def restore(file: Path, path: Path, now: datetime) -> Path | None:
    """Makes the store at `path` what `file` is; returns where the former store was kept, if there was one.

    `file` has been proved by the caller. Raises Unavailable when another process keeps writing.
    """
    kept = _put_aside(path, now)
    with connect_as_it_is(file) as source, open_store(path, create=True) as store:
        try:
            source.connection.backup(store.connection)
        except sqlite3.Error as error:
            raise problem_of(error, path) from error
    open_store(path, create=False).close()  # an older schema is brought up to date
    return kept


def _put_aside(path: Path, now: datetime) -> Path | None:
    if not path.exists():
        return None
    try:
        with connect_as_it_is(path) as store:
            return write_backup(store, backup_path(path, now, "-before-restore")).path
    except Problem as problem:
        if not isinstance(problem, Invalid):
            raise
    kept = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    for suffix in ("-wal", "-shm", ""):
        beside = Path(f"{path}{suffix}")
        if beside.exists():
            beside.rename(f"{kept}{suffix}")
    return kept


def _copied(connection: sqlite3.Connection, target: Path) -> Backup:
    try:
        return Backup(target, *copy_store(connection, target))
    except sqlite3.Error as error:
        raise problem_of(error, target) from error
    except OSError as error:
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(target), reason=error.strerror or str(error)),
            t("Name another place"),
        ) from error


def _expected(file: Path) -> str | None:
    try:
        text = Path(f"{file}.sha256").read_text("utf-8", "replace")
    except OSError:
        return None
    return text.split()[0].lower() if text.split() else None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        raise NotFound("no-such-file", t("there is no file {file}", file=str(file)), t("Check the name")) from None
