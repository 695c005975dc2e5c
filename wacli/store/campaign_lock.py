"""One process at a time sends a campaign: a lock on a small file beside the store, taken back from a killed process.

The unique index on (campaign, recipient) already keeps two processes from writing to one person; this keeps them from
getting in each other's way, and says so in words. Where the system has no such locks (Windows) the index alone stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..domain.campaign import Campaign, as_typed
from ..domain.problem import Unavailable
from ..domain.text import t
from .database import Store

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def campaign_lock(store: Store, campaign: Campaign) -> Iterator[None]:
    """Held while the campaign is being sent or cancelled. Raises Unavailable (`campaign-running`) when it is held."""
    if fcntl is None:
        yield
        return
    path = store.path.with_name(f"{store.path.name}-campaign-{campaign.id}")
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
