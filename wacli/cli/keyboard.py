"""Keys and the size of a real terminal, for a screen that stays: read without Enter, and as they were afterwards."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

from wacli.render.watch_view import Size
from wacli.services.watch import Heard

_STOPS, _LOOKS = b"qQ", b"rR\x0c"  # Ctrl-L as everywhere
_CHUNK = 64
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])?", re.DOTALL)  # arrows and the like


class Keyboard:
    """What somebody types while a screen is shown. `stdin` None: nobody can type, and only time passes."""

    def __init__(self, stdin: int | None, wake: int) -> None:
        self._stdin = stdin
        self._wake = wake

    def wait(self, seconds: float) -> Heard:
        """Waits so long, or until a key or a change of the terminal's size."""
        watched = [self._wake] if self._stdin is None else [self._wake, self._stdin]
        ready, _, _ = select.select(watched, [], [], seconds)
        heard = Heard.NOTHING
        if self._wake in ready:
            os.read(self._wake, _CHUNK)
            heard = Heard.LOOK
        if self._stdin is not None and self._stdin in ready:
            keys = os.read(self._stdin, _CHUNK)
            if not keys:
                self._stdin = None  # the terminal is gone for us; a signal will say so
            keys = _ESCAPES.sub(b"", keys)
            if any(key in _STOPS for key in keys):
                return Heard.STOP
            if any(key in _LOOKS for key in keys):
                heard = Heard.LOOK
        return heard


@contextmanager
def keyboard(stdin: int | None) -> Iterator[Keyboard]:
    """Keys come one by one for as long as the block runs; Ctrl-C stays what it is."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)

    def wake(_number: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(write_end, b".")

    try:
        with _signals({"SIGWINCH": wake}), ending_tidily(), _key_by_key(stdin):
            yield Keyboard(stdin, read_end)
    finally:
        os.close(read_end)
        os.close(write_end)


@contextmanager
def ending_tidily() -> Iterator[None]:
    """A request to end, or a terminal that was closed, unwinds us: whoever took the screen gives it back."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _signals({"SIGTERM": end, "SIGHUP": end}):
        yield


@contextmanager
def _signals(handlers: Mapping[str, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    before = {}
    try:
        for name, handler in handlers.items():
            number = getattr(signal, name, None)  # not every system has every one
            if number is not None:
                before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def _key_by_key(stdin: int | None) -> Iterator[None]:
    if stdin is None or sys.platform == "win32":
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(stdin)
    try:
        tty.setcbreak(stdin)
        suspend = termios.tcgetattr(stdin)
        suspend[6][termios.VSUSP] = b"\x00"  # Ctrl-Z would leave the shell inside our screen
        termios.tcsetattr(stdin, termios.TCSANOW, suspend)
        yield
    finally:
        termios.tcsetattr(stdin, termios.TCSAFLUSH, before)


def size_of(out: TextIO) -> Size:
    """The size of the terminal behind a stream, now; 80x24 where nobody says."""
    try:
        found = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):
        return Size(80, 24)
    return Size(found.columns or 80, found.lines or 24)
