"""Files that commands read: by name, or standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from wacli.domain.problem import NotFound, Unavailable
from wacli.domain.text import t

from .session import Session

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
