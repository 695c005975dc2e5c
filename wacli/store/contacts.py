"""The address book: what notifications showed of people, and what the owner typed about them.

The owner's words (name, note, tags, an added number) are never overwritten by a notification. Looking somebody up by
a number or BSUID they had once still finds them; which of several people with one name was meant, the caller asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import Contact
from ..domain.identity import Party, match_key
from ..domain.problem import Invalid, NotFound, Refused
from ..domain.text import t
from . import tombstones
from .database import Row, Store, storable
from .instants import moment, seconds
from .parties import Parties, party_key

_COLUMNS = (
    "c.id, coalesce(c.name, c.book_name), c.profile_name, c.phone, c.bsuid, c.parent_bsuid, c.username, "
    "(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE contact_id = c.id ORDER BY tag)), "
    "c.note, min(coalesce(c.added_at, c.first_seen_at, 0), coalesce(c.first_seen_at, c.added_at, 0))"
)
_SHOWN_NAME = "coalesce(c.name, c.book_name, c.profile_name, c.username, c.phone, c.bsuid)"
_LARGEST_ID = 2**63 - 1  # what SQLite can be asked for
_FIND_LIMIT = 50  # more candidates than anybody wants to choose from


class ContactChange(NamedTuple):
    """What the owner wants changed; None leaves a field as it is, an empty string empties it (name and note)."""

    name: str | None = None
    note: str | None = None
    phone: str | None = None  # digits, with the country code
    bsuid: str | None = None
    username: str | None = None


def add(store: Store, change: ContactChange, now: datetime, tags: Iterable[str] = ()) -> Contact:
    """A new contact of the owner's. Raises Refused (`contact-exists`) when an identifier is somebody's already, and
    Invalid (`nobody`) when nothing was given to know them by."""
    if not (change.name or change.phone or change.bsuid or change.username):
        raise Invalid("nobody", t("A contact needs a name, a number, a BSUID or a username"))
    with store.transaction() as connection:
        _refuse_taken(store, change, None)
        _refuse_erased(store, change)
        contact_id = int(
            connection.execute("INSERT INTO contacts (added_at) VALUES (?) RETURNING id", (seconds(now),)).fetchone()[0]
        )
        _write(store, contact_id, change, now)
        connection.executemany(
            "INSERT OR IGNORE INTO tags VALUES (?, ?)", [(contact_id, storable(tag)) for tag in tags]
        )
    return get(store, contact_id)


def edit(store: Store, contact_id: int, change: ContactChange, now: datetime) -> Contact:
    """Changes what the owner knows. Raises NotFound, or Refused when an identifier is somebody else's."""
    with store.transaction():
        contact = get(store, contact_id)
        _refuse_taken(store, change, contact.id)
        _refuse_erased(store, change)
        _write(store, contact.id, change, now)
    return get(store, contact.id)


def tag(store: Store, contact_id: int, tags: Iterable[str]) -> Contact:
    """Adds tags; those that are there stay. Raises NotFound."""
    with store.transaction() as connection:
        contact = get(store, contact_id)
        connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(contact.id, storable(x)) for x in tags])
    return get(store, contact.id)


def untag(store: Store, contact_id: int, tags: Iterable[str]) -> Contact:
    """Takes tags away; those that are not there are no error. Raises NotFound."""
    with store.transaction() as connection:
        contact = get(store, contact_id)
        connection.executemany(
            "DELETE FROM tags WHERE contact_id = ? AND tag = ?", [(contact.id, storable(x)) for x in tags]
        )
    return get(store, contact.id)


def get(store: Store, contact_id: int) -> Contact:
    """The contact with this id, also when it has become part of another since. Raises NotFound."""
    contact = find(store, contact_id)
    if contact is None:
        raise NotFound(
            "no-such-contact", t("There is no contact {id}", id=contact_id), t("See them all: wacli contacts list")
        )
    return contact


def find(store: Store, contact_id: int) -> Contact | None:
    """The contact with this id, or None."""
    if abs(contact_id) > _LARGEST_ID:
        return None
    rows = store.query(
        f"SELECT {_COLUMNS} FROM contacts c WHERE c.id = coalesce("
        "(SELECT contact_id FROM contact_aliases WHERE old_id = :id), :id)",
        {"id": contact_id},
    )
    return _contact(rows[0]) if rows else None


def find_by_phone(store: Store, digits: str) -> Contact | None:
    """Who has, or once had, this number (digits with the country code; the forms of one number are one)."""
    return _find_party(store, "p.phone_key = ?", match_key(digits))


def find_by_bsuid(store: Store, bsuid: str) -> Contact | None:
    """Who has, or once had, this BSUID or parent BSUID."""
    return _find_party(store, "p.bsuid = ?", bsuid) or _find_party(store, "p.parent_bsuid = ?", bsuid)


def list_by_username(store: Store, username: str) -> list[Contact]:
    """Who is shown by this username now. Usernames change hands: there may be several, and old ones do not count."""
    name = username.removeprefix("@")
    small = name.lower()  # usernames have no capitals; people type them all the same
    return _list(store, "c.username IN (?, '@' || ?, ?, '@' || ?)", (name, name, small, small))


def list_by_name(store: Store, text: str) -> list[Contact]:
    """Who is called that, upper and lower case aside; if nobody is, whose name contains it. At most 50."""
    exact = _list(store, _named("= fold(?)"), (text,) * 3)
    return exact or _list(store, _named("LIKE '%' || escape_like(fold(?)) || '%' ESCAPE '\\'"), (text,) * 3)


