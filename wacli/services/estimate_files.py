"""Many lines of traffic from a CSV file: where to, category, number of messages."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import Text, t
from wacli.ratecards.destinations import Destination, resolve_destination
from wacli.ratecards.shelf import Shelf

from .estimate_request import Traffic
from .estimate_terms import read_category, read_count

_PLACES = ("market", "to", "country", "destination", "pasar", "negara", "tujuan")
_CATEGORIES = ("category", "kategori")
_COUNTS = ("count", "messages", "number", "jumlah")


def read_lines(file: Path, day: date, shelf: Shelf) -> tuple[Traffic, ...]:
    """Every row of the file. Columns are found by name (`market, category, count`) or taken in that order.

    Raises `Invalid` (code `bad-lines`) naming file and line for anything that cannot be read; nothing is skipped.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _bad(file, 0, t("cannot be read: {reason}", reason=error.strerror or str(error))) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _bad(file, line, t("not UTF-8 text")) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    known: dict[str, Destination] = {}
    traffic: list[Traffic] = []
    columns: tuple[int, int, int] | None = None
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns, is_header = _columns(file, reader.line_num, row)
                if is_header:
                    continue
            traffic.append(_traffic(row, columns, day, shelf, known))
    except csv.Error as error:
        raise _bad(file, reader.line_num, t("not CSV: {reason}", reason=str(error))) from None
    except Problem as problem:
        if problem.code == "bad-lines":
            raise
        raise _bad(file, reader.line_num, problem.message, problem.hint) from None
    if not traffic:
        raise _bad(file, 0, t("has no rows"))
    return tuple(traffic)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _columns(file: Path, line: int, row: list[str]) -> tuple[tuple[int, int, int], bool]:
    names = [name.strip().casefold() for name in row]
    found = [
        next((names.index(name) for name in group if name in names), None) for group in (_PLACES, _CATEGORIES, _COUNTS)
    ]
    if all(place is not None for place in found):
        where, category, count = (place for place in found if place is not None)
        return (where, category, count), True
    if any(place is not None for place in found) or len(row) < 3:
        raise _bad(file, line, t("the columns must be market, category, count"))
    return (0, 1, 2), False


def _traffic(
    row: list[str], columns: tuple[int, int, int], day: date, shelf: Shelf, known: dict[str, Destination]
) -> Traffic:
    if len(row) <= max(columns):
        raise Invalid(
            "short-row", t("the row has {found} of {wanted} columns", found=len(row), wanted=max(columns) + 1)
        )
    where, category, count = (row[place].strip() for place in columns)
    if where not in known:
        known[where] = resolve_destination(where, day, shelf)
    return Traffic(known[where], read_category(category), read_count(count))


def _bad(file: Path, line: int, why: Text, hint: Text | None = None) -> Invalid:
    hint = hint or t("Write rows as ID,marketing,1000")
    if not line:
        return Invalid("bad-lines", t("{file}: {why}", file=file.name, why=why), hint)
    return Invalid("bad-lines", t("{file}, line {line}: {why}", file=file.name, line=line, why=why), hint)
