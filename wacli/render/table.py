"""Tables for people, drawn by rich on one line a row.

rich shrinks columns in the order it sees fit; a board has an order of its own: what somebody said gives way before
who said it and what it costs. So the widths are worked out here and handed over. Cells are `Text`, never markup: a
customer's `[/red]` stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from .view import Cell, Heading, Style

if TYPE_CHECKING:
    from rich.console import Console

GAP = 2
_LEAST = 8  # a column that gives way keeps at least so much

ANSI = {
    Style.PLAIN: "",
    Style.GOOD: "\x1b[32m",
    Style.WARN: "\x1b[33m",
    Style.BAD: "\x1b[1;31m",
    Style.DIM: "\x1b[2m",
    Style.STRONG: "\x1b[1m",
    Style.CODE: "\x1b[38;2;255;255;255;48;2;0;0;0m",
}


def paint(cell: Cell, colour: bool) -> str:
    """The cell's text with its colour: for lines that are in no table."""
    code = ANSI[cell.style]
    return f"{code}{cell.text}\x1b[0m" if colour and code and cell.text else cell.text


def console_on(out: TextIO, width: int, colour: bool) -> Console:
    """A rich console that does as it is told: no markup, no emoji codes, no guessing about the terminal."""
    from rich.console import Console

    return Console(
        file=out,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def write_table(
    headings: Sequence[tuple[str, Heading]], rows: Sequence[Sequence[Cell]], out: TextIO, width: int, colour: bool
) -> None:
    """Draws a table at most `width` columns wide. `headings` carry their titles in words."""
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    natural = [
        max(cell_len(title), *(cell_len(row[place].text) for row in rows)) if rows else cell_len(title)
        for place, (title, _) in enumerate(headings)
    ]
    widths = fit(natural, [heading for _, heading in headings], width - GAP * (len(headings) - 1))
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for (title, heading), size in zip(headings, widths, strict=True):
        table.add_column(
            Text(title),
            justify="right" if heading.right else "left",
            no_wrap=not heading.wraps,
            overflow="fold" if heading.wraps else "ellipsis",
            width=size,
        )
    for row in rows:
        table.add_row(*(Text(cell.text, style=cell.style) for cell in row))
    console_on(out, width, colour).print(table)


def fit(natural: Sequence[int], columns: Sequence[Heading], available: int) -> list[int]:
    """The widths that share `available` columns of the terminal: every column as wide as it likes if there is room,
    else those with a share give way in proportion, and if even that is too little, the widest of all."""
    widths = list(natural)
    sharing = [place for place, heading in enumerate(columns) if heading.share]
    left = available - sum(size for place, size in enumerate(natural) if place not in sharing)
    while sharing:
        parts = sum(columns[place].share for place in sharing)
        content = [place for place in sharing if natural[place] * parts <= left * columns[place].share]
        if not content:
            break
        for place in content:  # asks for less than its part: the others divide the rest
            left -= natural[place]
            sharing.remove(place)
    parts = sum(columns[place].share for place in sharing)
    for number, place in enumerate(sharing):
        part = left * columns[place].share // parts if number < len(sharing) - 1 else left
        widths[place] = min(max(part, _LEAST), natural[place])
        left -= part
        parts -= columns[place].share
    while sum(widths) > max(available, len(widths)):
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths
