"""Floors and doors: import-linter's contracts hold, and each kind of library stays in its room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_imports_point_down_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_top_level_is_the_design_card() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        top = {line.split("/", 1)[0] for line in listed.stdout.splitlines()}
        assert {name for name in top if not name.startswith(".")} <= {
            "wacli",
            "tests",
            "pyproject.toml",
            "README.md",
            "LICENSE",
        }
    assert (ROOT / "wacli" / "py.typed").exists()
