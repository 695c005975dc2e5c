"""A progress bar on stderr for what takes over a second; nothing where stderr is no terminal or with --quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.text import Text

if TYPE_CHECKING:
    from .session import Session

_PATIENCE = 1.0  # seconds before anything is drawn
_PAUSE = 0.1
_CELLS = 24


class ProgressBar:
    """One line that is drawn over itself. Call `step` often, `clear` before other lines and at the end."""

    def __init__(self, session: Session, what: Text, clock: Callable[[], float] = time.monotonic) -> None:
        self._err = session.context.err
        self._label = session.say(what)
        self._is_wanted = session.context.err_is_terminal and not session.options.quiet
        self._width = session.context.width
        self._clock = clock
        self._next = clock() + _PATIENCE
        self._is_drawn = False

    def step(self, done: int, total: int, note: str = "") -> None:
        """Draws how far it is, if it is time to; `note` stands behind the bar."""
        share = min(1.0, done / total) if total else 1.0
        filled = int(share * _CELLS)
        self._draw(f"{self._label} [{'#' * filled}{'.' * (_CELLS - filled)}] {share:4.0%}{note and '  ' + note}")

    def count(self, done: int) -> None:
        """The same where nobody knows the end: how many bytes are done."""
        self._draw(f"{self._label} {done / 1_000_000:,.0f} MB")

    def _draw(self, line: str) -> None:
        if not self._is_wanted or self._clock() < self._next:
            return
        self._next = self._clock() + _PAUSE
        self._err.write("\r\x1b[K" + line[: self._width - 1])
        self._err.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Takes the bar away, if there is one."""
        if self._is_drawn:
            self._err.write("\r\x1b[K")
            self._err.flush()
            self._is_drawn = False


class Meter(NamedTuple):
    """How far it is: `step` takes how much is done, `clear` makes room for other lines."""

    step: Callable[[int], None]
    clear: Callable[[], None]


@contextmanager
def progress(session: Session, what: Text, total: int | None) -> Iterator[Meter]:
    """A bar of bytes for as long as the block runs; where nobody knows the `total`, only how many are done."""
    bar = ProgressBar(session, what)
    try:
        yield Meter(lambda done: bar.count(done) if total is None else bar.step(done, total), bar.clear)
    finally:
        bar.clear()


@contextmanager
def steps(session: Session, what: Text) -> Iterator[Callable[[int, int], None]]:
    """The same where how much there is becomes known on the way: yields what takes (done, of how many)."""
    bar = ProgressBar(session, what)
    try:
        yield bar.step
    finally:
        bar.clear()
