"""Fifty campaigns of 10,000 recipients, each killed with SIGKILL at random moments and resumed until it is done.

Run: python -m tests.benchmarks.campaign_kills [rounds] [recipients] [seed]

Every other round with time-outs, resets, throttling and answers that cannot be read; after each, webhooks come doubled
and in any order. Asserted in every round (tests/support/campaign_kills.py): every recipient has exactly one accepted
message or a truthful unknown or refused row, and the sandbox's own count agrees.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from tests.support.campaign_kills import Kills
from tests.support.sandbox_shop import sandbox_shop


def main(rounds: int, recipients: int, seed: int) -> None:
    """Prints a line for each round."""
    with tempfile.TemporaryDirectory() as folder, sandbox_shop(Path(folder), customers=1) as shop:
        kills = Kills(shop, recipients)
        chance = random.Random(seed)
        for number in range(1, rounds + 1):
            began = time.monotonic()
            with_faults = number % 2 == 0
            found = kills.play(
                chance, kills=chance.randrange(2, 6), longest_s=recipients / 700, with_faults=with_faults
            )
            print(
                f"round {number}{' with faults' if with_faults else ''}: {found.kills} kills, "
                f"{found.accepted} accepted, {found.unknown} unknown, {found.refused} refused; "
                f"{time.monotonic() - began:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:4]]
    main(*(given + [50, 10_000, 1][len(given) :]))
