"""Everybody in the address book as other programs take them in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..domain.contact_import import GivenPerson
from .database import Store

_ORDER = "coalesce(min(p.first_at), 0), coalesce(max(p.moved_at), 0), coalesce(max(p.owned_at), 0)"
_PEOPLE = f"""
SELECT c.id, coalesce(c.name, c.book_name, c.profile_name), c.phone, c.bsuid, c.username, c.note,
  (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE contact_id = c.id ORDER BY tag)),
  (SELECT json_group_array(phone) FROM (SELECT p.phone FROM parties p WHERE p.contact_id = c.id
     AND p.phone IS NOT NULL GROUP BY p.phone_key ORDER BY max({_ORDER}) DESC, p.phone_key))
FROM contacts c {{which}}
ORDER BY coalesce(c.name, c.book_name, c.profile_name) IS NULL,
  coalesce(c.name, c.book_name, c.profile_name) COLLATE NOCASE, c.id
"""


def stream_people(store: Store, *, tag: str | None = None) -> Iterator[GivenPerson]:
    """By name; `row` is the contact's id. The number to write to comes first, those of before after it."""
    which = "" if tag is None else "WHERE c.id IN (SELECT contact_id FROM tags WHERE tag = :tag)"
    rows = store.stream(_PEOPLE.format(which=which), {} if tag is None else {"tag": tag})
    for contact_id, name, phone, bsuid, username, note, tags, phones in rows:
        numbers = dict.fromkeys([*([phone] if phone else []), *json.loads(phones)])
        shown = username.removeprefix("@") if username else None
        bsuids = (bsuid,) if bsuid else ()
        yield GivenPerson(contact_id, name, tuple(numbers), bsuids, shown, tuple(json.loads(tags)), note)
