"""A month of made-up traffic of the sandbox, taken into a store as its webhooks tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from tests.support.months import Traffic
from tests.support.store import new_store
from wacli.importers.notifications import Body
from wacli.ratecards.shelf import shelf
from wacli.sandbox.book import JAKARTA
from wacli.services.inbound import ingest
from wacli.services.prices import Prices
from wacli.store.database import Store

JAKARTA_PRICES = Prices(shelf(None), "USD", JAKARTA)
# One month of each kind of rules, and of each rate card of the years of messages.
MONTHS = [date(2022, 5, 1), date(2023, 5, 1), date(2023, 7, 1), date(2024, 10, 1), date(2025, 5, 1), date(2025, 8, 1),
          date(2026, 2, 1), date(2026, 8, 1), date(2026, 11, 1)]  # fmt: skip


@contextmanager
def taken_in(folder: Path, traffic: Traffic) -> Iterator[Store]:
    """A store that has heard all of it."""
    with new_store(folder, "shop.db") as store:
        bodies = (Body(raw, json.loads(raw), "") for raw in traffic.bodies)
        ingest(store, bodies, datetime(2026, 12, 2, tzinfo=UTC))
        yield store
