"""A file named on the command line, or standard input for `-`: services read both by a path."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


@contextmanager
def input_file(session: Session, name: str) -> Iterator[Path]:
    """The path; standard input is laid down in a private folder first, in constant memory, and called `stdin`."""
    if name != "-":
        yield Path(name)
        return
    with TemporaryDirectory(prefix="wacli-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(session.context.stdin(), file)
        yield path
