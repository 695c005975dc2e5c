"""Files that commands write: never over one that is there, unless told to."""

from __future__ import annotations

import os
from pathlib import Path

from wacli.domain.problem import Refused, Unavailable
from wacli.domain.text import t


def check_new(path: Path, *, overwrite: bool) -> None:
    """Raises `Refused` (`file-exists`) for a file that is there, `Unavailable` where the folder is not."""
    if path.exists() and not overwrite:
        raise Refused(
            "file-exists", t("{path} exists already", path=str(path)), t("Add --overwrite, or name another file")
        )
    if not path.parent.is_dir():
        raise Unavailable("unwritable-file", t("There is no folder {path}", path=str(path.parent)), t("Make it first"))


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all. Raises `Unavailable` (`unwritable-file`)."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(path), reason=error.strerror or str(error)),
            t("Name another place"),
        ) from error
