"""Keeping `charges` right without costing an intake anything: what is new is found by its row ids, when asked for.

`charge_state` remembers up to which rows of messages, statuses and calls the charges have seen everything. Whatever
came after (or was marked, see `charge_marks`) affects charges from the instant of the earliest message concerned on:
the free messages of a month and its volume tiers depend on the order of sending, so from there on the charges are
dropped and made anew, oldest first, in small transactions. `stale_since` stands until the last of them is done, so a
killed process leaves charges that say they are unfinished.

`schema` is `main`, or `temp` where the store cannot be written: temporary tables of the same names then stand in
front of the kept ones, for this connection only.

What is charged, and in which order, is `charge_work`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .charge_schema import CHARGES_1
from .charge_work import HAS_PRICE, RECIPIENT, lay_out, prepare
from .clocks import OPENERS, REACHED
from .database import Row, Store

_NEWS_OF_MESSAGES = f"""
SELECT min(at) FROM messages WHERE id > ? AND at IS NOT NULL AND NOT is_sample AND origin <> 'history'
  AND source <> 5 AND (direction = 'outbound' OR kind IN {OPENERS} OR referral IS NOT NULL)
"""
# A status is news when it delivers, when it says something else of the price, of the recipient or of a free entry point
# than what the charge rests on, or when it may change which message answered an ad.
_NEWS_OF_STATUSES = f"""
SELECT min(m.at) FROM statuses s CROSS JOIN messages m ON m.id = s.message_id
LEFT JOIN charges h ON h.message_id = m.id
WHERE s.id > ? AND m.direction = 'outbound' AND m.origin <> 'history' AND NOT m.is_sample AND m.at IS NOT NULL AND (
  s.status = 'failed' OR m.entry_expires_at IS NOT h.entry_until
  OR EXISTS (SELECT 1 FROM threads t WHERE t.id = m.thread_id AND t.referral_at IS NOT NULL)
  OR h.message_id IS NULL AND m.status IN {REACHED}
  OR h.message_id IS NOT NULL AND (h.at <> m.at OR s.id = {RECIPIENT.format(what="s.id")}
    OR {HAS_PRICE} AND (s.pricing_model IS NOT h.said_model OR s.pricing_type IS NOT h.said_type
      OR s.pricing_category IS NOT h.said_category OR s.billable IS NOT h.said_billable)))
