"""Which contact a payload speaks of.

A *party* is one combination of phone, BSUID and parent BSUID that some payload showed, or that the owner typed. All
parties that share an identifier are one contact, and so are the two sides of a number or BSUID change: the contact is
a connected component, which does not depend on the order in which its edges were seen. When a party joins two
contacts they become one, the older id survives, and the younger id stays known as an alias. What the owner says is one
person is an edge as well (`contact_merges`): the parties at its two ends outlive a rebuild, together.

What a contact is shown by (phone, BSUID, username, profile name) is the identifier that was *introduced* last: the
one whose first sighting, or the change that led to it, is the latest. First sightings are minima, so they too do not
depend on order, and nothing has to be written when a known person writes again.

Sources: facts cloud-api.md sections 0.2 and 9 (match user_id first, then wa_id; merge rows when one payload shows
both; BSUIDs change with the number), pricing.md section 11 (usernames are labels: they never join contacts).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

from ..domain.identity import Party, match_key

# A known party costs about 0.6 KB: this keeps a 1 GB ingest well below its memory limit, and a contact that was
# dropped costs one line of a prefetch.
CACHE_SIZE = 25_000

# Tables whose rows (each with an id) go where their contact goes; tags and threads, which may meet others, have rules.
FOLLOWING = ("consents", "intentions", "notes", "documents", "identity_confirmations")

_WORTH_A_PREFETCH = 16
_PREFETCH = """
SELECT p.key, p.id, p.contact_id, p.first_at, l.kind, l.text, l.first_at
FROM json_each(?) j CROSS JOIN parties p ON p.key = j.value LEFT JOIN party_labels l ON l.party_id = p.id
"""
_PREFETCH_THREADS = """
SELECT t.contact_id, t.number_id, t.id FROM json_each(?) j CROSS JOIN threads t ON t.contact_id = j.value
"""

_INTRODUCED = (
    "max(coalesce(min(p.first_at), 0), coalesce(max(p.moved_at), 0), coalesce(max(p.owned_at), 0)) DESC, "
    "coalesce(max(p.moved_at), 0) DESC"
)


def _newest(column: str) -> str:
    return (
        f"(SELECT p.{column} FROM parties p WHERE p.contact_id = contacts.id AND p.{column} IS NOT NULL "
        f"GROUP BY p.{column} ORDER BY {_INTRODUCED}, p.{column} LIMIT 1)"
    )


def _label(kind: str) -> str:
    return (
        "(SELECT l.text FROM parties p JOIN party_labels l ON l.party_id = p.id "
        f"WHERE p.contact_id = contacts.id AND l.kind = '{kind}' "
        "GROUP BY l.text ORDER BY coalesce(min(l.first_at), 0) DESC, l.text LIMIT 1)"
    )


_SHOW = (
    f"UPDATE contacts SET phone_key = {_newest('phone_key')}, bsuid = {_newest('bsuid')}, "
    f"parent_bsuid = {_newest('parent_bsuid')}, username = {_label('username')}, "
    f"profile_name = {_label('profile_name')}, "
    "first_seen_at = (SELECT min(p.first_at) FROM parties p WHERE p.contact_id = contacts.id), "
    "book_name = (SELECT iif(b.is_removed, NULL, b.name) FROM parties p JOIN book_entries b ON b.party_id = p.id "
    "  WHERE p.contact_id = contacts.id ORDER BY coalesce(b.at, 0) DESC, b.is_removed, b.name LIMIT 1) "
    "WHERE id = ?",
    # The number as first given: the owner's own spelling, else the one seen first.
    "UPDATE contacts SET phone = (SELECT p.phone FROM parties p "
    "WHERE p.contact_id = contacts.id AND p.phone_key = contacts.phone_key "
    "ORDER BY p.owned_at IS NULL, p.owned_at, p.first_at IS NULL, p.first_at, p.phone LIMIT 1) WHERE id = ?",
)


class Known(NamedTuple):
    """A party that is in the store: sightings at or after `first_at` change nothing."""

    party_id: int
    contact_id: int
    first_at: int | None

    def is_after(self, at: int) -> bool:
        """True when a sighting at that instant would be the first."""
        return self[2] is None or at < self[2]


class Parties:
    """The contacts behind parties, within one writing process. Use inside a transaction only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[Party, Known] = {}
        self._threads: dict[tuple[int, int], int] = {}
        self._stale: set[int] = set()  # contacts whose shown identifiers must be worked out again
        self.moved_threads: set[int] = set()  # threads that took over messages when two contacts became one
        self._move_count = 0  # when it grows, what was looked up before may be wrong
        self.has_former = False  # during a rebuild: contacts keep the ids they had (see `rebuild`)

    def forget(self) -> None:
        """Drops what is remembered: another process has written, or a transaction was rolled back."""
        self._known.clear()
        self._threads.clear()
        self._stale.clear()
        self.moved_threads.clear()

    def resolve(self, party: Party, at: int | None) -> tuple[int | None, int | None]:
        """The ids of the party and of its contact, made if new; None for a party nobody could be found by."""
        known = self._meet(party, at)
        return (None, None) if known is None else (known.party_id, known.contact_id)

    def _meet(self, party: Party, at: int | None) -> Known | None:
        known = self._known.get(party)
        if known is None or (at is not None and known.is_after(at)):
            if party.phone is None and party.bsuid is None and party.parent_bsuid is None:
                return None
            known = self._sight(party, at)
        return known

    def place_many(self, sightings: Sequence[tuple[Party, int, int | None]]) -> list[tuple[int | None, int | None]]:
        """For parties seen on business numbers, each at an instant: the ids of the party and of its thread there.

        What is new is made. Looks once for each that this process has met, and asks the store for the others at once.
        """
        known, threads = self._known, self._threads
        met = [known.get(party) for party, _, _ in sightings]
        if None in met:
            self._prefetch({party for (party, _, _), one in zip(sightings, met, strict=True) if one is None})
            met = [known.get(party) for party, _, _ in sightings]
        places = [one and (one.contact_id, number_id) for (_, number_id, _), one in zip(sightings, met, strict=True)]
        self._prefetch_threads({place[0] for place in places if place is not None and place not in threads})
        out: list[tuple[int | None, int | None]] = []
        before = self._move_count
        for (party, number_id, at), one, place in zip(sightings, met, places, strict=True):
            if one is None or place is None or before != self._move_count or (at is not None and one.is_after(at)):
                one = self._meet(party, at)
                if one is None:
                    out.append((None, None))
                    continue
                place = one.contact_id, number_id
            thread_id = threads.get(place)
            out.append((one.party_id, self.thread_of(*place) if thread_id is None else thread_id))
        return out

    def _prefetch(self, strangers: Collection[Party]) -> None:
        """Meets many at once: one statement instead of three for each."""
        if len(strangers) < _WORTH_A_PREFETCH:
            return
        asked = {party_key(party): party for party in strangers}
        self._make_room(len(asked))
        found: dict[str, tuple[int, int, int | None]] = {}
        first_times: dict[tuple[str, str | None, str | None], int | None] = {}
        rows = self._connection.execute(_PREFETCH, (json.dumps(list(asked)),))
        for key, party_id, contact_id, first_at, kind, text, label_first_at in rows:
            found[key] = party_id, contact_id, first_at
            first_times[key, kind, text] = label_first_at
        for key, (party_id, contact_id, first_at) in found.items():
            party = asked[key]
            sightings = [first_at]
            if party.name:
                sightings.append(first_times.get((key, "profile_name", party.name)))
            if party.username:
                sightings.append(first_times.get((key, "username", party.username)))
            instants = [instant for instant in sightings if instant is not None]
            if len(instants) == len(sightings):
                self._known[party] = Known(party_id, contact_id, max(instants))

    def _prefetch_threads(self, contact_ids: Collection[int]) -> None:
        """The same for all threads of contacts."""
        if len(contact_ids) < _WORTH_A_PREFETCH:
            return
        threads = self._threads
        if len(threads) >= 2 * CACHE_SIZE:
            threads.clear()
        for contact_id, number_id, thread_id in self._connection.execute(
            _PREFETCH_THREADS, (json.dumps(list(contact_ids)),)
        ):
            threads[contact_id, number_id] = thread_id

    def link(self, before: Party, after: Party, at: int | None) -> tuple[int | None, int | None]:
        """Records that `before` is now `after`; returns both party ids."""
        before_id, _ = self.resolve(before, at)
        after_id, after_contact = self.resolve(after, at)
        if before_id is not None and after_id is not None and after_contact is not None:
            before_contact = self.contact_of(before_id)  # `after` may just have made it part of another
            self._connection.execute(
                "UPDATE parties SET moved_at = max(coalesce(moved_at, 0), ?) WHERE id = ?", (at or 0, after_id)
            )
            self._stale.add(self._join([before_contact, after_contact]))
        return before_id, after_id

    def thread_of(self, contact_id: int, number_id: int) -> int:
        """The thread of a contact on a business number, made if new."""
        thread_id = self._threads.get((contact_id, number_id))
        if thread_id is None:
            found = self._connection.execute(
                "SELECT id FROM threads WHERE contact_id = ? AND number_id = ?", (contact_id, number_id)
            ).fetchone()
            if found is None:
                found = self._connection.execute(
                    "INSERT INTO threads (contact_id, number_id) VALUES (?, ?) RETURNING id", (contact_id, number_id)
                ).fetchone()
            if len(self._threads) >= 2 * CACHE_SIZE:
                self._threads.clear()
            thread_id = self._threads[contact_id, number_id] = int(found[0])
        return thread_id

    def contact_of(self, party_id: int) -> int:
        """The contact a party belongs to now."""
        row = self._connection.execute("SELECT contact_id FROM parties WHERE id = ?", (party_id,)).fetchone()
        return int(row[0])

    def mark_stale(self, contact_id: int) -> None:
        """The contact's shown identifiers must be worked out again."""
        self._stale.add(contact_id)

    def forget_threads(self) -> None:
        """Threads were removed."""
        self._threads.clear()

    def show(self) -> None:
        """Works out the shown identifiers of every contact that changed."""
        for contact_id in self._stale:
            for statement in _SHOW:
                self._connection.execute(statement, (contact_id,))
        self._stale.clear()

    def _sight(self, party: Party, at: int | None) -> Known:
        key = party_key(party)
        row = self._connection.execute("SELECT id, contact_id, first_at FROM parties WHERE key = ?", (key,)).fetchone()
        if row is None:
            party_id, contact_id, first_at = self._add(party, key, at)
        else:
            party_id, contact_id, first_at = row
            if at is not None and (first_at is None or at < first_at):
                self._connection.execute("UPDATE parties SET first_at = ? WHERE id = ?", (at, party_id))
                self._stale.add(contact_id)
                first_at = at
            for kind, text in (("profile_name", party.name), ("username", party.username)):
                if text:
                    self._sight_label(party_id, contact_id, kind, text, at)
        known = Known(party_id, contact_id, at if at is None or first_at is None else max(at, first_at))
        self._make_room(1)
        self._known[party] = known
        return known

    def _make_room(self, count: int) -> None:
        if len(self._known) + count > CACHE_SIZE:
            for old in list(islice(self._known, CACHE_SIZE // 2)):
                del self._known[old]

    def _sight_label(self, party_id: int, contact_id: int, kind: str, text: str, at: int | None) -> None:
        changed = self._connection.execute(
            "INSERT INTO party_labels (party_id, kind, text, first_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET first_at = excluded.first_at "
            "WHERE excluded.first_at IS NOT NULL AND (first_at IS NULL OR excluded.first_at < first_at)",
            (party_id, kind, text, at),
        ).rowcount
        if changed:
            self._stale.add(contact_id)

    def _add(self, party: Party, key: str, at: int | None) -> tuple[int, int, int | None]:
        phone_key = None if party.phone is None else match_key(party.phone)
        found = self._connection.execute(
            "SELECT contact_id FROM parties WHERE phone_key = ? UNION "
            "SELECT contact_id FROM parties WHERE bsuid = ? UNION "
            "SELECT contact_id FROM parties WHERE parent_bsuid = ?",
            (phone_key, party.bsuid, party.parent_bsuid),
        ).fetchall()
        if found:
            contact_id = self._join([row[0] for row in found])
            self._stale.add(contact_id)
        else:
            contact_id = self._add_contact(party, phone_key, key, at)
        party_id = self._connection.execute(
            "INSERT INTO parties (contact_id, key, phone, phone_key, bsuid, parent_bsuid, first_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (contact_id, key, party.phone, phone_key, party.bsuid, party.parent_bsuid, at),
        ).fetchone()[0]
        for kind, text in (("profile_name", party.name), ("username", party.username)):
            if text:
                self._connection.execute(
                    "INSERT OR IGNORE INTO party_labels (party_id, kind, text, first_at) VALUES (?, ?, ?, ?)",
                    (party_id, kind, text, at),
                )
        return party_id, contact_id, at

    def _add_contact(self, party: Party, phone_key: str | None, key: str, at: int | None) -> int:
        if self.has_former:
            row = self._connection.execute(
                "SELECT f.contact_id FROM temp.former f JOIN contacts c ON c.id = f.contact_id WHERE f.key = ? "
                "AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.contact_id = f.contact_id)",
                (key,),
            ).fetchone()
            if row is not None:
                self._stale.add(row[0])
                return int(row[0])
        row = self._connection.execute(
            "INSERT INTO contacts (phone, phone_key, bsuid, parent_bsuid, username, profile_name, first_seen_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (party.phone, phone_key, party.bsuid, party.parent_bsuid, party.username, party.name, at),
        ).fetchone()
        return int(row[0])

    def _join(self, contact_ids: list[int]) -> int:
        survivor = min(contact_ids)
        for other in sorted(set(contact_ids) - {survivor}):
            self.take_over(survivor, other)
        return survivor

    def take_over(self, survivor: int, other: int) -> None:
        """Makes `other` part of `survivor`."""
        self.moved_threads |= merge_contacts(self._connection, survivor, other)
        self._stale.discard(other)
        self.rearranged(survivor)

    def rearranged(self, *contact_ids: int) -> None:
        """Parties went from one contact to another: what is remembered of them is old, and the contacts look anew."""
        self._move_count += 1
        self._known.clear()
        self._threads.clear()
        self._stale.update(contact_ids)


def party_key(party: Party) -> str:
    """The natural key of a party; a pipe is in none of its identifiers."""
    return f"{party.phone or ''}|{party.bsuid or ''}|{party.parent_bsuid or ''}"


def merge_contacts(connection: sqlite3.Connection, survivor: int, other: int) -> set[int]:
    """Makes `other` part of `survivor`; returns the threads that must be worked out again.

    The survivor's name wins; the other's name and note are kept in the note, because the owner typed them.
    """
    names = dict(connection.execute("SELECT id, name FROM contacts WHERE id IN (?, ?)", (survivor, other)))
    lost_name = names[other] if names[survivor] and names[other] != names[survivor] else None
    connection.execute(
        "UPDATE contacts SET name = coalesce(contacts.name, o.name), "
        "note = nullif(trim(coalesce(contacts.note || char(10), '') || coalesce(? || char(10), '') "
        "  || coalesce(o.note, ''), char(10)), ''), "
        "added_at = min(coalesce(contacts.added_at, o.added_at), coalesce(o.added_at, contacts.added_at)) "
        "FROM (SELECT * FROM contacts WHERE id = ?) o WHERE contacts.id = ?",
        (lost_name, other, survivor),
    )
    connection.execute("UPDATE parties SET contact_id = ? WHERE contact_id = ?", (survivor, other))
    for table in FOLLOWING:
        connection.execute(f"UPDATE {table} SET contact_id = ? WHERE contact_id = ?", (survivor, other))
    connection.execute("INSERT OR IGNORE INTO tags SELECT ?, tag FROM tags WHERE contact_id = ?", (survivor, other))
    connection.execute("DELETE FROM tags WHERE contact_id = ?", (other,))
    connection.execute("UPDATE contact_aliases SET contact_id = ? WHERE contact_id = ?", (survivor, other))
    touched = _merge_threads(connection, survivor, other)
    connection.execute("DELETE FROM contacts WHERE id = ?", (other,))
    connection.execute("INSERT INTO contact_aliases (old_id, contact_id) VALUES (?, ?)", (other, survivor))
    return touched


def _merge_threads(connection: sqlite3.Connection, survivor: int, other: int) -> set[int]:
    touched: set[int] = set()
    kept = dict(connection.execute("SELECT number_id, id FROM threads WHERE contact_id = ?", (survivor,)))
    moving = connection.execute("SELECT number_id, id FROM threads WHERE contact_id = ?", (other,)).fetchall()
    for number_id, thread_id in moving:
        target = kept.get(number_id)
        if target is None:
            connection.execute("UPDATE threads SET contact_id = ? WHERE id = ?", (survivor, thread_id))
            touched.add(thread_id)
            continue
        for table in ("messages", "calls", "outbox", "absence_messages", "dealt_with", "twins"):
            connection.execute(f"UPDATE {table} SET thread_id = ? WHERE thread_id = ?", (target, thread_id))
        connection.execute("DELETE FROM threads WHERE id = ?", (thread_id,))
        touched.add(target)
    return touched
