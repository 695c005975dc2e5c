"""A table of people with whatever columns its owner keeps: rows by heading, and the column that says who.

CSV and TSV in any of the usual encodings, and XLSX: read by the same rooms as an address book.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..domain.document_match import PersonRow
from ..domain.finding import Findings
from ..domain.problem import Invalid, NotFound
from ..domain.text import t
from .contact_files.headers import Field, field_of_heading
from .contact_files.tables import BadRecord, table_form, table_records
from .text_blocks import TextBlocks

_HEAD = 65_536
_MOST_ROWS = 100_000
_WHO = (Field.PHONE, Field.BSUID, Field.USERNAME, Field.NAME)
_WHO_TITLES = ("who", "siapa", "contact", "kontak", "to", "recipient", "penerima")


class People(NamedTuple):
    """The rows, the headings in their order, and the heading under which people are named."""

    columns: tuple[str, ...]
    who: str
    rows: tuple[PersonRow, ...]


def read_people(path: Path, who: str | None = None) -> People:
    """Reads the whole table. `who` names the column of people; else it is found by its heading.

    Raises NotFound (`no-such-file`) and Invalid (`empty-file`, `bad-row`, `same-heading`, `no-who-column`, `too-long`).
    """
    records = _records(path)
    titles = next(records, None)
    if titles is None or not any(title.strip() for title in titles[1]):
        raise Invalid("empty-file", t("{file} has no headings", file=path.name), t("Give the first row headings"))
    columns = tuple(title.strip() or f"#{place}" for place, title in enumerate(titles[1], 1))
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise Invalid(
            "same-heading",
            t("{file} has two columns {name}", file=path.name, name=twice),
            t("Give one another heading"),
        )
    rows = []
    for number, cells in records:
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise Invalid(
                    "bad-row",
                    t("{file}, row {row} has more cells than there are headings", file=path.name, row=number),
                    t("Put quotation marks around cells with commas"),
                )
            filled = [*cells, *[""] * (len(columns) - len(cells))]
            rows.append(PersonRow(number, dict(zip(columns, filled, strict=False))))
        if len(rows) > _MOST_ROWS:
            raise Invalid("too-long", t("{file} has more than {count} rows", file=path.name, count=_MOST_ROWS))
    return People(columns, _who_column(columns, who, path.name), tuple(rows))


def _who_column(columns: Sequence[str], who: str | None, name: str) -> str:
    if who is not None:
        if who in columns:
            return who
        raise Invalid(
            "no-such-column",
            t("{file} has no column {name}", file=name, name=who),
            t("The columns are {columns}", columns=", ".join(columns)),
        )
    named = next((column for column in columns if column.casefold() in _WHO_TITLES), None)
    if named is not None:
        return named
    fields = {field: column for column in reversed(columns) if (field := field_of_heading(column)) is not None}
    for field in _WHO:
        if field in fields:
            return fields[field]
    raise Invalid(
        "no-who-column",
        t("No column of {file} says who: {columns}", file=name, columns=", ".join(columns)),
        t("Say which: --who COLUMN"),
    )


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise NotFound(
            "no-such-file",
            t("{file} cannot be read: {reason}", file=str(path), reason=error.strerror or str(error)),
            t("Check the name"),
        ) from None
    with stream:
        if stream.read(2) == b"PK":
            from .contact_files.workbooks import workbook_records

            stream.seek(0)
            found: Iterator[tuple[int, list[str] | BadRecord]] = workbook_records(stream, path.name)
        else:
            stream.seek(0)
            form = table_form(TextBlocks(stream, Findings()).head(_HEAD))
            stream.seek(0)
            found = table_records(TextBlocks(stream, Findings()), form)
        for number, record in found:
            if isinstance(record, BadRecord):
                raise Invalid(
                    record.code,
                    t("{file}: {why}", file=path.name, why=record.message),
                    t("Mend that row, then try again"),
                )
            yield number, record
