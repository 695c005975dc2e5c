"""Never more starts in any second than allowed, and hardly fewer."""

from __future__ import annotations

import threading
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wacli.services.pace import Pace


class Time:
    """A clock that only moves when somebody waits or works."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


def busiest(starts: list[float]) -> int:
    return max(sum(at - 1.0 < other <= at for other in starts) for at in starts)


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200), st.integers(1, 30))
def test_no_second_holds_more(work: list[float], a_second: int) -> None:
    time = Time()
    pace = Pace(a_second, clock=time, sleep=time.pass_)
    starts = []
    for seconds in work:
        pace.wait()
        starts.append(time.now)
        time.pass_(seconds)
    assert busiest(starts) <= a_second
    if not any(work):
        assert time.now - 1000.0 <= 1.015 * (len(work) - 1) // a_second + 1.1


def test_it_holds_98_percent_of_the_limit() -> None:
    time = Time()
    pace = Pace(80, clock=time, sleep=time.pass_)
    for _ in range(8001):
        pace.wait()
    assert 0.98 * 80 < 8000 / (time.now - 1000.0) <= 80


def test_a_hold_is_for_everybody_and_no_limit_is_none() -> None:
    time = Time()
    pace = Pace(None, clock=time, sleep=time.pass_)
    for _ in range(1000):
        pace.wait()
    assert time.now == 1000.0
    pace.hold(3.0)
    pace.hold(1.0)
    pace.wait()
    assert time.now == 1003.0


def test_threads_share_it() -> None:
    time = Time()
    pace = Pace(10, clock=time, sleep=time.pass_)
    starts: list[float] = []

    def work() -> None:
        for _ in range(25):
            pace.wait()
            starts.append(time.now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(starts) == 100
    assert time.now - 1000.0 >= 9 * 1.015 - 1e-6


def test_hundreds_a_second_start_one_after_another() -> None:
    time = Time()
    pace = Pace(1_000, clock=time, sleep=time.pass_)
    starts = []
    for _ in range(3_000):
        pace.wait()
        starts.append(time.now)
    assert max(sum(at <= one < at + 1.0 for one in starts) for at in starts[::50]) <= 1_000
    assert min(later - sooner for sooner, later in pairwise(starts)) > 0
    assert 3_000 / (starts[-1] - starts[0]) > 950


def test_the_limit_was_met_and_it_goes_on_slower_and_comes_back() -> None:
    time = Time()
    pace = Pace(80, clock=time, sleep=time.pass_)
    for _ in range(80):
        pace.wait()
    pace.hold(1.0)
    pace.ease()
    pace.ease()  # another message of the same moment
    began = time.now
    counts = []
    for second in range(1, 15):
        count = 0
        while time.now < began + second:
            pace.wait()
            count += 1
        counts.append(count)
    assert 35 <= counts[1] <= 50
    assert sorted(counts[1:]) == counts[1:]
    assert counts[-1] >= 78
