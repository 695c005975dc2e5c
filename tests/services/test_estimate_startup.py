"""What a quick estimate loads, in a fresh process: neither the store, nor a network client, nor phone metadata."""

from __future__ import annotations

import subprocess
import sys

QUICK = """
import sys
from datetime import date
from wacli.domain.category import Category
from wacli.ratecards.destinations import resolve_destination
from wacli.ratecards.shelf import shelf
from wacli.services import estimate, estimate_terms
ours, day = shelf(), date(2026, 11, 22)
line = estimate_terms.read_line("ID,marketing,1000", day, ours)
quote = estimate.estimate(estimate.EstimateRequest((line,), day), ours)
number = resolve_destination("+62 812-3456-7890", day, ours)
market = resolve_destination("Indonesia", day, ours)
print(quote.total, *sorted(name.partition(".")[0] for name in sys.modules))
"""
FORBIDDEN = {
    *("sqlite3", "_sqlite3", "sqlite_utils", "urllib3", "http", "httpx", "requests", "ssl", "socket", "asyncio"),
    *("phonenumbers", "babel", "dateutil", "tomllib", "rich", "typer", "pydantic", "json", "xml", "zipfile"),
}


def test_a_quick_estimate_loads_little() -> None:
    done = subprocess.run([sys.executable, "-c", QUICK], capture_output=True, text=True, check=True)
    total, *modules = done.stdout.split()
    assert total == "41.1000"
    assert FORBIDDEN & set(modules) == set()
