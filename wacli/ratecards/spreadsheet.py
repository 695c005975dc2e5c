"""The rows of a table file: CSV in UTF-8, or the XLSX that Meta serves under the .csv name.

Source: facts pricing.md section 4.3. Only the first sheet and only values are read; no library is worth adding for
that. Files come from the network: sizes are limited and document types refused before anything is parsed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t

_LARGEST = 20_000_000
_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHEET_FOLDER = "xl/"
_PLACE = re.compile(r"([A-Z]{1,3})\d+")
_FINEST = Decimal("0.000001")


def read_table(file: Path) -> list[list[str]]:
    """All rows of the file as texts. Raises `Invalid` (code `bad-table`) when it is neither CSV nor XLSX."""
    try:
        data = file.read_bytes()[: _LARGEST + 1]
    except OSError as error:
        raise _bad(file, t("cannot be read: {reason}", reason=error.strerror or str(error))) from None
    if len(data) > _LARGEST:
        raise _bad(file, t("is larger than a rate card can be"))
    if data[:2] == b"PK":
        return _read_xlsx(file, data)
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _bad(file, t("line {line} is not UTF-8 text", line=line)) from None
    except csv.Error as error:
        raise _bad(file, t("is not CSV: {reason}", reason=str(error))) from None


def _bad(file: Path, why: Text) -> Invalid:
    return Invalid(
        "bad-table", t("{file}: {why}", file=file.name, why=why), t("Give the CSV or XLSX file as Meta serves it")
    )


def _read_xlsx(file: Path, data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise _bad(file, t("is larger than a rate card can be"))
            strings = _shared_strings(file, archive)
            sheet = _xml(file, archive, _first_sheet(file, archive))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError) as error:
        raise _bad(file, t("is not a spreadsheet that can be read: {reason}", reason=str(error))) from None
    return [_row(row, strings) for row in sheet.iter(f"{_SPACE}row")]


def _xml(file: Path, archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _bad(file, t("declares a document type, which no spreadsheet does"))
    return ElementTree.fromstring(data)  # noqa: S314 - no document type, limited size


def _first_sheet(file: Path, archive: zipfile.ZipFile) -> str:
    """The file of the first sheet, through the workbook's list of relations."""
    sheet = _xml(file, archive, "xl/workbook.xml").find(f"{_SPACE}sheets/{_SPACE}sheet")
    wanted = None if sheet is None else sheet.get(_LINK)
    for relation in _xml(file, archive, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") == wanted:
            target = (relation.get("Target") or "").removeprefix("/")
            return target if target.startswith(_SHEET_FOLDER) else _SHEET_FOLDER + target
    raise _bad(file, t("has no sheet"))


def _shared_strings(file: Path, archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    table = _xml(file, archive, "xl/sharedStrings.xml")
    return ["".join(text.text or "" for text in entry.iter(f"{_SPACE}t")) for entry in table.iter(f"{_SPACE}si")]


def _row(row: ElementTree.Element, strings: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_SPACE}c"):
        match = _PLACE.fullmatch(cell.get("r") or "")
        place = _column(match[1]) if match else len(cells)
        cells += [""] * (place + 1 - len(cells))
        cells[place] = _value(cell, strings)
    return cells


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_SPACE}t"))
    value = cell.findtext(f"{_SPACE}v") or ""
    if kind == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    return _figure(value) if kind == "n" and value else value


def _figure(value: str) -> str:
    """Spreadsheets hold binary fractions: 4.1099999999999998E-2 was typed as 0.0411."""
    try:
        exact = Decimal(repr(float(value)))
    except ValueError:
        return value
    rounded = exact.quantize(_FINEST, ROUND_HALF_UP).normalize()
    return f"{rounded:f}"
