"""The SQLite that this Python was built with."""

from __future__ import annotations

import sqlite3
from typing import Final

# STRICT tables came with 3.37, RETURNING with 3.35; a store made by a newer one opens with any that has both.
OLDEST_SQLITE: Final = (3, 37, 0)


def sqlite_version() -> tuple[int, int, int]:
    """Major, minor, patch."""
    return sqlite3.sqlite_version_info[:3]
