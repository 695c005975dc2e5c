"""The index of words over the shown text of messages (FTS5), and how it is kept in step.

Upkeep: new messages are indexed by one `INSERT ... SELECT` for each settled batch (3 us a message; a row trigger takes
31). Messages are never indexed twice or missed, whoever wrote them: everything up to the highest `last_id` of
`search_blocks` is in the index, everything above is not yet. What changes or goes afterwards (edits, revokes, better
descriptions, erasure: one in hundreds) is kept in step by triggers, which need the text as it was.
"""

from __future__ import annotations

import sqlite3

BLOCK = 2_000  # ids


def _shown(row: str) -> str:
    return f"iif({row}revoked_at IS NOT NULL, NULL, iif({row}edited_at IS NULL, {row}text, {row}edited_text))"


_INDEXED_UNTIL = "(SELECT coalesce(max(last_id), 0) FROM search_blocks)"
_UNINDEX = (
    "INSERT INTO search_messages (search_messages, rowid, text) "
    f"SELECT 'delete', old.id, {_shown('old.')} WHERE {_shown('old.')} IS NOT NULL;"
)

SEARCH_1 = (
    f"CREATE VIEW search_source AS SELECT id, {_shown('')} AS text FROM messages WHERE {_shown('')} IS NOT NULL",
    "CREATE VIRTUAL TABLE search_messages USING fts5(text, content='search_source', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2', columnsize=0)",
    "CREATE TABLE search_blocks (block INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, max_at INTEGER) STRICT",
    f"""CREATE TRIGGER search_changed AFTER UPDATE OF text, edited_text, edited_at, revoked_at ON messages
      WHEN {_shown("old.")} IS NOT {_shown("new.")} AND old.id <= {_INDEXED_UNTIL} BEGIN
        {_UNINDEX}
        INSERT INTO search_messages (rowid, text)
          SELECT new.id, {_shown("new.")} WHERE {_shown("new.")} IS NOT NULL;
      END""",
    # The id of a message at the end is given again when it goes: it must be above `last_id` then.
    f"""CREATE TRIGGER search_gone AFTER DELETE ON messages WHEN old.id <= {_INDEXED_UNTIL} BEGIN
        {_UNINDEX}
        UPDATE search_blocks SET last_id = (SELECT coalesce(max(id), 0) FROM messages)
          WHERE last_id > (SELECT coalesce(max(id), 0) FROM messages);
      END""",
)

_INDEX = f"INSERT INTO search_messages (rowid, text) SELECT id, text FROM search_source WHERE id > {_INDEXED_UNTIL}"
_NOTE_BLOCKS = (
    f"INSERT INTO search_blocks SELECT id / {BLOCK}, max(id), max(at) FROM messages WHERE id > {_INDEXED_UNTIL} "
    "GROUP BY 1 ON CONFLICT (block) DO UPDATE SET last_id = max(last_id, excluded.last_id), "
    "max_at = max(coalesce(max_at, excluded.max_at), coalesce(excluded.max_at, max_at))"
)


def catch_up(connection: sqlite3.Connection) -> None:
    """Indexes every message that is not indexed yet. Inside a transaction."""
    row = connection.execute(f"SELECT coalesce(max(id), 0) > {_INDEXED_UNTIL} FROM messages").fetchone()
    if row[0]:
        connection.execute(_INDEX)
        connection.execute(_NOTE_BLOCKS)


def forget_all(connection: sqlite3.Connection) -> None:
    """Empties the index, before all messages are made again."""
    connection.execute("INSERT INTO search_messages (search_messages) VALUES ('delete-all')")
    connection.execute("DELETE FROM search_blocks")