"""
_NEWS_OF_CALLS = "SELECT min(at) FROM calls WHERE id > ? AND opens_window = 1"


class State(NamedTuple):
    """What the kept charges rest on. `stale_since`: from this instant on they are not right; None: all are."""

    basis: str
    last_message_id: int
    last_status_id: int
    last_call_id: int
    stale_since: int | None
    marked_since: int | None
    run: int


class Work(NamedTuple):
    """A run of upkeep: its number, and the instant from which on charges are made anew (0: all of them)."""

    run: int
    since: int


class ChargeRow(NamedTuple):
    """A row of `charges`, in the order of its columns."""

    message_id: int
    number_id: int
    at: int
    day: str
    kind: str
    origin: str
    category: str | None
    market: str | None
    template: str | None
    amount: int | None
    worth: int | None
    currency: str
    free_reason: str | None
    tier: str | None
    card_id: str | None
    rule_id: str | None
    entry_until: int | None
    said_model: str | None
    said_type: str | None
    said_category: str | None
    said_billable: int | None


def state_of(store: Store) -> State | None:
    """What the charges rest on; None where none were ever made."""
    row = store.query_one(
        "SELECT basis, last_message_id, last_status_id, last_call_id, stale_since, marked_since, run FROM charge_state"
    )
    return None if row is None else State._make(row)


def is_current(store: Store, basis: str) -> bool:
    """True when nothing has come since the charges were made: reading them is then all there is to do."""
    state = state_of(store)
    if state is None:
        return _last_ids(store)[0] == 0
    if state.basis != basis or state.stale_since is not None or state.marked_since is not None:
        return False
    return _last_ids(store) == (state.last_message_id, state.last_status_id, state.last_call_id)


def stand_in(store: Store) -> None:
    """Puts empty temporary tables in front of the kept ones: for a store that cannot be written."""
    for name in ("charges", "charge_state"):
        (statement,) = (one for one in CHARGES_1 if one.startswith(f"CREATE TABLE {name} "))
        plain = statement.replace(" REFERENCES messages(id) ON DELETE CASCADE", "")
        store.query(plain.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
    store.query("CREATE INDEX temp.charges_at ON charges(at)")


def stand_down(store: Store) -> None:
    """Takes the temporary tables of an earlier answer away again."""
    if is_stand_in(store):
        store.query("DROP TABLE temp.charges")
        store.query("DROP TABLE temp.charge_state")


def is_stand_in(store: Store) -> bool:
    """True when this connection reads charges of its own."""
    return store.query_one("SELECT 1 FROM temp.sqlite_schema WHERE name = 'charge_state'") is not None


def begin(store: Store, basis: str) -> Work | None:
    """Notes everything that is new as seen and drops the charges it affects; None when nothing is new.

    Nobody else's charges of this run count any more: a run that was under way elsewhere ends at its next step.
    """
    with store.transaction() as connection:
        state = state_of(store)
        last = _last_ids(store)
        if state is None or state.basis != basis:
            run, since, is_known = (0 if state is None else state.run) + 1, 0, False
        else:
            earliest = _earliest_news(store, state)
            run = state.run + 1
            since = -1 if earliest is None else earliest
            is_known = state.stale_since is None
        prepare(store)
        if since > 0 and is_known and state is not None:
            values = (since, state.last_message_id, state.last_status_id)
            connection.execute(_FORMER, values)
        connection.execute(
            "INSERT OR REPLACE INTO charge_state VALUES (1, ?, ?, ?, ?, ?, NULL, ?)",
            (basis, *last, since if since >= 0 else None, run),
        )
        if not is_stand_in(store):
            connection.execute("DELETE FROM main.charge_marks")
        if since < 0:
            return None
        if since == 0:
            connection.execute("DELETE FROM charges")
        else:
            connection.execute("DELETE FROM charges WHERE at >= ?", (since,))
            # what was charged at an earlier instant than it turned out to have
            connection.execute(
                "DELETE FROM charges WHERE message_id IN (SELECT f.message_id FROM temp.charge_former f "
                "JOIN messages m ON m.id = f.message_id WHERE m.at >= ?)",
                (since,),
            )
    lay_out(store, since, is_known=since > 0 and is_known)
    return Work(run, since)


# What had a charge, or may have one now: looked at again, wherever else in the table it stands.
_FORMER = """
INSERT INTO temp.charge_former (message_id)
SELECT message_id FROM charges WHERE at >= ?
UNION SELECT message_id FROM charge_marks
UNION SELECT id FROM messages WHERE id > ? UNION SELECT message_id FROM statuses WHERE id > ?
"""


def used_in_month(
    store: Store, since: int, until: int
) -> tuple[list[tuple[int, int]], list[tuple[str | None, str | None, int]]]:
    """Charged at or after `since` and before `until`: free messages of the allowance by number, and billed ones by
    market and category (None for service)."""
    free = store.query(
        "SELECT number_id, count(*) FROM charges WHERE at >= ? AND at < ? AND free_reason = 'allowance' GROUP BY 1",
        (since, until),
    )
    billed = store.query(
        "SELECT market, iif(kind = 'template', category, NULL), count(*) FROM charges "
        "WHERE at >= ? AND at < ? AND free_reason IS NULL GROUP BY 1, 2",
        (since, until),
    )
    return free, billed


def put_charges(store: Store, work: Work, rows: Iterable[ChargeRow]) -> bool:
    """Writes charges in one transaction; False when another run has begun since, and nothing was written."""
    with store.transaction() as connection:
        if not _is_ours(store, work):
            return False
        marks = ", ".join("?" * len(ChargeRow._fields))
        connection.executemany(f"INSERT OR REPLACE INTO charges VALUES ({marks})", rows)
    return True


def finish(store: Store, work: Work) -> bool:
    """The charges are right as far as this run knew; False when another run has begun since."""
    with store.transaction() as connection:
        if not _is_ours(store, work):
            return False
        connection.execute("UPDATE charge_state SET stale_since = NULL")
    return True


def _is_ours(store: Store, work: Work) -> bool:
    state = state_of(store)
    return state is not None and state.run == work.run


def _last_ids(store: Store) -> tuple[int, int, int]:
    row = store.query_one(
        "SELECT coalesce((SELECT max(id) FROM messages), 0), coalesce((SELECT max(id) FROM statuses), 0), "
        "coalesce((SELECT max(id) FROM calls), 0)"
    )
    assert row is not None
    return row[0], row[1], row[2]


def _earliest_news(store: Store, state: State) -> int | None:
    found = [state.stale_since, state.marked_since]
    for sql, last in (
        (_NEWS_OF_MESSAGES, state.last_message_id),
        (_NEWS_OF_STATUSES, state.last_status_id),
        (_NEWS_OF_CALLS, state.last_call_id),
    ):
        row: Row | None = store.query_one(sql, (last,))
        found.append(None if row is None else row[0])
    return min((at for at in found if at is not None), default=None)
