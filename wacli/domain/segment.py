"""A saved segment: an audience with a name. A description and no list: who is in it is asked anew each time."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Segment(NamedTuple):
    """`audience` as `--to` takes it, `condition` as `--where` does."""

    name: str
    audience: str
    condition: str | None
    created_at: datetime
