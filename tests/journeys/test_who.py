"""WHO that may be several: a person at a terminal chooses, a script is given the candidates."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import process
from tests.support.counter import Counter
from tests.support.typing_person import typed
from wacli.sandbox.puppet import Puppet

COMMANDS = [
    ("reply", "Sari", "halo"),
    ("send", "order_ready", "Sari", "name=a", "order=b"),
    ("can", "Sari"),
    ("thread", "Sari"),
    ("contacts", "show", "Sari"),
    ("contacts", "tag", "Sari", "vip"),
    ("contacts", "opt-in", "Sari", "--evidence", "form"),
    ("search", "hai", "--who", "Sari"),
    ("templates", "preview", "order_ready", "Sari", "name=a", "order=b"),
]


@pytest.fixture
def two(counter: Counter, sari: Puppet) -> Counter:
    """Sari Dewi, who is always there, and Sari Wulan."""
    counter.meet("Sari Wulan", "+62 813-9876-5432", "hai")
    return counter


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: "-".join(argv[:2]))
def test_at_a_terminal_one_is_chosen(two: Counter, argv: tuple[str, ...]) -> None:
    outcome, left = typed(two.door, *argv, answers=["7", "x", "2"])
    assert outcome.status in (0, 11)
    assert "Who is meant by Sari?" in outcome.err
    assert "  2. Sari Wulan  ·  +6281398765432" in outcome.err
    assert outcome.err.count("Type a number from 1 to 2") == 2
    assert left == []
    if argv[0] not in ("contacts", "search"):
        assert "Wulan" in outcome.out
    if argv[0] in ("reply", "send"):
        assert two.last["to"] == "+6281398765432"


@pytest.mark.parametrize("argv", COMMANDS, ids=lambda argv: "-".join(argv[:2]))
def test_a_script_is_given_the_candidates(two: Counter, argv: tuple[str, ...]) -> None:
    outcome = two(*argv, "--json")
    assert (outcome.status, outcome.error["code"]) == (3, "ambiguous")
    assert [one["name"] for one in outcome.error["details"]["candidates"]] == ["Sari Dewi", "Sari Wulan"]
    told, left = typed(two.door, *argv, "--no-input", answers=["2"])
    assert (told.status, left) == (3, ["2"])
    assert two.sent == []


@pytest.mark.parametrize("answers", [[""], []])
def test_nobody_is_meant_unless_it_is_said(two: Counter, answers: list[str]) -> None:
    outcome, _ = typed(two.door, "reply", "Sari", "halo", answers=answers)
    assert outcome.status == 3
    assert "Say which by id: '#1', '#2'" in outcome.err
    assert two.sent == []


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_real_terminal(two: Counter) -> None:
    """A process of its own, its keyboard and screen a pseudo-terminal."""
    ours, theirs = pty.openpty()
    environment = process.environment(Path(two.door.folder), **two.door.environment) | {"TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "wacli", "contacts", "show", "Sari"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as child:
        os.close(theirs)
        seen = _read_until(ours, "none of them)")
        os.write(ours, b"2\n")
        seen += _read_until(ours, None)
        assert child.wait(30) == 0
    os.close(ours)
    assert "1. Sari Dewi" in seen
    assert "+6281398765432" in seen.rpartition("none of them)")[2]


def _read_until(terminal: int, wanted: str | None) -> str:
    """What appears on the screen until `wanted` is there; None: until nobody writes to it any more."""
    seen, until = "", time.monotonic() + 30
    while time.monotonic() < until and (wanted is None or wanted not in seen):
        ready, _, _ = select.select([terminal], [], [], 1)
        if not ready:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece.decode("utf-8", "replace")
    return seen
