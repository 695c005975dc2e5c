"""Messages of exported chats that WhatsApp itself tells as well: of the two descriptions WhatsApp's stays.

An export knows no wamid, so the two are matched: same thread, same side, same minute, and the same text (as sent, or
as edited since); files by being files, because the phone's history names a file first and gives it later, and an
export without files does not say what they were; a deleted message by being deleted. Of equals as many go as WhatsApp
has told. Those that go are kept in `twins`: they are known when the same chat is imported again, and a rebuild, which
hears everything anew, starts with them among the messages. So it does not matter what came first.

Source: issue 8; facts cloud-api.md sections 9 (`history` webhooks) and 13 (exports).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from ..domain.message import FILE_KINDS
from .candidates import FROM_EXPORT

_FILES = FILE_KINDS | {"media", "media_placeholder"}
_COLUMNS = "seat, wamid, thread_id, number_id, direction, kind, at, text, media"
_KEPT = f"source = {FROM_EXPORT}"  # word for word the condition of the index `messages_exported`


def is_needed(connection: sqlite3.Connection) -> bool:
    """True when the store has an exported chat at all."""
    return connection.execute(f"SELECT 1 FROM messages WHERE {_KEPT} LIMIT 1").fetchone() is not None


def first_key(connection: sqlite3.Connection, thread_id: int) -> str | None:
    """The key of some message of the chats that were imported into a thread."""
    for sql in (
        f"SELECT wamid FROM messages WHERE {_KEPT} AND thread_id = ? ORDER BY at LIMIT 1",
        "SELECT wamid FROM twins WHERE thread_id = ? LIMIT 1",
    ):
        row = connection.execute(sql, (thread_id,)).fetchone()
        if row is not None:
            return str(row[0])
    return None


def known(connection: sqlite3.Connection, thread_id: int, seats: Sequence[int]) -> set[str]:
    """Which keys with these seats the store has."""
    asked = json.dumps(seats)
    found = connection.execute(
        "SELECT m.wamid FROM json_each(?) j CROSS JOIN messages m ON m.seat = j.value UNION ALL "
        "SELECT t.wamid FROM json_each(?) j CROSS JOIN twins t ON t.seat = j.value AND t.thread_id = ?",
        (asked, asked, thread_id),
    )
    return {key for (key,) in found}


def match(connection: sqlite3.Connection, thread_id: int, first: int = 0, last: int = 1 << 60) -> int:
    """Takes out what WhatsApp has told as well, from the minute of `first` to that of `last`; how many went."""
    span = (thread_id, first // 60 * 60, last // 60 * 60 + 59)
    told: Counter[tuple[object, ...]] = Counter()
    edited: list[tuple[tuple[object, ...], tuple[object, ...]]] = []
    for at, direction, kind, text, new_text, revoked_at in connection.execute(
        "SELECT at, direction, kind, text, iif(edited_at IS NULL, NULL, edited_text), revoked_at FROM messages "
        f"WHERE thread_id = ? AND at BETWEEN ? AND ? AND source > 1 AND source <> {FROM_EXPORT} "
        "AND kind NOT IN ('edit', 'revoke', 'reaction', 'system', 'errors')",
        span,
    ):
        key = _key(at, direction, "deleted" if revoked_at is not None else kind, text)
        told[key] += 1
        if new_text is not None:
            edited.append((key, _key(at, direction, kind, new_text)))
    if not told:
        return 0
    for at, direction, kind, text in connection.execute(
        "SELECT at, direction, kind, text FROM twins WHERE thread_id = ? AND at BETWEEN ? AND ?", span
    ):
        _take(told, edited, _key(at, direction, kind, text))
    going = [
        message_id
        for message_id, at, direction, kind, text in connection.execute(
            f"SELECT id, at, direction, kind, text FROM messages WHERE {_KEPT} AND thread_id = ? "
            "AND at BETWEEN ? AND ? ORDER BY at, wamid",
            span,
        )
        if _take(told, edited, _key(at, direction, kind, text))
    ]
    _move(connection, going)
    return len(going)


def put_back(connection: sqlite3.Connection, thread_ids: Iterable[int] | None = None) -> None:
    """Everything (or what is of these threads) is a message again: before it is matched anew."""
    which = "" if thread_ids is None else f"WHERE thread_id IN ({', '.join(map(str, thread_ids))})"
    connection.execute(
        f"INSERT INTO messages (source, origin, {_COLUMNS}) SELECT {FROM_EXPORT}, 'history', {_COLUMNS} FROM twins "
        f"{which} ORDER BY thread_id, at, wamid"
    )
    connection.execute(f"DELETE FROM twins {which}")


def _key(at: int, direction: str, kind: str, text: str | None) -> tuple[object, ...]:
    if kind in _FILES:
        return at // 60, direction, "file"
    if kind == "deleted":
        return at // 60, direction, "deleted"
    return at // 60, direction, "said", (text or "").strip() or kind


def _take(
    told: Counter[tuple[object, ...]],
    edited: list[tuple[tuple[object, ...], tuple[object, ...]]],
    key: tuple[object, ...],
) -> bool:
    """True when one more message of WhatsApp's is this one; it is used up."""
    if told[key] > 0:
        told[key] -= 1
        return True
    for was, is_now in edited:
        if is_now == key and told[was] > 0:
            told[was] -= 1
            return True
    return False


def _move(connection: sqlite3.Connection, message_ids: Iterable[int]) -> None:
    ids = json.dumps(list(message_ids))
    if ids != "[]":
        connection.execute(
            f"INSERT OR IGNORE INTO twins ({_COLUMNS}) SELECT {_COLUMNS} FROM messages "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
        connection.execute("DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))", (ids,))
