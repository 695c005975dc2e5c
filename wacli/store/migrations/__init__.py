"""The schema, as numbered steps that are only ever added to. Each says why it exists.

Each step of an older store runs in one transaction together with the record of it and with `user_version`, so a
killed process leaves a store of some whole version. sqlite-utils 4 keeps the record (its `Migrations`); the write lock
is taken first, so that two processes that open an old store do the work once.

Tables are STRICT. Instants are whole seconds since 1970 (UTC). Columns that are marked derived can be computed from
the kept rows at any time: `settle` does it, `rebuild` starts from nothing.

The steps stand in their order in the files `mNNN_to_mNNN.py`; a new one goes to the end of `m015_on.py`. A step that
has once been released is never changed: stores in the field were made by its text.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

# Importing a file enters its steps, in the order of these lines.
from . import m001_to_m005, m006_to_m014, m015_on  # noqa: F401 isort: skip
from .steps import migrations

__all__ = ["migrate", "migrations", "step_after"]


def migrate(connection: sqlite3.Connection, *, stop_before: str | None = None) -> None:
    """Applies what is missing, one transaction each; `stop_before` names a step, for tests.

    An empty store gets all of it in one: there is nothing to lose, and each transaction asks anew what is missing
    (measured: a new store in half the CPU, and in one commit).
    """
    database = Database(connection, execute_plugins=False)
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            missing = [step.name for step in migrations.pending(database)]
            if not missing or missing[0] == stop_before:
                connection.execute("ROLLBACK")
                return
            done = len(migrations.applied(database))
            migrations.apply(database, stop_before=missing[1:2] if done else stop_before)
            connection.execute(f"PRAGMA user_version={len(migrations.applied(database))}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def step_after(version: int) -> str | None:
    """The name of the first step that a store of that version lacks; None for the present version."""
    names = [step.name for step in migrations.pending(Database(memory=True, execute_plugins=False))]
    return names[version] if version < len(names) else None
