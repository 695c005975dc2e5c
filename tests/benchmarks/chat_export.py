"""Reading an exported chat of a million lines: wacli beside whatstk and chat-miner, on the same file.

Run: python -m tests.benchmarks.chat_export [lines] [rounds] [python of the others]

The others are dependencies of this benchmark only and live in an environment of their own:
    python -m venv others && others/bin/pip install whatstk chat-miner
Every reading is a process of its own (CPU of that process, user and system, and its peak memory), one reader after
the other in each round; the ratios are of medians. Ratios hold on other machines, seconds do not.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

_NAMES = ("Sari", "Budi Santoso", "+62 812-3456-7890", "Toko Maju", "Anna")
_WORDS = (
    *("halo", "kak", "stok", "masih", "ada", "ya", "besok", "kirim", "ke", "alamat", "ini", "terima", "kasih"),
    *("harga", "berapa", "ukuran", "warna", "merah", "50.000", "ok", "siap", "👍", "transfer", "BCA"),
)
_MEASURED = """
import json, resource, sys, time
began = time.process_time()
{body}
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([count, time.process_time() - began, used.ru_maxrss // 1024]))
"""
READERS = {
    "wacli": """
from pathlib import Path
from zoneinfo import ZoneInfo
from wacli.importers.chat_export import read_chat
count = sum(1 for _ in read_chat(Path(sys.argv[1]), zone=ZoneInfo("Asia/Jakarta")).messages())
""",
    "whatstk": """
from whatstk import WhatsAppChat
began = time.process_time()
count = len(WhatsAppChat.from_source(sys.argv[1], max_size=None).df)
""",
    "chat-miner": """
from chatminer.chatparsers import WhatsAppParser
began = time.process_time()
parser = WhatsAppParser(sys.argv[1])
parser.parse_file()
count = len(parser.parsed_messages.get_df())
""",
}


def write_chat(path: Path, lines: int, names: Sequence[str] = _NAMES) -> None:
    """An invented Android chat with continuation lines and left-out media."""
    chance = random.Random(7)
    at, written = datetime(2021, 1, 3, 8, tzinfo=UTC), 0
    with path.open("w", encoding="utf-8") as out:
        while written < lines:
            at += timedelta(seconds=chance.choice((5, 20, 60, 90, 600)))
            text = " ".join(chance.choices(_WORDS, k=chance.randint(2, 14)))
            if chance.random() < 0.04:
                text = "<Media omitted>"
            out.write(f"{at:%d/%m/%y, %H:%M} - {chance.choice(names)}: {text}\n")
            written += 1
            if chance.random() > 0.9:
                out.write(f"baris kedua {text}\n")
                written += 1


def measure(python: str, reader: str, chat: Path) -> tuple[int, float, int]:
    """Messages read, CPU seconds and peak MB of one reading in a process of its own."""
    program = _MEASURED.format(body=READERS[reader])
    answer = subprocess.run([python, "-c", program, str(chat)], capture_output=True, text=True, check=True)
    count, seconds, peak = json.loads(answer.stdout.strip().splitlines()[-1])
    return count, seconds, peak


def main() -> None:
    """Prints one line a reader, with its ratio to wacli."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    others = sys.argv[3] if len(sys.argv) > 3 else None
    readers = list(READERS) if others else ["wacli"]
    with tempfile.TemporaryDirectory() as folder:
        chat = Path(folder) / "WhatsApp Chat with Sari.txt"
        write_chat(chat, lines)
        found: dict[str, list[tuple[int, float, int]]] = {reader: [] for reader in readers}
        for _ in range(rounds):
            for reader in readers:
                found[reader].append(measure(sys.executable if reader == "wacli" else others or "", reader, chat))
    base = statistics.median(seconds for _, seconds, _ in found["wacli"])
    for reader, readings in found.items():
        seconds = statistics.median(each[1] for each in readings)
        peak = max(each[2] for each in readings)
        print(f"{reader:<11} {readings[0][0]:>9,} messages {seconds:7.2f} s CPU {seconds / base:6.1f}x {peak:6} MB")


if __name__ == "__main__":
    main()
