"""Which rows of one contact are whose, when the owner takes a merge back (`contact_merges`).

A party goes with the others that it shares an identifier, or a change of number, with; those of one side were one
contact before the merge, whatever held them together. Messages, calls and ledger entries go with their party; our own
sends with the number or BSUID they were addressed to; an exported chat with the contact it was imported for. What
cannot be told stays with the contact that was kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..domain.identity import match_key, wa_id_of
from ..domain.problem import Refused
from ..domain.text import t
from .candidates import FROM_EXPORT
from .database import Row
from .hashing import fingerprint

# What the owner's side keeps of a thread: it goes where it was before the merge.
OF_THREADS = ("dealt_with", "absence_messages")


class Separation:
    """Parts one contact from another; first `tell_apart`, then the rest in any order, within one transaction."""

    def __init__(
        self, connection: sqlite3.Connection, contact_id: int, other_id: int, rows: Mapping[str, Sequence[int]]
    ) -> None:
        """`rows` are ids by table of what was the other one's before."""
        self._connection = connection
        self._rows = rows
        self._contact_id, self._other_id = contact_id, other_id
        self._keys: set[str] = set()  # of the parties that go
        self._ids: set[int] = set()
        self._phones: set[str] = set()
        self._bsuids: set[str] = set()

    def tell_apart(
        self, kept_key: str, other_key: str, kept: Iterable[str], other: Iterable[str], merge_id: int
    ) -> None:
        """Finds the parties of the other one. Raises Refused (`one-person`) when an identifier binds the two."""
        rows = self._connection.execute(
            "SELECT id, key, phone_key, bsuid, parent_bsuid FROM parties WHERE contact_id = ?", (self._contact_id,)
        ).fetchall()
        groups = _Groups(row[1] for row in rows)
        for side in (kept, other):
            groups.join([key for key in side if key in groups])
        shared: dict[str, list[str]] = {}
        for _, key, *identifiers in rows:
            for identifier in filter(None, identifiers):
                shared.setdefault(identifier, []).append(key)
        for keys in (*shared.values(), *self._other_edges(merge_id)):
            groups.join([key for key in keys if key in groups])
        if groups.find(kept_key) == groups.find(other_key):
            raise self._one_person(rows, set(kept) | set(other))
        for party_id, key, phone_key, *bsuids in rows:
            if groups.find(key) == groups.find(other_key):
                self._keys.add(key)
                self._ids.add(party_id)
                self._phones |= {phone_key} - {None}
                self._bsuids |= {*bsuids} - {None}

    def move_parties(self) -> None:
        """Gives the other contact its parties."""
        self._connection.executemany(
            "UPDATE parties SET contact_id = ? WHERE id = ?", [(self._other_id, one) for one in self._ids]
        )

    def split_ledger(self, prints: Collection[int]) -> None:
        """Entries that WhatsApp told go with the party they were told of, which is in their fingerprint. `prints` are
        those that were the other one's before."""
        rows = self._connection.execute(
            "SELECT id, fingerprint, category, state, source, evidence, at FROM consents "
            "WHERE contact_id = ? AND fingerprint IS NOT NULL",
            (self._contact_id,),
        ).fetchall()
        going = [
            (self._other_id, entry_id)
            for entry_id, print_, *content in rows
            if print_ in prints or any(fingerprint(*content, key) == print_ for key in self._keys)
        ]
        self._connection.executemany("UPDATE consents SET contact_id = ? WHERE id = ?", going)

    def split_threads(self, kept: Mapping[str, int], other: Mapping[str, int], scopes: Collection[int]) -> set[int]:
        """Gives each what was said with them; returns the threads that must be worked out again. `kept` and `other`
        are the ids that their threads had, by business number; `scopes` the contacts whose exported chats go."""
        touched: set[int] = set()
        for thread_id, number_id, number in self._connection.execute(
            "SELECT t.id, t.number_id, n.key FROM threads t JOIN numbers n ON n.id = t.number_id "
            "WHERE t.contact_id = ?",
            (self._contact_id,),
        ).fetchall():
            going = self._going(thread_id, scopes)
            if not any(going[table] for table in ("messages", "calls", "outbox", "twins")):
                continue
            is_others = other.get(number) == thread_id  # it goes as it is, and what stays needs a new one
            if is_others:
                self._connection.execute("UPDATE threads SET contact_id = ? WHERE id = ?", (self._other_id, thread_id))
            former, owner = (kept, self._contact_id) if is_others else (other, self._other_id)
            new = self._add_thread(former.get(number), owner, number_id)
            for table, ids in going.items():
                self._connection.execute(
                    f"UPDATE {table} SET thread_id = ? WHERE thread_id = ? "
                    f"AND id {'NOT IN' if is_others else 'IN'} (SELECT value FROM json_each(?))",
                    (new, thread_id, json.dumps(ids)),
                )
            touched |= {thread_id, new}
        return touched

    def _add_thread(self, former_id: int | None, contact_id: int, number_id: int) -> int:
        """A thread under the id it had, if nobody has that now."""
        taken = self._connection.execute("SELECT 1 FROM threads WHERE id = ?", (former_id,)).fetchone()
        row = self._connection.execute(
            "INSERT INTO threads (id, contact_id, number_id) VALUES (?, ?, ?) RETURNING id",
            (None if taken else former_id, contact_id, number_id),
        ).fetchone()
        return int(row[0])

    def _going(self, thread_id: int, scopes: Collection[int]) -> dict[str, list[int]]:
        """The rows of a thread that are the other one's, by table."""
        sent = [
            (outbox_id, message_id)
            for outbox_id, message_id, request in self._connection.execute(
                "SELECT id, message_id, request FROM outbox WHERE thread_id = ?", (thread_id,)
            )
            if self._is_addressee(request)
        ]
        ours = {message_id for _, message_id in sent}
        messages = [
            message_id
            for message_id, party_id, source, wamid in self._connection.execute(
                "SELECT id, party_id, source, wamid FROM messages WHERE thread_id = ?", (thread_id,)
            )
            if party_id in self._ids
            or message_id in ours
            or (source == FROM_EXPORT and int(wamid.split(":")[1]) in scopes)
        ]
        calls = [
            call_id
            for call_id, party_id in self._connection.execute(
                "SELECT id, party_id FROM calls WHERE thread_id = ?", (thread_id,)
            )
            if party_id in self._ids
        ]
        twins = [
            twin_id
            for twin_id, wamid in self._connection.execute(
                "SELECT id, wamid FROM twins WHERE thread_id = ?", (thread_id,)
            )
            if int(wamid.split(":")[1]) in scopes
        ]
        sends = [outbox_id for outbox_id, _ in sent]
        kept_of = {table: list(self._rows.get(table, ())) for table in OF_THREADS}
        return {"messages": messages, "calls": calls, "outbox": sends, "twins": twins, **kept_of}

    def _is_addressee(self, request: str) -> bool:
        try:
            said = json.loads(request)
            bsuid, phone = said.get("recipient"), wa_id_of(said.get("to"))
        except (ValueError, AttributeError):
            return False
        return bsuid in self._bsuids or (phone is not None and match_key(phone) in self._phones)

    def _other_edges(self, merge_id: int) -> list[tuple[str, str]]:
        """Changes of number that WhatsApp told, and other merges of the owner's."""
        return self._connection.execute(
            "SELECT b.key, a.key FROM identity_changes c JOIN parties b ON b.id = c.before_party_id "
            "JOIN parties a ON a.id = c.after_party_id WHERE b.contact_id = ? "
            "UNION ALL SELECT kept_key, other_key FROM contact_merges WHERE undone_at IS NULL AND id <> ?",
            (self._contact_id, merge_id),
        ).fetchall()

    def _one_person(self, rows: Sequence[Row], known: Collection[str]) -> Refused:
        new = [key for _, key, *_ in rows if key not in known]
        shown = ", ".join(dict.fromkeys(part for key in new for part in key.split("|") if part)) or "-"
        return Refused(
            "one-person",
            t("WhatsApp itself has shown since that they are one person: {identifiers}", identifiers=shown),
        )


class _Groups:
    """Keys that belong together: a disjoint-set forest."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent = {key: key for key in keys}

    def __contains__(self, key: str) -> bool:
        return key in self._parent

    def find(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = key = self._parent[self._parent[key]]
        return key

    def join(self, keys: Sequence[str]) -> None:
        for key in keys[1:]:
            self._parent[self.find(key)] = self.find(keys[0])
