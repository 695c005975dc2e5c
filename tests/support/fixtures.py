"""Where the payloads that others recorded or published are. They are not part of the project and may be absent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


def fixtures_dir() -> Path:
    """The folder; skips the test with a sentence where there is none."""
    named = os.environ.get("WACLI_FIXTURES")
    folder = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "fixtures"
    if not folder.is_dir():
        pytest.skip("no folder of recorded payloads here (set WACLI_FIXTURES)")
    return folder


def json_under(*parts: str) -> dict[str, Any]:
    """Every JSON file below a sub-folder, by its path relative to it."""
    folder = fixtures_dir().joinpath(*parts)
    found = sorted(folder.rglob("*.json"))
    return {str(path.relative_to(folder)): json.loads(path.read_text(encoding="utf-8")) for path in found}
