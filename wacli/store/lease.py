"""Who is sending right now: a lock on a small file beside the store, which the system takes back from a killed process.

A send is `sending` from before its socket opens until its outcome is written. If the process dies in between, the row
must become `unknown`, but not while another living process is still waiting for its answer. Every sender holds the
lock shared; whoever can get it alone knows that no `sending` row has a sender any more.

Where the system has no such locks (Windows), nobody can know: rows stay `sending` until a status settles them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from .database import Store
from .outbox import mark_left_behind

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def lock_path(store_path: Path) -> Path:
    """The lock's file: beside the store, empty."""
    return store_path.with_name(store_path.name + "-sending")


def for_its_owner(path: str, flags: int) -> int:
    """For `open`: a new file is its owner's alone, as the store itself is; nobody else may hold up a send."""
    return os.open(path, flags, 0o600)


@contextmanager
def sending_lease(store: Store, now: datetime) -> Iterator[bool]:
    """Held while this process sends; True when nobody else does.

    Rows left behind by a dead process are told as they are first: `sending` becomes `unknown`, and `queued`, which
    nobody will send any more, `refused`.
    """
    if fcntl is None:
        yield False
        return
    with open(lock_path(store.path), "ab", opener=for_its_owner) as file:
        is_alone = True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            is_alone = False  # somebody else is sending: their rows are theirs
        else:
            mark_left_behind(store, now)
        fcntl.flock(file, fcntl.LOCK_SH)
        yield is_alone


def is_anybody_sending(store_path: Path) -> bool:
    """False when every row still marked `sending` was left behind by a process that is gone."""
    if fcntl is None:
        return True
    try:
        with lock_path(store_path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
