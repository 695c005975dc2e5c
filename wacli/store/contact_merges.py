"""Contacts that the owner says are one person: the audit rows, making one, and taking it back.

A merge is an edge between two parties, one of each contact (see `parties`). Both ends outlive a rebuild (`ENDS`) with
the contact they have in common, so whatever notifications come, in any order, find that one contact.

The row keeps what each contact was: the words the owner typed, tags, identifiers, ids, and which entries of the ledger
were whose. Taking it back gives each what it had, and what came since to the identifiers that came to it. What was
typed since stays with the contact that was kept; an opt-out that was recorded since holds for both, because nobody can
say which of them was meant. Merges are taken back latest first where they touch one contact, so that what each was
before is still what is in the row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..domain.consent import OPTED_OUT
from ..domain.problem import NotFound, Refused
from ..domain.text import t
from . import consents, twins
from .database import Row, Store
from .instants import moment, moment_or_none, seconds
from .intake import Intake
from .parties import FOLLOWING
from .separation import OF_THREADS, Separation

ENDS = (
    "SELECT kept_key FROM contact_merges WHERE undone_at IS NULL "
    "UNION SELECT other_key FROM contact_merges WHERE undone_at IS NULL"
)
SOURCE = "merge"  # of an opt-out that one of the two had: it is the person's
_COLUMNS = "id, at, undone_at, kept_id, other_id, kept_key, other_key, evidence, kept, other, merged"


class Side(NamedTuple):
    """What one contact was before it was merged. `parties` are keys, `prints` the fingerprints of ledger entries that
    WhatsApp told, `rows` the ids of rows by table, `threads` the id of its thread by business number."""

    contact_id: int
    name: str | None
    note: str | None
    added_at: int | None
    shown: str
    phone: str | None
    bsuid: str | None
    username: str | None
    tags: tuple[str, ...]
    parties: tuple[str, ...]
    aliases: tuple[int, ...]
    threads: Mapping[str, int]
    prints: tuple[int, ...]
    rows: Mapping[str, list[int]]
    message_count: int


class Merge(NamedTuple):
    """One audit row. `evidence` are pairs of a sign and a value (see `domain.likeness`); `merged` is what the contact
    was right after: its name, note, `added_at` and the ids of ledger entries that the merge made."""

    id: int
    at: datetime
    undone_at: datetime | None
    kept_id: int
    other_id: int
    kept_key: str
    other_key: str
    evidence: tuple[tuple[str, str], ...]
    kept: Side
    other: Side
    merged: Mapping[str, Any]


def merge(
    intake: Intake, kept_id: int, other_id: int, evidence: Sequence[tuple[str, str]], now: datetime, store: Store
) -> Merge:
    """Makes `other_id` part of `kept_id`. Inside a transaction of the intake. Raises Refused (`same-contact`)."""
    connection = intake.connection
    refuse_same(kept_id, other_id)
    ends = [_end_of(connection, contact_id, now) for contact_id in (kept_id, other_id)]
    kept, other = _side(connection, kept_id), _side(connection, other_id)
    stopped = {
        category for one in (kept_id, other_id) for category in consents.permission(store, one).opted_out
    }  # an opt-out of one is an opt-out of the person
    intake.parties.take_over(kept_id, other_id)
    merge_id = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM contact_merges").fetchone()[0])
    still = consents.permission(store, kept_id).opted_out
    made = [
        connection.execute(
            "INSERT INTO consents (contact_id, category, state, source, evidence, at) VALUES (?, ?, ?, ?, ?, "
            "max(?, (SELECT max(at) FROM consents WHERE contact_id = ?))) RETURNING id",
            (kept_id, category, OPTED_OUT, SOURCE, f"contacts merge {merge_id}", seconds(now), kept_id),
        ).fetchone()[0]
        for category in sorted(stopped - still)
    ]
    name, note, added_at = _words(connection, kept_id)
    merged = {"name": name, "note": note, "added_at": added_at, "consents": made}
    values = [json.dumps(one, ensure_ascii=False) for one in (evidence, kept._asdict(), other._asdict(), merged)]
    connection.execute(
        f"INSERT INTO contact_merges ({_COLUMNS}) VALUES (?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
        (merge_id, seconds(now), kept_id, other_id, *ends, *values),
    )
    return get(store, merge_id)


def undo(intake: Intake, merge_id: int, now: datetime, store: Store) -> Merge:
    """Makes two contacts of one again. Inside a transaction of the intake.

    Raises NotFound (`no-such-merge`), and Refused: `undone-already`, `merged-since` when a later merge must be taken
    back first, `one-person` when WhatsApp itself has shown since that they are one.
    """
    found = get(store, merge_id)
    if found.undone_at is not None:
        raise Refused("undone-already", t("Merge {id} was taken back on {at}", id=merge_id, at=found.undone_at))
    connection = intake.connection
    contact_id = _contact_of(connection, found)
    _refuse_merged_since(connection, merge_id, contact_id)
    separation = Separation(connection, contact_id, found.other_id, found.other.rows)
    separation.tell_apart(found.kept_key, found.other_key, found.kept.parties, found.other.parties, merge_id)
    _split_contact(connection, found, contact_id)
    separation.move_parties()
    _split_words(connection, found, contact_id)
    _split_tags(connection, found, contact_id)
    separation.split_ledger(found.other.prints)
    _split_rows(connection, found, contact_id)
    moved = separation.split_threads(found.kept.threads, found.other.threads, {found.other_id, *found.other.aliases})
    twins.put_back(connection, moved)  # each is matched with what was told in its own thread
    connection.execute("UPDATE contact_merges SET undone_at = ? WHERE id = ?", (seconds(now), merge_id))
    intake.parties.moved_threads |= moved
    intake.parties.rearranged(contact_id, found.other_id)
    return get(store, merge_id)


def refuse_same(kept_id: int, other_id: int) -> None:
    """Raises Refused (`same-contact`) for one contact under two names."""
    if kept_id == other_id:
        raise Refused("same-contact", t("They are one contact already (#{id})", id=kept_id))


def list_merges(store: Store) -> list[Merge]:
    """Every merge there ever was, latest first."""
    return [_merge(row) for row in store.query(f"SELECT {_COLUMNS} FROM contact_merges ORDER BY id DESC")]


def get(store: Store, merge_id: int) -> Merge:
    """The merge with this id; raises NotFound."""
    row = store.query_one(f"SELECT {_COLUMNS} FROM contact_merges WHERE id = ?", (merge_id,))
    if row is None:
        raise NotFound(
            "no-such-merge", t("There is no merge {id}", id=merge_id), t("See them all: wacli contacts merges list")
        )
    return _merge(row)


def _merge(row: Row) -> Merge:
    merge_id, at, undone_at, kept_id, other_id, kept_key, other_key, evidence, kept, other, merged = row
    return Merge(
        merge_id, moment(at), moment_or_none(undone_at), kept_id, other_id, kept_key, other_key,
        tuple((sign, value) for sign, value in json.loads(evidence)), _side_of(kept), _side_of(other),
        json.loads(merged),
    )  # fmt: skip


def _side_of(text: str) -> Side:
    said = json.loads(text)
    lists = {name: tuple(said[name]) for name in ("tags", "parties", "aliases", "prints")}
    return Side(**(said | lists))


def _end_of(connection: sqlite3.Connection, contact_id: int, now: datetime) -> str:
    """A party of the contact; one whom nobody could be known by gets one that stands for nothing else."""
    row = connection.execute("SELECT min(key) FROM parties WHERE contact_id = ?", (contact_id,)).fetchone()
    if row[0] is not None:
        return str(row[0])
    key = f"#{contact_id}"
    connection.execute(
        "INSERT INTO parties (contact_id, key, owned_at) VALUES (?, ?, ?)", (contact_id, key, seconds(now))
    )
    return key


def _side(connection: sqlite3.Connection, contact_id: int) -> Side:
    def column(sql: str) -> list[Any]:
        return [value for (value,) in connection.execute(sql, (contact_id,))]

    name, note, added_at = _words(connection, contact_id)
    book, profile, username, phone, bsuid = connection.execute(
        "SELECT book_name, profile_name, username, phone, bsuid FROM contacts WHERE id = ?", (contact_id,)
    ).fetchone()
    return Side(
        contact_id=contact_id,
        name=name,
        note=note,
        added_at=added_at,
        shown=name or book or profile or "",
        phone=phone,
        bsuid=bsuid,
        username=username,
        tags=tuple(column("SELECT tag FROM tags WHERE contact_id = ? ORDER BY tag")),
        parties=tuple(column("SELECT key FROM parties WHERE contact_id = ? ORDER BY key")),
        aliases=tuple(column("SELECT old_id FROM contact_aliases WHERE contact_id = ? ORDER BY old_id")),
        threads=dict(
            connection.execute(
                "SELECT n.key, t.id FROM threads t JOIN numbers n ON n.id = t.number_id WHERE t.contact_id = ?",
                (contact_id,),
            )
        ),
        prints=tuple(column("SELECT fingerprint FROM consents WHERE contact_id = ? AND fingerprint IS NOT NULL")),
        rows={
            "consents": column("SELECT id FROM consents WHERE contact_id = ? AND fingerprint IS NULL ORDER BY id"),
            **{
                table: column(f"SELECT id FROM {table} WHERE contact_id = ? ORDER BY id")
                for table in FOLLOWING
                if table != "consents"
            },
            **{
                table: column(
                    f"SELECT r.id FROM {table} r JOIN threads t ON t.id = r.thread_id WHERE t.contact_id = ? ORDER BY 1"
                )
                for table in OF_THREADS
            },
        },
        message_count=column(
            "SELECT count(*) FROM messages m JOIN threads t ON t.id = m.thread_id WHERE t.contact_id = ?"
        )[0],
    )


def _words(connection: sqlite3.Connection, contact_id: int) -> tuple[str | None, str | None, int | None]:
    found: tuple[str | None, str | None, int | None] = connection.execute(
        "SELECT name, note, added_at FROM contacts WHERE id = ?", (contact_id,)
    ).fetchone()
    return found


def _contact_of(connection: sqlite3.Connection, found: Merge) -> int:
    rows = connection.execute(
        "SELECT DISTINCT contact_id FROM parties WHERE key IN (?, ?)", (found.kept_key, found.other_key)
    ).fetchall()
    if len(rows) != 1:  # one of them was erased
        raise NotFound("no-such-contact", t("The contacts of merge {id} are no longer there", id=found.id))
    return int(rows[0][0])


def _refuse_merged_since(connection: sqlite3.Connection, merge_id: int, contact_id: int) -> None:
    later = connection.execute(
        "SELECT max(m.id) FROM contact_merges m JOIN parties p ON p.key = m.kept_key "
        "WHERE m.undone_at IS NULL AND m.id > ? AND p.contact_id = ?",
        (merge_id, contact_id),
    ).fetchone()[0]
    if later is not None:
        raise Refused(
            "merged-since",
            t("The contact was merged again since (merge {id})", id=later),
            t("Take that back first: wacli contacts merge --undo {id}", id=later),
        )


def _split_contact(connection: sqlite3.Connection, found: Merge, contact_id: int) -> None:
    """The contact that was merged is there again, under its old id and the ids that were its aliases."""
    other = found.other
    ids = [other.contact_id, *other.aliases]
    connection.executemany("DELETE FROM contact_aliases WHERE old_id = ?", [(one,) for one in ids])
    connection.execute(
        "INSERT INTO contacts (id, name, note, added_at) VALUES (?, ?, ?, ?)",
        (other.contact_id, other.name, other.note, other.added_at),
    )
    connection.executemany(
        "INSERT INTO contact_aliases (old_id, contact_id) VALUES (?, ?)",
        [(one, other.contact_id) for one in other.aliases if one != contact_id],
    )


def _split_words(connection: sqlite3.Connection, found: Merge, contact_id: int) -> None:
    """Words that are as the merge left them become what they were; those the owner has changed since stay."""
    now, before = dict(zip(("name", "note", "added_at"), _words(connection, contact_id), strict=True)), found.kept
    for column, was in (("name", before.name), ("note", before.note), ("added_at", before.added_at)):
        if now[column] == found.merged[column]:
            connection.execute(f"UPDATE contacts SET {column} = ? WHERE id = ?", (was, contact_id))


def _split_tags(connection: sqlite3.Connection, found: Merge, contact_id: int) -> None:
    now = {tag for (tag,) in connection.execute("SELECT tag FROM tags WHERE contact_id = ?", (contact_id,))}
    kept, other = set(found.kept.tags), set(found.other.tags)
    connection.executemany(
        "DELETE FROM tags WHERE contact_id = ? AND tag = ?", [(contact_id, tag) for tag in other - kept]
    )
    connection.executemany("INSERT INTO tags VALUES (?, ?)", [(found.other_id, tag) for tag in other & now])


def _split_rows(connection: sqlite3.Connection, found: Merge, contact_id: int) -> None:
    """What the owner recorded of each goes back; an opt-out recorded since holds for both."""
    made = found.merged["consents"]
    _each(connection, "DELETE FROM consents WHERE id = ?", made)
    for table in FOLLOWING:
        ids = found.other.rows.get(table, [])
        _each(connection, f"UPDATE {table} SET contact_id = {found.other_id} WHERE id = ?", ids)
    known = [*found.kept.rows["consents"], *found.other.rows["consents"], *made]
    connection.execute(
        "INSERT INTO consents (contact_id, category, state, source, evidence, at) "
        "SELECT ?, category, state, source, evidence, at FROM consents WHERE contact_id = ? AND fingerprint IS NULL "
        "AND state = ? AND id NOT IN (SELECT value FROM json_each(?))",
        (found.other_id, contact_id, OPTED_OUT, json.dumps(known)),
    )


def _each(connection: sqlite3.Connection, sql: str, ids: Iterable[int]) -> None:
    connection.executemany(sql, [(one,) for one in ids])
