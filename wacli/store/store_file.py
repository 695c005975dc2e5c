"""The store's file as the system sees it: made for its owner only, ours or somebody else's, open here or not.

SQLite's locks are POSIX locks, and those have a trap: when a process closes *any* descriptor of a file, all locks that
it holds on that file are gone (sqlite.org/howtocorrupt.html, "Posix advisory locks canceled"). If we read the file
directly while a connection of ours has it open, the next other process to close it takes itself for the last one,
deletes the WAL, and we go on committing into a file that nobody will ever see. So the file is looked at directly only
while no store of this process has it open; after that SQLite answers for it.
"""

from __future__ import annotations

import os
import stat
import threading
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from ..domain.problem import Invalid, NotFound, Unavailable
from ..domain.text import t
from .mark import APPLICATION_ID

FileId: TypeAlias = tuple[int, int]  # device and inode
opening = threading.RLock()  # held from looking at a file until SQLite has its lock on it
_open_files: Counter[FileId] = Counter()
_SQLITE_MAGIC = b"SQLite format 3\x00"


def look_at(path: Path, *, create: bool = False) -> None:
    """Makes the file where it is missing and wanted; raises for one that is missing, unreadable or not ours.

    Does nothing for a file that a store of this process has open.
    """
    file = _file_of(path)
    if file is not None and _open_files[file] > 0:
        return
    if create:
        _make_file(path)
    _check_file(path)


def note_open(path: Path) -> FileId | None:
    """A store of this process has it open from now on."""
    file = _file_of(path)
    if file is not None:
        with opening:
            _open_files[file] += 1
    return file


def note_closed(file: FileId) -> None:
    """One store fewer has it open."""
    with opening:
        _open_files[file] -= 1


def _file_of(path: Path) -> FileId | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(
            "store-unusable",
            t("{path} cannot be made: {reason}", path=str(path), reason=error.strerror or str(error)),
            t("Choose another place with --db"),
        ) from error


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE_MAGIC))
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
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
    if start and start != _SQLITE_MAGIC:
        raise foreign(path)
    if start and mode & 0o077 and _looks_ours(path):
        path.chmod(0o600)


def _looks_ours(path: Path) -> bool:
    with path.open("rb") as file:  # the application id is four big-endian bytes at 68 of the header
        file.seek(68)
        return int.from_bytes(file.read(4), "big") == APPLICATION_ID


def foreign(path: Path) -> Invalid:
    """The refusal of a file that is another program's, or no database at all."""
    return Invalid(
        "not-a-store",
        t("{path} is not a wacli store, and stays as it is", path=str(path)),
        t("Choose another file with --db"),
    )
