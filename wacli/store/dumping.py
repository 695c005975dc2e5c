"""Everything in the store as NDJSON, one file for each table, and a store made of that: no lock-in.

A row is an object of its columns; bytes are `{"$hex": "..."}`, which no column of ours holds as text. What the store
works out by itself (the index of words) is left out and made again. `manifest.json` names the schema the rows belong
to: they are put into a store of that schema, which is then brought up to date like any older one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from ..domain.problem import Invalid, NotFound, Refused, Unavailable
from ..domain.text import t
from .database import Store, problem_of
from .mark import SCHEMA_VERSION
from .search_index import catch_up

MANIFEST = "manifest.json"
_BATCH = 1_000
_OURS = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'search\\_%' ESCAPE '\\' ORDER BY name"
)


def export_store(store: Store, folder: Path) -> dict[str, int]:
    """Writes every table as it stands at the beginning; returns how many rows each has.

    Raises Refused (`file-exists`) for a folder with files in it, and Unavailable when it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("file-exists", t("{path} is not empty", path=str(folder)), t("Name a new folder"))
    connection = store.connection
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection.execute("BEGIN")
        try:
            names = [name for (name,) in connection.execute(_OURS)]
            counts = {name: _write_table(connection, name, folder / f"{name}.ndjson") for name in names}
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
            sequence = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
        finally:
            connection.execute("ROLLBACK")
        manifest = {"program": "wacli", "schema": schema, "tables": counts, "sequence": sequence}
        with _created(folder / MANIFEST) as out:
            out.write(json.dumps(manifest, indent=2) + "\n")
    except sqlite3.Error as error:
        raise problem_of(error, store.path) from error
    except OSError as error:
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(folder), reason=error.strerror or str(error)),
            t("Name another place"),
        ) from error
    return counts


def import_store(folder: Path, path: Path) -> dict[str, int]:
    """Makes the store at `path`, which must not exist, of an export; all or nothing.

    Raises Refused (`file-exists`), NotFound (`no-such-file`), and Invalid (`newer-store`, `broken-export`).
    """
    if path.exists():
        raise Refused("file-exists", t("{path} exists already", path=str(path)), t("Name a new store: --db FILE"))
    schema, tables, sequence = _manifest(folder)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _created(unfinished).close()
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            _fill(connection, folder, schema, tables, sequence)
        finally:
            connection.close()
        unfinished.rename(path)
    except sqlite3.Error as error:
        raise Invalid(
            "broken-export", t("{path} cannot be put together: {reason}", path=str(folder), reason=str(error))
        ) from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{unfinished}{suffix}").unlink(missing_ok=True)
    return tables


def _fill(
    connection: sqlite3.Connection, folder: Path, schema: int, tables: dict[str, int], sequence: dict[str, int]
) -> None:
    from .migrations import migrate, step_after

    migrate(connection, stop_before=step_after(schema))
    known = {name for (name,) in connection.execute(_OURS)}
    connection.execute("BEGIN IMMEDIATE")
    for name, count in tables.items():
        if name not in known:
            raise _broken(folder / MANIFEST, 1)
        found = _read_table(connection, name, folder / f"{name}.ndjson")
        if found != count:
            raise _broken(folder / f"{name}.ndjson", found)
    for name, number in sequence.items():
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
    if (lost := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
        raise _broken(folder / f"{lost[0]}.ndjson", int(lost[1] or 0))
    connection.execute("COMMIT")
    migrate(connection)
    connection.execute("BEGIN IMMEDIATE")
    catch_up(connection)
    connection.execute("COMMIT")


def _write_table(connection: sqlite3.Connection, name: str, file: Path) -> int:
    cursor = connection.execute(f'SELECT * FROM "{name}"')
    columns = [column[0] for column in cursor.description]
    count = 0
    with _created(file) as out:
        for row in cursor:
            count += 1
            out.write(json.dumps(dict(zip(columns, map(_written, row), strict=True)), ensure_ascii=False) + "\n")
    return count


def _read_table(connection: sqlite3.Connection, name: str, file: Path) -> int:
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
    marks = ", ".join("?" * len(columns))
    rows = _rows(file, columns)
    count = 0
    while batch := list(islice(rows, _BATCH)):
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', batch)
        count += len(batch)
    return count


def _rows(file: Path, columns: list[str]) -> Iterator[tuple[object, ...]]:
    if not file.is_file():
        raise NotFound("no-such-file", t("there is no file {file}", file=str(file)), t("Export the store again"))
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                yield tuple(_value(row.pop(column)) for column in columns)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise _broken(file, number) from error
            if row:
                raise _broken(file, number)


def _written(value: object) -> object:
    return {"$hex": value.hex()} if isinstance(value, bytes) else value


def _value(value: object) -> object:
    return bytes.fromhex(value["$hex"]) if isinstance(value, dict) else value


def _manifest(folder: Path) -> tuple[int, dict[str, int], dict[str, int]]:
    file = folder / MANIFEST
    try:
        said = json.loads(file.read_text("utf-8"))
        schema, tables, sequence = int(said["schema"]), dict(said["tables"]), dict(said["sequence"])
    except FileNotFoundError:
        raise NotFound("no-such-file", t("there is no file {file}", file=str(file)), t("Name an export")) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _broken(file, 1) from error
    if schema > SCHEMA_VERSION:
        raise Invalid(
            "newer-store",
            t("{path} was written by a newer wacli", path=str(folder)),
            t("Upgrade wacli, or choose another store with --db"),
        )
    return schema, tables, sequence


def _broken(file: Path, line: int) -> Invalid:
    return Invalid(
        "broken-export",
        t("{file}, line {line}: this is not what an export writes", file=str(file), line=line),
        t("Export the store again"),
    )


def _created(file: Path) -> TextIO:
    """A new file for its owner only."""
    return os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w", encoding="utf-8")
