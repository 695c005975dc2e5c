"""What a chat looks like on the screen, as the fragments that prompt_toolkit draws; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prompt_toolkit.formatted_text import StyleAndTextTuples
from rich.cells import cell_len

from wacli.domain.text import t
from wacli.render.chat_view import cut, keys, picture, prompt, title, wrapped
from wacli.render.view import Cell, Style
from wacli.services.live_thread import Look

from .chat_room import Ready, Room

_STYLES = {
    Style.PLAIN: "",
    Style.GOOD: "ansigreen",
    Style.WARN: "ansiyellow",
    Style.BAD: "bold ansired",
    Style.DIM: "dim",
    Style.STRONG: "bold",
}


@dataclass
class ChatState:
    """What the screen shows. `pending`: what goes out once somebody says yes, and how it was typed. `back`: how many
    lines somebody has scrolled back."""

    look: Look
    remarks: list[Cell] = field(default_factory=list)
    pending: tuple[Ready, str] | None = None
    sending: int = 0
    back: int = 0


class ChatDrawing:
    """The lines of the screen. `size`: columns and rows of the terminal, now."""

    def __init__(self, room: Room, state: ChatState, size: Callable[[], tuple[int, int]]) -> None:
        self._room = room
        self._words = room.session.words
        self._state = state
        self._size = size
        self._picture: tuple[Look, int, list[list[Cell]]] | None = None
        self.last_line = 0  # of the thread as it was drawn: the window shows down to it

    @property
    def _width(self) -> int:
        return self._size()[0]

    def header(self) -> StyleAndTextTuples:
        """Who it is, and as which profile we talk."""
        profile = self._room.session.profile
        right = f" {profile.name}{' · sandbox' if profile['kind'] == 'sandbox' else ''} "
        left = " " + title(self._state.look)
        room = max(self._width - cell_len(right), 0)
        (cell,) = cut([Cell(left, Style.STRONG)], room) or [Cell("")]
        return [("bold", cell.text + " " * (room - cell_len(cell.text))), ("", right)]

    def thread(self) -> StyleAndTextTuples:
        """The thread, as lines that end where somebody has scrolled to; the window shows the last of them."""
        rows = self._size()[1]
        lines = self._lines()
        self._state.back = max(min(self._state.back, len(lines) - rows // 2), 0)
        end = len(lines) - self._state.back
        shown = lines[max(end - rows, 0) : end]
        self.last_line = max(len(shown) - 1, 0)
        fragments: StyleAndTextTuples = []
        for number, line in enumerate(shown):
            fragments += _fragments(line)
            if number < len(shown) - 1:
                fragments.append(("", "\n"))
        return fragments

    def _lines(self) -> list[list[Cell]]:
        width = self._width
        if self._picture is None or self._picture[0] is not self._state.look or self._picture[1] != width:
            self._picture = (self._state.look, width, picture(self._state.look, self._words, width))
        remarks = [
            [Cell(line, remark.style)] for remark in self._state.remarks for line in wrapped(remark.text, max(width, 1))
        ]
        return [*self._picture[2], *([[]] if remarks else []), *remarks]

    def prompt(self) -> StyleAndTextTuples:
        """The rule above the line that is typed: how long there is, and what the next message costs."""
        now = self._room.session.context.now()
        cells = [Cell("── ", Style.DIM), *prompt(self._state.look, now, self._words), Cell(" ", Style.DIM)]
        if self._state.sending:
            cells.append(Cell("· " + self._words.say(t("sending ...")) + " ", Style.WARN))
        if self._state.back:
            cells.append(Cell("· " + self._words.say(t("PgDn: newer")) + " ", Style.WARN))
        cells = cut(cells, self._width)
        left = self._width - sum(cell_len(cell.text) for cell in cells)
        return _fragments([*cells, Cell("─" * left, Style.DIM)])

    def question(self) -> StyleAndTextTuples:
        """What stands before the cursor: a mark, or whether to send what costs money."""
        if self._state.pending is None or self._state.pending[0].cost is None:
            return [("bold", "› ")]
        asked = self._words.say(t("{cost} Send it?", cost=self._state.pending[0].cost))
        return [("bold ansiyellow", f"{asked} [y/N] ")]

    def footer(self) -> StyleAndTextTuples:
        """What the keys do."""
        return _fragments(cut([Cell(self._words.say(keys()), Style.DIM)], self._width))


def _fragments(cells: Iterable[Cell]) -> StyleAndTextTuples:
    return [(_STYLES[cell.style], cell.text) for cell in cells]
