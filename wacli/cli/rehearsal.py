"""The store that a dry run writes to and takes back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wacli.domain.text import t
from wacli.store.database import Store, open_store

from .session import Session
from .stores import writing


@contextmanager
def rehearsable(session: Session, *, dry_run: bool) -> Iterator[Store]:
    """The store; for a dry run on a machine without one, an empty one that goes away again."""
    if dry_run and not session.store_path.exists():
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "dry-run.db", create=True) as store:
            yield store
        return
    with writing(session) as store:
        yield store


@contextmanager
def changing(session: Session, *, dry_run: bool) -> Iterator[Store]:
    """The store, to change something small in: what a dry run does to it is answered as if done, and undone."""
    with rehearsable(session, dry_run=dry_run) as store:
        if not dry_run:
            yield store
            return
        try:
            with store.transaction():
                yield store
                raise _Undone
        except _Undone:
            session.tell(t("This was a dry run: nothing was changed"))


class _Undone(Exception):
    """Ends the transaction of a dry run."""
