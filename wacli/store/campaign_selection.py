"""Choosing and freezing a campaign's recipients in one statement, however many they are.

What is known of few people (failures, open windows, ad clicks, restarts after a stop) is put into small temporary
tables first (`temp.known`, `temp.restarted`), what follows from the beginning of a number into `temp.places`; then one
INSERT ... SELECT over the contacts decides for each why they are out, on which line of the price list they are, and
which values are their own. The decisions are those of `domain.verdict.judge_template`, in its order: a test holds
the two against each other for every kind of person.

A dry run does all of it and takes it back (`services.campaign_plan`).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ..domain.audience import Tree
from ..domain.campaign import IN_WINDOW, SITUATIONS, Exclusion
from ..domain.identity import INVENTED_GLOB
from .audience_sql import NAME, Compiled, said_sql
from .database import Store
from .instants import seconds
from .setbacks import HELD_BACK, UNDELIVERABLE

# The fields of `services.contact_values`, as they are frozen.
FIELD_SQL: Mapping[str, str] = {
    "name": NAME,
    "first_name": f"CASE instr({NAME}, ' ') WHEN 0 THEN {NAME} ELSE substr({NAME}, 1, instr({NAME}, ' ') - 1) END",
    "phone": "'+' || c.phone",
    "username": "c.username",
    "bsuid": "c.bsuid",
    "tags": "(SELECT group_concat(tag, ', ') FROM (SELECT tag FROM tags WHERE contact_id = c.id ORDER BY tag))",
    "note": "c.note",
    "id": "CAST(c.id AS TEXT)",
}
_PLACE = "LEFT JOIN temp.places p ON p.key = coalesce(substr(c.phone, 1, 4), substr(c.bsuid, 1, 2))"
_THREAD = " LEFT JOIN threads t ON t.contact_id = c.id AND t.number_id = :number"
_IS_SOMEBODY = f"(c.phone IS NOT NULL OR coalesce(c.bsuid, '') NOT GLOB '{INVENTED_GLOB}')"  # not erased
_SETBACKS = f"""
SELECT DISTINCT t.contact_id FROM (
  SELECT thread_id FROM messages WHERE status = 'failed' AND error_code IN ({UNDELIVERABLE}, {HELD_BACK})
  UNION SELECT thread_id FROM outbox WHERE state = 'refused' AND error_code IN ({UNDELIVERABLE}, {HELD_BACK})
) s JOIN threads t ON t.id = s.thread_id
"""


class Place(NamedTuple):
    """What the beginning of a number (up to four digits) or the country of a BSUID means."""

    key: str
    market_place: int
    market: str
    is_in_us: bool


class Listed(NamedTuple):
    """One person of a file or of standard input. `cells`: a JSON list of the values given for them, or None."""

    contact_id: int
    line: int
    cells: str | None


class Clocked(NamedTuple):
    """The clocks of one thread, as stored."""

    contact_id: int
    last_opener_at: int | None
    referral_at: int | None
    entry_referral_at: int | None
    entry_started_at: int | None
    entry_expires_at: int | None


class Wishes(NamedTuple):
    """What a plan is made of. `columns`: names of the cells of `Listed`.

    `fault`: why nobody may be sent the template. `safe`: match keys and BSUIDs, None: everybody.
    """

    campaign_id: int
    number_id: int
    tree: Tree
    is_listed: bool
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    category: str | None
    is_marketing: bool
    is_us_paused: bool
    needs_opt_in: bool
    heeds_undeliverable: bool
    needs_phone: bool
    fault: str | None
    has_restarts: bool
    safe: frozenset[str] | None
    now: datetime


def prepare(connection: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Empty temporary tables, and the places of numbers."""
    for statement in (
        "DROP TABLE IF EXISTS temp.places",
        "DROP TABLE IF EXISTS temp.known",
        "DROP TABLE IF EXISTS temp.restarted",
        "CREATE TEMP TABLE places (key TEXT PRIMARY KEY, number INTEGER, market TEXT, is_in_us INTEGER) WITHOUT ROWID",
        "CREATE TEMP TABLE known (contact_id INTEGER PRIMARY KEY, undeliverable INTEGER NOT NULL DEFAULT 0, "
        "cooling INTEGER NOT NULL DEFAULT 0, situation INTEGER NOT NULL DEFAULT 0)",
        "CREATE TEMP TABLE restarted (contact_id INTEGER, category TEXT, state TEXT, "
        "PRIMARY KEY (contact_id, category)) WITHOUT ROWID",
    ):
        connection.execute(statement)
    connection.executemany("INSERT INTO temp.places VALUES (?, ?, ?, ?)", places)


