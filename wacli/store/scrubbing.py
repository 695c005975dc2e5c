"""Writing the store's file anew, so that free pages and the log hold nothing that was deleted.

`secure_delete` empties the pages of the deletion itself; copies of them that were freed earlier, and the log, are
cleared only by VACUUM and a checkpoint. A crash in between would leave them, so a note beside the store says from
before the deletion until afterwards that this is still to be done; whoever finds it makes up for it.
"""

from __future__ import annotations

from pathlib import Path

from ..domain.problem import Unavailable
from ..domain.text import t
from .database import Store


def owe(path: Path) -> None:
    """Notes that the store's file has to be written anew. Raises Unavailable where nothing can be written."""
    try:
        _note(path).touch()
    except OSError as error:
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(_note(path)), reason=error.strerror or str(error)),
            t("Name another place"),
        ) from error


def is_owed(path: Path) -> bool:
    """True when something was deleted for good, and its traces are still to be cleared."""
    return _note(path).exists()


def scrub(store: Store) -> bool:
    """Leaves nothing of deleted rows in the file: written anew, and its log emptied.

    False while another program uses the store; the note stays then, and somebody has to try again.
    """
    try:
        store.query("VACUUM")
    except Unavailable as problem:
        if problem.code != "store-locked":
            raise
        return False
    if store.query("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
        return False
    _note(store.path).unlink(missing_ok=True)
    return True


def _note(path: Path) -> Path:
    return path.with_name(path.name + "-unscrubbed")
