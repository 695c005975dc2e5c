"""`python -m tests.benchmarks [store|board|ingest|memory|spend]`: all of them when none is named."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks import board, ingest, memory, spend
from tests.benchmarks.made_up import make_store

_SMALL = (1_000, 2_000)
_SMALL_SHOP = (5_000, 60_000)  # contacts and messages


def main() -> None:
    """Makes the stores it needs (kept with --folder) and prints ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", choices=["store", "board", "ingest", "memory", "spend", []], default=[])
    parser.add_argument("--folder", type=Path, help="where the made-up stores are kept for the next run")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--rows", type=int, default=50_000, help="messages that are ingested")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1_000, help="size of the file of the memory benchmark")
    options = parser.parse_args()
    which = options.which or ["board", "ingest", "memory", "spend"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        large = _store(folder, options.contacts, options.messages)
        if "board" in which:
            print("\nThe board's query:")
            board.run({"small": _store(folder, *_SMALL), "large": large})
        if "ingest" in which:
            small, few = min(_SMALL_SHOP[0], options.contacts), max(options.contacts // 20, 1)
            shops = (
                ingest.Shop(_store(folder, small, _SMALL_SHOP[1]), _SMALL_SHOP[1], small),
                ingest.Shop(large, options.messages, few),
                ingest.Shop(large, options.messages, options.contacts),
            )
            ingest.run(folder, shops, rows=options.rows, rounds=options.rounds)
        if "memory" in which:
            print("\nMemory of an ingest:")
            memory.run(folder, megabytes=options.megabytes, contact_count=options.contacts)
        if "spend" in which:
            print("\nWhere the money went:")
            spend.run(folder, large)


def _store(folder: Path, contacts: int, messages: int) -> Path:
    path = folder / f"made-up-{contacts}-{messages}.db"
    if not path.exists():
        print(f"Making a store of {contacts:,} contacts and {messages:,} messages ...", flush=True)
        unfinished = path.with_suffix(".part")
        make_store(unfinished, contact_count=contacts, message_count=messages).close()
        unfinished.rename(path)
    return path


if __name__ == "__main__":
    main()
