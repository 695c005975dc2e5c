"""Where the recordings of others are: a folder beside the repository, or the one that WACLI_FIXTURES names.

They are no part of the project. Tests that read them skip, with a sentence, on a machine that has none.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"


def fixtures_dir() -> Path:
    """The folder of recordings; skips the calling test when there is none."""
    folder = fixtures_or_none()
    if folder is None:
        pytest.skip(f"no recordings of others at {_BESIDE}: set WACLI_FIXTURES to run this test")
    return folder


def fixtures_or_none() -> Path | None:
    """The folder of recordings, or None: for parametrised tests, which need it before they run."""
    named = os.environ.get("WACLI_FIXTURES")
    folder = Path(named) if named else _BESIDE
    return folder if folder.is_dir() else None
