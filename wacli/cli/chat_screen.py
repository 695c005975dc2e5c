"""`wacli chat` on a terminal: the thread above, the line that is typed below, and between them how long there is and
what the next message costs.

prompt_toolkit (a line editor with history, completion and many lines) is loaded here and nowhere else. One task polls
the store; one worker thread sends, so that typing goes on while an answer is awaited, and messages keep their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.data_structures import Point
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import Float, FloatContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import ColorDepth, create_output

from wacli.domain.problem import Problem
from wacli.domain.text import Text, t
from wacli.render.chat_view import cut, help_lines, keys, picture, prompt, title, wrapped
from wacli.render.view import Cell, Style
from wacli.services.chat_line import COMMANDS, AddNote, Close, Help, Quit, read_line
from wacli.services.live_thread import Look, NewsKind, news

from .chat_room import Ready, Room, problem_of
from .exits import ExitStatus

if TYPE_CHECKING:
    from wacli.services.chat_line import Said

_POLL_EVERY = 0.1  # seconds
_INPUT_LINES = 6
_REMARKS = 8  # the latest, below the thread
_SECONDS_FROM = timedelta(minutes=10)
_STYLES = {
    Style.PLAIN: "",
    Style.GOOD: "ansigreen",
    Style.WARN: "ansiyellow",
    Style.BAD: "bold ansired",
    Style.DIM: "dim",
    Style.STRONG: "bold",
}
Result = TypeVar("Result")


class ChatScreen:
    """The screen, for as long as the chat lasts."""

    def __init__(self, room: Room, *, marks_read: bool, remarks: Iterable[Text] = ()) -> None:
        self._room = room
        self._words = room.session.words
        self._marks_read = marks_read
        look = room.poll()
        assert look is not None, "the first look is always new"
        self._look: Look = look
        self._remarks: list[Cell] = [Cell(self._words.say(one), Style.DIM) for one in remarks]
        self._pending: tuple[Ready, str] | None = None  # what may be sent once somebody says yes, and how it was typed
        self._sending = 0
        self._back = 0  # lines scrolled back
        self._picture: tuple[Look, int, list[list[Cell]]] | None = None
        self._worker = ThreadPoolExecutor(1, "wacli-sending")
        self._tasks: set[asyncio.Task[None]] = set()
        self._typed = Buffer(
            multiline=True,
            history=InMemoryHistory(_said_before(look)),
            completer=_Completer(room),
            complete_while_typing=Condition(lambda: self._typed.text.startswith("/")),
        )
        self._app = self._application()

    def run(self) -> ExitStatus:
        """Until somebody leaves. What is under way is awaited: nobody may wonder whether it went out."""
        try:
            return self._app.run(pre_run=self._begin)
        finally:
            self._worker.submit(self._room.close_sending).result()
            self._worker.shutdown()

    # --- what is drawn ------------------------------------------------------------------------------------------------

    def _application(self) -> Application[ExitStatus]:
        context = self._room.session.context
        typed = Window(
            BufferControl(self._typed, input_processors=[BeforeInput(self._question)]),
            height=Dimension(min=1, max=_INPUT_LINES),
            dont_extend_height=True,
            wrap_lines=True,
        )
        body = HSplit(
            [
                Window(FormattedTextControl(self._header), height=1, style="reverse"),
                Window(
                    FormattedTextControl(
                        self._thread, get_cursor_position=lambda: Point(0, self._last_line), show_cursor=False
                    )
                ),
                Window(FormattedTextControl(self._prompt), height=1),
                typed,
                Window(FormattedTextControl(self._footer), height=1),
            ]
        )
        menu = Float(CompletionsMenu(max_height=8), xcursor=True, ycursor=True)
        return Application(
            layout=Layout(FloatContainer(body, [menu]), focused_element=typed),
            key_bindings=self._bindings(),
            full_screen=True,
            input=create_input(),
            output=create_output(context.out),
            color_depth=None if self._room.session.colour else ColorDepth.DEPTH_1_BIT,
        )

    @property
    def _width(self) -> int:
        return self._app.output.get_size().columns

    def _header(self) -> StyleAndTextTuples:
        profile = self._room.session.profile
        right = f" {profile.name}{' · sandbox' if profile['kind'] == 'sandbox' else ''} "
        left = " " + title(self._look)
        from rich.cells import cell_len

        room = max(self._width - cell_len(right), 0)
        (cell,) = cut([Cell(left, Style.STRONG)], room) or [Cell("")]
        return [("bold", cell.text + " " * (room - cell_len(cell.text))), ("", right)]

    def _thread(self) -> StyleAndTextTuples:
        """The lines that end where somebody has scrolled to; the window shows the last of them."""
        rows = self._app.output.get_size().rows
        lines = self._lines()
        self._back = max(min(self._back, len(lines) - rows // 2), 0)
        end = len(lines) - self._back
        shown = lines[max(end - rows, 0) : end]
        self._last_line = max(len(shown) - 1, 0)
        fragments: StyleAndTextTuples = []
        for number, line in enumerate(shown):
            fragments += _fragments(line)
            if number < len(shown) - 1:
                fragments.append(("", "\n"))
        return fragments

    _last_line = 0

    def _lines(self) -> list[list[Cell]]:
        width = self._width
        if self._picture is None or self._picture[0] is not self._look or self._picture[1] != width:
            self._picture = (self._look, width, picture(self._look, self._words, width))
        remarks = [
            [Cell(line, remark.style)] for remark in self._remarks for line in wrapped(remark.text, max(width, 1))
        ]
        return [*self._picture[2], *([[]] if remarks else []), *remarks]

    def _prompt(self) -> StyleAndTextTuples:
        now = self._room.session.context.now()
        cells = [Cell("── ", Style.DIM), *prompt(self._look, now, self._words), Cell(" ", Style.DIM)]
        if self._sending:
            cells.append(Cell("· " + self._words.say(t("sending ...")) + " ", Style.WARN))
        if self._back:
            cells.append(Cell("· " + self._words.say(t("older messages: PgDn comes back")) + " ", Style.WARN))
        cells.append(Cell("─" * self._width, Style.DIM))
        from rich.cells import cell_len

        left, kept = self._width, []
        for cell in cells:
            kept += cut([cell], left) if left > 0 and cell_len(cell.text) <= left else []
            if cell_len(cell.text) > left:
                kept.append(cell._replace(text="─" * left) if cell.text.startswith("─") else cut([cell], left)[0])
                break
            left -= cell_len(cell.text)
        return _fragments(kept)

    def _question(self) -> StyleAndTextTuples:
        if self._pending is None or self._pending[0].cost is None:
            return [("bold", "› ")]
        asked = self._words.say(t("{cost} Send it?", cost=self._pending[0].cost))
        return [("bold ansiyellow", f"{asked} [y/N] ")]

    def _footer(self) -> StyleAndTextTuples:
        return _fragments(cut([Cell(self._words.say(keys()), Style.DIM)], self._width))

    # --- what is typed ------------------------------------------------------------------------------------------------

    def _bindings(self) -> KeyBindings:
        keyboard = KeyBindings()
        is_asking = Condition(lambda: self._pending is not None)
        bind: list[tuple[tuple[str, ...], Callable[[KeyPressEvent], None], bool]] = [
            (("enter",), lambda _: self._submit(), False),
            (("escape", "enter"), lambda _: self._typed.newline(), False),
            (("c-j",), lambda _: self._typed.newline(), False),
            (("pageup",), lambda _: self._scroll(1), False),
            (("pagedown",), lambda _: self._scroll(-1), False),
            (("c-d",), lambda event: self._leave(event, ExitStatus.DONE), False),
            (("c-c",), lambda event: self._leave(event, ExitStatus.INTERRUPTED), False),
            (("<any>",), self._answer, True),
            (("enter",), self._answer, True),
            (("escape",), self._answer, True),
        ]
        for names, action, answers in bind:
            keyboard.add(*names, filter=is_asking if answers else ~is_asking)(action)
        keyboard.add("c-c", filter=is_asking)(self._answer)
        return keyboard

    def _leave(self, event: KeyPressEvent, status: ExitStatus) -> None:
        if not self._typed.text:
            event.app.exit(result=status)
        elif status is ExitStatus.INTERRUPTED:  # as in a shell: the first one takes back what was typed
            self._typed.reset()
        else:
            self._typed.delete()

    def _scroll(self, pages: int) -> None:
        self._back = max(self._back + pages * max(self._app.output.get_size().rows // 2, 1), 0)

    def _submit(self) -> None:
        text = self._typed.text
        self._back = 0
        try:
            said = read_line(text)
            if isinstance(said, Quit):
                self._app.exit(result=ExitStatus.DONE)
            elif said is not None:
                self._do(said, text)
        except Problem as problem:
            self._report(problem)  # what was typed stays, to be put right
            return
        self._typed.reset(append_to_history=bool(text.strip()))

    def _do(self, said: Said, text: str) -> None:
        room = self._room
        if isinstance(said, Help):
            self._remarks = help_lines(self._words)
        elif isinstance(said, AddNote):
            self._begin_task(self._work(lambda: room.note(said.text)))
        elif isinstance(said, Close):
            look = self._look
            self._begin_task(self._work(lambda: room.deal_with(look), t("Dealt with, until they write again.")))
        elif not isinstance(said, Quit):
            ready = room.ready(said)
            if ready.cost is not None:
                self._pending = ready, text
            else:
                self._begin_task(self._send(ready))

    def _answer(self, event: KeyPressEvent) -> None:
        """One key: yes, or anything else."""
        assert self._pending is not None
        (ready, text), self._pending = self._pending, None
        if event.data in ("y", "Y") or (self._words.language == "id" and event.data in ("i", "I")):
            self._begin_task(self._send(ready))
            return
        self._typed.text = text
        self._typed.cursor_position = len(text)
        self._remark(t("Not sent."))

    # --- what happens meanwhile ---------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._begin_task(self._follow())
        if self._marks_read:
            self._begin_task(self._work(self._room.mark_read))

    def _begin_task(self, work: object) -> None:
        task: asyncio.Task[None] = self._app.create_background_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self) -> None:
        """Draws anew when something happened, and when the countdown moves."""
        shown = self._tick(self._room.session.context.now())
        while True:
            await asyncio.sleep(_POLL_EVERY)
            self._poll()
            tick = self._tick(self._room.session.context.now())
            if tick != shown:
                shown = tick
                self._app.invalidate()

    def _poll(self) -> None:
        try:
            look = self._room.poll()
        except Problem as problem:
            self._report(problem)
            return
        if look is None:
            return
        found = list(news(self._look, look))
        self._look = look
        if self._marks_read and any(
            one.kind is NewsKind.MESSAGE and getattr(one.entry, "direction", None) == "inbound" for one in found
        ):
            self._begin_task(self._work(self._room.mark_read))
        self._app.invalidate()

    def _tick(self, now: datetime) -> tuple[int, int]:
        """What of the clock is seen: minutes, and seconds towards the end."""
        closes_at = self._look.detail.verdict.window_closes_at
        left = timedelta(0) if closes_at is None else closes_at - now
        seconds = max(int(left.total_seconds()), 0)
        return int(now.timestamp()) // 60, seconds if left <= _SECONDS_FROM else seconds // 60

    async def _send(self, ready: Ready) -> None:
        self._sending += 1
        try:
            result = await self._in_worker(lambda: self._room.send(ready))
        except Problem as problem:
            self._report(problem)
            return
        finally:
            self._sending -= 1
        if isinstance(result, str):
            self._remark(t("Open {url}", url=result))
        elif (wrong := problem_of(result)) is not None:
            self._report(wrong)
        self._poll()

    async def _work(self, what: Callable[[], None], said: Text | None = None) -> None:
        try:
            await self._in_worker(what)
        except Problem as problem:
            self._report(problem)
            return
        if said is not None:
            self._remark(said)
        self._poll()

    async def _in_worker(self, what: Callable[[], Result]) -> Result:
        # Leaving the chat cancels whoever waits here, not the work: `run` lets the worker come to its end.
        return await asyncio.get_running_loop().run_in_executor(self._worker, what)

    def _report(self, problem: Problem) -> None:
        said = self._words.say(problem.message) + "."
        if problem.hint is not None:
            said += " " + self._words.say(problem.hint)
        self._show(Cell(said, Style.BAD))

    def _remark(self, said: Text) -> None:
        self._show(Cell(self._words.say(said), Style.DIM))

    def _show(self, remark: Cell) -> None:
        self._remarks = [*self._remarks[-_REMARKS + 1 :], remark]
        self._back = 0
        self._app.invalidate()


class _Completer(Completer):
    """Commands, and the names that belong to them."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """For a line that is a command; words are nobody's business."""
        text = document.text_before_cursor
        command, space, rest = text.partition(" ")
        if not space:
            yield from (Completion(one + " ", -len(text), one) for one in COMMANDS if one.startswith(text))
        elif command == "/file":
            yield from self._paths.get_completions(Document(rest), complete_event)
        elif command in ("/quick", "/template") and " " not in rest:
            for name in self._names(command):
                if name.startswith(rest):
                    yield Completion(name, -len(rest))

    def _names(self, command: str) -> list[str]:
        from wacli.store import quick_replies, templates

        try:
            store = self._room.follower.desk().store
            if command == "/quick":
                return [one.name for one in quick_replies.list_all(store)]
            return sorted({one.name for one in templates.list_templates(store)})
        except Problem:
            return []


def _said_before(look: Look) -> list[str]:
    """What was sent in this thread, for the up arrow."""
    return [one.text for one in look.detail.messages if one.direction == "outbound" and one.kind == "text" and one.text]


def _fragments(cells: Iterable[Cell]) -> StyleAndTextTuples:
    return [(_STYLES[cell.style], cell.text) for cell in cells]
