"""Many people of an address book at once: found by any identifier, added, or added to.

A batch asks once who is known already, decides in memory, and writes new people through a temporary table: measured,
two `INSERT ... SELECT` sorted by the key of their index take two thirds of what `executemany` into both tables takes.

A number that is added to somebody who has one already is no newer than that one: the number to write to stays. The
first of several numbers of a new contact is the one to write to (`owned_at` counts backwards from the import).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from ..domain.contact_import import GivenPerson, ImportWishes, Outcome, Placed
from ..domain.identity import match_key
from .instants import seconds
from .parties import Parties

_MARKETING, _SOURCE = "marketing", "import"
_NO_NEWER = 1  # `owned_at` of a further number: the owner gave it, and it moves nothing
_FOLDED_COUNTRIES = ("52", "54", "55")  # those that `match_key` looks at
_tuple = tuple.__new__
_Key: TypeAlias = tuple[str, str | None, str | None]  # what finds somebody; the phone or the BSUID it was made of

_WHO_HAS = {
    "phone": "SELECT p.phone_key, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.phone_key = j.value",
    "bsuid": "SELECT p.bsuid, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.bsuid = j.value UNION ALL "
    "SELECT p.parent_bsuid, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.parent_bsuid = j.value",
    # Usernames change hands: only the one that is shown now finds somebody.
    "username": "SELECT l.text, p.contact_id FROM json_each(?) j CROSS JOIN party_labels l "
    "ON l.text = j.value COLLATE NOCASE AND l.kind = 'username' CROSS JOIN parties p ON p.id = l.party_id "
    "CROSS JOIN contacts c ON c.id = p.contact_id AND ltrim(c.username, '@') = ltrim(l.text, '@')",
}
_STAGE = "CREATE TEMP TABLE IF NOT EXISTS given_people (id INTEGER PRIMARY KEY, name, note, phone, phone_key)"
_TAKE_FROM_STAGE = (
    "INSERT INTO contacts (id, name, note, added_at, phone, phone_key) "
    "SELECT id, name, note, ?, phone, phone_key FROM temp.given_people",
    "INSERT INTO parties (contact_id, key, phone, phone_key, owned_at) "
    "SELECT id, phone || '||', phone, phone_key, ? FROM temp.given_people ORDER BY phone",
)
_INSERT_CONTACT = (
    "INSERT INTO contacts (id, name, note, added_at, phone, phone_key, bsuid, username) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_PARTY = (
    "INSERT INTO parties (contact_id, key, phone, phone_key, bsuid, owned_at) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING"  # of somebody with a username only, who may have that party already
)
_INSERT_CONSENT = (
    f"INSERT INTO consents (contact_id, category, state, source, evidence, at) "
    f"VALUES (?, '{_MARKETING}', 'opted-in', '{_SOURCE}', ?, ?)"
)


class _Known:
    """What the store holds of a contact that a row is about."""

    __slots__ = ("has_phone", "name", "note", "tags")

    def __init__(self, name: str | None, note: str | None, has_phone: bool) -> None:
        self.name, self.note, self.has_phone = name, note, has_phone
        self.tags: set[str] = set()


class ContactBatches:
    """Takes in people batch by batch, within one transaction."""

    def __init__(self, connection: sqlite3.Connection, wishes: ImportWishes, now: datetime) -> None:
        self._connection = connection
        self._wishes = wishes
        self._at = seconds(now)
        self._parties = Parties(connection)
        self._next_id = 1 + int(
            connection.execute(
                "SELECT max(coalesce((SELECT max(id) FROM contacts), 0), "
                "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'contacts'), 0))"
            ).fetchone()[0]
        )
        self._who: dict[str, int] = {}
        self._known: dict[int, _Known] = {}
        connection.execute(_STAGE)
        self._plain_rows: list[tuple[object, ...]] = []  # new people with one number
        self._contact_rows: list[tuple[object, ...]] = []
        self._party_rows: list[tuple[object, ...]] = []
        self._tag_rows: list[tuple[int, str]] = []
        self._agreed: list[int] = []  # contacts that are to be asked about in the ledger of consents
        self._labels: list[tuple[str, str]] = []  # key of a party, username

    def put(self, people: Sequence[GivenPerson]) -> list[Placed]:
        """What became of each; everything is written when it returns."""
        self._meet(people)
        who, added, placed = self._who, Outcome.ADDED, []
        own_tags = self._wishes.tags
        for person in people:
            _, name, phones, bsuids, username, tags, note = person
            if len(phones) == 1 and not bsuids and not username:  # nearly every row
                phone = phones[0]
                key = match_key(phone) if phone.startswith(_FOLDED_COUNTRIES) else phone
                found = who.get(key)
                if found is None:
                    contact_id = self._next_id
                    self._next_id = contact_id + 1
                    who[key] = contact_id
                    self._plain_rows.append((contact_id, name, note, phone, key))
                    for tag in tags + own_tags if tags else own_tags:
                        self._tag_rows.append((contact_id, tag))
                    placed.append(_tuple(Placed, (added, contact_id, ())))
                    continue
            placed.append(self._place(person))
        self._write(placed)
        return placed

    def _meet(self, people: Sequence[GivenPerson]) -> None:
        """Asks who is known, for the whole batch."""
        wanted: dict[str, list[str]] = {"phone": [], "bsuid": [], "username": []}
        for person in people:
            if person.phones:
                wanted["phone"] += map(match_key, person.phones)
            if person.bsuids:
                wanted["bsuid"] += person.bsuids
            if person.username:
                wanted["username"].append(person.username)
        self._who, self._known = {}, {}
        for kind, keys in wanted.items():
            if keys:
                asked = json.dumps(keys)
                sql = _WHO_HAS[kind]
                for key, contact_id in self._connection.execute(sql, (asked,) * sql.count("?")):
                    self._who["@" + key.removeprefix("@").lower() if kind == "username" else key] = contact_id
        self._load(set(self._who.values()))

    def _load(self, contact_ids: Iterable[int]) -> None:
        asked = json.dumps(list(contact_ids))
        if asked == "[]":
            return
        for contact_id, name, note, has_phone in self._connection.execute(
            "SELECT c.id, c.name, c.note, c.phone IS NOT NULL FROM json_each(?) j CROSS JOIN contacts c "
            "ON c.id = j.value",
            (asked,),
        ):
            self._known[contact_id] = _Known(name, note, bool(has_phone))
        for contact_id, tag in self._connection.execute(
            "SELECT t.contact_id, t.tag FROM json_each(?) j CROSS JOIN tags t ON t.contact_id = j.value", (asked,)
        ):
            self._known[contact_id].tags.add(tag)

    def _place(self, person: GivenPerson) -> Placed:
        """One person with several identifiers, or who is known."""
        who = self._who
        given = {match_key(phone): (phone, None) for phone in reversed(person.phones)}
        keys: list[_Key] = [(key, *given[key]) for key in dict.fromkeys(map(match_key, person.phones))]
        keys += [(bsuid, None, bsuid) for bsuid in dict.fromkeys(person.bsuids)]
        if person.username:
            keys.append(("@" + person.username.lower(), None, None))
        found = sorted({who[key] for key, _, _ in keys if key in who})
        if len(found) > 1:
            return Placed(Outcome.SEVERAL, found[0], tuple(found))
        contact_id = found[0] if found else self._next_id
        known = self._known_of(contact_id) if found else None
        if known is None:
            self._next_id += 1
            phone = person.phones[0] if person.phones else None
            bsuid = person.bsuids[0] if person.bsuids else None
            key = None if phone is None else match_key(phone)
            self._contact_rows.append(
                (contact_id, person.name, person.note, self._at, phone, key, bsuid, person.username)
            )
            self._tag_rows += [(contact_id, tag) for tag in (*person.tags, *self._wishes.tags)]
        unknown = [one for one in keys if one[0] not in who]
        if known is not None and person.username and self._was_called(contact_id, person.username):
            unknown = [one for one in unknown if one[0][0] != "@"]
        is_new = self._identify(contact_id, unknown, known, person)
        for key, _, _ in keys:
            who[key] = contact_id
        if known is None:
            return Placed(Outcome.ADDED, contact_id)
        changed = self._add_to(contact_id, known, person)
        return Placed(Outcome.UPDATED if changed or is_new else Outcome.UNCHANGED, contact_id)

    def _known_of(self, contact_id: int) -> _Known:
        known = self._known.get(contact_id)
        if known is None:  # made by an earlier row of this batch
            self._flush()
            self._load([contact_id])
            known = self._known[contact_id]
        return known

    def _identify(
        self,
        contact_id: int,
        keys: Sequence[_Key],
        known: _Known | None,
        person: GivenPerson,
    ) -> bool:
        """Writes the identifiers that nobody had; True when there were any."""
        party_key = None
        for index, (key, phone, bsuid) in enumerate(keys):
            if phone is None and bsuid is None:
                continue
            further = known is not None and known.has_phone and phone is not None
            at = _NO_NEWER if further else self._at - index
            party_key = f"{phone or ''}|{bsuid or ''}|"
            self._party_rows.append((contact_id, party_key, phone, key if phone is not None else None, bsuid, at))
        if person.username and any(key[0] == "@" for key, _, _ in keys):
            if party_key is None:
                party_key = f"@{contact_id}"
                self._party_rows.append((contact_id, party_key, None, None, None, self._at))
            self._labels.append((party_key, person.username))
        if keys and known is not None:
            self._parties.mark_stale(contact_id)
        return bool(keys)

    def _was_called(self, contact_id: int, username: str) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM parties p JOIN party_labels l ON l.party_id = p.id AND l.kind = 'username' "
            "WHERE p.contact_id = ? AND ltrim(l.text, '@') = ? COLLATE NOCASE",
            (contact_id, username),
        )
        return found.fetchone() is not None

    def _add_to(self, contact_id: int, known: _Known, person: GivenPerson) -> bool:
        overwrite = self._wishes.overwrite
        name = person.name if person.name and (overwrite or not known.name) else known.name
        note = person.note if person.note and (overwrite or not known.note) else known.note
        tags = {tag for tag in (*person.tags, *self._wishes.tags) if tag not in known.tags}
        changed = (name, note) != (known.name, known.note)
        if changed:
            self._connection.execute("UPDATE contacts SET name = ?, note = ? WHERE id = ?", (name, note, contact_id))
            known.name, known.note = name, note
        known.tags |= tags
        self._tag_rows += [(contact_id, tag) for tag in tags]
        return changed or bool(tags)

    def _flush(self) -> None:
        """Writes the rows that wait."""
        connection = self._connection
        if self._plain_rows:
            connection.executemany("INSERT INTO temp.given_people VALUES (?, ?, ?, ?, ?)", self._plain_rows)
            for statement in _TAKE_FROM_STAGE:
                connection.execute(statement, (self._at,))
            connection.execute("DELETE FROM temp.given_people")
        connection.executemany(_INSERT_CONTACT, self._contact_rows)
        self._party_rows.sort(key=lambda row: str(row[1]))
        connection.executemany(_INSERT_PARTY, self._party_rows)
        connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", self._tag_rows)
        for key, name in self._labels:
            connection.execute(
                "INSERT INTO party_labels (party_id, kind, text, first_at, is_owners) "
                "SELECT id, 'username', ?, ?, 1 FROM parties WHERE key = ? ON CONFLICT DO UPDATE SET is_owners = 1",
                (name, self._at, key),
            )
        for rows in (self._plain_rows, self._contact_rows, self._party_rows, self._tag_rows, self._labels):
            rows.clear()

    def _write(self, placed: Sequence[Placed]) -> None:
        self._flush()
        self._parties.show()
        evidence = self._wishes.opt_in_evidence
        if evidence is None:
            return
        ids = list(dict.fromkeys(one.contact_id for one in placed if one.outcome is not Outcome.SEVERAL))
        silent = self._who_said_otherwise(ids, evidence)
        self._connection.executemany(
            _INSERT_CONSENT, [(contact_id, evidence, self._at) for contact_id in ids if contact_id not in silent]
        )

    def _who_said_otherwise(self, contact_ids: Sequence[int], evidence: str) -> set[int]:
        """Contacts who have stopped marketing, which a list cannot undo, and those with this very entry."""
        last: dict[int, str] = {}
        same: set[int] = set()
        for contact_id, state, source, said in self._connection.execute(
            "SELECT c.contact_id, c.state, c.source, c.evidence FROM json_each(?) j CROSS JOIN consents c "
            f"ON c.contact_id = j.value AND c.category = '{_MARKETING}' "
            "WHERE c.state IN ('opted-in', 'opted-out') ORDER BY c.at, c.state = 'opted-out'",
            (json.dumps(contact_ids),),
        ):
            last[contact_id] = state
            if (state, source, said) == ("opted-in", _SOURCE, evidence):
                same.add(contact_id)
        return same | {contact_id for contact_id, state in last.items() if state == "opted-out"}
