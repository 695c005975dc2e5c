"""Chores: done when they are due, in turn, whatever one of them raises, and once more at the end for those who ask."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from wacli.domain.problem import Problem, Unavailable
from wacli.domain.text import t
from wacli.services.chores import Chore, Rounds

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.ticks = 100.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.ticks - 100.0)


def rounds(clock: Clock, troubles: list[Problem], *chores: Chore) -> Rounds:
    return Rounds(chores, clock.now, troubles.append, ticks=lambda: clock.ticks)


def test_each_is_done_when_its_period_is_over() -> None:
    clock, done = Clock(), list[tuple[str, int]]()

    def note(name: str, seconds: int) -> Chore:
        return Chore(
            name, timedelta(seconds=seconds), lambda now: done.append((name, int((now - NOW).total_seconds())))
        )

    made = rounds(clock, [], note("often", 2), note("seldom", 5))
    assert made.do_due() == 2.0
    assert done == [("often", 0), ("seldom", 0)]
    for second in range(1, 7):
        clock.ticks = 100.0 + second
        made.do_due()
    assert done[2:] == [("often", 2), ("often", 4), ("seldom", 5), ("often", 6)]


def test_what_one_raises_is_told_and_the_others_go_on() -> None:
    clock, troubles, done = Clock(), list[Problem](), list[str]()

    def locked(_now: datetime) -> None:
        raise Unavailable("store-locked", t("locked"))

    def broken(_now: datetime) -> None:
        raise ZeroDivisionError("oh")

    second = timedelta(seconds=1)
    made = rounds(
        clock,
        troubles,
        Chore("locked", second, locked),
        Chore("broken", second, broken),
        Chore("good", second, lambda _: done.append("good")),
    )
    made.do_due()
    assert [problem.code for problem in troubles] == ["store-locked", "chore-failed"]
    assert str(troubles[1].message) == "broken failed: ZeroDivisionError: oh"
    clock.ticks += 1
    made.do_due()
    assert (len(troubles), done) == (4, ["good", "good"])


def test_a_slow_chore_counts_its_period_from_its_end() -> None:
    clock = Clock()

    def slow(_now: datetime) -> None:
        clock.ticks += 30

    assert rounds(clock, [], Chore("slow", timedelta(seconds=10), slow)).do_due() == 10.0


def test_waking_does_everything_at_once_and_stopping_grants_last_wishes() -> None:
    done: list[str] = []
    awake = threading.Semaphore(0)

    def often(_now: datetime) -> None:
        done.append("work")
        awake.release()

    made = Rounds(
        [
            Chore("work", timedelta(hours=1), often),
            Chore("last", timedelta(hours=1), lambda _: done.append("last"), is_last_wish=True),
        ],
        lambda: NOW,
        lambda _: None,
    )
    made.start()
    assert awake.acquire(timeout=10)
    made.wake()
    assert awake.acquire(timeout=10)
    made.stop()
    assert done.count("work") == 2
    assert done[-1] == "last"
    made.stop()  # twice does no harm


def test_without_chores_there_is_nothing_to_do() -> None:
    made = Rounds([], lambda: NOW, lambda _: None)
    assert made.do_due() > 60
    made.start()
    made.stop()
