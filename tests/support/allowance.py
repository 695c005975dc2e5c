"""A month that is nearly used up, without sending a thousand messages."""

from __future__ import annotations

from tests.support.counter import Counter
from wacli.store.database import open_store

FREE_A_MONTH = 1_000


def use_up(counter: Counter, *, left: int) -> None:
    """Writes so many delivered service messages into the store that only `left` free ones remain this month."""
    at = int(counter.door.now.timestamp()) - 3_600
    with open_store(counter.door.folder / "shop.db", create=False) as store, store.transaction() as connection:
        (number_id,) = connection.execute("SELECT id FROM numbers LIMIT 1").fetchone()
        connection.executemany(
            "INSERT INTO messages (seat, wamid, source, number_id, direction, origin, kind, at, status, delivered_at, "
            "allowance_at) VALUES (?, ?, 4, ?, 'outbound', 'api', 'text', ?, 'delivered', ?, ?)",
            [(10**15 + n, f"wamid.USED{n}", number_id, at, at, at) for n in range(FREE_A_MONTH - left)],
        )
