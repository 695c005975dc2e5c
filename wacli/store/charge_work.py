"""The work of a run of upkeep (`charge_upkeep`): what is to be charged, in temporary tables, in the order of time.

What is charged: every outbound message through the Cloud API that was delivered (`read` and `played` prove it), at
the instant it was sent; what the owner typed in the phone app besides, as free. Samples, messages of the phone's
history and of exported chats were never sent through the API and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..domain.message import STATUS_RANK
from .clocks import OPENERS, REACHED
from .database import Store

HEARD, WARM_UP, CHARGED = 0, 1, 2
_LOOK_BACK_S = 8 * 86_400  # longer than any free entry point window
_CHARGEABLE = (
    "m.direction = 'outbound' AND NOT m.is_sample AND m.at IS NOT NULL AND "
    f"(m.origin = 'api' AND m.status IN {REACHED} OR m.origin = 'app' AND m.kind NOT IN ('edit', 'revoke'))"
)
_RANK = "CASE s.status " + " ".join(f"WHEN '{word}' THEN {rank}" for word, rank in STATUS_RANK.items()) + " END"
HAS_PRICE = "coalesce(s.pricing_model, s.pricing_type, s.pricing_category, s.billable) IS NOT NULL"
# The status that names the recipient by something that has a market: the earliest.
RECIPIENT = (
    "(SELECT {what} FROM statuses s JOIN parties q ON q.id = s.party_id WHERE s.message_id = m.id "
    "AND (q.phone IS NOT NULL OR q.bsuid IS NOT NULL) ORDER BY s.at, q.key LIMIT 1)"
)
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


def prepare(store: Store) -> None:
    """Makes the temporary tables, or empties them."""
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


def lay_out(store: Store, since: int, *, is_known: bool) -> None:
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
LEFT JOIN statuses s ON s.id = (SELECT s.id FROM statuses s WHERE s.message_id = m.id AND {HAS_PRICE}
  ORDER BY {_RANK} DESC, s.at DESC, s.pricing_type, s.pricing_category, s.pricing_model, s.billable LIMIT 1)
LEFT JOIN parties p ON p.id = coalesce({RECIPIENT.format(what="s.party_id")}, m.party_id)
WHERE w.place > :after ORDER BY w.place LIMIT :limit
"""


def list_work(store: Store, *, after: int, limit: int, windows_until: int) -> list[WorkRow]:
    """The next rows of the work. `windows_until`: before this instant the rules ask whether a window was open."""
    rows = store.query(_WORK, {"after": after, "limit": limit, "windows_until": windows_until})
    return [WorkRow._make(row) for row in rows]
