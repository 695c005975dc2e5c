"""What we mean to send, written down before a socket opens, and what became of it.

States: queued -> sending -> accepted | held | refused | unknown. `sending` that nobody is sending any more (a killed
process) is `unknown`: it may or may not have gone out, and nothing repeats it. A status webhook that carries our key
settles it. Every write here waits for the disk (`durable`): nobody can tell us again.

The instant of a sent message is Meta's as soon as a status gives one; until then it is our clock's, but never before
the contact's last message, so that a slow clock here cannot make an answer look like no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ..domain.contact import label_of
from ..domain.problem import NotFound
from ..domain.text import t
from .database import Row, Store
from .instants import moment, moment_or_none, seconds
from .outbox_writer import Draft, OutboxWriter, settle_by_status, take_in_all

__all__ = ["Draft", "OutboxRow", "OutboxWriter", "settle_by_status", "take_in_all"]

_COLUMNS = (
    "o.id, o.key, o.thread_id, th.contact_id, o.kind, o.template_name, o.template_language, o.category, o.text, "
    "o.reply_to, o.request, o.state, o.attempts, o.wamid, o.error_code, o.error_details, o.error_trace, o.replaces, "
    "o.history, (SELECT r.key FROM outbox r WHERE r.replaces = o.key ORDER BY r.id LIMIT 1), n.phone_number_id, "
    "coalesce(c.name, c.book_name, c.profile_name), c.phone, c.bsuid, c.username, "
    "o.created_at, o.sent_at, o.answered_at, m.status, m.error_code, m.error_text"
)
_FROM = (
    "FROM outbox o JOIN threads th ON th.id = o.thread_id JOIN numbers n ON n.id = th.number_id "
    "JOIN contacts c ON c.id = th.contact_id LEFT JOIN messages m ON m.id = o.message_id"
)
INTERRUPTED = "interrupted"  # in `error_details`: the program ended while it waited for the answer
ABANDONED = "abandoned"  # the program ended before it tried (again); nothing was accepted
# Word for word the condition of the index: SQLite uses a partial index only where it recognises it.
_OPEN = "o.state IN ('queued', 'sending', 'unknown')"


class OutboxRow(NamedTuple):
    """One send. Instants aware, UTC. `status` is Meta's latest word on the message, None while there is none.

    `replaces` and `replaced_by` are keys: a person had the same sent again. `history` is what `message_history` told.
    """

    id: int
    key: str
    thread_id: int
    contact_id: int
    kind: str
    template_name: str | None
    template_language: str | None
    category: str | None
    text: str | None
    reply_to: str | None
    request: str
    state: str
    attempts: int
    wamid: str | None
    error_code: int | None
    error_details: str | None
    error_trace: str | None
    replaces: str | None
    history: str | None
    replaced_by: str | None
    phone_number_id: str | None
    name: str | None
    phone: str | None
    bsuid: str | None
    username: str | None
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    status: str | None
    status_code: int | None
    status_text: str | None

    @property
    def label(self) -> str:
        """What to call the contact. Somebody else's text: sanitise to show."""
        return label_of(self.contact_id, self.name, self.username, self.phone, self.bsuid)


def mark_left_behind(store: Store, now: datetime) -> None:
    """For a moment at which nothing is being sent: whoever wrote a row that is still open is gone.

    `sending` becomes `unknown`; `queued`, of which nothing was accepted and which nobody will send, `refused`.
    """
    if store.query_one(f"SELECT 1 FROM outbox o WHERE {_OPEN} AND o.state <> 'unknown' LIMIT 1") is None:
        return
    with store.transaction(durable=True) as connection:
        connection.execute(
            f"UPDATE outbox AS o SET state = 'unknown', error_details = ? WHERE {_OPEN} AND o.state = 'sending'",
            (INTERRUPTED,),
        )
        connection.execute(
            "UPDATE outbox AS o SET state = 'refused', answered_at = ?, error_details = coalesce(error_details, ?) "
            f"WHERE {_OPEN} AND o.state = 'queued'",
            (seconds(now), ABANDONED),
        )


def record_history(store: Store, key: str, history: str) -> None:
    """Keeps what `message_history` told of this send (a JSON list)."""
    with store.transaction(durable=True) as connection:
        connection.execute("UPDATE outbox SET history = ? WHERE key = ?", (history, key))


def find(store: Store, key: str) -> OutboxRow | None:
    """The send with this key, or None."""
    row = store.query_one(f"SELECT {_COLUMNS} {_FROM} WHERE o.key = ?", (key,))
    return None if row is None else _row(row)


def list_of_part(store: Store, part: str) -> list[OutboxRow]:
    """The sends whose keys begin or end like this, five at most: a person types one end of a key. Looks through all
    keys."""
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE substr(o.key, 1, ?1) = ?2 OR substr(o.key, -?1) = ?2 ORDER BY o.key LIMIT 5"
    return [_row(row) for row in store.query(sql, (len(part), part))]


def get(store: Store, key: str) -> OutboxRow:
    """The send with this key; raises NotFound."""
    row = find(store, key)
    if row is None:
        raise NotFound("no-such-send", t("Nothing was ever queued under {key}", key=key))
    return row


def list_open(store: Store) -> list[OutboxRow]:
    """What is queued, being sent, or unknown, oldest first."""
    return [_row(row) for row in store.query(f"SELECT {_COLUMNS} {_FROM} WHERE {_OPEN} ORDER BY o.created_at, o.id")]


def stream_all(store: Store, *, limit: int = 0) -> Iterator[OutboxRow]:
    """Every send, newest first; 0 is no limit."""
    sql = f"SELECT {_COLUMNS} {_FROM} ORDER BY o.id DESC LIMIT ?"
    return (_row(row) for row in store.stream(sql, (limit or -1,)))


def count_all(store: Store) -> int:
    """How many sends there ever were."""
    row = store.query_one("SELECT count(*) FROM outbox")
    assert row is not None
    return int(row[0])


def list_silent(store: Store) -> list[OutboxRow]:
    """What was accepted and never heard of again, oldest first: no status has come."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE o.state IN ('accepted', 'held') AND o.wamid IS NOT NULL "
        "AND m.status IN ('accepted', 'held') ORDER BY o.created_at, o.id"
    )
    return [_row(row) for row in rows]


def list_with_history(store: Store) -> list[OutboxRow]:
    """The sends of which `message_history` told something, oldest first."""
    return [_row(row) for row in store.query(f"SELECT {_COLUMNS} {_FROM} WHERE o.history IS NOT NULL ORDER BY o.id")]


def list_without_message(store: Store, thread_id: int) -> list[OutboxRow]:
    """The sends of one thread that no answer and no status has made a message of, newest first."""
    rows = store.query(
        f"SELECT {_COLUMNS} {_FROM} WHERE o.thread_id = ? AND o.wamid IS NULL ORDER BY o.created_at DESC, o.id DESC",
        (thread_id,),
    )
    return [_row(row) for row in rows]


def _row(row: Row) -> OutboxRow:
    *columns, created_at, sent_at, answered_at, status, code, text = row
    instants = (moment(created_at), moment_or_none(sent_at), moment_or_none(answered_at))
    return OutboxRow._make((*columns, *instants, status, code, text))
