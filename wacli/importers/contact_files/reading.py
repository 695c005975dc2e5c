"""What kind of address book a file is, a preview of how its columns are understood, and its contacts as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from ...domain.finding import Findings
from ...domain.problem import Invalid, Refused
from ...domain.text import t
from ..reading_ahead import ahead
from ..sources import reopenable
from ..text_blocks import TextBlocks
from .headers import ColumnGuess, Field, guessed_columns, looks_like_header
from .rows import ContactRow, PlainRows, RejectedRow, RowReader, layout_of
from .tables import BadRecord, Records, TableForm, table_blocks, table_form, table_records
from .vcards import Card, read_cards

FILE_LIMIT = 4 << 30  # bytes kept of a stream
_SAMPLED = 50  # records that content is judged by
_SHOWN = 5
_BLOCK = 1_000  # rows of a workbook, or of cards, at a time
_HEAD = 65_536  # characters that the kind and the delimiter are judged by
_CARD_FIELDS = (Field.NAME, Field.NOTE, Field.PHONE, Field.BSUID, Field.USERNAME)
_CARD_TITLES = ("FN", "NOTE", "TEL", "BSUID", "USERNAME")


class BookKind(StrEnum):
    """What a file of contacts is."""

    TABLE = "table"
    WORKBOOK = "workbook"
    VCARD = "vcard"


class ContactsPreview(NamedTuple):
    """How a file will be read: shown before anything is imported."""

    kind: BookKind
    encoding: str | None
    delimiter: str | None
    has_header: bool
    columns: tuple[ColumnGuess, ...]
    samples: tuple[tuple[str, ...], ...]


class _Opened(NamedTuple):
    preview: ContactsPreview
    form: TableForm | None
    name: str


def preview_contacts(source: Path | BinaryIO, *, mapping: Mapping[str, str] | None = None) -> ContactsPreview:
    """How `read_contacts` would understand `source`. Raises as it does. A stream is read to its end: give a path."""
    name, reopen = reopenable(source, FILE_LIMIT)
    with closing(reopen()) as stream:
        return _looked_at(stream, name, mapping).preview


def read_contacts(
    source: Path | BinaryIO,
    *,
    country: str | None,
    mapping: Mapping[str, str] | None = None,
    findings: Findings | None = None,
) -> Iterator[ContactRow | RejectedRow]:
    """The contacts of an address book as a stream, and each refusal with its row, column and reason.

    `country` (ISO 3166) is where local numbers belong. `mapping` says field -> heading or column number. Raises
    `NotFound`, `Refused`, or `Invalid` (`no-number-column`, `unknown-column`, `empty-file`, `broken-workbook`, ...)
    at the first step of the iteration; after that nothing in the file raises. `findings` takes what concerns the
    text as a whole (encoding, damage).
    """
    for block in read_contact_blocks(source, country=country, mapping=mapping, findings=findings):
        if isinstance(block, PlainRows):
            found: list[ContactRow | RejectedRow] = [*block.contacts(), *block.rejected]
            yield from sorted(found, key=_row_of) if block.rejected else found
        else:
            yield from block


def read_contact_blocks(
    source: Path | BinaryIO,
    *,
    country: str | None,
    mapping: Mapping[str, str] | None = None,
    findings: Findings | None = None,
) -> Iterator[PlainRows | list[ContactRow | RejectedRow]]:
    """The same, many rows at a time and, where all of a block are plain, as columns: for a million of them."""
    findings = Findings() if findings is None else findings
    name, reopen = reopenable(source, FILE_LIMIT)
    with closing(reopen()) as stream:
        opened = _looked_at(stream, name, mapping)
    with closing(reopen()) as stream:
        if opened.preview.kind is BookKind.VCARD:
            cards = _from_cards(stream, country, findings)
            while block := list(islice(cards, _BLOCK)):
                yield block
        else:
            yield from _from_records(stream, opened, country, findings)


def read_contact_blocks_ahead(
    source: Path | BinaryIO,
    *,
    country: str | None,
    mapping: Mapping[str, str] | None = None,
    findings: Findings,
) -> Iterator[PlainRows | list[ContactRow | RejectedRow]]:
    """The same in a process of its own where that can be, so that one processor reads while another one stores.

    `findings` is filled when the iteration ends. Raises Unavailable (`reader-gone`) as well.
    """

    def everything() -> Iterator[PlainRows | list[ContactRow | RejectedRow] | Findings]:
        own = Findings()
        yield from read_contact_blocks(source, country=country, mapping=mapping, findings=own)
        yield own

    for found in ahead(everything):
        if isinstance(found, Findings):
            findings.add_all(found)
        else:
            yield found


def _row_of(found: ContactRow | RejectedRow) -> int:
    return found.row


def _from_records(
    stream: IO[bytes], opened: _Opened, country: str | None, findings: Findings
) -> Iterator[PlainRows | list[ContactRow | RejectedRow]]:
    columns = opened.preview.columns
    reader = RowReader(layout_of([each.field for each in columns], [each.title for each in columns]), country)
    awaits_header = opened.preview.has_header
    try:
        for found in _blocks(stream, opened.form, opened.name, findings):
            if not isinstance(found, Records):
                row, bad = found
                yield [RejectedRow(row, None, bad.value, bad.code, bad.message)]
                continue
            rows, cells = found
            if awaits_header and rows:
                awaits_header, rows, cells = False, rows[1:], cells[1:]
            if rows:
                yield reader.read_many(rows, cells)
    except Invalid as problem:  # a workbook that breaks in the middle: what came before was read
        findings.add(0, problem.code, problem.message)


def _blocks(
    stream: IO[bytes], form: TableForm | None, name: str, findings: Findings
) -> Iterator[Records | tuple[int, BadRecord]]:
    if form is not None:
        yield from table_blocks(TextBlocks(stream, findings), form)
        return
    from .workbooks import workbook_records

    rows: list[int] = []
    cells: list[list[str]] = []
    broken: Invalid | None = None
    records = workbook_records(stream, name)
    while broken is None:
        try:
            for row, record in islice(records, _BLOCK):
                rows.append(row)
                cells.append(record)
        except Invalid as problem:
            broken = problem
        if not rows:
            break
        yield Records(rows, cells)
        rows, cells = [], []
    if broken is not None:
        raise broken


def _records(
    stream: IO[bytes], form: TableForm | None, name: str, findings: Findings
) -> Iterator[tuple[int, list[str] | BadRecord]]:
    if form is not None:
        yield from table_records(TextBlocks(stream, findings), form)
    else:
        from .workbooks import workbook_records

        yield from workbook_records(stream, name)


def _from_cards(stream: IO[bytes], country: str | None, findings: Findings) -> Iterator[ContactRow | RejectedRow]:
    reader = RowReader(layout_of(_CARD_FIELDS, _CARD_TITLES), country, is_guarded=False)
    for card in read_cards(TextBlocks(stream, findings)):
        if card.problem is not None:
            findings.add(card.line, "broken-card", card.problem)
        if not card.phones and not card.bsuid and not card.username:
            yield RejectedRow(
                card.number,
                "TEL",
                card.name[:60],
                "no-identifier",
                t("card {row} has no number, BSUID or username", row=card.number),
            )
            continue
        for result in reader.read(card.number, _card_cells(card)):
            yield result._replace(tags=card.tags) if isinstance(result, ContactRow) else result


def _card_cells(card: Card) -> Sequence[str]:
    # A line feed keeps several numbers apart and cannot stand inside one.
    return card.name, card.note, "\n".join(card.phones), card.bsuid, "@" + card.username if card.username else ""


def _looked_at(stream: IO[bytes], name: str, mapping: Mapping[str, str] | None) -> _Opened:
    head = stream.read(8)
    stream.seek(0)
    if not head:
        raise Invalid("empty-file", t("{file} is empty", file=name), t("Export the contacts again"))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid(
            "old-workbook",
            t("{file} is an old .xls workbook or has a password", file=name),
            t("Save it as .xlsx or as CSV"),
        )
    if head.startswith(b"PK"):
        records = _records(stream, None, name, Findings())
        preview = _preview(BookKind.WORKBOOK, None, None, records, mapping, name)
        return _Opened(preview, None, name)
    blocks = TextBlocks(stream, Findings())
    first = blocks.head(_HEAD)
    if _is_vcard(first):
        return _Opened(ContactsPreview(BookKind.VCARD, blocks.encoding, None, False, _CARD_COLUMNS, ()), None, name)
    if first.count("\0") > len(first) // 500:
        raise Refused("not-contacts", t("{file} is neither a table nor vCard", file=name), t("Give CSV, XLSX or vCard"))
    form = table_form(first)
    stream.seek(0)
    records = _records(stream, form, name, Findings())
    preview = _preview(BookKind.TABLE, blocks.encoding, form.delimiter, records, mapping, name)
    return _Opened(preview, form, name)


_CARD_COLUMNS = tuple(
    ColumnGuess(title, field, None, "") for title, field in zip(_CARD_TITLES, _CARD_FIELDS, strict=True)
)


def _is_vcard(text: str) -> bool:
    return any(line.strip().upper() == "BEGIN:VCARD" for line in text.lstrip("\ufeff \n")[:2000].split("\n")[:5])


def _up_to_a_break(
    records: Iterator[tuple[int, list[str] | BadRecord]],
) -> Iterator[tuple[int, list[str] | BadRecord]]:
    """The records; where a workbook breaks in the middle, those before it."""
    found = False
    try:
        for record in records:
            yield record
            found = True
    except Invalid:
        if not found:
            raise


def _preview(
    kind: BookKind,
    encoding: str | None,
    delimiter: str | None,
    records: Iterator[tuple[int, list[str] | BadRecord]],
    mapping: Mapping[str, str] | None,
    name: str,
) -> ContactsPreview:
    readable = (cells for _, cells in _up_to_a_break(records) if not isinstance(cells, BadRecord))
    first = next(readable, None)
    if first is None:
        raise Invalid("empty-file", t("{file} holds no rows", file=name), t("Export the contacts again"))
    has_header = looks_like_header(first)
    samples = list(islice(readable if has_header else chain([first], readable), _SAMPLED))
    if has_header:
        titles = [title.strip() or f"#{index}" for index, title in enumerate(first, 1)]
    else:
        titles = [f"#{index}" for index in range(1, max(map(len, samples)) + 1)]
    columns = guessed_columns(titles, samples, mapping)
    shown = tuple(tuple(cell[:60] for cell in sample) for sample in samples[:_SHOWN])
    return ContactsPreview(kind, encoding, delimiter, has_header, tuple(columns), shown)