def stream_contacts(store: Store, *, tag: str | None = None, limit: int = 0) -> Iterator[Contact]:
    """The address book by name, one at a time; those without a name last. 0 is no limit."""
    having = "" if tag is None else "WHERE c.id IN (SELECT contact_id FROM tags WHERE tag = :tag)"
    rows = store.stream(
        f"SELECT {_COLUMNS} FROM contacts c {having} ORDER BY coalesce(c.name, c.book_name, c.profile_name) IS NULL, "
        f"{_SHOWN_NAME} COLLATE NOCASE, c.id LIMIT :limit",
        {"tag": tag, "limit": limit or -1},
    )
    return (_contact(row) for row in rows)


def count_contacts(store: Store, *, tag: str | None = None) -> int:
    """How many there are."""
    having = "" if tag is None else "WHERE id IN (SELECT contact_id FROM tags WHERE tag = :tag)"
    row = store.query_one(f"SELECT count(*) FROM contacts {having}", {"tag": tag})
    assert row is not None
    return int(row[0])


def list_identifiers(store: Store, contact_id: int) -> list[Party]:
    """Every combination of phone, BSUID and parent BSUID under which this person was ever met, oldest first."""
    return [
        Party(*row)
        for row in store.query(
            "SELECT phone, bsuid, parent_bsuid FROM parties WHERE contact_id = ? "
            "ORDER BY coalesce(first_at, owned_at, 0), id",
            (contact_id,),
        )
    ]


def _named(comparison: str) -> str:
    return " OR ".join(f"fold({column}) {comparison}" for column in ("c.name", "c.book_name", "c.profile_name"))


def _list(store: Store, condition: str, values: tuple[object, ...]) -> list[Contact]:
    store.connection.create_function("fold", 1, _fold, deterministic=True)
    store.connection.create_function("escape_like", 1, _escape_like, deterministic=True)
    rows = store.query(
        f"SELECT {_COLUMNS} FROM contacts c WHERE {condition} ORDER BY {_SHOWN_NAME}, c.id LIMIT {_FIND_LIMIT}", values
    )
    return [_contact(row) for row in rows]


def _find_party(store: Store, condition: str, key: str) -> Contact | None:
    rows = store.query(
        f"SELECT {_COLUMNS} FROM parties p JOIN contacts c ON c.id = p.contact_id WHERE {condition} LIMIT 1", (key,)
    )
    return _contact(rows[0]) if rows else None


def _refuse_taken(store: Store, change: ContactChange, contact_id: int | None) -> None:
    for given, found in (
        (change.phone, change.phone and find_by_phone(store, change.phone)),
        (change.bsuid, change.bsuid and find_by_bsuid(store, change.bsuid)),
    ):
        if isinstance(found, Contact) and found.id != contact_id:
            raise Refused(
                "contact-exists",
                t("{given} is {name} already (contact {id})", given=given, name=found.label, id=found.id),
                t("Change that one: wacli contacts edit {id}", id=found.id),
                {"contact_id": found.id},
            )


def _refuse_erased(store: Store, change: ContactChange) -> None:
    erased = tombstones.load(store.connection)
    if not erased:
        return
    for given in (change.phone, change.bsuid):
        at = erased.of(given) if given else None
        if at is not None:
            raise Refused(
                "erased",
                t("{given} was erased on {at} and is not taken in again", given=given, at=moment(at)),
                t("When they write to you themselves they are known again"),
            )


def _write(store: Store, contact_id: int, change: ContactChange, now: datetime) -> None:
    connection, at = store.connection, seconds(now)
    for column, text in (("name", change.name), ("note", change.note)):
        if text is not None:
            kept = storable(text) or None
            connection.execute(f"UPDATE contacts SET {column} = ? WHERE id = ?", (kept, contact_id))
    party = Party(change.phone, change.bsuid)
    username = storable(change.username.removeprefix("@")) if change.username else None
    if party.is_nobody and username is None:
        return
    key = f"@{contact_id}" if party.is_nobody else party_key(party)
    phone_key = None if party.phone is None else match_key(party.phone)
    (party_id,) = connection.execute(
        "INSERT INTO parties (contact_id, key, phone, phone_key, bsuid, owned_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (key) DO UPDATE SET owned_at = excluded.owned_at RETURNING id",
        (contact_id, key, party.phone, phone_key, party.bsuid, at),
    ).fetchone()
    if username is not None:
        connection.execute(
            "INSERT INTO party_labels (party_id, kind, text, first_at, is_owners) VALUES (?, 'username', ?, ?, 1) "
            "ON CONFLICT DO UPDATE SET is_owners = 1",
            (party_id, username, at),
        )
    parties = Parties(connection)
    parties.mark_stale(contact_id)
    parties.show()


def _contact(row: Row) -> Contact:
    contact_id, name, profile_name, phone, bsuid, parent_bsuid, username, tags, note, created_at = row
    return Contact(
        id=contact_id,
        name=name,
        profile_name=profile_name,
        phone=phone,
        bsuid=bsuid,
        parent_bsuid=parent_bsuid,
        username=username,
        tags=() if tags == "[]" else tuple(json.loads(tags)),
        note=note,
        created_at=moment(created_at),
    )


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
