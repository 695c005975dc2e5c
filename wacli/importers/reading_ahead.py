"""An iterator that works in a process of its own, a little ahead of the one that uses what it gives.

A chat of a million lines is read with one processor while the other one stores it: Python's threads cannot do that, as
reading is all Python. The process is a fork: it has the open file and needs nothing handed over; what it gives comes
through a pipe. It touches no database (SQLite's connections must not be used after a fork: the source,
https://www.sqlite.org/howtocorrupt.html, section 2.6) and ends without cleaning up after its parent.

Where that cannot be (Windows, one processor, other threads that may hold a lock) the iterator works in this process:
the same items, in the same order, later. The processors that count are those this process may use (`taskset`, a
container's cpuset), not those of the machine: on one alone the pipe is only in the way.
"""

from __future__ import annotations

import io
import marshal
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn, TypeVar, cast

from ..domain.problem import Unavailable
from ..domain.text import t

_Item = TypeVar("_Item")
_HEADER = 9  # bytes: what kind of thing follows, and how long it is
_PLAIN, _OTHER, _RAISED, _END = b"p", b"o", b"r", b"e"
_PIPE_SIZE = 1 << 20  # so that one side need not wait whenever the other is busy


def ahead(items: Callable[[], Iterator[_Item]]) -> Iterator[_Item]:
    """What `items()` gives, one after the other; what it raises is raised here, at its place. Raises Unavailable
    (`reader-gone`) as well, when the system has killed the other process.

    Items must be made of plain values, or picklable. Changes that `items` makes to other objects may be lost: say what
    is to be known as an item.
    """
    if not _is_possible():
        yield from items()
        return
    receiving, sending = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no more processes
        os.close(receiving)
        os.close(sending)
        yield from items()
        return
    if child == 0:
        os.close(receiving)
        _give(items, sending)
    os.close(sending)
    try:
        with io.FileIO(receiving, "rb") as pipe:
            yield from _taken(pipe)
    finally:  # the child of somebody who stops early finds its pipe closed
        os.waitpid(child, 0)


def _is_possible() -> bool:
    return hasattr(os, "fork") and _processor_count() > 1 and threading.active_count() == 1


def _processor_count() -> int:
    if hasattr(os, "sched_getaffinity"):  # macOS does not tell whom it lets run where
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give(items: Callable[[], Iterator[object]], sending: int) -> NoReturn:
    """The whole life of the child."""
    import signal

    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; then the pipe breaks
        _widen(sending)
        with io.FileIO(sending, "wb") as pipe:
            try:
                for item in items():
                    try:
                        kind, said = _PLAIN, marshal.dumps(cast(Any, item))
                    except ValueError:
                        kind, said = _OTHER, pickle.dumps(item)
                    _send(pipe, kind, said)
                _send(pipe, _END, b"")
            except OSError as error:
                if not isinstance(error, BrokenPipeError):
                    _send(pipe, _RAISED, pickle.dumps(error))
            except BaseException as error:
                _send(pipe, _RAISED, pickle.dumps(error))
    finally:
        os._exit(0)


def _widen(pipe: int) -> None:
    with suppress(ImportError, AttributeError, OSError):  # only Linux can, and not beyond its limit
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


def _send(pipe: io.FileIO, kind: bytes, said: bytes) -> None:
    rest = memoryview(kind + len(said).to_bytes(_HEADER - 1, "big") + said)
    while rest:
        rest = rest[pipe.write(rest) :]


def _taken(pipe: io.FileIO) -> Iterator[_Item]:
    while True:
        header = _received(pipe, _HEADER)
        kind, said = bytes(header[:1]), _received(pipe, int.from_bytes(header[1:], "big"))
        if kind == _END:
            return
        if kind == _RAISED:
            raise pickle.loads(said)  # noqa: S301 - our own child wrote it
        yield cast(_Item, marshal.loads(said) if kind == _PLAIN else pickle.loads(said))  # noqa: S301, S302


def _received(pipe: io.FileIO, size: int) -> bytearray:
    """Exactly so many bytes."""
    found = bytearray(size)
    rest = memoryview(found)
    while rest:
        count = pipe.readinto(rest)
        if not count:
            raise Unavailable(
                "reader-gone",
                t("the process that read the file was ended from outside"),
                t("Free some memory and type the same command again"),
            )
        rest = rest[count:]
    return found
