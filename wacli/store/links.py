"""The links an owner made, and the chats that came through them.

Links are the owner's word: a rebuild leaves them alone. The chats are not kept anywhere: the index of words finds
their codes, whichever came first, the link or the message, so nothing is written while messages come in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.link import code_in, code_of
from ..domain.problem import NotFound, Refused
from ..domain.text import t
from .clocks import NOT_READ
from .database import Row, Store, storable
from .instants import moment, moment_or_none, seconds

_DAY = 86_400
_COLUMNS = "id, name, code, text, phone, managed_code, managed_url, created_at, retired_at"


class LinkRow(NamedTuple):
    """One link. `text` is what the customer sends, its code included; `managed_code` is Meta's, where it keeps it."""

    id: int
    name: str
    code: str
    text: str
    phone: str
    managed_code: str | None
    managed_url: str | None
    created_at: datetime
    retired_at: datetime | None


class OpeningRow(NamedTuple):
    """One message that came through a link. `answered_at`: the first answer in that thread within 24 h of it."""

    thread_id: int
    contact_id: int
    message_id: int
    at: datetime
    answered_at: datetime | None
    is_first: bool  # nothing stood in that thread before it


def free_code(store: Store, name: str, phone: str) -> str:
    """A code for a new link of that name, which no other link has."""
    taken = {row[0] for row in store.query("SELECT code FROM links WHERE name <> ?", (name,))}
    return next(code for attempt in range(len(taken) + 1) if (code := code_of(name, phone, attempt)) not in taken)


def check_free(store: Store, name: str) -> None:
    """Raises Refused (`name-taken`) where a link of that name is in use."""
    if store.query_one("SELECT 1 FROM links WHERE name = ? AND retired_at IS NULL", (name,)) is not None:
        raise Refused(
            "name-taken",
            t("There is a link {name} already", name=name),
            t("See it: wacli links show {name}. Other words for it: wacli links edit {name} --text TEXT", name=name),
        )


def add(store: Store, link: LinkRow) -> LinkRow:
    """Keeps a new link (its `id` is given here). Raises Refused (`name-taken`); a retired one's name is free again."""
    name = link.name
    with store.transaction() as connection:
        check_free(store, name)
        connection.execute("DELETE FROM links WHERE name = ? AND retired_at IS NOT NULL", (name,))
        connection.execute(
            "INSERT INTO links (name, code, text, phone, managed_code, managed_url, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, link.code, storable(link.text), link.phone, link.managed_code, link.managed_url,
             seconds(link.created_at)),
        )  # fmt: skip
    return get(store, name)


def change(store: Store, link: LinkRow) -> LinkRow:
    """Keeps other words, or Meta's address, of a link."""
    with store.transaction() as connection:
        connection.execute(
            "UPDATE links SET text = ?, managed_code = ?, managed_url = ? WHERE id = ?",
            (storable(link.text), link.managed_code, link.managed_url, link.id),
        )
    return get(store, link.name)


def retire(store: Store, link: LinkRow, now: datetime) -> None:
    """The link is used no more; what came through it is still counted."""
    with store.transaction() as connection:
        connection.execute("UPDATE links SET retired_at = ? WHERE id = ?", (seconds(now), link.id))


def get(store: Store, name: str) -> LinkRow:
    """The link of that name or code. Raises NotFound with the names there are."""
    rows = store.query(
        f"SELECT {_COLUMNS} FROM links WHERE name = :name OR code = lower(:name) "
        "ORDER BY retired_at IS NOT NULL LIMIT 1",
        {"name": " ".join(name.split())},
    )
    if not rows:
        names = ", ".join(row.name for row in list_links(store)[:10]) or "-"
        raise NotFound(
            "no-such-link",
            t("There is no link {name}", name=name),
            t("Links: {names}. Make one: wacli links create {name}", names=names, name=name),
        )
    return _link(rows[0])


def list_links(store: Store, *, with_retired: bool = False) -> list[LinkRow]:
    """The links, by name."""
    where = "" if with_retired else "WHERE retired_at IS NULL"
    return [_link(row) for row in store.query(f"SELECT {_COLUMNS} FROM links {where} ORDER BY name")]


def list_openings(
    store: Store, link: LinkRow, *, since: datetime | None = None, until: datetime | None = None
) -> list[OpeningRow]:
    """The messages that came through the link, oldest first; from `since` on, before `until`."""
    rows = store.query(
        "SELECT m.text, m.thread_id, t.contact_id, m.id, m.at, "
        "(SELECT min(o.at) FROM messages o WHERE o.thread_id = m.thread_id AND o.direction = 'outbound' "
        f"  AND o.at >= m.at AND o.at < m.at + {_DAY} AND o.kind NOT IN {NOT_READ} AND o.status IS NOT 'failed'), "
        "NOT EXISTS (SELECT 1 FROM messages e WHERE e.thread_id = m.thread_id AND e.at < m.at) "
        "FROM search_messages s CROSS JOIN messages m ON m.id = s.rowid JOIN threads t ON t.id = m.thread_id "
        "WHERE s.search_messages MATCH :words AND m.direction = 'inbound' AND NOT m.is_sample "
        "AND m.at IS NOT NULL AND (:since IS NULL OR m.at >= :since) AND (:until IS NULL OR m.at < :until) "
        "ORDER BY m.at, m.id",
        {
            "words": f'"ref {link.code}"',
            "since": None if since is None else seconds(since),
            "until": None if until is None else seconds(until),
        },
    )
    return [
        OpeningRow(thread_id, contact_id, message_id, moment(at), moment_or_none(answered_at), bool(is_first))
        for text, thread_id, contact_id, message_id, at, answered_at, is_first in rows
        if code_in(text) == link.code
    ]


def lay_out_openings(store: Store, until: datetime) -> None:
    """Fills `temp.link_openings` with every opening before `until`: for statements that ask which link a message
    belongs to. Works on a store that is open for reading only."""
    connection = store.connection
    connection.execute("DROP TABLE IF EXISTS temp.link_openings")
    connection.execute("CREATE TEMP TABLE link_openings (thread_id INTEGER, at INTEGER, name TEXT)")
    for link in list_links(store, with_retired=True):
        found = [(row.thread_id, seconds(row.at), link.name) for row in list_openings(store, link, until=until)]
        connection.executemany("INSERT INTO temp.link_openings VALUES (?, ?, ?)", found)
    connection.execute("CREATE INDEX temp.link_openings_thread ON link_openings(thread_id, at)")


def count_tags(store: Store, contact_ids: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """How many of these people carry each tag, the commonest first."""
    rows = store.query(
        "SELECT tag, count(*) FROM tags WHERE contact_id IN (SELECT value FROM json_each(?)) GROUP BY tag "
        "ORDER BY 2 DESC, tag",
        (json.dumps(contact_ids),),
    )
    return tuple((str(tag), int(count)) for tag, count in rows)


def _link(row: Row) -> LinkRow:
    return LinkRow._make((*row[:7], moment(row[7]), moment_or_none(row[8])))
