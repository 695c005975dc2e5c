"""A million messages charged in one pass, in the years of conversations and today. Prints CPU a message and memory.

    python tests/benchmarks/estimate_replay.py [MESSAGES]

The time of making the log is taken off. What is remembered must follow the open windows, not the length of the log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

from wacli.domain.category import Category
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard
from wacli.ratecards.shelf import shelf

THREADS = 50_000


def log(start: datetime, messages: int) -> Iterator[LogEntry]:
    """Half of it inbound; of the outbound half two thirds utility templates and one third answers."""
    for place in range(messages // 2):
        at = start + timedelta(seconds=place * 5)
        yield LogEntry(at, place % THREADS, True)
        kind, category = ("template", Category.UTILITY) if place % 3 else ("service", None)
        yield LogEntry(at, place * 7 % THREADS, False, kind, category, "Indonesia", "1")


def prices(day: date) -> tuple[PricingRules, RateCard | None]:
    """Rules and card of a day from the packaged shelf."""
    return shelf().rules_on(day), shelf().card_on(day, "USD")


def main() -> None:
    """Runs one log in 2023 and one in 2026."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for start in (datetime(2023, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)):
        began = process_time()
        for _ in log(start, messages):
            pass
        making = process_time() - began
        replay, most = Replay(prices, ZoneInfo("Asia/Jakarta")), 0
        began = process_time()
        for place, _ in enumerate(replay.charges(log(start, messages))):
            if place % 1000 == 0:
                most = max(most, replay.remembered_count)
        spent = process_time() - began - making
        print(f"{start.year}: {spent / messages * 1e6:.1f} us a message, at most {most} windows and conversations held")


if __name__ == "__main__":
    main()
