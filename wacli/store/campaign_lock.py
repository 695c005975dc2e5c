"""One process at a time sends a campaign: a lock on a small file beside the store, taken back from a killed process.

The unique index on (campaign, recipient) already keeps two processes from writing to one person; this keeps them from
getting in each other's way, and says so in words. Where the system has no such locks (Windows) the index alone stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..domain.campaign import Campaign, as_typed
from ..domain.problem import Unavailable
from ..domain.text import t
from .database import Store
from .lease import for_its_owner

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def _is_still_there(path: Path, descriptor: int) -> bool:
    """False for a file that was removed while we opened it: a lock on it keeps nobody out."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextmanager
def campaign_lock(store: Store, campaign: Campaign) -> Iterator[None]:
    """Held while the campaign is being sent or cancelled. Raises Unavailable (`campaign-running`) when it is held."""
    if fcntl is None:
        yield
        return
    path = store.path.with_name(f"{store.path.name}-campaign-{campaign.id}")
    with open(path, "ab", opener=for_its_owner) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_still_there(path, file.fileno()):
                raise BlockingIOError  # whoever held it has just let it go, and removed it
        except OSError:
            raise Unavailable(
                "campaign-running",
                t("{name} is being sent by another wacli at this moment", name=campaign.name),
                t("See how far it is: wacli campaigns show {name}", name=as_typed(campaign.name)),
            ) from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
