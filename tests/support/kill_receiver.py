"""Kills `wacli listen` under load, again and again on one store, and looks whether anything it answered for is missing.

    python -m tests.support.kill_receiver [kills] [connections]

Whatever was not answered is sent again after the next start, as Meta would. At the end the receiver is stopped in good
order, and the store must hold every body that was answered with 200, none twice, and all of them applied.
"""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.process import start
from tests.support.webhook_load import SECRET, TOKEN, load, request_of, text_body
from wacli.store.database import open_store

_ANSWERS_WITHIN_S = 30.0


class Toll(NamedTuple):
    """What came of it."""

    kills: int
    answered: int
    kept: int
    missing: int
    twice: int
    unapplied: int
    messages: int


def listen(folder: Path, *argv: str, **more: str) -> tuple[subprocess.Popen[bytes], int]:
    """A running `wacli listen` on a free port, and that port."""
    settings = {"WACLI_APP_SECRET": SECRET, "WACLI_VERIFY_TOKEN": TOKEN, **more}
    child = start(folder, "listen", "--port", "0", *argv, **settings)
    assert child.stderr is not None
    said = b""
    while b"Listening at" not in said:
        line = child.stderr.readline()
        assert line, (said, child.wait())
        said = line
    return child, int(said.partition(b"127.0.0.1:")[2].partition(b"/")[0])


def end(child: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> tuple[bytes, str]:
    """Sends a signal and waits for the end; what the process wrote since."""
    child.send_signal(number)
    out, err = child.communicate(timeout=_ANSWERS_WITHIN_S)
    return out, err.decode()


def kill_again_and_again(folder: Path, kills: int, connections: int = 16, seed: int = 7) -> Toll:
    """The whole of it."""
    chance = random.Random(seed)
    fresh = itertools.count()
    again: list[int] = []
    answered: set[int] = set()
    for _ in range(kills):
        child, port = listen(folder)
        timer = threading.Timer(chance.uniform(0.02, 0.5), child.kill)
        sent: list[int] = []
        timer.start()
        requests = _noted(itertools.chain(again, fresh), sent)
        done = {one.number for one in load(port, requests, connections, 60, may_die=True)}
        timer.join()
        child.communicate()
        answered |= done
        again = [number for number in dict.fromkeys([*again, *sent]) if number not in answered]
    child, port = listen(folder)
    last = iter([(number, request_of(text_body(number))) for number in again])
    answered |= {one.number for one in load(port, last, connections, 60)}
    end(child)
    return _counted(folder / "shop.db", kills, answered)


def _noted(numbers: Iterable[int], sent: list[int]) -> Iterator[tuple[int, bytes]]:
    for number in numbers:
        sent.append(number)
        yield number, request_of(text_body(number))


def _counted(path: Path, kills: int, answered: set[int]) -> Toll:
    with open_store(path, create=False) as store:
        bodies = [row[0] for row in store.query("SELECT body FROM notifications")]
        (unapplied,) = store.query_one("SELECT count(*) FROM notifications WHERE applied_at IS NULL") or (0,)
        (messages,) = store.query_one("SELECT count(*) FROM messages") or (0,)
        assert store.query("PRAGMA integrity_check") == [("ok",)]
    kept = set(bodies)
    missing = sum(text_body(number) not in kept for number in answered)
    return Toll(kills, len(answered), len(kept), missing, len(bodies) - len(kept), unapplied, messages)


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as temporary:
        print(kill_again_and_again(Path(temporary), *(given or [50])))  # noqa: T201
