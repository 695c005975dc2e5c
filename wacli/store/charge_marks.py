"""What an intake does about charges: next to nothing.

New rows are found by their ids when somebody asks for money (`charge_upkeep`); only what changes without a new row
is marked here: two threads that became one, and a message that turned out to be another than it was priced as. A
store in which nobody ever asked for money has no row to mark.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

_NEVER = 1 << 60
_MARK = f"""
UPDATE charge_state SET marked_since = nullif(min(coalesce(marked_since, {_NEVER}), coalesce(:since, {_NEVER}),
  coalesce((SELECT min(at) FROM messages WHERE thread_id IN (SELECT value FROM json_each(:threads))), {_NEVER})),
  {_NEVER})
"""


# Which of them has a charge may change with that.
_MARK_MESSAGES = (
    "INSERT OR IGNORE INTO charge_marks (message_id) SELECT value FROM json_each(?) "
    "WHERE EXISTS (SELECT 1 FROM charge_state)"
)


def mark_charges(
    connection: sqlite3.Connection, thread_ids: Iterable[int], message_ids: Iterable[int], since: int | None
) -> None:
    """Charges from the beginning of these threads, and of these messages (from `since` on), are to be made anew."""
    connection.execute(_MARK, {"since": since, "threads": json.dumps(list(thread_ids))})
    connection.execute(_MARK_MESSAGES, (json.dumps(list(message_ids)),))
