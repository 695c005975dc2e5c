"""Where the payloads that others recorded or published are: beside the repository, or where WACLI_FIXTURES says.

They are no part of the project. Tests that read them skip, with a sentence, on a machine that has none.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "fixtures"


def fixtures_or_none() -> Path | None:
    """The folder of recordings, or None: for parametrised tests, which need it before they run."""
    named = os.environ.get("WACLI_FIXTURES")
    folder = Path(named) if named else _BESIDE
    return folder if folder.is_dir() else None


def fixtures_dir() -> Path:
    """The folder of recordings; skips the calling test when there is none."""
    folder = fixtures_or_none()
    if folder is None:
        pytest.skip("no recordings of others beside this checkout (set WACLI_FIXTURES to run this test)")
    return folder


def json_under(*parts: str) -> dict[str, Any]:
    """Every JSON file below a sub-folder, by its path relative to it."""
    folder = fixtures_dir().joinpath(*parts)
    found = sorted(folder.rglob("*.json"))
    return {str(path.relative_to(folder)): json.loads(path.read_text(encoding="utf-8")) for path in found}
