"""The world as one command sees it: streams, environment, clock, terminal. Tests hand in another one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple, TextIO


class Context(NamedTuple):
    """Everything outside the program that a command may touch. `width` is the terminal's, in columns."""

    out: TextIO
    err: TextIO
    stdin: Callable[[], BinaryIO]
    environment: Mapping[str, str]
    now: Callable[[], datetime]
    out_is_terminal: bool
    err_is_terminal: bool
    in_is_terminal: bool
    width: int


def process_context() -> Context:
    """The context of this process."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal that cannot show a character is no reason to fail
    return Context(
        out=sys.stdout,
        err=sys.stderr,
        stdin=lambda: sys.stdin.buffer,
        environment=os.environ,
        now=lambda: datetime.now(UTC),
        out_is_terminal=_is_terminal(sys.stdout),
        err_is_terminal=_is_terminal(sys.stderr),
        in_is_terminal=_is_terminal(sys.stdin),
        width=_width(os.environ),
    )


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _width(environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    for descriptor in (1, 2, 0):
        try:
            return os.get_terminal_size(descriptor).columns or 80
        except OSError:
            continue
    return 80
