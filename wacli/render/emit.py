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

from .view import Cell, Flat, Listing, Paragraph, Record, Style
from .words import Words, sanitise


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
_NOT_A_FORMULA = re.compile(r"[+-]?[\d.,: ]*")
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
        _write_csv(fields, flats, page.out)
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
        _write_csv(fields, iter([flat]), page.out)
    else:
        page.out.writelines(f"{key}\t{sanitise(_scalar(value))}\n" for key, value in flat.items())


def dump(value: object, indent: int | None = None) -> str:
    """JSON text that is safe to print in a terminal: controls and bidi overrides are escaped."""
    text = json.dumps(value, default=_plain_value, ensure_ascii=False, indent=indent)
    if text.isascii():
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


def _write_csv(fields: tuple[str, ...], flats: Iterator[dict[str, object]], out: TextIO) -> None:
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(fields)
    for flat in flats:
        writer.writerow([_csv_cell(value) for value in flat.values()])


def _csv_cell(value: object) -> str:
    text = _scalar(value)
    if isinstance(value, str) and text.startswith(_FORMULA_STARTS) and not _NOT_A_FORMULA.fullmatch(text):
        return "'" + text
    return text


def _write_table(listing: Listing[Row], page: Page) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    say = page.words.say
    rows = [listing.cells(row) for row in listing.rows]
    if not rows:
        page.out.write(say(listing.empty) + "\n")
    else:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
        for heading in listing.headings:
            table.add_column(
                RichText(say(heading.title)),
                justify="right" if heading.right else "left",
                no_wrap=not heading.wraps,
                overflow="fold" if heading.wraps else "ellipsis",
                ratio=heading.share or None,
                min_width=10 if heading.share else None,
            )
        for cells in rows:
            table.add_row(*(RichText(cell.text, style=cell.style) for cell in cells))
        table.expand = any(heading.share for heading in listing.headings)
        console = Console(
            file=page.out,
            width=page.width,
            force_terminal=page.colour,
            no_color=not page.colour,
            color_system="standard" if page.colour else None,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )
        console.print(table)
    for line in listing.footer:
        page.out.write(say(line) + "\n")


_ANSI = {
    Style.PLAIN: "",
    Style.GOOD: "\x1b[32m",
    Style.WARN: "\x1b[33m",
    Style.BAD: "\x1b[1;31m",
    Style.DIM: "\x1b[2m",
    Style.STRONG: "\x1b[1m",
}


def paint(cell: Cell, colour: bool) -> str:
    """The cell's text with its colour, for lines that are not in a table."""
    code = _ANSI[cell.style]
    return f"{code}{cell.text}\x1b[0m" if colour and code else cell.text


def _write_paragraphs(paragraphs: tuple[Paragraph, ...], page: Page) -> None:
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
