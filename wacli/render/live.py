"""A screen of its own that is drawn anew: rich.live, loaded by nothing else.

What was in the terminal before comes back at the end, whatever ended it. Lines never wrap: a terminal that thinks a
character wider than rich does would otherwise push the whole picture down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from .view import Cell, Style

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


class Frame:
    """Lines of cells that fill the screen, as rich wants them."""

    def __init__(self, lines: Sequence[Sequence[Cell]]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Each cell is one segment; nothing is parsed or wrapped.

        Terminals disagree about how wide an emoji with a skin tone is: after whatever is not plain the cursor is put
        where it belongs, so that no cell moves its neighbours.
        """
        from rich.cells import cell_len
        from rich.control import Control
        from rich.segment import Segment
        from rich.style import Style as RichStyle

        styles = {style: RichStyle.parse(style.value) if style.value else None for style in Style}
        last = len(self.lines) - 1
        for number, line in enumerate(self.lines):
            column = 0
            for cell in line:
                yield Segment(cell.text, styles[cell.style])
                column += cell_len(cell.text)
                if not cell.text.isascii() and column < options.max_width:
                    yield Control.move_to_column(column).segment
            if number != last:
                yield Segment.line()


class Screen:
    """The terminal while it is ours."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def draw(self, lines: Sequence[Sequence[Cell]], width: int, height: int) -> None:
        """Shows these lines and nothing else."""
        from rich.console import ConsoleDimensions

        self._live.console.size = ConsoleDimensions(width, height)
        self._live.update(Frame(lines), refresh=True)

    def ring(self) -> None:
        """The terminal's bell."""
        self._live.console.file.write("\a")
        self._live.console.file.flush()


@contextmanager
def screen(out: TextIO, *, colour: bool) -> Iterator[Screen]:
    """The whole terminal for as long as the block runs."""
    from rich.console import Console
    from rich.live import Live

    console = Console(
        file=out,
        force_terminal=True,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={"TERM": "xterm"},  # whether this is a terminal was decided before; sizes are given with each frame
    )
    live = Live(
        Frame(()),
        console=console,
        screen=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
        vertical_overflow="crop",
    )
    with live:
        out.write(_NO_WRAP)
        try:
            yield Screen(live)
        finally:
            out.write(_WRAP)
