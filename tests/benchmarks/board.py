"""The board's query, and the count of how many more there are, at two sizes of store."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from pathlib import Path

from tests.benchmarks.made_up import NOW
from wacli.store import allowance, threads
from wacli.store.database import connect_readonly


def run(stores: dict[str, Path], *, repeats: int = 200) -> None:
    """Prints milliseconds, the median of many queries on one open connection, and the worst."""
    for name, path in stores.items():
        with connect_readonly(path) as store:
            for label, query in (
                ("default, 20 rows and the count of more", threads.BoardQuery(limit=20)),
                ("closing within 2 h", threads.BoardQuery(closing_within=timedelta(hours=2), limit=20)),
                ("unanswered", threads.BoardQuery(is_unanswered=True, limit=20)),
            ):
                took = []
                for _ in range(repeats):
                    start = time.perf_counter()
                    board = threads.list_board(store, query, NOW)
                    took.append((time.perf_counter() - start) * 1e3)
                more = f"{board.more_count:,}{'' if board.is_more_exact else '+'} more"
                print(
                    f"  {name:>10}  {label:<40} {statistics.median(took):7.3f} ms, worst {max(took):7.3f} ms"
                    f"   ({len(board.rows)} rows, {more})"
                )
            start = time.perf_counter()
            used = allowance.count_used(store, 1, NOW - timedelta(days=30), NOW, at_most=1_001)
            took_ms = (time.perf_counter() - start) * 1e3
            print(f"  {name:>10}  {'allowance used, counted to 1,001':<40} {took_ms:7.3f} ms ({used})")
