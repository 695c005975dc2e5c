"""Keeping `charges` right without costing an intake anything: what is new is found by its row ids, when asked for.

`charge_state` remembers up to which rows of messages, statuses and calls the charges have seen everything. Whatever
came after (or was marked, see `charge_marks`) affects charges from the instant of the earliest message concerned on:
the free messages of a month and its volume tiers depend on the order of sending, so from there on the charges are
dropped and made anew, oldest first, in small transactions. `stale_since` stands until the last of them is done, so a
killed process leaves charges that say they are unfinished.

`schema` is `main`, or `temp` where the store cannot be written: temporary tables of the same names then stand in
front of the kept ones, for this connection only.

What is charged: every outbound message through the Cloud API that was delivered (`read` and `played` prove it), at
the instant it was sent; what the owner typed in the phone app besides, as free. Samples, messages of the phone's
history and of exported chats were never sent through the API and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..domain.message import STATUS_RANK
from .charge_schema import CHARGES_1
from .clocks import OPENERS, REACHED
from .database import Row, Store

HEARD, WARM_UP, CHARGED = 0, 1, 2
_LOOK_BACK_S = 8 * 86_400  # longer than any free entry point window

_CHARGEABLE = (
    "m.direction = 'outbound' AND NOT m.is_sample AND m.at IS NOT NULL AND "
    f"(m.origin = 'api' AND m.status IN {REACHED} OR m.origin = 'app' AND m.kind NOT IN ('edit', 'revoke'))"
)
_RANK = "CASE s.status " + " ".join(f"WHEN '{word}' THEN {rank}" for word, rank in STATUS_RANK.items()) + " END"
_HAS_PRICE = "coalesce(s.pricing_model, s.pricing_type, s.pricing_category, s.billable) IS NOT NULL"

# The status that names the recipient by something that has a market: the earliest.
_RECIPIENT = (
    "(SELECT {what} FROM statuses s JOIN parties q ON q.id = s.party_id WHERE s.message_id = m.id "
    "AND (q.phone IS NOT NULL OR q.bsuid IS NOT NULL) ORDER BY s.at, q.key LIMIT 1)"
)

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
  OR h.message_id IS NOT NULL AND (h.at <> m.at OR s.id = {_RECIPIENT.format(what="s.id")}
    OR {_HAS_PRICE} AND (s.pricing_model IS NOT h.said_model OR s.pricing_type IS NOT h.said_type
      OR s.pricing_category IS NOT h.said_category OR s.billable IS NOT h.said_billable)))
"""
_NEWS_OF_CALLS = "SELECT min(at) FROM calls WHERE id > ? AND opens_window = 1"

# Both are scans of small partial indexes; left alone, SQLite reads every message there is.
_ANSWERS = """
SELECT r.thread_id, r.at, NULL, (
  SELECT min(o.at) FROM messages o WHERE o.thread_id = r.thread_id AND o.at >= r.at AND o.at < r.at + 86400
    AND o.origin = 'api' AND o.direction = 'outbound' AND o.kind NOT IN ('edit', 'revoke') AND o.status IS NOT 'failed')
FROM messages r INDEXED BY messages_referral WHERE r.referral IS NOT NULL AND r.thread_id IS NOT NULL AND r.at >= :since
  AND r.direction = 'inbound' AND r.origin = 'api'
UNION ALL
SELECT e.thread_id, e.at, e.entry_expires_at, NULL FROM messages e INDEXED BY messages_entry
WHERE e.entry_expires_at > :since AND e.thread_id IS NOT NULL AND e.at IS NOT NULL
ORDER BY 1, 2
"""


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


