"""CSV and TSV as records of cells: delimiter and encoding found out, broken quotation survived.

The csv module stops a record at 131,072 characters (its own default, left as it is). A quotation mark that is never
closed would swallow the rest of the file up to there; the lines it swallowed are therefore read again, without the
line that opened it. Source: issue 8, "Bad input"; csv.reader takes 0.9 us a row, DictReader 2.1.
"""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...domain.text import Text, t, tn
from ..text_blocks import TextBlocks

_DELIMITERS = ",;\t|"
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


class _Lines:
    """Lines with what the record at hand has taken, so that they can be given back."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self._source = (line + "\n" for block in blocks for line in block.split("\n"))
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.taken.append(line)
        return line

    def give_back(self) -> str:
        """Puts all but the first taken line back and returns that first one."""
        first, *rest = self.taken
        self._again.extendleft(reversed(rest))
        self.taken.clear()
        return first


def table_records(blocks: TextBlocks, form: TableForm) -> Iterator[tuple[int, list[str] | BadRecord]]:
    """Every record with its number, as a spreadsheet counts rows; empty lines are counted and not given."""
    lines = _Lines(blocks)
    for _ in range(form.skipped_lines):
        next(lines, None)
    lines.taken.clear()
    row = form.skipped_lines
    reader = csv.reader(lines, delimiter=form.delimiter, skipinitialspace=True)
    taken = lines.taken
    while True:
        try:
            for record in reader:
                row += 1
                if record:
                    if record[-1][-1:] == "\n" and _ends_inside(taken):
                        yield row, _refused(lines, row, None)
                        break
                    yield row, record
                taken.clear()
            else:
                return
        except csv.Error as error:
            row += 1
            yield row, _refused(lines, row, error)
        reader = csv.reader(lines, delimiter=form.delimiter, skipinitialspace=True)


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
