"""Files that commands read, and the store that a dry run writes to and takes back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from wacli.domain.problem import NotFound, Unavailable
from wacli.domain.text import t
from wacli.store.database import Store, open_store

from .session import Session
from .stores import writing

_STREAM_LIMIT = 4 << 30  # bytes


class Source(NamedTuple):
    """A file that can be read twice; `size` is its bytes, None for a stream."""

    stream: BinaryIO
    name: str
    size: int | None
    position: Callable[[], int]


@contextmanager
def opened(session: Session, file: str) -> Iterator[Source]:
    """The file, or standard input for `-`. Raises NotFound (`no-such-file`) and Unavailable (`unreadable-file`)."""
    if file == "-":
        from wacli.importers.sources import reopenable

        name, reopen = reopenable(session.context.stdin(), _STREAM_LIMIT)
        yield Source(cast(BinaryIO, reopen()), name, None, lambda: 0)
        return
    path = Path(file)
    if not path.is_file():
        raise NotFound("no-such-file", t("there is no file {file}", file=file), t("Check the name"))
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Unavailable(
            "unreadable-file", t("{file} cannot be read: {reason}", file=file, reason=error.strerror or str(error))
        ) from error
    with stream:
        yield Source(stream, path.name, path.stat().st_size, stream.tell)


@contextmanager
def rehearsable(session: Session, *, dry_run: bool) -> Iterator[Store]:
    """The store; for a dry run on a machine without one, an empty one that goes away again."""
    if dry_run and not session.store_path.exists():
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "dry-run.db", create=True) as store:
            yield store
        return
    with writing(session) as store:
        yield store
