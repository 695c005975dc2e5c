"""The list that every step enters itself in, and how a step is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

migrations = Migrations("wacli")


def run(database: Database, statements: Sequence[str]) -> None:
    for statement in statements:
        database.execute(statement)
