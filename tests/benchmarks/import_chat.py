"""Importing an exported chat of a million lines into a store: CPU, peak memory, and the same chat once more.

Run: python -m tests.benchmarks.import_chat [lines]

`tests.benchmarks.chat_export` compares the reading alone with whatstk and chat-miner, which keep nothing; the seconds
here stand beside its seconds for the same file.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.chat_export import write_chat

_IMPORT = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from wacli.domain.event import Number
from wacli.importers.chat_export import read_chat
from wacli.services.chat_import import ChatTally, ChatWishes, Sides, import_chat
from wacli.services import chat_import
from wacli.store.database import open_store
chat_import._checked = lambda messages, sides, tally: messages  # the made-up chat has five authors
chat_import.sides_of = lambda store, export, wishes: Sides("Toko Maju", "Sari")
tally = ChatTally()
with open_store(Path(sys.argv[2]), create=True) as store:
    export = read_chat(Path(sys.argv[1]), zone=ZoneInfo("Asia/Jakarta"))
    wishes = ChatWishes("Toko Maju", "+6281234567890", "ID")
    import_chat(store, export, wishes, Number("1", None, None), datetime(2026, 11, 22, tzinfo=UTC), tally=tally)
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"{tally.added:,} of {tally.read:,} new, {used.ru_utime + used.ru_stime:.1f} s CPU, {used.ru_maxrss // 1024} MB")
"""


def main() -> None:
    """Prints one line for the first import and one for the second."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        chat = Path(folder) / "WhatsApp Chat with Sari.txt"
        write_chat(chat, lines)
        for turn in ("first", "again"):
            argv = [sys.executable, "-c", _IMPORT, str(chat), str(Path(folder) / "shop.db")]
            print(turn, subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip())


if __name__ == "__main__":
    main()
