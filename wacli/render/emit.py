"""One writer for every answer: a table for people; plain, json, ndjson and csv for scripts.

The contract (design: COMMANDS.md, "Output"): instants are RFC 3339 in UTC with Z, money is a decimal string beside
its `currency`, unknown is null (an empty field in plain and csv). Machine formats never pass through rich: a piped
rich console wraps at 80 columns. CSV cells that a spreadsheet would run as a formula are guarded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TextIO, TypeVar

from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .view import Flat, Listing, Paragraph, Record
from .words import Words, sanitise, sanitise_lines


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Page(NamedTuple):
    """Where and how to write: the stream, the format, the chosen fields, the width, colour or not."""

    out: TextIO
    words: Words
    format: Format
    fields: tuple[str, ...] | None
    width: int
    colour: bool


Row = TypeVar("Row")

# json.dumps leaves C1 controls and bidi overrides as they are; a terminal would act on them. They can only stand
# inside strings, so escaping them afterwards is always valid JSON.
_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")
_NOT_A_FORMULA = re.compile(r"[+-]?[\d.,: ]*(?:,\+[\d ]+)*")  # numbers, and lists of phone numbers
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_listing(listing: Listing[Row], page: Page) -> None:
    """Writes a list screen in the page's format. Raises `Invalid` for a field it has not."""
    if page.format is Format.TABLE:
        _write_table(listing, page)
        return
    fields = _chosen(listing.fields, page.fields)
    flats = (_pick(listing.flat(row), fields) for row in listing.rows)
    if page.format is Format.JSON:
        _write_json_array(flats, page.out)
    elif page.format is Format.NDJSON:
        page.out.writelines(dump(flat) + "\n" for flat in flats)
    elif page.format is Format.CSV:
        write_csv(fields, flats, page.out)
    else:
        page.out.writelines("\t".join(sanitise(_scalar(value)) for value in flat.values()) + "\n" for flat in flats)


def write_record(record: Record, page: Page) -> None:
    """Writes a one-thing screen. In plain format: one `key<TAB>value` line for each field."""
    if page.format is Format.TABLE:
        _write_paragraphs(record.paragraphs, page)
        return
    fields = _chosen(tuple(record.flat), page.fields)
    flat = _pick(record.flat, fields)
    if page.format in (Format.JSON, Format.NDJSON):
        page.out.write(dump(flat, indent=None if page.format is Format.NDJSON else 2) + "\n")
    elif page.format is Format.CSV:
        write_csv(fields, iter([flat]), page.out)
    else:
        page.out.writelines(f"{key}\t{sanitise(_scalar(value))}\n" for key, value in flat.items())


def dump(value: object, indent: int | None = None) -> str:
    """JSON text that is safe to print in a terminal: controls and bidi overrides are escaped."""
    text = json.dumps(value, default=_plain_value, ensure_ascii=False, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def rfc3339(instant: datetime) -> str:
    """The instant in UTC with Z, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple, set, frozenset)) and not any(isinstance(item, Mapping) for item in value):
        return ",".join(_scalar(item) for item in value)
    if isinstance(value, (Mapping, list, tuple)):
        return dump(value)
    return str(value)


def _chosen(known: tuple[str, ...], wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    if wanted is None:
        return known
    for name in wanted:
        if name not in known:
            raise Invalid(
                "unknown-field",
                t("There is no field {name} here", name=name),
                t("Fields: {fields}", fields=", ".join(known)),
            )
    return wanted


def _pick(flat: Flat, fields: tuple[str, ...]) -> dict[str, object]:
    return {name: flat[name] for name in fields}


def _write_json_array(flats: Iterator[dict[str, object]], out: TextIO) -> None:
    opened = False
    for flat in flats:
        out.write(",\n " if opened else "[\n ")
        opened = True
        out.write(dump(flat))
    out.write("\n]\n" if opened else "[]\n")


def write_csv(
    fields: tuple[str, ...], flats: Iterable[Mapping[str, object]], out: TextIO, *, header: bool = True
) -> None:
    """Rows as CSV with guarded cells; without the `header` for the rows that follow."""
    import csv

    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow(fields)
    for flat in flats:
        writer.writerow([_csv_cell(value) for value in flat.values()])


def _csv_cell(value: object) -> str:
    return csv_text(_scalar(value))


def csv_text(text: str) -> str:
    """A text that no spreadsheet runs as a formula and no terminal as an escape sequence."""
    text = _harmless(text)
    if text.lstrip("'").startswith(_FORMULA_STARTS) and not _NOT_A_FORMULA.fullmatch(text):
        return "'" + text  # also before an apostrophe of the text's own, so that a reader can take one away again
    return text


def _harmless(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(sanitise_lines(text))  # a quoted cell may hold line breaks, but no escape sequence


def _write_table(listing: Listing[Row], page: Page) -> None:
    from .table import write_table

    say = page.words.say
    rows = [listing.cells(row) for row in listing.rows]
    if rows:
        headings = [(say(heading.title), heading) for heading in listing.headings]
        write_table(headings, rows, page.out, page.width, page.colour)
    else:
        page.out.write(say(listing.empty) + "\n")
    if listing.footer and rows:
        page.out.write("\n")
    for line in listing.footer:
        page.out.write(say(line) + "\n")


def _write_paragraphs(paragraphs: Iterable[Paragraph], page: Page) -> None:
    from .table import paint

    for position, paragraph in enumerate(paragraphs):
        if position:
            page.out.write("\n")
        for cell in paragraph.lines:
            page.out.write(paint(cell, page.colour) + "\n")
        width = max((len(label) for label, _ in paragraph.pairs), default=0)
        for label, cell in paragraph.pairs:
            page.out.write(f"{label.ljust(width)}  {paint(cell, page.colour)}\n")
        if paragraph.table is not None:
            _write_table(paragraph.table, page)
