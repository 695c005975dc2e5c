from __future__ import annotations

import io
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wacli.domain.text import t
from wacli.render.table import fit, write_table
from wacli.render.view import Cell, Heading, Style

PLAIN = Heading(t("A"))
SHARED = Heading(t("B"), share=1)
printable = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=60)


def drawn(
    headings: Sequence[tuple[str, Heading]], rows: Sequence[Sequence[Cell]], width: int = 80, colour: bool = False
) -> list[str]:
    out = io.StringIO()
    write_table(headings, rows, out, width, colour)
    return out.getvalue().splitlines()


def test_a_table_that_fits_is_as_wide_as_it_needs() -> None:
    headings = [("Name", SHARED), ("Left", Heading(t("C"), right=True))]
    lines = drawn(headings, [(Cell("Sari"), Cell("3h")), (Cell("Budi Santoso"), Cell("12m"))])
    assert [line.rstrip() for line in lines] == [
        "Name          Left",
        "──────────────────",
        "Sari            3h",
        "Budi Santoso   12m",
    ]


def test_columns_with_a_share_give_way_first() -> None:
    assert fit([40, 10, 40], [SHARED, PLAIN, Heading(t("D"), share=3)], 50) == [10, 10, 30]
    assert fit([5, 10, 40], [SHARED, PLAIN, Heading(t("D"), share=1)], 50) == [5, 10, 35]
    assert sum(fit([40, 40], [PLAIN, PLAIN], 30)) == 30


def test_colours_and_markup_look_alikes() -> None:
    rows = [(Cell("[/red] Sari", Style.BAD),)]
    assert "[/red] Sari" in drawn([("A", PLAIN)], rows)[2]
    assert "\x1b[1;31m[/red] Sari\x1b[0m" in drawn([("A", PLAIN)], rows, colour=True)[2]


@given(st.lists(st.tuples(printable, printable), min_size=1, max_size=5), st.integers(16, 60), st.booleans())
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str]], width: int, wraps: bool) -> None:
    headings = [("Name", SHARED), ("Text", Heading(t("T"), share=2, wraps=wraps))]
    lines = drawn(headings, [tuple(Cell(text) for text in row) for row in rows], width)
    assert all(cell_len(line) <= width for line in lines)
    assert wraps or len(lines) == len(rows) + 2


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3)), min_size=1, max_size=6), st.integers(10, 200))
def test_widths_never_exceed_what_there_is(columns: list[tuple[int, int]], available: int) -> None:
    widths = fit([size for size, _ in columns], [Heading(t("A"), share=share) for _, share in columns], available)
    assert sum(widths) <= max(available, len(widths))
    assert all(given <= size for given, (size, _) in zip(widths, columns, strict=True))
