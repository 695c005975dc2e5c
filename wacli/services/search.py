"""`wacli search`: which message had these words."""

from __future__ import annotations

from datetime import datetime

from ..domain.contact import Contact
from ..store import search, threads
from ..store.database import Store
from ..store.search import Hit


def find_messages(
    store: Store,
    text: str,
    now: datetime,
    *,
    contact: Contact | None = None,
    since: datetime | None = None,
    limit: int = 0,
) -> list[Hit]:
    """Messages with all the words of `text`, newest first; of one contact, or all. Raises Invalid (`no-words`)."""
    query = search.query_of(text)
    thread_ids = None
    if contact is not None:
        thread_ids = [row.thread_id for row in threads.list_of_contact(store, contact.id, now)]
    return search.list_hits(store, query, thread_ids=thread_ids, since=since, limit=limit)
