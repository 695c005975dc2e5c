"""What a quick estimate loads: neither the store nor an HTTP client nor phone metadata nor language data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import io, json, sys

from wacli.cli.app import run
from wacli.cli.context import process_context
out = io.StringIO()
status = run(sys.argv[1:], process_context()._replace(out=out))
print(json.dumps({"status": int(status), "modules": sorted(sys.modules)}))
"""
_NEVER = {
    "sqlite3", "sqlite_utils", "urllib3", "http.client", "ssl", "asyncio", "starlette", "uvicorn", "phonenumbers",
    "dateutil", "rich", "babel", "tomlkit", "keyring", "csv", "wacli.store", "wacli.cloudapi", "wacli.sandbox",
    "wacli.importers", "wacli.cli.stores", "wacli.ratecards.strict", "wacli.services.recipients",
}  # fmt: skip


def _modules(tmp_path: Path, *argv: str) -> set[str]:
    environment = {**os.environ, "WACLI_CONFIG": str(tmp_path), "LANG": "en_US.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *argv],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["status"] == 0
    return set(answer["modules"])


@pytest.mark.parametrize(
    "argv",
    [
        ("--to", "ID", "--marketing", "1000"),
        ("--to", "ID", "--marketing", "1000", "--utility", "500", "--service", "3000"),
        ("--to", "+62 812 3456 7890", "--service", "3000", "--compare", "2026-09-30", "--what-if", "service=+50%"),
    ],
)
def test_a_quick_estimate_loads_little(tmp_path: Path, argv: tuple[str, ...]) -> None:
    loaded = _modules(tmp_path, "estimate", *argv, "--on", "2026-11-22", "--json")
    assert loaded & _NEVER == set()


def test_the_table_needs_no_store_either(tmp_path: Path) -> None:
    loaded = _modules(tmp_path, "estimate", "--to", "ID", "--marketing", "1", "--format", "table")
    assert "rich" in loaded
    assert loaded & (_NEVER - {"rich", "babel", "csv"}) == set()
