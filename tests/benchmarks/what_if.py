"""`estimate --from-store`: what charging a log again costs beside reading it, and a report beside its queries.

python -m tests.benchmarks.what_if [MESSAGES]   (1,000,000 without a number)

CPU of one process, median of five pairs in rotation; a store of made-up traffic, charged once before.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from zoneinfo import ZoneInfo

from wacli.ratecards.shelf import shelf
from wacli.services.charges import bring_up_to_date
from wacli.services.prices import Prices
from wacli.services.what_if import Scenario, Span, replay
from wacli.store import message_log
from wacli.store.database import Store, open_store

_THREADS = 5_000
_FIRST = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
_PRICES = Prices(shelf(None), "USD", ZoneInfo("Asia/Jakarta"))


def fill(store: Store, count: int) -> None:
    """Half of the messages from contacts, the others answers and a few templates, all delivered."""
    step = 50 * 86_400 / count
    with store.transaction() as connection:
        connection.execute("INSERT INTO numbers (id, key, phone_number_id) VALUES (1, '1', '1')")
        connection.executemany(
            "INSERT INTO contacts (id, phone, phone_key, first_seen_at) VALUES (?, ?, ?, 0)",
            ((one, f"62812{one:08d}", f"62812{one:08d}") for one in range(1, _THREADS + 1)),
        )
        connection.executemany(
            "INSERT INTO threads (id, contact_id, number_id) VALUES (?, ?, 1)",
            ((one, one) for one in range(1, _THREADS + 1)),
        )
        connection.executemany(
            "INSERT INTO messages (id, seat, wamid, source, thread_id, number_id, direction, origin, kind, at, status, "
            "delivered_at) VALUES (?, ?, ?, 3, ?, 1, ?, 'api', ?, ?, ?, ?)",
            (
                (
                    one,
                    one,
                    f"wamid.{one}",
                    one * 7919 % _THREADS + 1,
                    "inbound" if one % 2 else "outbound",
                    "template" if one % 10 == 0 else "text",
                    at := int(_FIRST + one * step),
                    None if one % 2 else "delivered",
                    None if one % 2 else at,
                )
                for one in range(1, count + 1)
            ),
        )


def main(count: int) -> None:
    gc.set_threshold(100_000)  # as the program itself sets it
    with TemporaryDirectory() as folder, open_store(Path(folder) / "shop.db", create=True) as store:
        fill(store, count)
        start = process_time()
        bring_up_to_date(store, _PRICES)
        print(f"charging {count} messages for the first time: {process_time() - start:.1f} s CPU")
        since = datetime(2026, 10, 1, tzinfo=_PRICES.zone)
        span = Span(since, since + timedelta(days=60))

        def read() -> None:
            deque(message_log.stream(store, span.since, span.until), maxlen=0)

        def charge(scenario: Scenario) -> Callable[[], object]:
            return lambda: replay(store, _PRICES, span, [scenario])

        ways = {
            "reading": read,
            "as they were": charge(Scenario()),
            "by the rules of 2024-06-01 (conversations)": charge(Scenario(datetime(2024, 6, 1, tzinfo=UTC).date())),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(5):
            for name, run in ways.items():
                start = process_time()
                run()
                taken[name].append(process_time() - start)
        reading = median(taken["reading"])
        print(f"reading {reading / count * 1e6:.2f} us a message")
        for name in list(ways)[1:]:
            whole = median(taken[name])
            print(f"{name}: {(whole - reading) / count * 1e6:.2f} us a message more, {whole / reading:.2f}x reading")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
