"""Finding messages by words: SQLite's FTS5, newest first (see `search_index` for how the index is kept).

Newest first: sorting all messages with a common word would read each of them. Ids are given in order of arrival, and
each block of ids knows its latest instant: blocks are searched from the latest on, until no other block can hold
anything newer. Instants of our own messages are corrected by seconds when Meta tells its own; hence the margin.

Words are those of `unicode61` without diacritics; the last word typed also finds longer ones. Scripts that write
without spaces (Thai, Chinese, Japanese) are found from the beginning of a run of signs only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from ..domain.contact import label_of
from ..domain.problem import Invalid
from ..domain.text import t
from .database import Row, Store
from .instants import moment_or_none, seconds
from .search_index import BLOCK

_MARGIN = 3_600  # seconds
_FEW = 20  # matches beyond those asked for that are read, because ids are not quite in the order of time
_MARK = "*"  # around the words found, as WhatsApp writes bold
_WORD = re.compile(r"\w+")

_MATCHING = (
    "FROM search_messages s CROSS JOIN messages m ON m.id = s.rowid CROSS JOIN threads t ON t.id = m.thread_id "
    "CROSS JOIN contacts c ON c.id = t.contact_id "
    "WHERE s.search_messages MATCH :query {within} AND NOT m.is_sample "
    "AND (:since IS NULL OR m.at >= :since) {of_threads}"
)
_PLACES = f"SELECT coalesce(m.at, 0), m.id {_MATCHING}"
# One pass for everything that is shown: a beginning of a word is looked up anew by each statement.
_HITS = (
    "SELECT coalesce(m.at, 0), m.id, m.wamid, c.id, m.thread_id, coalesce(c.name, c.book_name, c.profile_name), "
    "c.username, c.phone, c.bsuid, m.direction, m.kind, m.at, iif(m.edited_at IS NULL, m.text, m.edited_text), "
    f"snippet(search_messages, 0, '{_MARK}', '{_MARK}', '…', 16) {_MATCHING}"
)
# A sixth of the time of asking the index of words.
_ANY_NEWER = "SELECT 1 FROM messages WHERE id BETWEEN :first AND :last AND at > :at LIMIT 1"


class Hit(NamedTuple):
    """A message with the words. `snippet` is the part of the text around them, which stand between asterisks."""

    message_id: int
    wamid: str
    contact_id: int
    thread_id: int
    contact: str  # what to call them: somebody else's text
    phone: str | None
    direction: str
    kind: str
    at: datetime | None
    text: str
    snippet: str


def query_of(text: str) -> str:
    """What FTS5 is asked: every word must be there, and the last may go on. Raises Invalid where there is no word."""
    words = _WORD.findall(text)
    if not words:
        raise Invalid("no-words", t("There is no word to look for in {text}", text=text), t("Type at least one word"))
    return " ".join(f'"{word}"' for word in words) + ("" if text.rstrip().endswith('"') else "*")


def list_hits(
    store: Store,
    query: str,
    *,
    thread_ids: Sequence[int] | None = None,
    since: datetime | None = None,
    limit: int = 0,
) -> list[Hit]:
    """The messages that have the words, newest first; 0 is no limit; `since` is included."""
    parameters: dict[str, object] = {"query": query, "since": None if since is None else seconds(since)}
    of_threads = "" if thread_ids is None else f"AND m.thread_id IN ({', '.join(map(str, map(int, thread_ids)))})"
    whole = _HITS.format(within="", of_threads=of_threads)
    if not limit:
        rows = store.query(whole, parameters)
    elif thread_ids is not None:
        places = nlargest(limit, store.query(_PLACES.format(within="", of_threads=of_threads), parameters))
        rows = _at(store, parameters, places)
    else:
        wanted = limit + _FEW
        rows = store.query(f"{whole} ORDER BY s.rowid DESC LIMIT {wanted}", parameters)
        if len(rows) == wanted:
            rows = _newest(store, parameters, rows, limit)
    return [_hit(row) for row in sorted(rows, key=_place, reverse=True)[: limit or None]]


def _place(row: Row) -> tuple[int, int]:
    return row[0], row[1]


def _newest(store: Store, parameters: dict[str, object], latest_ids: list[Row], limit: int) -> list[Row]:
    """The newest of very many matches, of which those with the latest ids are given: block after block, until no other
    can hold anything newer. Where messages came in the order of time, that is none."""
    sql = _PLACES.format(within="AND s.rowid BETWEEN :first AND :last", of_threads="")
    lowest = min(row[1] for row in latest_ids)
    best = nlargest(limit, map(_place, latest_ids))
    for block, max_at in store.query(
        "SELECT block, coalesce(max_at, 0) FROM search_blocks WHERE block <= ? AND coalesce(max_at, 0) >= ? "
        "ORDER BY 2 DESC",
        (lowest // BLOCK, best[-1][0] - _MARGIN),
    ):
        if best[-1][0] > max_at + _MARGIN:
            break
        span = {"first": block * BLOCK, "last": min((block + 1) * BLOCK, lowest) - 1}
        if store.query_one(_ANY_NEWER, {**span, "at": best[-1][0]}) is not None:
            best = nlargest(limit, best + store.query(sql, {**parameters, **span}))
    older = [place for place in best if place[1] < lowest]
    return latest_ids + _at(store, parameters, older) if older else latest_ids


def _at(store: Store, parameters: dict[str, object], places: Sequence[tuple[int, int]]) -> list[Row]:
    """The messages at these places. `+ 0` keeps SQLite from asking the index of words for each id by itself."""
    ids = [message_id for _, message_id in places]
    within = "AND s.rowid BETWEEN :first AND :last AND s.rowid + 0 IN (SELECT value FROM json_each(:ids))"
    some = {"first": min(ids, default=0), "last": max(ids, default=0), "ids": json.dumps(ids)}
    return store.query(_HITS.format(within=within, of_threads=""), {**parameters, **some})


def _hit(row: Row) -> Hit:
    _, message_id, wamid, contact_id, thread_id, name, username, phone, bsuid, direction, kind, at, text, snippet = row
    label = label_of(contact_id, name, username, phone, bsuid)
    return Hit(
        message_id, wamid, contact_id, thread_id, label, phone, direction, kind, moment_or_none(at), text, snippet
    )
