"""Millions of small tuples, without Python's search for circles among them.

Rows come and go by reference counting; the collector finds nothing among them and takes a sixth of the time of an
import for it (measured: 1.86 s with it, 1.55 without, for 200,000 contacts).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unswept() -> Iterator[None]:
    """No garbage collection inside; as before after it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
