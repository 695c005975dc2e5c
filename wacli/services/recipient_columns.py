"""Where the numbers stand in a CSV file: delimiter, header, column; and cutting that column out of a block of bytes."""

from __future__ import annotations

import csv
import re
from typing import BinaryIO, NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import t

_BOM = b"\xef\xbb\xbf"
_USUAL = (
    "phone",
    "phone number",
    "phone_number",
    "whatsapp",
    "wa",
    "wa_id",
    "number",
    "mobile",
    "telephone",
    "tel",
    "msisdn",
)
_USUAL_ID = ("telepon", "no telepon", "nomor", "nomor telepon", "nomor hp", "no hp", "hp", "nomor wa", "no wa")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERISH = re.compile(r"[+\d][\d\s().\-/]{4,}|[A-Z]{2}\.\w+")


class Layout(NamedTuple):
    """The shape of one file. `skip`: bytes before the first row (a byte order mark)."""

    delimiter: str
    place: int
    column_count: int
    column: str
    has_header: bool
    skip: int

    def cells(self, block: bytes) -> bytes | None:
        """The column of an unquoted block, one row a line; None when rows differ in shape and need a real reader."""
        mark = self.delimiter.encode()
        rows = block.removesuffix(b"\n")
        if b"\r" in rows and rows.count(b"\r") != rows.count(b"\r\n") + rows.endswith(b"\r"):
            return None
        if self.column_count == 1:
            return None if mark in rows else rows
        before, cell = b"[^%b\n]*%b" % (mark, mark), b"([^%b\n]*)" % mark
        found = re.findall(b"(?m)^" + before * self.place + cell, rows)
        return b"\n".join(found) if len(found) == rows.count(b"\n") + 1 else None


def read_first_line(stream: BinaryIO, file: str) -> bytes:
    """The first line with its end, and refuses encodings that are not UTF-8. Leaves the stream after that line."""
    first = stream.readline()
    while first.count(b'"') % 2 and (more := stream.readline()):
        first += more
    if first[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in first:
        raise _not_utf8(file)
    try:
        first.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8(file) from None
    if b"\r" in first.rstrip(b"\r\n") and b'"' not in first:
        raise Invalid(
            "bad-csv",
            t("{file}, line 1: the rows end in carriage returns alone", file=file),
            t("Save the file as CSV in UTF-8"),
        )
    if not first.strip():
        raise Invalid(
            "empty-file", t("{file} is empty", file=file), t("Give a CSV file with a column of phone numbers")
        )
    return first


def _not_utf8(file: str) -> Invalid:
    return Invalid("bad-encoding", t("{file}, line 1: not UTF-8 text", file=file), t("Save the file as CSV in UTF-8"))


def layout_of(first: bytes, column: str | None, file: str) -> Layout:
    """The layout that the first line shows. Raises `Invalid` (code `no-column`) naming the columns there are."""
    text = first.removeprefix(_BOM).decode("utf-8").strip("\r\n")
    delimiter = max(",;\t", key=lambda mark: _outside_quotes(text).count(mark))
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter))]
    skip = len(_BOM) if first.startswith(_BOM) else 0
    if column is not None:
        for index, name in enumerate(names):
            if name.casefold() == column.strip().casefold():
                return Layout(delimiter, index, len(names), name, has_header=True, skip=skip)
        raise _no_column(column, names, file)
    numbers = [index for index, name in enumerate(names) if _NUMBERISH.fullmatch(name)]
    if numbers:
        return Layout(delimiter, numbers[0], len(names), str(numbers[0] + 1), has_header=False, skip=skip)
    for usual in _USUAL + _USUAL_ID:
        for index, name in enumerate(names):
            if name.casefold() == usual:
                return Layout(delimiter, index, len(names), name, has_header=True, skip=skip)
    if len(names) == 1 and _LETTER.search(names[0]):
        return Layout(delimiter, 0, 1, names[0], has_header=True, skip=skip)
    raise _no_column("phone", names, file)


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _no_column(column: str, names: list[str], file: str) -> Invalid:
    return Invalid(
        "no-column",
        t(
            "{file}, line 1: there is no column {column}; there are: {names}",
            file=file,
            column=column,
            names=", ".join(names),
        ),
        t("Name the column of the phone numbers with --column"),
        {"columns": names},
    )
