"""CSV and TSV as records of cells: delimiter and encoding found out, broken quotation survived.

The csv module stops a record at 131,072 characters (its own default, left as it is). A quotation mark that is never
closed would swallow the rest of the file up to there; the lines it swallowed are therefore read again, without the
line that opened it. Source: issue 8, "Bad input"; csv.reader takes 0.9 us a row, DictReader 2.1.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ...domain.text import Text, t, tn

_DELIMITERS = ",;\t|"
_END = "end"  # a line after the last: an open quotation mark would swallow it
_LOOKED_AT = 25  # records


class BadRecord(NamedTuple):
    """A record that could not be cut into cells."""

    value: str
    code: str
    message: Text


class TableForm(NamedTuple):
    """How a table is written: its delimiter, and how many lines say so instead of being data (Excel's `sep=;`)."""

    delimiter: str
    skipped_lines: int


def table_form(head: str) -> TableForm:
    """The form of the table that begins with `head`: the delimiter that gives records of one length."""
    lines = head.split("\n")
    if lines[0].lower().startswith("sep=") and len(lines[0]) >= 5:
        return TableForm(lines[0][4], 1)
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = [len(record) for record in _first_records(lines, delimiter)]
        except csv.Error:
            continue
        if not widths:
            continue
        width, agreeing = Counter(widths).most_common(1)[0]
        score = (agreeing / len(widths), width)
        # More cells decide among those that agree about as well; one cell a record is no table.
        if width > 1 and (
            score[0] > best_score[0] + 0.2 or (score[0] >= best_score[0] - 0.2 and width > best_score[1])
        ):
            best, best_score = delimiter, score
    return TableForm(best, 0)


def _first_records(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    for record, _ in zip(reader, range(_LOOKED_AT), strict=False):
        if record:
            yield record


class Records(NamedTuple):
    """Records that follow one another, none of them empty, with their numbers as a spreadsheet counts rows."""

    rows: Sequence[int]
    cells: Sequence[list[str]]


class _Lines:
    """Lines with what the record at hand has taken, so that they can be given back; in blocks where nobody stands in
    the middle of one."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self._blocks = iter(blocks)
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._ahead:
            self._ahead.extend(next(self._blocks).split("\n"))
        line = self._ahead.popleft() + "\n"
        self.taken.append(line)
        return line

    @property
    def are_at_block_end(self) -> bool:
        """True when the next line starts a block."""
        return not self._ahead

    def take_block(self) -> list[str] | None:
        """The lines up to the next block's end, without their own ends; None after the last."""
        if self._ahead:
            lines = list(self._ahead)
            self._ahead.clear()
            return lines
        block = next(self._blocks, None)
        return None if block is None else block.split("\n")

    def give_back_block(self, lines: Iterable[str]) -> None:
        """Puts the lines of `take_block` back."""
        self._ahead.extend(lines)

    def give_back(self) -> str:
        """Puts all but the first taken line back and returns that first one."""
        first, *rest = self.taken
        self._ahead.extendleft(line[:-1] for line in reversed(rest))
        self.taken.clear()
        return first


def table_records(blocks: Iterable[str], form: TableForm) -> Iterator[tuple[int, list[str] | BadRecord]]:
    """Every record with its number, as a spreadsheet counts rows; empty lines are counted and not given."""
    for found in table_blocks(blocks, form):
        if isinstance(found, Records):
            yield from zip(found.rows, found.cells, strict=True)
        else:
            yield found


def table_blocks(blocks: Iterable[str], form: TableForm) -> Iterator[Records | tuple[int, BadRecord]]:
    """The same, many at a time: the csv module takes a whole block (0.5 us a row; 2 line by line), unless a record of
    it goes on beyond its line."""
    lines = _Lines(blocks)
    for _ in range(form.skipped_lines):
        next(lines, None)
    lines.taken.clear()
    row = form.skipped_lines
    while (block := lines.take_block()) is not None:
        records = _whole(block, form.delimiter)
        if records is None:
            lines.give_back_block(block)
            row = yield from _line_by_line(lines, form.delimiter, row)
        else:
            yield _numbered(row + 1, records)
            row += len(records)


def _whole(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """The records of lines that are one record each; None where any goes on, also beyond the last of these lines."""
    try:
        records = list(csv.reader(chain(lines, (_END,)), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return None
    return records if len(records) == len(lines) + 1 and records.pop() == [_END] else None


def _numbered(first: int, records: list[list[str]]) -> Records:
    if [] not in records:
        return Records(range(first, first + len(records)), records)
    rows = [row for row, record in enumerate(records, first) if record]
    return Records(rows, [record for record in records if record])


def _line_by_line(lines: _Lines, delimiter: str, row: int) -> Generator[Records | tuple[int, BadRecord], None, int]:
    """Records up to the end of a block (or of the file); returns the number of the last."""
    rows: list[int] = []
    cells: list[list[str]] = []
    while True:
        bad: csv.Error | None = None
        try:
            for record in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
                row += 1
                if record:
                    if record[-1][-1:] == "\n" and _ends_inside(lines.taken):
                        break
                    rows.append(row)
                    cells.append(record)
                lines.taken.clear()
                if lines.are_at_block_end:
                    yield Records(rows, cells)
                    return row
            else:
                yield Records(rows, cells)
                return row
        except csv.Error as error:
            row += 1
            bad = error
        yield Records(rows, cells)
        rows, cells = [], []
        yield row, _refused(lines, row, bad)
        if lines.are_at_block_end:
            return row


def _ends_inside(taken: list[str]) -> bool:
    """True when the file ended inside quotation marks: one of them has no partner."""
    return sum(line.count('"') for line in taken) % 2 == 1


def _refused(lines: _Lines, row: int, error: csv.Error | None) -> BadRecord:
    count = len(lines.taken)
    first = lines.give_back() if lines.taken else ""
    if error is None or count > 1:
        return BadRecord(
            first[:60].rstrip("\n"),
            "open-quotation",
            t("row {row} opens a quotation mark and never closes it: this line was left out", row=row),
        )
    if "field larger" in str(error):
        return BadRecord(
            first[:60],
            "cell-too-long",
            tn(
                "row {row} has a cell of more than {count} character",
                "row {row} has a cell of more than {count} characters",
                csv.field_size_limit(),
                row=row,
            ),
        )
    return BadRecord(first[:60].rstrip("\n"), "bad-record", t("row {row} cannot be cut into cells", row=row))