class WorkRow(NamedTuple):
    """One message or call, in the order of time. `what`: HEARD, WARM_UP (an outbound one, for the conversations that
    it opened) or CHARGED. The rest of a heard one is empty.

    `entry_ends_at`: the end of the free entry point it is in. `phone`, `bsuid`: the recipient as the statuses name it.
    """

    place: int
    what: int
    message_id: int | None
    at: int
    thread_id: int | None
    number_id: int | None
    origin: str | None
    kind: str | None
    is_group: int | None
    template_category: str | None
    template: str | None
    phone: str | None
    bsuid: str | None
    is_in_window: int | None
    entry_ends_at: int | None
    entry_until: int | None
    said_model: str | None
    said_type: str | None
    said_category: str | None
    said_billable: int | None


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
        _prepare(store)
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
    _lay_out(store, since, is_known=since > 0 and is_known)
    return Work(run, since)


# What had a charge, or may have one now: looked at again, wherever else in the table it stands.
_FORMER = """
INSERT INTO temp.charge_former (message_id)
SELECT message_id FROM charges WHERE at >= ?
UNION SELECT message_id FROM charge_marks
UNION SELECT id FROM messages WHERE id > ? UNION SELECT message_id FROM statuses WHERE id > ?
"""


def _prepare(store: Store) -> None:
    store.query("CREATE TEMP TABLE IF NOT EXISTS charge_former (message_id INTEGER PRIMARY KEY)")
    store.query(
        "CREATE TEMP TABLE IF NOT EXISTS charge_work "
        "(place INTEGER PRIMARY KEY, what INTEGER, id INTEGER, at INTEGER, thread_id INTEGER)"
    )
    store.query(
        "CREATE TEMP TABLE IF NOT EXISTS charge_entry "
        "(thread_id INTEGER, starts_at INTEGER, ends_at INTEGER, PRIMARY KEY (thread_id, starts_at)) WITHOUT ROWID"
    )
    for name in ("charge_former", "charge_work", "charge_entry"):
        store.query(f"DELETE FROM temp.{name}")


def _lay_out(store: Store, since: int, *, is_known: bool) -> None:
    """Puts what is to be charged in the order of sending; of one second, in the order of the wamids."""
    source = "temp.charge_former w CROSS JOIN messages m ON m.id = w.message_id" if is_known else "messages m"
    store.query(
        f"INSERT INTO temp.charge_work (what, id, at, thread_id) SELECT {CHARGED}, m.id, m.at, m.thread_id "
        f"FROM {source} WHERE {_CHARGEABLE} AND m.at >= ? ORDER BY m.at, m.wamid",
        (since,),
    )


def lay_out_conversations(store: Store, since: int, until: int) -> None:
    """Lays the work out anew with everything around it: what the contacts wrote and what was sent shortly before.

    For the years in which a message cost what the conversation cost that it opened: from `since` before `until`.
    """
    values = {"since": since, "from": since - _LOOK_BACK_S, "until": until}
    store.query(
        "CREATE TEMP TABLE IF NOT EXISTS charge_around (what INTEGER, id INTEGER, at INTEGER, thread_id INTEGER, "
        "wamid TEXT)"
    )
    store.query("DELETE FROM temp.charge_around")
    store.query(
        f"""INSERT INTO temp.charge_around
        SELECT {CHARGED}, w.id, w.at, w.thread_id, m.wamid FROM temp.charge_work w CROSS JOIN messages m ON m.id = w.id
        UNION ALL SELECT iif(m.direction = 'inbound', {HEARD}, {WARM_UP}), m.id, m.at, m.thread_id, m.wamid
        FROM messages m WHERE m.at >= :from AND m.at < :until AND NOT m.is_sample AND m.thread_id IS NOT NULL AND (
          m.direction = 'inbound' AND m.origin = 'api' AND m.kind IN {OPENERS} OR m.at < :since AND {_CHARGEABLE})
        UNION ALL SELECT {HEARD}, NULL, min(c.at), c.thread_id, '' FROM calls c
        WHERE c.opens_window = 1 AND c.thread_id IS NOT NULL GROUP BY c.key HAVING min(c.at) >= :from
          AND min(c.at) < :until""",
        values,
    )
    store.query("DELETE FROM temp.charge_work")
    # What a contact wrote in the second of an answer came before it.
    store.query(
        "INSERT INTO temp.charge_work (what, id, at, thread_id) "
        "SELECT what, id, at, thread_id FROM temp.charge_around ORDER BY at, what > 0, wamid"
    )
    store.query("DELETE FROM temp.charge_around")


