"""A real terminal for a test: the program runs on a pseudo-terminal, pyte plays the screen, and nobody sleeps.

Waiting is reading: `until` reads what the program draws, until the screen says what is wanted or a deadline is over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

PATIENCE = 30.0  # seconds: a loaded machine is slow, and no test waits longer than it must


class Terminal:
    """A program and the terminal it runs on. Use as a context manager: whatever is left of it is ended."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], width: int = 80, height: int = 24) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._ours, theirs = pty.openpty()
        self._resize(width, height)
        self._process = subprocess.Popen(
            list(argv),
            env={"TERM": "xterm-256color", **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,  # so that Ctrl-C typed here reaches it, and closing it hangs it up
        )
        os.close(theirs)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def text(self) -> str:
        """What the screen shows, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line for line in self.text.splitlines() if line.strip()]

    def press(self, keys: str) -> None:
        """Presses keys."""
        os.write(self._ours, keys.encode())

    def resize(self, width: int, height: int) -> None:
        """The window gets another size, and the program is told."""
        self.screen.resize(height, width)
        self._resize(width, height)
        os.kill(self.pid, signal.SIGWINCH)

    def feed(self, patience: float) -> bool:
        """Takes in what the program draws within so many seconds; False when nothing came (or nothing will)."""
        ready, _, _ = select.select([self._ours], [], [], max(patience, 0.0))
        if not ready:
            return False
        try:
            piece = os.read(self._ours, 65_536)
        except OSError:  # the program is gone, and its end of the terminal with it
            return False
        self.raw += piece
        self.raw = self.raw[-1_000_000:]
        self._stream.feed(piece)
        return bool(piece)

    def until(self, is_shown: Callable[[str], bool], patience: float = PATIENCE) -> str:
        """Reads until the screen is as wanted, and returns it; fails with the screen when it is not in time."""
        deadline = time.monotonic() + patience
        while not is_shown(self.text):
            if not self.feed(deadline - time.monotonic()) and (
                time.monotonic() >= deadline or self._process.poll() is not None
            ):
                while self.feed(0.0):
                    pass
                if is_shown(self.text):
                    break
                raise AssertionError(f"not in time on the screen:\n{self.text}")
        return self.text

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit status, once the program has ended; what it still draws is read."""
        deadline = time.monotonic() + patience
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"still running:\n{self.text}"
            self.feed(0.05)
        while self.feed(0.0):
            pass
        return self._process.returncode

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None:
                self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
