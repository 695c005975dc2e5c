"""Ratios instead of seconds: contestants take turns in one run, and the median of each is compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Cost(NamedTuple):
    """Microseconds for each row."""

    wall: float
    cpu: float


def timed(work: Callable[[], object], rows: int) -> Cost:
    """What one run of `work` costs for each of its rows, in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost((time.perf_counter() - wall) / rows * 1e6, (time.process_time() - cpu) / rows * 1e6)


def rotate(contestants: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """The median costs of contestants that take turns."""
    seen: dict[str, list[Cost]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            seen[name].append(run())
    return {
        name: Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))
        for name, costs in seen.items()
    }


def show(title: str, costs: Mapping[str, Cost], base: str) -> None:
    """Prints a table; `base` is what the others are compared with."""
    print(f"\n{title}")
    for name, cost in costs.items():
        against = costs[base]
        print(
            f"  {name:<44} {cost.wall:8.1f} us wall {cost.cpu:8.1f} us CPU"
            f"   {cost.wall / against.wall:5.2f}x wall {cost.cpu / against.cpu:5.2f}x CPU"
        )
