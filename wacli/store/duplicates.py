"""What contacts are compared by: every name, number, BSUID and username of each, in a handful of streamed rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from ..domain.identity import INVENTED_GLOB
from .database import Store
from .instants import moment_or_none


class Traits(NamedTuple):
    """One contact as others are compared with it. Numbers are digits; usernames are without @; the shown one first."""

    contact_id: int
    name: str | None  # the owner's
    names: tuple[str, ...]  # all that it is called
    note: str | None
    phones: tuple[str, ...]
    bsuids: tuple[str, ...]
    username: str | None
    former_usernames: tuple[str, ...]


class Summary(NamedTuple):
    """One contact of a pair, as a person decides by it."""

    contact_id: int
    label: str
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    tags: tuple[str, ...]
    message_count: int
    last_at: datetime | None


_TRAITS = """
SELECT c.id, c.name, c.book_name, c.profile_name, c.note, c.username,
  (SELECT json_group_array(DISTINCT p.phone) FROM parties p WHERE p.contact_id = c.id AND p.phone IS NOT NULL),
  (SELECT json_group_array(DISTINCT b.id) FROM (SELECT bsuid AS id FROM parties WHERE contact_id = c.id
     UNION SELECT parent_bsuid FROM parties WHERE contact_id = c.id) b WHERE b.id IS NOT NULL),
  (SELECT json_group_array(DISTINCT l.text) FROM parties p JOIN party_labels l ON l.party_id = p.id
     WHERE p.contact_id = c.id AND l.kind = 'username')
FROM contacts c {which} ORDER BY c.id
"""
_SUMMARIES = """
SELECT c.id, c.name, c.book_name, c.profile_name, c.phone, c.bsuid, c.username,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE contact_id = c.id ORDER BY tag)),
  (SELECT count(*) FROM threads t JOIN messages m ON m.thread_id = t.id WHERE t.contact_id = c.id),
  (SELECT max(t.last_at) FROM threads t WHERE t.contact_id = c.id)
FROM json_each(?) j CROSS JOIN contacts c ON c.id = j.value
"""
_TAKEN_BACK = """
SELECT coalesce(a.contact_id, m.kept_id), coalesce(b.contact_id, m.other_id) FROM contact_merges m
LEFT JOIN contact_aliases a ON a.old_id = m.kept_id LEFT JOIN contact_aliases b ON b.old_id = m.other_id
WHERE m.undone_at IS NOT NULL
"""


def stream_traits(store: Store, only: Collection[int] | None = None) -> Iterator[Traits]:
    """Every contact that was not erased, or `only` those with these ids, by id."""
    if only is None:  # people who were erased are like nobody
        which = f"WHERE coalesce(c.bsuid, '') NOT GLOB '{INVENTED_GLOB}'"
    else:
        which = f"WHERE c.id IN ({', '.join(map(str, map(int, only)))})"
    found = store.stream(_TRAITS.format(which=which))
    for contact_id, name, book, profile, note, username, phones, bsuids, usernames in found:
        shown = username.lstrip("@").lower() if username else None
        former = {text.lstrip("@").lower() for text in _listed(usernames)} - {shown}
        names = tuple(dict.fromkeys(one for one in (name, book, profile) if one))
        yield Traits(contact_id, name, names, note, _listed(phones), _listed(bsuids), shown, tuple(sorted(former)))


def summaries(store: Store, contact_ids: Iterable[int]) -> dict[int, Summary]:
    """The contacts with these ids."""
    found = {}
    for row in store.query(_SUMMARIES, (json.dumps(sorted(set(contact_ids))),)):
        contact_id, name, book, profile, phone, bsuid, username, tags, count, last_at = row
        shown = name or book or profile
        label = label_of(contact_id, shown, username, phone, bsuid)
        found[contact_id] = Summary(
            contact_id, label, shown, phone, bsuid, username, _listed(tags), count, moment_or_none(last_at)
        )
    return found


def list_taken_back(store: Store) -> set[tuple[int, int]]:
    """Pairs of which the owner has said that they are two people, smaller id first."""
    return {(min(pair), max(pair)) for pair in store.query(_TAKEN_BACK)}


def _listed(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(sorted(json.loads(text)))
