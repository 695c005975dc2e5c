"""80 messages a second over 8 connections to a server that takes 100 ms for each: how close, and never above.

Run: python -m tests.benchmarks.send_paced [seconds] [rounds]

The server, a process of its own, notes when each request was whole. "Never above" is looked for in every second of
the run, wherever it begins, at the server and not at the sender. What sends is the service behind `wacli send`, as in
`send_durable`.
Eight connections that each wait 100 ms can do 80 a second at the very most, so nothing but the answer may be waited
for between two requests of one connection: rows are on disk before a connection is free for them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.send_durable import Shop
from tests.benchmarks.send_server import send_server
from wacli.cloudapi.client import Client, Settings
from wacli.services.delivery_run import CONNECTIONS
from wacli.services.pace import A_SECOND, Pace

LATENCY_S = 0.1


def busiest_second(arrivals: Sequence[float]) -> int:
    """The most requests in any half-open second."""
    most = first = 0
    for last, at in enumerate(arrivals):
        while arrivals[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def main(seconds: int, rounds: int) -> None:
    """Prints the rate of each round, and its busiest second."""
    count = A_SECOND * seconds
    with send_server(LATENCY_S) as server, tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        client = Client("token-of-the-benchmark", Settings(f"http://127.0.0.1:{server.port}"))
        shop = Shop(Path(folder))
        for _ in range(rounds):
            cpu = time.process_time()
            shop.send(client, count, connections=CONNECTIONS, pace=Pace())
            cpu = time.process_time() - cpu
            arrivals = server.arrivals()
            rate = (count - 1) / (arrivals[-1] - arrivals[0])
            print(
                f"{rate:.1f} a second = {rate / A_SECOND:.1%} of {A_SECOND}; "
                f"busiest second: {busiest_second(arrivals)}; CPU {cpu / count * 1e6:.0f} us a message"
            )
        shop.store.close()


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [10, 3][len(given) :]))
