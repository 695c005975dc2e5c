"""A progress bar on stderr, for work of more than a second that somebody watches (COMMANDS.md, "Output")."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wacli.domain.text import Text

from .session import Session

if TYPE_CHECKING:
    from rich.progress import Progress

_SILENT_FOR = 1.0  # seconds


@contextmanager
def progress(session: Session, sentence: Text, total: int | None) -> Iterator[Callable[[int], None]]:
    """Gives a function that takes how much is done, out of `total` (None: nobody knows). Silent where nobody looks."""
    if not session.context.err_is_terminal or session.options.quiet:
        yield _nobody_looks
        return
    began = time.monotonic()
    bar: Progress | None = None

    def advance(done: int) -> None:
        nonlocal bar
        if bar is None:
            if time.monotonic() - began < _SILENT_FOR:
                return
            bar = _bar(session)
            bar.add_task(session.say(sentence), total=total)
            bar.start()
        bar.update(bar.task_ids[0], completed=done if total is None else min(done, total))

    try:
        yield advance
    finally:
        if bar is not None:
            bar.stop()


def _nobody_looks(done: int) -> None:
    """Nothing."""


def _bar(session: Session) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(
            file=session.context.err,
            width=session.context.width,
            force_terminal=True,  # `progress` has looked
            no_color=not session.colour,
            legacy_windows=False,
        ),
        transient=True,
    )
