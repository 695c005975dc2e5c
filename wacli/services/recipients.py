"""Counting a file of recipients by calling-code prefix, fast and in constant memory.

A million rows are read in blocks of bytes; the numbers of a block are cleaned, cut to their first characters and
counted by the standard library's C code, so that no Python statement runs for a plain row. What a group of numbers
with the same beginning and the same length means is asked once of `wacli.domain.identity.parse_phone`, the one
reader of numbers; rows that a block cannot settle go to it one by one. Market and price come after counting:
once a group, not once a row. `tests/services/test_recipients.py` holds the fast way against the slow one.

What it costs beside a bare csv.reader pass over the same file: tests/benchmarks/estimate_recipients.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wacli.domain.category import Category
from wacli.domain.identity import bsuid_country, is_bsuid, parse_phone
from wacli.domain.market import OTHER, Markets
from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t
from wacli.ratecards.destinations import Destination

from .estimate_request import Traffic
from .recipient_columns import Layout, layout_of, read_first_line
from .recipient_groups import HEAD, INTERNATIONAL, PUNCTUATION, Group, head_of, odd_places, places_of, prefix_of_group

_BLOCK = 1 << 16  # small enough for the processor's cache, which is worth a tenth
_HABIT = 1000  # characters that show how a file was written


class Reject(NamedTuple):
    """A row that is no recipient: its line in the file (1 is the first), what stood there, and why not."""

    line: int
    text: str
    reason: Text


class Recipients(NamedTuple):
    """How many recipients there are for each calling-code prefix (`""`: unlisted) and, for BSUIDs, each country.

    `row_count` counts rejected rows too, blank lines of a one-column file not.
    """

    by_prefix: dict[str, int]
    by_country: dict[str, int]
    row_count: int
    rejected_count: int

    def traffic(self, category: Category) -> tuple[Traffic, ...]:
        """One message of this category to each of them, for an estimate."""
        found = [
            Traffic(
                Destination("+" + prefix, prefix=prefix) if prefix else Destination(OTHER, market=OTHER),
                category,
                count,
            )
            for prefix, count in sorted(self.by_prefix.items())
        ]
        found += [Traffic(Destination(iso, iso=iso), category, count) for iso, count in sorted(self.by_country.items())]
        return tuple(found)


def _ignore_reject(reject: Reject) -> None:
    """For callers that only want the counts."""


def _ignore_progress(done: int, size: int) -> None:
    """For callers that show none."""


def count_recipients(
    file: Path,
    markets: Markets,
    *,
    column: str | None = None,
    country: str | None = None,
    on_reject: Callable[[Reject], None] = _ignore_reject,
    on_progress: Callable[[int, int], None] = _ignore_progress,
) -> Recipients:
    """Counts the recipients in a CSV file (UTF-8; comma, semicolon or tab; with or without a header).

    `column` names the column of the numbers; without it a usual name is looked for, or the only column taken.
    `country` is the ISO country that local numbers belong to. `on_reject` gets each row that cannot be read, as it
    comes; `on_progress` bytes done and bytes in all. Raises `Invalid` for an unreadable file, encoding
    (`bad-encoding`) or column (`no-column`), before anything is counted or with the line where it happens.
    """
    try:
        stream = file.open("rb")
    except OSError as error:
        raise Invalid(
            "no-file",
            t("{file} cannot be read: {reason}", file=str(file), reason=error.strerror or str(error)),
            t("Check the path"),
        ) from None
    with stream:
        size = file.stat().st_size
        first = read_first_line(stream, file.name)
        layout = layout_of(first, column, file.name)
        counting = _Counting(layout, markets, country, on_reject, file.name)
        if layout.has_header:
            counting.line += first.count(b"\n") or 1
        else:
            stream.seek(layout.skip)
        for block in _blocks(stream, counting):
            counting.add(block)
            on_progress(stream.tell(), size)
    return counting.result()


def _blocks(stream: BinaryIO, counting: _Counting) -> Iterator[bytes]:
    """Blocks of whole rows: a quoted field may hold line ends, so quotes must pair up inside each block."""
    while block := stream.read(_BLOCK):
        block += stream.readline()
        while block.count(b'"') % 2:
            more = stream.read(_BLOCK)
            if not more:
                raise Invalid(
                    "bad-csv",
                    t("{file}, line {line}: a quotation mark is never closed", file=counting.file, line=counting.line),
                    t("Close it, or double it inside a quoted field"),
                )
            block += more + stream.readline()
        yield block


class _Counting:
    """The state of one pass: counts so far, the line reached, and what is known of each group of numbers."""

    def __init__(
        self,
        layout: Layout,
        markets: Markets,
        country: str | None,
        on_reject: Callable[[Reject], None],
        file: str,
    ) -> None:
        self.layout, self.markets, self.country, self.on_reject, self.file = layout, markets, country, on_reject, file
        self.line = 1
        self.rejected_count = 0
        self.by_prefix: Counter[str] = Counter()
        self.by_country: Counter[str] = Counter()
        self._groups: Counter[Group] = Counter()
        self._meaning: dict[Group, str | None] = {}
        self._asked: dict[Group, str | None] = {}
        self._unsettled: set[Group] = set()

    def add(self, block: bytes) -> None:
        """Counts the rows of a block."""
        if not block.isascii():
            self._check_encoding(block)
        cells = None if b'"' in block else self.layout.cells(block)
        if cells is None:
            self._add_rows(block.decode("utf-8"))
        else:
            self._add_cells(cells, range(self.line, self.line + cells.count(b"\n") + 1))
        self.line += block.count(b"\n")

    def result(self) -> Recipients:
        """The counts: those of whole groups and those read one by one."""
        by_prefix = Counter(self.by_prefix)
        for group, count in self._groups.items():
            prefix = self._meaning[group]
            if prefix is not None and count:
                by_prefix[prefix] += count
        row_count = sum(by_prefix.values()) + sum(self.by_country.values()) + self.rejected_count
        return Recipients(dict(by_prefix), dict(self.by_country), row_count, self.rejected_count)

    def _check_encoding(self, block: bytes) -> None:
        try:
            block.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.line + block.count(b"\n", 0, error.start)
            raise Invalid(
                "bad-encoding",
                t("{file}, line {line}: not UTF-8 text", file=self.file, line=line),
                t("Save the file as CSV in UTF-8"),
            ) from None

    def _add_rows(self, text: str) -> None:
        """Reads a block with quotes or uneven rows by the csv module, then counts its column."""
        if self._add_even_rows(text):
            return
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.layout.delimiter)
        place, cells, lines, begin = self.layout.place, [], [], 1
        try:
            for row in reader:
                if row:
                    # A line end inside a quoted cell is a blank to a reader of numbers.
                    cells.append(row[place].replace("\n", " ") if len(row) > place else "")
                    lines.append(self.line + begin - 1)
                begin = reader.line_num + 1
        except csv.Error as error:
            raise Invalid(
                "bad-csv",
                t("{file}, line {line}: {reason}", file=self.file, line=self.line + begin - 1, reason=str(error)),
                t("Save the file as CSV in UTF-8"),
            ) from None
        if cells:
            self._add_cells("\n".join(cells).encode(), lines)

    def _add_even_rows(self, text: str) -> bool:
        """The same for a block in which every row has its line and its cell. False: it is not that even."""
        line_count = text.count("\n") + (not text.endswith("\n"))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.layout.delimiter)
        try:
            cells = [*map(itemgetter(self.layout.place), reader)]
        except (csv.Error, IndexError):
            return False
        if not len(cells) == reader.line_num == line_count:
            return False
        self._add_cells("\n".join(cells).encode(), range(self.line, self.line + line_count))
        return True

    def _add_cells(self, cells: bytes, lines: Sequence[int]) -> None:
        """Counts numbers that stand one a line; `lines` are their lines in the file."""
        cells = b"\n" + cells
        # Blanks before every number are a habit of some programs; a stray one is left to the slow way.
        if b"\n " in cells[:_HABIT]:
            cells = re.sub(rb"\n +", b"\n", cells)
        bare = cells.replace(b"\n00", b"\n" + INTERNATIONAL).translate(None, PUNCTUATION)
        items = bare.split(b"\n")
        del items[0]  # before the first line end
        before = {group: self._groups[group] for group in self._unsettled}
        self._groups.update(zip(map(head_of, items), map(len, items), strict=True))
        apart = odd_places(cells)
        for place in apart:
            self._groups[head_of(items[place]), len(items[place])] -= 1
        # A dictionary keeps the order of arrival: groups not met before stand at its end.
        for group in list(islice(reversed(self._groups), len(self._groups) - len(self._meaning))):
            self._learn(group)
        unsettled = [group for group in self._unsettled if self._groups[group] != before.get(group, 0)]
        if unsettled:
            apart = sorted({*apart, *places_of(unsettled, bare, items)})
        if apart:
            raw = cells.split(b"\n")
            for place in apart:
                self._add_one(lines[place], raw[place + 1].decode("utf-8"))

    def _learn(self, group: Group) -> None:
        """Finds out what all numbers mean that begin like this and are as long."""
        head, length = group
        # The prefix is in the first four digits; without a mark in front a fifth digit is there and not needed.
        asked = (head if head[:1] in (b"+", INTERNATIONAL) else head[: HEAD - 1], length)
        if asked not in self._asked:
            self._asked[asked] = prefix_of_group(*asked, self.country, self.markets)
        self._meaning[group] = meaning = self._asked[asked]
        if meaning is None:
            self._unsettled.add(group)

    def _add_one(self, line: int, cell: str) -> None:
        """One number by the one reader of numbers; what it refuses is a reject with its reason."""
        text = cell.strip()
        if not text:
            if self.layout.column_count > 1:
                self._reject(line, text, t("there is no number in column {column}", column=self.layout.column))
            return
        if is_bsuid(text):
            self.by_country[bsuid_country(text)] += 1
            return
        try:
            digits = parse_phone(text, self.country)
        except Invalid as problem:
            self._reject(line, text, problem.message)
            return
        self.by_prefix[self.markets.prefix_of(digits) or ""] += 1

    def _reject(self, line: int, text: str, reason: Text) -> None:
        self.rejected_count += 1
        self.on_reject(Reject(line, text, reason))
