"""`wacli watch` as a process: on a real (pseudo-)terminal, and through a pipe."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import message
from tests.support.front_door import FrontDoor
from tests.support.process import command, environment, start
from tests.support.pty import PATIENCE, Terminal
from tests.support.store import apply_events
from wacli.domain.identity import Party
from wacli.domain.message import Direction
from wacli.render.watch_view import CHANGE_FIELDS
from wacli.store.database import open_store

SARI, BUDI = Party(phone="6281355500101", name="Sari Dewi"), Party(phone="6281355500303", name="Budi")
HOSTILE = Party(phone="6282144445555", name="Joko [bold]\x1b[2J\x1b]0;x\x07 \u202e林🌸" + "ن" * 80)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def says(folder: Path, who: Party, text: str = "halo", *, ago: timedelta = timedelta(0), back: bool = False) -> None:
    """A message that another process (this one) commits."""
    at = int((datetime.now(UTC) - ago).timestamp())
    direction = Direction.OUTBOUND if back else Direction.INBOUND
    with open_store(folder / "shop.db", create=True) as store:
        apply_events(store, [message(f"{text}{at}", at, party=who, text=text, direction=direction)])


def watching(folder: Path, *argv: str, width: int = 80, height: int = 24, **more: str) -> Terminal:
    return Terminal(command("watch", *argv), environment(folder, **more), width, height)


# --- on a terminal --------------------------------------------------------------------------------------------------


def test_the_board_is_live(tmp_path: Path) -> None:
    says(tmp_path, BUDI, "kapan siap?", ago=3 * HOUR)
    with watching(tmp_path) as terminal:
        terminal.until(lambda screen: "kapan siap?" in screen and "1 window open" in screen)
        says(tmp_path, SARI, "masih buka?")
        screen = terminal.until(lambda screen: "masih buka?" in screen and screen.rfind("Budi") > screen.find("Sari"))
        sari, budi = (next(line for line in screen.splitlines() if name in line) for name in ("Sari", "Budi"))
        assert screen.index(sari) < screen.index(budi)  # though Budi's window closes first
        assert sari.startswith("●")
        assert "23h 59m" in sari or "24h" in sari or "1d" in sari
        assert "2 windows open · 2 waiting" in screen
        says(tmp_path, SARI, "buka kak", back=True)
        terminal.until(lambda screen: "→ buka kak" in screen and "1 waiting" in screen)
        terminal.press("q")
        assert terminal.wait() == 0


def test_the_terminal_is_given_back(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    for ending, status in (("q", 0), ("\x03", 130)):
        with watching(tmp_path) as terminal:
            terminal.until(lambda screen: "Sari" in screen)
            terminal.press("x\x1b[A")  # other keys do nothing
            terminal.press(ending)
            assert terminal.wait() == status
            for begun, ended in ((b"?1049h", b"?1049l"), (b"?25l", b"?25h"), (b"?7l", b"?7h")):
                assert terminal.raw.rfind(ended) > terminal.raw.rfind(begun) >= 0


def test_a_request_to_end_gives_it_back_too(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    with watching(tmp_path) as terminal:
        terminal.until(lambda screen: "Sari" in screen)
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.raw.rfind(b"?1049l") > terminal.raw.rfind(b"?1049h")


def test_it_follows_the_size_of_the_window(tmp_path: Path) -> None:
    for number in range(30):
        says(tmp_path, Party(phone=f"628{number:05d}", name=f"Orang {number:02d}"), ago=HOUR + number * MINUTE)
    with watching(tmp_path) as terminal:
        terminal.until(lambda screen: "14 more below" in screen)
        assert sum("Orang" in line for line in terminal.lines) == 16
        terminal.resize(120, 40)
        terminal.until(lambda screen: "Orang 00" in screen and "more below" not in screen)
        assert sum("Orang" in line for line in terminal.lines) == 30
        terminal.resize(40, 8)
        terminal.until(lambda screen: "28 more below" in screen and "Waiting" in screen)
        terminal.press("q")
        assert terminal.wait() == 0


def test_hostile_names_do_nothing_to_the_screen(tmp_path: Path) -> None:
    says(tmp_path, HOSTILE, "[/red] \x1b[31mRp\x1b]0;kena\x07 \u202e", ago=HOUR)
    says(tmp_path, SARI, ago=2 * HOUR)
    with watching(tmp_path) as terminal:
        screen = terminal.until(lambda screen: "Sari" in screen and "Joko [bold]" in screen)
        assert "[/red] Rp" in screen
        assert "wacli · default" in screen.splitlines()[0]
        assert b"\x1b[2J" not in terminal.raw.partition(b"Joko")[2]
        assert b"kena" not in terminal.raw
        terminal.press("q")
        assert terminal.wait() == 0


def test_the_bell_rings_once_before_a_window_closes(tmp_path: Path) -> None:
    says(tmp_path, SARI, ago=23 * HOUR + 29 * MINUTE + timedelta(seconds=58))
    with watching(tmp_path) as terminal:
        terminal.until(lambda screen: "1 closes within 30m" in screen and "! Sari" in screen)
        says(tmp_path, BUDI)
        terminal.until(lambda screen: "Budi" in screen)
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.raw.count(b"\a") == 1


def test_the_last_minutes_are_counted_in_seconds(tmp_path: Path) -> None:
    says(tmp_path, SARI, ago=23 * HOUR + 58 * MINUTE)
    with watching(tmp_path, "--notify", "off") as terminal:
        screen = terminal.until(lambda screen: "1:5" in screen)
        terminal.until(lambda later: "Sari" in later and later != screen)
        terminal.press("q")
        terminal.wait()
        assert b"\a" not in terminal.raw


def test_the_desktop_is_told_without_a_shell(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    told = tmp_path / "told"
    program = tools / "notify-send"
    program.write_text(f'#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done > {told}.part; mv {told}.part {told}\n')
    program.chmod(0o755)
    says(tmp_path, Party(phone="62811", name="--help\x1b[2J"), "<b>$(id)</b>", ago=23 * HOUR + 50 * MINUTE)
    path = f"{tools}:{os.environ['PATH']}"
    with watching(tmp_path, "--notify", "desktop", PATH=path) as terminal:
        terminal.until(lambda screen: "1 closes within" in screen)
        deadline = time.monotonic() + PATIENCE
        while not told.exists() and time.monotonic() < deadline:
            terminal.feed(0.05)
        terminal.press("q")
        assert terminal.wait() == 0
        assert b"\a" not in terminal.raw
    words = told.read_text().splitlines()
    assert words[:3] == ["--app-name=wacli", "--", "--help"]
    assert words[3].endswith("left to answer: &lt;b&gt;$(id)&lt;/b&gt;")


def test_a_desktop_that_is_not_there_is_spoken_about(tmp_path: Path) -> None:
    says(tmp_path, SARI, ago=23 * HOUR + 50 * MINUTE)
    with watching(tmp_path, "--notify", "desktop", PATH=str(tmp_path)) as terminal:
        terminal.until(lambda screen: "the bell rings instead" in screen and "1 closes" in screen)
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.raw.count(b"\a") == 1


def test_it_waits_for_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    with watching(tmp_path) as terminal:
        terminal.until(lambda screen: "No messages have come in yet" in screen)
        says(tmp_path, SARI)
        terminal.until(lambda screen: "Sari Dewi" in screen)
        terminal.press("q")
        assert terminal.wait() == 0


def test_threads_watch_is_the_same_board(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    with Terminal(command("threads", "--watch", "--unanswered"), environment(tmp_path)) as terminal:
        terminal.until(lambda screen: "q: quit" in screen and "Sari Dewi" in screen)
        says(tmp_path, SARI, "siap", back=True)
        terminal.until(lambda screen: "Nobody is waiting" in screen)
        terminal.press("q")
        assert terminal.wait() == 0


# --- through a pipe -------------------------------------------------------------------------------------------------


def lines_of(running: subprocess.Popen[bytes], count: int) -> list[dict[str, Any]]:
    """The next lines, as soon as they are there."""
    assert running.stdout is not None
    kept = b""
    deadline = time.monotonic() + PATIENCE
    while kept.count(b"\n") < count:
        ready, _, _ = select.select([running.stdout], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"only {kept!r}"
        kept += os.read(running.stdout.fileno(), 65_536)
    return [json.loads(line) for line in kept.splitlines()]


def test_piped_it_is_one_line_a_change_at_once(tmp_path: Path) -> None:
    says(tmp_path, SARI, "halo", ago=23 * HOUR + 40 * MINUTE)
    running = start(tmp_path, "watch")
    try:
        first, second = lines_of(running, 2)
        assert tuple(first) == CHANGE_FIELDS
        assert [first["change"], second["change"]] == ["present", "closing"]
        assert (first["name"], first["window"], first["unanswered_count"]) == ("Sari Dewi", "open", 1)
        says(tmp_path, BUDI, "baru")
        (came,) = lines_of(running, 1)
        assert (came["change"], came["name"], came["last_text"]) == ("new", "Budi", "baru")
        says(tmp_path, BUDI, "lagi")
        assert lines_of(running, 1)[0]["change"] == "message"
        says(tmp_path, BUDI, "siap", back=True)
        (answered,) = lines_of(running, 1)
        assert (answered["change"], answered["unanswered_count"]) in (("updated", 0), ("message", 0))
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 130
    finally:
        running.kill()
        running.communicate()


def test_it_ends_quietly_when_its_reader_goes_away_even_while_nothing_happens(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    running = start(tmp_path, "watch")
    lines_of(running, 1)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.wait(PATIENCE) == 0
    assert running.stderr.read() == b""
    running.stderr.close()


def test_other_forms_and_chosen_fields(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    for argv, wanted in (
        (("--format", "csv", "--fields", "change,name"), b"change,name\npresent,Sari Dewi\n"),
        (("--format", "plain", "--fields", "name,change"), b"Sari Dewi\tpresent\n"),
        (("--json", "--fields", "change,name"), b'{"change": "present", "name": "Sari Dewi"}\n'),
    ):
        running = start(tmp_path, "watch", *argv)
        assert running.stdout is not None
        try:
            assert b"".join(running.stdout.readline() for _ in range(wanted.count(b"\n"))) == wanted
        finally:
            running.terminate()
            running.communicate()


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("watch", "--at", "yesterday 9am"), "at-while-watching"),
        (("threads", "--watch", "--exit-code"), "usage"),
        (("threads", "--notify", "bell"), "usage"),
        (("watch", "--notify", "loud"), "bad-value"),
        (("watch", "--before", "soon"), "bad-duration"),
        (("watch", "--fields", "nmae"), "unknown-field"),
    ],
)
def test_what_does_not_go_with_watching_is_a_sentence(wacli: FrontDoor, argv: tuple[str, ...], code: str) -> None:
    outcome = wacli(*argv, "--json")
    assert (outcome.status, outcome.error["code"]) == (2, code)


def test_a_table_needs_a_terminal(wacli: FrontDoor) -> None:
    outcome = wacli("watch", "--format", "table")
    assert outcome.status == 2
    assert "needs a terminal" in outcome.err


def test_a_terminal_that_cannot_draw_gets_lines(tmp_path: Path) -> None:
    says(tmp_path, SARI)
    with watching(tmp_path, TERM="dumb") as terminal:
        terminal.until(lambda screen: '{"change": "present"' in screen)
        terminal.press("\x03")
        assert terminal.wait() == 130
