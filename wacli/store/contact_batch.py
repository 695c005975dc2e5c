"""Many people of an address book at once: found by any identifier, added, or added to.

A batch asks once who is known already, decides in memory, and writes new people with few statements: measured, an
INSERT of 500 rows costs a fifth of 500 of one row (`AUTOINCREMENT` writes its counter once for each statement), and
`INSERT ... SELECT` in the order of the key half of what any order costs.

A number that is added to somebody who has one already is no newer than that one: the number to write to stays. The
first of several numbers of a new contact is the one to write to (`owned_at` counts backwards from the import).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, compress, islice, repeat
from typing import TypeAlias

from ..domain.contact_import import GivenPerson, ImportWishes, Outcome, Placed
from ..domain.identity import match_key
from .index_pause import IndexPause
from .instants import seconds
from .many_rows import insert_many
from .parties import Parties

_MARKETING, _SOURCE = "marketing", "import"
_NO_NEWER = 1  # `owned_at` of a further number: the owner gave it, and it moves nothing
_FOLDED_COUNTRIES = ("52", "54", "55")  # those that `match_key` looks at
_Key: TypeAlias = tuple[str, str | None, str | None]  # what finds somebody; the phone or the BSUID it was made of

_WHO_HAS = {
    "phone": "SELECT p.phone_key, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.phone_key = j.value",
    # While the index of numbers is not kept (see `index_pause`), whoever has a number has it alone.
    "key": "SELECT p.phone_key, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.key = j.value || '||'",
    "bsuid": "SELECT p.bsuid, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.bsuid = j.value UNION ALL "
    "SELECT p.parent_bsuid, p.contact_id FROM json_each(?) j CROSS JOIN parties p ON p.parent_bsuid = j.value",
    # Usernames change hands: only the one that is shown now finds somebody.
    "username": "SELECT l.text, p.contact_id FROM json_each(?) j CROSS JOIN party_labels l "
    "ON l.text = j.value COLLATE NOCASE AND l.kind = 'username' CROSS JOIN parties p ON p.id = l.party_id "
    "CROSS JOIN contacts c ON c.id = p.contact_id AND ltrim(c.username, '@') = ltrim(l.text, '@')",
}
_WORTH_A_PAUSE = 5_000  # people of one batch
_PLAIN_COLUMNS = 5
_ROWS_AT_ONCE = 500  # of one INSERT: binding many values costs a third of as many statements
_TAKE_PARTIES = (
    "INSERT OR IGNORE INTO parties (contact_id, key, phone, phone_key, owned_at) "
    "SELECT id, phone || '||', phone, phone_key, ? FROM contacts WHERE id BETWEEN ? AND ? ORDER BY phone, id"
)
# Added in vain: somebody had the number already.
_WITHOUT_PARTY = (
    "SELECT id FROM contacts c WHERE id BETWEEN ? AND ? "
    "AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.key = c.phone || '||' AND p.contact_id = c.id)"
)
_INSERT_PLAIN = "INSERT INTO contacts (added_at, id, name, note, phone, phone_key) VALUES"
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


def _insert_plain(at: int, count: int) -> str:
    return f"{_INSERT_PLAIN} {', '.join((f'({at}, ?, ?, ?, ?, ?)',) * count)}"


def _is_plain(person: GivenPerson) -> bool:
    """Known by one number, under one form of it, and by nothing else."""
    is_one = len(person.phones) == 1 and not person.bsuids and not person.username
    return is_one and not person.phones[0].startswith(_FOLDED_COUNTRIES)


class PlacedRun:
    """What became of people who came as columns: added under these `ids`, one after the other, except the `others`."""

    __slots__ = ("count", "ids", "others")

    def __init__(self, ids: Sequence[int], count: int, others: dict[int, Placed]) -> None:
        self.ids, self.count, self.others = ids, count, others

    def each(self) -> list[Placed]:
        """One for each person."""
        others, ids = self.others, iter(self.ids)
        return [others[index] if index in others else Placed(Outcome.ADDED, next(ids)) for index in range(self.count)]


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
        self._insert_plain = _insert_plain(self._at, _ROWS_AT_ONCE)
        self._parties = Parties(connection)
        self._next_id = 1 + int(
            connection.execute(
                "SELECT max(coalesce((SELECT max(id) FROM contacts), 0), "
                "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'contacts'), 0))"
            ).fetchone()[0]
        )
        self._who: dict[str, int] = {}
        self._known: dict[int, _Known] = {}
        # In a store that was empty, whoever has a number is there under the key that it alone makes.
        self._was_empty = connection.execute("SELECT 1 FROM parties LIMIT 1").fetchone() is None
        self._pause = IndexPause(connection)
        self._plain_rows: list[tuple[object, ...]] = []  # new people with one number
        self._contact_rows: list[tuple[object, ...]] = []
        self._party_rows: list[tuple[object, ...]] = []
        self._tag_rows: list[tuple[int, str]] = []
        self._agreed: list[int] = []  # contacts that are to be asked about in the ledger of consents
        self._labels: list[tuple[str, str]] = []  # key of a party, username

    def put_plain(
        self,
        phones: Sequence[str],
        names: Sequence[str | None],
        notes: Sequence[str | None] | None,
        tags: Sequence[tuple[str, ...]] | None,
    ) -> PlacedRun:
        """The same as `put` for people with one number each and no other identifier, in columns of one length.

        Who is new goes in with a few statements; who is known, or comes a second time, the way of `put` after that.
        """
        count, first = len(phones), self._next_id
        joined = "\n" + "\n".join(phones)
        is_folded = any("\n" + country in joined for country in _FOLDED_COUNTRIES)
        keys = list(map(match_key, phones)) if is_folded else phones
        if is_folded:
            self._pause.end()
        elif self._was_empty and count >= _WORTH_A_PAUSE:
            self._pause.begin()
        late = self._late(keys, may_be_known=is_folded or not self._was_empty)
        new: Sequence[int] = [index for index in range(count) if index not in late] if late else range(count)
        columns: Iterable[Iterable[object]] = (names, notes or repeat(None, count), phones, keys)
        if late:
            wanted = [index not in late for index in range(count)]
            columns = [compress(column, wanted) for column in columns]
        lost = self._add_plain(zip(range(first, first + len(new)), *columns, strict=False), first, len(new))
        ids: Sequence[int] = range(first, first + len(new))
        self._next_id = first + len(new)
        if lost:
            late |= {new[contact_id - first] for contact_id in lost}
            ids = [contact_id for contact_id in ids if contact_id not in lost]
            new = [index for index in new if index not in late]
        self._tell_of_new(ids, [tags[index] for index in new] if tags else None)
        others = self.put(
            [
                GivenPerson(
                    0, names[at], (phones[at],), (), None, tags[at] if tags else (), notes[at] if notes else None
                )
                for at in sorted(late)
            ]
        )
        return PlacedRun(ids, count, dict(zip(sorted(late), others, strict=True)))

    def _late(self, keys: Sequence[str], *, may_be_known: bool) -> set[int]:
        """The places of those who come a second time, and of those whom the store knows, where it is to be asked."""
        known: set[str] = set()
        if may_be_known:
            sql = f"SELECT DISTINCT who.phone_key FROM ({_WHO_HAS['phone']}) who"
            known = {key for (key,) in self._connection.execute(sql, (json.dumps(list(keys)),))}
        if not known and len(set(keys)) == len(keys):
            return set()
        late = set()
        for index, key in enumerate(keys):
            if key in known:
                late.add(index)
            known.add(key)
        return late

    def _add_plain(self, rows: Iterable[tuple[object, ...]], first: int, count: int) -> set[int]:
        """Writes new contacts (id, name, note, number, its key) and their parties; the ids go up from `first`. Those
        whose number turns out to be somebody's are taken out again, and returned."""
        if not count:
            return set()
        connection, values, last, insert = self._connection, iter(rows), first, self._insert_plain
        # The rows are taken apart as they come: a tuple that is kept for each of a million costs more than its INSERT.
        while some := list(chain.from_iterable(islice(values, _ROWS_AT_ONCE))):
            if len(some) < _ROWS_AT_ONCE * _PLAIN_COLUMNS:
                insert = _insert_plain(self._at, len(some) // _PLAIN_COLUMNS)
            connection.execute(insert, some)
            last = int(some[-_PLAIN_COLUMNS])  # type: ignore[call-overload]
        if connection.execute(_TAKE_PARTIES, (self._at, first, last)).rowcount == count:
            return set()
        lost = {int(contact_id) for (contact_id,) in connection.execute(_WITHOUT_PARTY, (first, last))}
        connection.executemany("DELETE FROM contacts WHERE id = ?", [(contact_id,) for contact_id in lost])
        return lost

    def _tell_of_new(self, ids: Sequence[int], tags: Sequence[tuple[str, ...]] | None) -> None:
        """Tags and the agreement of new contacts."""
        own = self._wishes.tags
        if own or tags:
            given = zip(ids, tags or repeat(()), strict=False)
            self._add_tags([(contact_id, tag) for contact_id, theirs in given for tag in theirs + own])
        if self._wishes.opt_in_evidence is not None:
            said = (self._wishes.opt_in_evidence, self._at)
            self._connection.executemany(_INSERT_CONSENT, [(contact_id, *said) for contact_id in ids])

    def _add_tags(self, rows: Sequence[tuple[int, str]]) -> None:
        insert_many(self._connection, "INSERT OR IGNORE INTO tags", rows)

    def finish(self) -> None:
        """After the last batch, before the commit."""
        self._pause.end()

    def put(self, people: Sequence[GivenPerson]) -> list[Placed]:
        """What became of each; everything is written when it returns."""
        if self._pause.is_on and not all(map(_is_plain, people)):
            self._pause.end()
        self._meet(people)
        who, placed = self._who, []
        own_tags = self._wishes.tags
        for person in people:
            _, name, phones, bsuids, username, tags, note = person
            if len(phones) == 1 and not bsuids and not username:  # nearly every row
                phone = phones[0]
                key = match_key(phone) if phone.startswith(_FOLDED_COUNTRIES) else phone
                if key not in who:
                    contact_id = self._next_id
                    self._next_id = contact_id + 1
                    who[key] = contact_id
                    self._plain_rows.append((contact_id, name, note, phone, key))
                    for tag in tags + own_tags if tags else own_tags:
                        self._tag_rows.append((contact_id, tag))
                    placed.append(Placed(Outcome.ADDED, contact_id))
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
                sql = _WHO_HAS["key" if kind == "phone" and self._pause.is_on else kind]
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
        rows = self._plain_rows
        self._add_plain(rows, int(str(rows[0][0])) if rows else 0, len(rows))
        connection.executemany(_INSERT_CONTACT, self._contact_rows)
        self._party_rows.sort(key=lambda row: str(row[1]))
        connection.executemany(_INSERT_PARTY, self._party_rows)
        self._add_tags(self._tag_rows)
        for key, name in self._labels:
            connection.execute(
                "INSERT INTO party_labels (party_id, kind, text, first_at, is_owners) "
                "SELECT id, 'username', ?, ?, 1 FROM parties WHERE key = ? ON CONFLICT DO UPDATE SET is_owners = 1",
                (name, self._at, key),
            )
        for written in (self._plain_rows, self._contact_rows, self._party_rows, self._tag_rows, self._labels):
            written.clear()

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
