"""Dry runs: the store that they write to and take back, and the option that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.text import mark, t
from wacli.store.database import Store, open_store

from .session import Session
from .stores import writing

DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show what would happen; keep nothing"))]


@contextmanager
def rehearsable(session: Session, *, dry_run: bool) -> Iterator[Store]:
    """The store; for a dry run on a machine without one, an empty one that goes away again."""
    if dry_run and not session.store_path.exists():
        import tempfile

        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "dry-run.db", create=True) as store:
            yield store
        return
    with writing(session) as store:
        yield store


@contextmanager
def changing(session: Session, *, dry_run: bool) -> Iterator[Store]:
    """The store for a command that does nothing else: whatever a dry run writes is taken back at the end, and said."""
    with rehearsable(session, dry_run=dry_run) as store:
        if not dry_run:
            yield store
            return
        with store.rehearsal():
            yield store
    session.tell(t("This was a dry run: nothing was changed"))
