"""A store kept open to be looked at again and again: has anybody committed since?

`PRAGMA data_version` on a kept connection changes when another connection commits, and costs a few microseconds: it is
asked ten times a second all day. A store that is not there yet, or whose file was replaced (`wacli db restore`), is
seen too, by its inode.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..domain.problem import NotFound, Unavailable
from .database import Store, connect_readonly


class Watched:
    """A connection for reading, and whether what it shows may have changed. Close it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None

    @property
    def store(self) -> Store | None:
        """The store as last seen by `has_changed`; None while there is none."""
        return self._store

    def has_changed(self) -> bool:
        """True when somebody has committed, or another file has come, since this was last asked; true at first.

        Ask before looking: what is committed while you look is told the next time. Raises what opening a store raises.
        """
        file = self._inode()
        if file != self._file or (self._store is None and file is not None):
            self.close()
            self._store = self._open() if file is not None else None
            self._file = file if self._store is not None else None
            self._version = self._data_version()
            return True
        version = self._data_version()
        if version == self._version:
            return False
        self._version = version
        return True

    def close(self) -> None:
        """Closes the connection; `has_changed` would open another."""
        if self._store is not None:
            self._store.close()
        self._store, self._file, self._version = None, None, None

    def _open(self) -> Store | None:
        try:
            return connect_readonly(self._path)
        except NotFound:  # gone again
            return None

    def _inode(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - asked ten times a second: the cheapest there is
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found.st_size else None

    def _data_version(self) -> int | None:
        if self._store is None:
            return -1  # no store: nothing changes until there is one
        try:
            return self._store.data_version()
        except Unavailable:  # locked for a moment: look again the next time
            return None
