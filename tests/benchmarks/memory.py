"""Memory while a large NDJSON file is ingested: the peak of a process of its own, at a tenth and at the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.made_up import notifications

_CHILD = """
import resource, sys
from pathlib import Path
from tests.benchmarks.made_up import NOW
from wacli.importers.notifications import read
from wacli.services.inbound import ingest
from wacli.store.database import open_store
with open_store(Path(sys.argv[2]), create=True) as store:
    report = ingest(store, read(Path(sys.argv[1])), NOW)
print(report.messages_new, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def run(folder: Path, *, megabytes: int, contact_count: int) -> None:
    """Prints the peak for a file of `megabytes / 10` and one of `megabytes`, and removes both files."""
    for size in (megabytes // 10, megabytes):
        file, store = folder / "large.ndjson", folder / "large.db"
        _write(file, size * 1_000_000, contact_count)
        done = subprocess.run([sys.executable, "-c", _CHILD, file, store], check=True, capture_output=True, text=True)
        messages, peak = done.stdout.split()
        print(f"  {size:>6} MB of NDJSON, {int(messages):>10,} messages: peak {peak} MB")
        for path in (file, *folder.glob("large.db*")):
            path.unlink(missing_ok=True)


def _write(file: Path, size: int, contact_count: int) -> None:
    written = 0
    with file.open("wb") as out:
        for body in notifications(size, contact_count=contact_count, first_index=0):
            written += out.write(body + b"\n")
            if written >= size:
                return
