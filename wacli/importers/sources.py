"""Files and streams that can be read again: finding out how a file is written takes a look before reading it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, TypeAlias, cast

from ..domain.problem import NotFound, Refused
from ..domain.text import t

Reopen: TypeAlias = Callable[[], IO[bytes]]
_IN_MEMORY = 8 << 20  # bytes of a stream kept in memory before they go to a temporary file


def reopenable(source: Path | BinaryIO, limit: int) -> tuple[str, Reopen]:
    """The name of `source` ("-" for a stream) and a function that opens it at its beginning.

    A stream is read to its end into a temporary file. Raises `NotFound`, and `Refused` beyond `limit` bytes.
    """
    if isinstance(source, Path):
        if not source.is_file():
            raise NotFound("no-such-file", t("there is no file {file}", file=str(source)), t("Check the name"))
        return source.name, lambda: source.open("rb")
    import tempfile

    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as it is read
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > limit:
            raise Refused("input-too-large", t("the input is larger than {limit} bytes", limit=limit))
        kept.write(chunk)
    return "-", lambda: cast(IO[bytes], _FromBeginning(cast(IO[bytes], kept)))


class _FromBeginning:
    """A kept stream seen from its beginning; closing the view leaves the stream open for the next one."""

    def __init__(self, kept: IO[bytes]) -> None:
        kept.seek(0)
        self._kept = kept  # keeps the temporary file alive
        self.read, self.seek, self.tell = kept.read, kept.seek, kept.tell

    def seekable(self) -> bool:
        """Always: archives are read from their end."""
        return True

    def close(self) -> None:
        """Nothing: somebody may want to read again."""