def list_with_setbacks(store: Store) -> list[int]:
    """Contacts with any failure that may still stand in the way; few, and found by index."""
    return [row[0] for row in store.query(_SETBACKS)]


def list_restarted(store: Store) -> list[int]:
    """Contacts whose ledger holds a START, in any category."""
    return [row[0] for row in store.query("SELECT DISTINCT contact_id FROM consents WHERE source = 'start-word'")]


def note_setbacks(connection: sqlite3.Connection, rows: Iterable[tuple[int, int, int]]) -> None:
    """(contact, is undeliverable, is cooling off) each."""
    connection.executemany(
        "INSERT INTO temp.known (contact_id, undeliverable, cooling) VALUES (?, ?, ?) "
        "ON CONFLICT (contact_id) DO UPDATE SET undeliverable = excluded.undeliverable, cooling = excluded.cooling",
        rows,
    )


def note_restarted(connection: sqlite3.Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """(contact, category, state) each."""
    connection.executemany("INSERT OR REPLACE INTO temp.restarted VALUES (?, ?, ?)", rows)


def note_open_windows(connection: sqlite3.Connection, number_id: int, now: datetime) -> None:
    """Every thread whose window is open: the plain case, by index."""
    connection.execute(
        f"INSERT INTO temp.known (contact_id, situation) SELECT contact_id, {IN_WINDOW} FROM threads "
        "WHERE closes_at > :now AND number_id = :number "
        f"ON CONFLICT (contact_id) DO UPDATE SET situation = {IN_WINDOW}",
        {"now": seconds(now), "number": number_id},
    )


def note_situations(connection: sqlite3.Connection, rows: Iterable[tuple[int, int]]) -> None:
    """(contact, situation) each, for those whose clocks the domain has judged."""
    connection.executemany(
        "INSERT INTO temp.known (contact_id, situation) VALUES (?, ?) "
        "ON CONFLICT (contact_id) DO UPDATE SET situation = excluded.situation",
        rows,
    )


def list_odd_clocks(store: Store, number_id: int, now: datetime) -> Iterator[Clocked]:
    """Threads whose clocks need more than a comparison: a referral, an entry point, an instant still to come."""
    columns = (
        "contact_id, last_opener_at, referral_at, entry_referral_at, entry_started_at, entry_expires_at FROM threads"
    )
    rows = store.stream(
        f"SELECT {columns} WHERE entry_started_at IS NOT NULL AND number_id = :number "
        f"UNION SELECT {columns} WHERE closes_at > :now AND number_id = :number "
        "AND (referral_at IS NOT NULL OR last_opener_at > :now)",
        {"number": number_id, "now": seconds(now)},
    )
    return (Clocked._make(row) for row in rows)


def list_people(connection: sqlite3.Connection, people: Iterable[Listed]) -> None:
    """Whom a file named; of several lines about one person the first stays."""
    connection.execute("DROP TABLE IF EXISTS temp.listed")
    connection.execute("CREATE TEMP TABLE listed (contact_id INTEGER PRIMARY KEY, line INTEGER, cells TEXT)")
    connection.executemany("INSERT OR IGNORE INTO temp.listed VALUES (?, ?, ?)", people)


def select_recipients(connection: sqlite3.Connection, wishes: Wishes) -> int:
    """Writes every recipient, in or out, and returns how many."""
    condition = Compiled(wishes.tree)
    _add_functions(connection, condition)
    sql, values = selection_sql(wishes, condition)
    return connection.execute(sql, values).rowcount


def selection_sql(wishes: Wishes, condition: Compiled) -> tuple[str, dict[str, object]]:
    """The one statement behind a plan, and its values."""
    values: dict[str, object] = {
        **condition.values,
        "campaign": wishes.campaign_id,
        "number": wishes.number_id,
        "category": wishes.category,
        "now": seconds(wishes.now),
    }
    own = [_field(wishes, name) for name in wishes.fields]
    source = "temp.listed g CROSS JOIN contacts c ON c.id = g.contact_id" if wishes.is_listed else "contacts c"
    joins = f"{_PLACE} LEFT JOIN temp.known w ON w.contact_id = c.id"
    if condition.needs_thread:
        joins += _THREAD
    sql = (
        "INSERT INTO campaign_recipients (campaign_id, contact_id, reason, line, own) "
        f"SELECT :campaign, c.id, {_reason(wishes, values)}, "
        f"coalesce(p.number, 0) * {SITUATIONS} + coalesce(w.situation, 0), "
        f"{'json_array(' + ', '.join(own) + ')' if own else 'NULL'} "
        f"FROM {source} {joins} WHERE {condition.sql} AND {_IS_SOMEBODY} ORDER BY c.id"
    )
    return sql, values


def count_audience(connection: sqlite3.Connection, tree: Tree, number_id: int, now: datetime) -> int:
    """How many contacts a condition means."""
    condition = Compiled(tree)
    _add_functions(connection, condition)
    joins = (_PLACE if condition.needs_place else "") + (_THREAD if condition.needs_thread else "")
    values = {**condition.values, "number": number_id, "now": seconds(now)}
    row = connection.execute(
        f"SELECT count(*) FROM contacts c {joins} WHERE {condition.sql} AND {_IS_SOMEBODY}", values
    ).fetchone()
    return int(row[0])


def _add_functions(connection: sqlite3.Connection, condition: Compiled) -> None:
    if condition.needs_fold:
        connection.create_function(
            "fold", 1, lambda text: None if text is None else text.casefold(), deterministic=True
        )


def _field(wishes: Wishes, name: str) -> str:
    if name in wishes.columns:
        return f"json_extract(g.cells, '$[{wishes.columns.index(name)}]')"
    return FIELD_SQL[name]


def _reason(wishes: Wishes, values: dict[str, object]) -> str:
    """The order is the verdict's. What cannot be the case is not asked."""
    later: list[tuple[str, str]] = []
    if wishes.is_us_paused:
        later.append(("p.is_in_us", "us-marketing-paused"))
    if wishes.is_marketing:
        later.append(("w.cooling", "cooling-off"))
    if wishes.heeds_undeliverable:
        later.append(("w.undeliverable", "undeliverable"))
    rest = _cases(later)
    said = "NULL" if wishes.category is None else said_sql("c.id", ":category", has_restarts=wishes.has_restarts)
    if wishes.fault is not None:
        values["fault"] = wishes.fault
        judged = f"CASE {said} WHEN 'opted-out' THEN 'opted-out' ELSE :fault END"
    elif wishes.is_marketing:
        nobody = "'no-opt-in'" if wishes.needs_opt_in else rest
        judged = f"CASE {said} WHEN 'opted-out' THEN 'opted-out' WHEN 'opted-in' THEN {rest} ELSE {nobody} END"
    else:
        if wishes.needs_phone:
            rest = f"CASE WHEN c.phone IS NULL THEN 'needs-phone' ELSE {rest} END"
        judged = f"CASE {said} WHEN 'opted-out' THEN 'opted-out' ELSE {rest} END"
    first = [("c.phone IS NULL AND c.bsuid IS NULL", "no-identifier")]
    if wishes.safe is not None:
        marks = []
        for number, key in enumerate(sorted(wishes.safe)):
            values[f"safe{number}"] = key
            marks.append(f":safe{number}")
        among = "(" + ", ".join(marks) + ")"
        is_safe = " OR ".join(
            f"coalesce(c.{column}, '') IN {among}" for column in ("phone_key", "bsuid", "parent_bsuid")
        )
        first.insert(0, (f"NOT ({is_safe})", Exclusion.NOT_SAFE.value))
    return _cases(first, judged)


def _cases(pairs: Sequence[tuple[str, str]], otherwise: str = "NULL") -> str:
    if not pairs:
        return otherwise
    return "CASE " + " ".join(f"WHEN {test} THEN '{code}'" for test, code in pairs) + f" ELSE {otherwise} END"


def list_odd_values(connection: sqlite3.Connection, campaign_id: int, field_count: int) -> Iterator[tuple[int, str]]:
    """(recipient, their values) of those in whose values anything is missing, blank or unusual. One quick pass; what
    it means is for the caller. Plain is: every value begins with a letter, digit or mark of ASCII, nothing is escaped,
    no run of spaces."""
    plain = "[" + ",".join(['"[!#-~]*"'] * field_count) + "]"
    rows = connection.execute(
        "SELECT contact_id, own FROM campaign_recipients WHERE campaign_id = :campaign AND reason IS NULL "
        "AND (own NOT GLOB :plain OR instr(own, :escape) OR instr(own, '     '))",
        # The brackets of the JSON list are no class of characters.
        {"campaign": campaign_id, "plain": "[[]" + plain[1:-1] + "[]]", "escape": "\\"},
    )
    while batch := rows.fetchmany(1_000):
        yield from batch


def exclude(connection: sqlite3.Connection, campaign_id: int, rows: Iterable[tuple[int, str]]) -> None:
    """(recipient, reason) each, while the plan is made."""
    connection.executemany(
        "UPDATE campaign_recipients SET reason = ? WHERE campaign_id = ? AND contact_id = ?",
        [(reason, campaign_id, recipient_id) for recipient_id, reason in rows],
    )


def count_recipients(connection: sqlite3.Connection, campaign_id: int) -> Counter[tuple[str | None, int]]:
    """How many recipients there are for each reason (None: in) and line.

    Nearly all are in and on one line: those are counted in one pass, and only the rest is grouped.
    """
    row = connection.execute(
        "SELECT line FROM (SELECT line FROM campaign_recipients WHERE campaign_id = ? AND reason IS NULL LIMIT 1000) "
        "GROUP BY line ORDER BY count(*) DESC LIMIT 1",
        (campaign_id,),
    ).fetchone()
    usual = -1 if row is None else int(row[0])
    values = {"campaign": campaign_id, "usual": usual}
    (count,) = connection.execute(
        "SELECT count(*) FROM campaign_recipients WHERE campaign_id = :campaign AND reason IS NULL AND line = :usual",
        values,
    ).fetchone()
    found = Counter(
        {
            (reason, line): number
            for reason, line, number in connection.execute(
                "SELECT reason, line, count(*) FROM campaign_recipients WHERE campaign_id = :campaign "
                "AND NOT (reason IS NULL AND line = :usual) GROUP BY reason, line",
                values,
            )
        }
    )
    if count:
        found[None, usual] = count
    return found


def add_rejects(
    connection: sqlite3.Connection, campaign_id: int, rows: Iterable[tuple[int, str, str, int | None]]
) -> None:
    """(line, who, reason, contact) each: what became no recipient."""
    connection.executemany(
        "INSERT OR REPLACE INTO campaign_rejects (campaign_id, line, who, reason, contact_id) VALUES (?, ?, ?, ?, ?)",
        ((campaign_id, *row) for row in rows),
    )
