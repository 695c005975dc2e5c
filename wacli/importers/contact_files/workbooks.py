"""XLSX as records of cells.

Library: openpyxl in read-only mode. It parses the sheet as a stream (python-calamine is faster but holds the
whole sheet in memory), is the reference for the format in Python and gives the stored results of formulas. The
strings that cells share are held in memory, as the format demands. Archives are checked before it opens them:
openpyxl trusts the sizes they claim.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import IO, Protocol, cast

from ...domain.problem import Invalid, Refused
from ...domain.text import t

_UNPACKED_LIMIT = 2 << 30
_RATIO_LIMIT, _RATIO_MATTERS_FROM = 400, 64 << 20


class _Sheet(Protocol):
    """What is used of a read-only sheet; the published types describe only the writable one."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, values_only: bool) -> Iterator[tuple[object, ...]]: ...


def workbook_records(stream: IO[bytes], name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet that has any, with their numbers, empty rows left out. Raises `Invalid`, `Refused`."""
    _checked(stream, name)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that have no part in the cells
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises what its parsers raise
        raise _broken(name) from error
    try:
        for sheet in book.worksheets:
            found = False
            for number, values in enumerate(_rows(sheet, name), 1):
                cells = [_text(value) for value in values]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    found = True
                    yield number, cells
            if found:
                return
    finally:
        book.close()


def _rows(sheet: object, name: str) -> Iterator[tuple[object, ...]]:
    reader = cast(_Sheet, sheet)
    reader.reset_dimensions()  # claimed sizes are often wrong; without them rows end where their cells end
    rows = reader.iter_rows(values_only=True)
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = next(rows, None)
        except Exception as error:  # expat, zlib and zipfile errors, and openpyxl's own on nonsense
            raise _broken(name) from error
        if row is None:
            return
        yield row


def _checked(stream: IO[bytes], name: str) -> None:
    import zipfile

    try:
        entries = zipfile.ZipFile(stream).infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _broken(name) from error
    stream.seek(0)
    size = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if size > _UNPACKED_LIMIT or (size > _RATIO_MATTERS_FROM and size // packed > _RATIO_LIMIT):
        raise Refused(
            "workbook-too-large",
            t("{file} would unpack to {size} bytes: not a contact list", file=name, size=size),
            t("Save the sheet as CSV"),
        )


def _broken(name: str) -> Invalid:
    return Invalid(
        "broken-workbook",
        t("{file} is damaged or no XLSX workbook", file=name),
        t("Open it and save it again, or as CSV"),
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a phone number that the spreadsheet keeps as a number
    return str(value)
