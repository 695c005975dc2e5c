"""A slice of a busy day at high speed: no message is missed on the board, every window is right to the second.

The whole hour at 100 times real speed is `python -m tests.benchmarks.busy_day`.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.support.busy_day import busy_day
from tests.support.front_door import NOW


def test_no_message_is_missed_and_all_windows_are_right(tmp_path: Path) -> None:
    with busy_day(tmp_path, people=40, writes_every_s=240, hours=0.25, now=NOW) as day:
        for _ in range(2):
            day.run_until(timedelta(minutes=6), speed=300.0, patience_s=60)
            day.settle()
            assert day.differences() == []
        counts = day.counts()
        assert counts["heard"] > 60
        assert counts["sent"] > 20
        assert counts["entry points"] > 2
        assert day.troubles == []


def test_the_morning_after_every_window_has_closed(tmp_path: Path) -> None:
    with busy_day(tmp_path, people=10, writes_every_s=60, hours=0.1, now=NOW) as day:
        day.sandbox.advance(timedelta(minutes=6))
        day.settle()
        assert day.differences() == []
        day.sandbox.advance(timedelta(hours=26))
        day.settle()
        assert day.differences() == []
        board = day.wacli("threads", "--json", "--at", day.sandbox.clock.now().isoformat()).json
        assert all(row["window"] == "closed" for row in board)


def test_a_second_and_a_message_would_be_noticed(tmp_path: Path) -> None:
    with busy_day(tmp_path, people=10, writes_every_s=60, hours=0.1, now=NOW) as day:
        day.sandbox.advance(timedelta(minutes=6))
        day.settle()
        book = day.sandbox.book
        thread = next(one for one in book.threads.values() if one.opened_at is not None)
        assert thread.opened_at is not None
        thread.opened_at += timedelta(seconds=1)
        heard = next(iter(book.heard.values()))
        book.heard["wamid.NEVER"] = heard
        assert len(day.differences()) == 2
