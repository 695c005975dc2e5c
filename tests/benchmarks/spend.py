"""`spend by category --since` a month beside one raw SQL GROUP BY of the same rows, in a store of two million messages.

The raw statement is what somebody would type into sqlite3 to learn the same: by category, how many, what they cost,
how many were free and what those would have cost. Both read the rows of the month through the same index; pairs are
run one after the other and the ratio is the median of theirs. CPU time of this process.

Before that, what upkeep costs: the first pricing of everything, and of a day's news.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from tests.benchmarks.made_up import NOW
from wacli.ratecards.shelf import shelf
from wacli.services.charges import bring_up_to_date
from wacli.services.prices import Prices
from wacli.services.spend import spend
from wacli.store.database import Store, connect_readonly, open_store
from wacli.store.spend import Dimension

RAW = """
SELECT category, count(*), sum(amount), sum(free_reason IS NOT NULL), sum(iif(free_reason IS NULL, 0, worth))
FROM charges WHERE at >= ? AND at < ? GROUP BY category
"""
PRICES = Prices(shelf(None), "USD", UTC)
MONTH_FROM, MONTH_UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def run(folder: Path, large: Path, *, rounds: int = 15) -> None:
    """Prints the ratio for each dimension, and what keeping the charges costs."""
    path = folder / "spend.db"
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    copyfile(large, path)
    with open_store(path, create=False) as store:
        _give_recipients(store)
        start = time.process_time()
        charged = bring_up_to_date(store, PRICES).charged_count
        took = time.process_time() - start
        print(
            f"  priced for the first time: {charged:,} messages, {took:.1f} s CPU, {took / charged * 1e6:.1f} us each"
        )
        _news(store)
    with connect_readonly(path) as store:
        span = (int(MONTH_FROM.timestamp()), int(MONTH_UNTIL.timestamp()))
        (count,) = store.query("SELECT count(*) FROM charges WHERE at >= ? AND at < ?", span)[0]
        print(f"  a month of {count:,} charges:")
        for by in Dimension:
            ratios, ours = [], []
            for _ in range(rounds):
                raw_took = _timed(lambda: store.query(RAW, span))
                own_took = _timed(lambda by=by: spend(store, PRICES, by, MONTH_FROM, MONTH_UNTIL))
                ratios.append(own_took / raw_took)
                ours.append(own_took * 1e3)
            ratio, milliseconds = statistics.median(ratios), statistics.median(ours)
            print(f"    by {by:<9} {milliseconds:7.1f} ms   {ratio:5.2f} x the raw GROUP BY by category")


def _news(store: Store) -> None:
    """A day's statuses come in: what the next money command pays for."""
    since = int((NOW - timedelta(days=1)).timestamp())
    with store.transaction() as connection:
        found = connection.execute(
            "INSERT INTO statuses (message_id, fingerprint, status, at) "
            "SELECT id, id, 'read', at + 60 FROM messages WHERE direction = 'outbound' AND at >= ?",
            (since,),
        ).rowcount
        connection.execute("DELETE FROM charges WHERE at >= ?", (since,))
    start = time.process_time()
    charged = bring_up_to_date(store, PRICES).charged_count
    took = time.process_time() - start
    print(f"  a day's news: {found:,} statuses, {charged:,} messages priced in {took * 1e3:.0f} ms CPU")
    start = time.process_time()
    bring_up_to_date(store, PRICES)
    print(f"  nothing new: {(time.process_time() - start) * 1e3:.2f} ms CPU")


def _give_recipients(store: Store) -> None:
    """The made-up statuses name nobody; real ones do."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE statuses SET party_id = (SELECT thread_id FROM messages WHERE id = message_id), "
            "pricing_model = 'PMP', pricing_type = 'regular', pricing_category = 'service', billable = 1"
        )
        # A third of the outbound ones were templates of another program.
        connection.execute(
            "UPDATE messages SET kind = 'unknown', pricing_category = CASE id % 6 WHEN 0 THEN 'utility' "
            "ELSE 'marketing' END WHERE direction = 'outbound' AND id % 3 = 0"
        )
        connection.execute(
            "UPDATE statuses SET pricing_category = CASE message_id % 6 WHEN 0 THEN 'utility' ELSE 'marketing' END "
            "WHERE message_id % 3 = 0"
        )


def _timed(call: object) -> float:
    assert callable(call)
    start = time.process_time()
    call()
    return time.process_time() - start
