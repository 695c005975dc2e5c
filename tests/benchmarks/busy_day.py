"""`python -m tests.benchmarks.busy_day`: one hour of a simulated busy day at 100 times real speed (issue 6).

The sandbox posts signed webhooks (in batches, twice, out of order) to wacli's receiver; a made-up colleague answers.
Every few simulated minutes the clock stands still and wacli's store and board are compared with the sandbox's own
book: every message, every status, every window and entry point to the second. Wanted: no difference at all.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.busy_day import busy_day


def main() -> None:
    """Plays it and prints what happened; ends with 1 where the two books differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.busy_day", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="simulated hours")
    parser.add_argument("--speed", type=float, default=100.0, help="times real speed")
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument(
        "--writes-every", type=int, default=900, help="simulated seconds between messages of one person"
    )
    parser.add_argument("--stops", type=int, default=6, help="how often the books are compared on the way")
    options = parser.parse_args()
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as temporary:
        folder, hours = Path(temporary), options.hours
        every = options.writes_every
        wrong = 0
        with busy_day(folder, people=options.people, writes_every_s=every, hours=hours, now=now) as day:
            for stop in range(1, options.stops + 1):
                slice_ = timedelta(hours=hours) / options.stops
                began = time.perf_counter()
                day.run_until(slice_, options.speed, patience_s=600)
                ran = time.perf_counter() - began
                day.settle(patience_s=600)
                behind = time.perf_counter() - began - ran
                found = day.differences()
                wrong += len(found)
                counts = ", ".join(f"{count:,} {name}" for name, count in day.counts().items())
                print(f"{stop}/{options.stops}: {slice_ / timedelta(seconds=1) / ran:.0f}x real speed, "
                      f"settled {behind:.2f} s later: {counts}; {len(found)} differences", flush=True)  # fmt: skip
                for line in found[:10]:
                    print("  " + line)
            troubles = len(day.troubles)
        print(f"{wrong} differences, {troubles} troubles of the receiver")
    if wrong or troubles:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
