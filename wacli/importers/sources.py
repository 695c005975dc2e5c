"""Files and streams that can be read again: how a file is written is found out before it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, TypeAlias, cast

from ..domain.problem import NotFound, Refused
from ..domain.text import t

Reopen: TypeAlias = Callable[[], IO[bytes]]
_IN_MEMORY = 8 << 20  # bytes of a stream kept in memory before they go to a temporary file


def reopenable(source: Path | BinaryIO, limit: int) -> tuple[str, Reopen]:
    """The name of `source` ("-" for a stream without one) and a function that opens it at its beginning.

    A stream that cannot seek is read to its end into a temporary file. Raises `NotFound`, and `Refused` beyond
    `limit` bytes.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise NotFound("no-such-file", t("there is no file {file}", file=str(source)), t("Check the name"))
        return source.name, lambda: source.open("rb")
    if source.seekable():
        return _name_of(source), lambda: cast(IO[bytes], _FromBeginning(source))
    import tempfile
    import weakref

    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the last that can read it
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > limit:
            kept.close()
            raise Refused("input-too-large", t("the input is larger than {limit} bytes", limit=limit))
        kept.write(chunk)
    stream = cast(IO[bytes], kept)

    def reopen() -> IO[bytes]:
        return cast(IO[bytes], _FromBeginning(stream))

    weakref.finalize(reopen, stream.close)
    return "-", reopen


def _name_of(stream: BinaryIO) -> str:
    name = getattr(stream, "name", None)  # a descriptor's number, or `<stdin>`, is no file's name
    return Path(name).name if isinstance(name, str) and not name.startswith("<") else "-"


class _FromBeginning:
    """A stream seen from its beginning; closing the view leaves the stream open for the next one."""

    def __init__(self, stream: IO[bytes] | BinaryIO) -> None:
        stream.seek(0)
        self._stream = stream
        self.read, self.seek, self.tell = stream.read, stream.seek, stream.tell

    def seekable(self) -> bool:
        """Always: archives are read from their end."""
        return True

    def close(self) -> None:
        """Nothing: somebody may want to read again."""