def first_charged_at(store: Store) -> int | None:
    """The instant of the first message that is to be charged."""
    row = store.query_one(f"SELECT min(at) FROM temp.charge_work WHERE what = {CHARGED}")
    return None if row is None or row[0] is None else int(row[0])


def count_work(store: Store) -> int:
    """How many messages are to be charged."""
    row = store.query_one("SELECT max(place) FROM temp.charge_work")
    return 0 if row is None or row[0] is None else int(row[0])


def stream_entry_points(store: Store, since: int) -> Iterator[tuple[int, int, int | None, int | None]]:
    """By thread: (thread, instant, expiry that Meta told there or None, first answer in time to an ad or None)."""
    return store.stream(_ANSWERS, {"since": max(since - _LOOK_BACK_S, 0)})


def put_entry_spans(store: Store, spans: Sequence[tuple[int, int, int]]) -> None:
    """Keeps (thread, start, end) of free entry points for `list_work`."""
    for span in spans:
        store.query("INSERT OR REPLACE INTO temp.charge_entry VALUES (?, ?, ?)", span)


# Meta's word: the status of the highest rank that speaks of the price. The recipient: as the earliest status names it;
# of what the phone app echoed, as the echo does.
_WORK = f"""
SELECT w.place, w.what, w.id, w.at, w.thread_id, m.number_id, m.origin, m.kind, m.group_id IS NOT NULL,
  o.category, o.template_name, p.phone, p.bsuid,
  CASE WHEN w.at < :windows_until AND m.kind IN ('template', 'unknown') THEN
    EXISTS (SELECT 1 FROM messages i WHERE i.thread_id = m.thread_id AND i.at <= m.at AND i.at > m.at - 86400
      AND i.direction = 'inbound' AND i.origin = 'api' AND i.kind IN {OPENERS})
    OR EXISTS (SELECT 1 FROM (SELECT min(c.at) AS at FROM calls c WHERE c.thread_id = m.thread_id
      AND c.opens_window = 1 GROUP BY c.key) k WHERE k.at <= m.at AND k.at > m.at - 86400)
    ELSE m.kind NOT IN ('template', 'unknown') END,
  (SELECT max(e.ends_at) FROM temp.charge_entry e WHERE e.thread_id = m.thread_id AND e.starts_at <= m.at
    AND e.ends_at > m.at),
  m.entry_expires_at, s.pricing_model, s.pricing_type, s.pricing_category, s.billable
FROM temp.charge_work w LEFT JOIN messages m ON m.id = w.id AND w.what > {HEARD}
LEFT JOIN outbox o ON o.id = (SELECT min(x.id) FROM outbox x WHERE x.wamid = m.wamid)
LEFT JOIN statuses s ON s.id = (SELECT s.id FROM statuses s WHERE s.message_id = m.id AND {_HAS_PRICE}
  ORDER BY {_RANK} DESC, s.at DESC, s.pricing_type, s.pricing_category, s.pricing_model, s.billable LIMIT 1)
LEFT JOIN parties p ON p.id = coalesce({_RECIPIENT.format(what="s.party_id")}, m.party_id)
WHERE w.place > :after ORDER BY w.place LIMIT :limit
"""


def list_work(store: Store, *, after: int, limit: int, windows_until: int) -> list[WorkRow]:
    """The next rows of the work. `windows_until`: before this instant the rules ask whether a window was open."""
    rows = store.query(_WORK, {"after": after, "limit": limit, "windows_until": windows_until})
    return [WorkRow._make(row) for row in rows]


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
