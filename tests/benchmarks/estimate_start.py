"""A quick estimate's whole process beside the board's: CPU of `wacli estimate ... --json` over `wacli threads --json`.

    python -m tests.benchmarks.estimate_start [PAIRS]

The board reads an empty store. Runs take turns, the order within a pair too; printed is the median of the ratios of
pairs, so that what else the machine does hits both sides. Target: at most 1.0.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.process import command, environment

QUICK = ("estimate", "--to", "ID", "--marketing", "1000", "--json")
USUAL = ("estimate", "--to", "ID", "--marketing", "1000", "--utility", "500", "--service", "3000", "--json")
BOARD = ("threads", "--json")


def cpu(folder: Path, *argv: str) -> float:
    """Seconds of CPU, user and system, of one whole process."""
    child = subprocess.Popen(command(*argv), cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, argv
    return usage.ru_utime + usage.ru_stime


def ratio(folder: Path, ours: tuple[str, ...], theirs: tuple[str, ...], pairs: int) -> float:
    """The median ratio of runs side by side."""
    ratios = []
    for number in range(pairs):
        if number % 2:
            first, second = cpu(folder, *ours), cpu(folder, *theirs)
        else:
            second, first = cpu(folder, *theirs), cpu(folder, *ours)
        ratios.append(first / second)
    return statistics.median(ratios)


def main() -> None:
    """Prints both ratios."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # a store with nobody waiting
        subprocess.run(
            command("contacts", "add", "Sari"),
            cwd=folder,
            env=environment(folder),
            check=True,
            stderr=subprocess.DEVNULL,
        )
        cpu(folder, *BOARD), cpu(folder, *QUICK)  # compiled once
        print(f"quick estimate / board: {ratio(folder, QUICK, BOARD, pairs):.2f}")
        print(f"usual estimate / board: {ratio(folder, USUAL, BOARD, pairs):.2f}")


if __name__ == "__main__":
    main()
