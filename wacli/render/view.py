"""What a screen is made of, before anybody knows whether a person or a script will read it.

A `Listing` has flat rows for machines and cells for people, made from the same result rows. `emit` decides which
of the two is written, and how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from wacli.domain.text import Text

Flat: TypeAlias = Mapping[str, object]
Row = TypeVar("Row")


class Style(StrEnum):
    """What a cell means; the colours are chosen in one place."""

    PLAIN = ""
    GOOD = "green"
    WARN = "yellow"
    BAD = "bold red"
    DIM = "dim"
    STRONG = "bold"
    CODE = "#ffffff on #000000"  # a QR code: its own black and white, whatever the terminal's are


class Cell(NamedTuple):
    """One cell for people: harmless text (already in words) and what it means."""

    text: str
    style: Style = Style.PLAIN


class Heading(NamedTuple):
    """One column for people. Columns with a `share` divide what is left among them, and give way first when the
    terminal is narrow; one that `wraps` goes on in the next line instead of being cut off."""

    title: Text
    right: bool = False
    share: int = 0
    wraps: bool = False


class Listing(NamedTuple, Generic[Row]):
    """A list screen. `fields` are the stable machine keys, in order; `flat` gives their values for one row."""

    fields: tuple[str, ...]
    rows: Iterable[Row]
    flat: Callable[[Row], Flat]
    headings: tuple[Heading, ...]
    cells: Callable[[Row], tuple[Cell, ...]]
    empty: Text
    footer: tuple[Text, ...] = ()


class Record(NamedTuple):
    """A one-thing screen: the object for machines, paragraphs and small tables for people.

    `paragraphs` may be a generator: a script that asks for JSON then pays for no words.
    """

    flat: Flat
    paragraphs: Iterable[Paragraph] = ()


class Paragraph(NamedTuple):
    """Lines for people, or pairs of a label and a value set in two columns."""

    lines: tuple[Cell, ...] = ()
    pairs: tuple[tuple[str, Cell], ...] = ()
    table: Listing[object] | None = None
