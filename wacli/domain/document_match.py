"""Which file is whose: one file for one person, or nothing at all (issue "Doors and documents", `documents send`).

A row names its file in a column, or by a pattern of its cells (`{booking}.pdf`). Every file must be named by exactly
one row and every row must name exactly one file: a boarding pass that goes to the wrong person cannot be taken back.
File names are names, not paths: what a row says can never lead out of the folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .problem import Invalid
from .text import Text, t

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


class PersonRow(NamedTuple):
    """One row of the people's file: its number as a spreadsheet counts, and its cells by heading."""

    number: int
    cells: Mapping[str, str]


class Pair(NamedTuple):
    """A row and the name of its file."""

    row: PersonRow
    file: str


class Mismatch(NamedTuple):
    """Why a row or a file is without its counterpart. `row` None: it is about a file."""

    row: int | None
    code: str
    message: Text


def fill_pattern(pattern: str, cells: Mapping[str, str]) -> str:
    """The pattern with the row's cells put in. `{{` and `}}` stand for braces.

    Raises `Invalid`: `no-such-column`, or `empty-cell` where the row has nothing there.
    """

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        if name not in cells:
            raise Invalid(
                "no-such-column",
                t("There is no column {name}", name=name),
                t("The columns are {columns}", columns=", ".join(cells)),
            )
        if not cells[name].strip():
            raise Invalid("empty-cell", t("the column {name} is empty", name=name))
        return cells[name].strip()

    return _BRACES.sub(put, pattern)


def match_files(rows: Sequence[PersonRow], files: Sequence[str], pattern: str) -> tuple[list[Pair], list[Mismatch]]:
    """Pairs in the order of the rows, and everything that keeps them from being complete.

    Upper and lower case are told apart only where two files differ in nothing else. Raises `Invalid`
    (`no-such-column`) for a pattern that fits no row.
    """
    wrong: list[Mismatch] = []
    exact = dict.fromkeys(files)
    folded: dict[str, list[str]] = {}
    for name in exact:
        folded.setdefault(name.casefold(), []).append(name)
    claimed: dict[str, list[PersonRow]] = {}
    pairs: list[Pair] = []
    for row in rows:
        try:
            wanted = fill_pattern(pattern, row.cells)
        except Invalid as problem:
            if problem.code == "no-such-column":
                raise
            wrong.append(Mismatch(row.number, problem.code, t("row {row}: {why}", row=row.number, why=problem.message)))
            continue
        found = _found(wanted, exact, folded, row.number, wrong)
        if found is not None:
            claimed.setdefault(found, []).append(row)
            pairs.append(Pair(row, found))
    for name, claimants in claimed.items():
        if len(claimants) > 1:
            numbers = ", ".join(str(row.number) for row in claimants)
            said = t("{file} is named by several rows: {rows}", file=name, rows=numbers)
            wrong.append(Mismatch(None, "file-for-several", said))
    wrong += [
        Mismatch(None, "file-for-nobody", t("{file} is for nobody: no row names it", file=name))
        for name in exact
        if name not in claimed
    ]
    return pairs, wrong


def _found(
    wanted: str, exact: Mapping[str, None], folded: Mapping[str, list[str]], row: int, wrong: list[Mismatch]
) -> str | None:
    if not is_plain_name(wanted):
        said = t("row {row} names {file}, which is no plain file name", row=row, file=wanted)
        wrong.append(Mismatch(row, "bad-file-name", said))
        return None
    if wanted in exact:
        return wanted
    near = folded.get(wanted.casefold(), [])
    if len(near) == 1:
        return near[0]
    wrong.append(Mismatch(row, "no-file", t("row {row} names {file}, which was not given", row=row, file=wanted)))
    return None


def is_plain_name(name: str) -> bool:
    """False for a path, for `..`, and for names with control characters or marks that turn the writing around."""
    if not name or name in (".", "..") or "/" in name or "\\" in name:
        return False
    return all(char.isprintable() for char in name)
