"""`wacli search`: which message had these words."""

from __future__ import annotations

from datetime import datetime

from ..store import search, threads
from ..store.database import Store
from ..store.search import Hit
from .people import find_contact


def find_messages(
    store: Store,
    text: str,
    now: datetime,
    *,
    who: str | None = None,
    country: str | None = None,
    since: datetime | None = None,
    limit: int = 0,
) -> list[Hit]:
    """Messages with all the words of `text`, newest first. Raises Invalid (`no-words`), and NotFound for WHO."""
    query = search.query_of(text)
    thread_ids = None
    if who is not None:
        contact = find_contact(store, who, country)
        thread_ids = [row.thread_id for row in threads.list_of_contact(store, contact.id, now)]
    return search.list_hits(store, query, thread_ids=thread_ids, since=since, limit=limit)
