"""Golden output: what a screen looked like when somebody last looked at it and found it good.

`WACLI_UPDATE_GOLDEN=1 python -m pytest tests/journeys` writes the files anew; look at `git diff tests/golden` before
committing. Blanks at the ends of lines, which tables pad with, are not compared.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "golden"


def check_golden(name: str, text: str) -> None:
    """Compares with `tests/golden/NAME.txt`, or writes it when WACLI_UPDATE_GOLDEN is set."""
    clean = "".join(line.rstrip() + "\n" for line in text.splitlines())
    path = _FOLDER / f"{name}.txt"
    if os.environ.get("WACLI_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(clean, "utf-8")
    assert clean == path.read_text("utf-8"), f"tests/golden/{name}.txt differs; see tests/support/golden.py"
