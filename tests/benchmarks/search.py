"""The index of words: what its upkeep costs an ingest, and a search beside the bare FTS5 query.

Run: python -m tests.benchmarks.search [messages] [rounds]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.chat_export import write_chat
from wacli.domain.chat_export import ChatMessage
from wacli.domain.event import MessageSeen, Number
from wacli.domain.identity import Party
from wacli.importers.chat_export import read_chat
from wacli.store import search, search_index
from wacli.store.database import Store, open_store
from wacli.store.intake import Intake

_BATCH = 1_000
_NUMBER = Number("1", None, None)


def _events(messages: list[ChatMessage]) -> list[MessageSeen]:
    return [
        MessageSeen(
            _NUMBER, Party(phone=f"62812{index % 5_000:07d}"), f"wamid.{index}", "inbound", "api", "text",
            message.at, message.text, None, None, None, None, None, None, False, "",
        )
        for index, message in enumerate(messages)
    ]  # fmt: skip


def _ingest(store: Store, events: list[MessageSeen]) -> float:
    intake = Intake(store)
    began = time.process_time()
    with store.bulk():
        for start in range(0, len(events), _BATCH):
            with intake.transaction():
                intake.apply([(None, events[start : start + _BATCH])])
    return time.process_time() - began


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _nothing(connection: object) -> None:
    """The ingest without an index of words."""


def main() -> None:
    """Prints ratios."""
    from zoneinfo import ZoneInfo

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        chat = Path(folder) / "chat.txt"
        write_chat(chat, count)
        events = _events(list(read_chat(chat, zone=ZoneInfo("Asia/Jakarta")).messages()))
        costs: dict[str, list[float]] = {"without": [], "with": []}
        kept = search_index.catch_up
        for turn in range(rounds):
            for name in costs:
                wanted = kept if name == "with" else _nothing
                sys.modules["wacli.store.settle"].__dict__["catch_up"] = wanted
                with open_store(Path(folder) / f"{name}{turn}.db", create=True) as store:
                    costs[name].append(_ingest(store, events))
        sys.modules["wacli.store.settle"].__dict__["catch_up"] = kept
        ratio = statistics.median(costs["with"]) / statistics.median(costs["without"])
        print(f"upkeep: {ratio:.2f}x the ingest without it")
        with open_store(Path(folder) / "with0.db", create=False) as store:
            for words in ("halo", "alamat kirim", "merah 50", "xyz"):
                _compare(store, words)


def _compare(store: Store, words: str) -> None:
    query = search.query_of(words)
    bare = "SELECT rowid FROM search_messages WHERE search_messages MATCH ? ORDER BY rowid DESC LIMIT 20"
    snippet = bare.replace("rowid FROM", "text, snippet(search_messages, 0, '*', '*', '…', 16) FROM")
    found: dict[str, list[float]] = {"ours": [], "raw": [], "shown": []}
    for _ in range(25):
        found["ours"].append(_timed(lambda: search.list_hits(store, query, limit=20)))
        found["raw"].append(_timed(lambda: store.query(bare, (query,))))
        found["shown"].append(_timed(lambda: store.query(snippet, (query,))))
    ours, raw, shown = (statistics.median(each) for each in found.values())
    print(f"{words!r}: {ours / raw:.2f}x the bare query ({raw * 1e3:.2f} ms), {ours / shown:.2f}x it with snippets")


if __name__ == "__main__":
    main()
