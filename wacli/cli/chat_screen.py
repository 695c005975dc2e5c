"""`wacli chat` on a terminal: the thread above, the line that is typed below, and between them how long there is and
what the next message costs.

prompt_toolkit (a line editor with history, completion and many lines) is loaded for this alone. One task polls
the store; one worker thread sends, so that typing goes on while an answer is awaited, and messages keep their order.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.filters import Condition
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
from wacli.render.chat_view import help_lines, quick_lines
from wacli.render.view import Cell, Style
from wacli.services.chat_line import AddNote, Close, Help, ListQuick, Quit, is_command, read_line
from wacli.services.live_thread import Look, NewsKind, news

from .chat_completion import ChatCompleter
from .chat_drawing import ChatDrawing, ChatState
from .chat_room import Ready, Room, problem_of
from .exits import ExitStatus
from .session import YES

if TYPE_CHECKING:
    from wacli.services.chat_line import Said
    from wacli.services.delivery import Sent
    from wacli.services.sending import Failed

_POLL_EVERY = 0.1  # seconds
_INPUT_LINES = 6
_REMARKS = 8  # the latest, below the thread
_SECONDS_FROM = timedelta(minutes=10)


class ChatScreen:
    """The screen, for as long as the chat lasts."""

    def __init__(self, room: Room, *, marks_read: bool, remarks: Iterable[Text] = ()) -> None:
        self._room = room
        self._words = room.session.words
        self._marks_read = marks_read
        look = room.poll()
        assert look is not None, "the first look is always new"
        self._state = ChatState(look, [Cell(self._words.say(one), Style.DIM) for one in remarks])
        self._drawing = ChatDrawing(room, self._state, self._size)
        self._worker = ThreadPoolExecutor(1, "wacli-sending")
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: list[Future[Sent | Failed | str]] = []  # sends whose end nobody has seen yet
        self._ended_by: int | None = None
        self._typed = Buffer(
            multiline=True,
            history=InMemoryHistory(_said_before(look)),
            completer=ChatCompleter(room),
            complete_while_typing=Condition(lambda: self._state.pending is None and self._typed.text.startswith("/")),
        )
        self._app = self._application()

    def run(self) -> ExitStatus:
        """Until somebody leaves. What is under way is awaited: nobody may wonder whether it went out.

        Raises `SystemExit` when the process was asked to end.
        """
        try:
            status = self._app.run(pre_run=self._begin, handle_sigint=False)
        finally:
            self._finish()
        if self._ended_by is not None:
            raise SystemExit(128 + self._ended_by)
        return status

    def _finish(self) -> None:
        """After the screen is gone: waits for the worker, and says on stderr what it came to."""
        session = self._room.session
        if any(not future.done() for future in self._under_way):
            session.tell(t("Waiting for the answer to what you sent ..."))
        closed = self._worker.submit(self._room.close_sending)
        self._worker.shutdown()
        for future in self._under_way:
            try:
                problem = problem_of(future.result())
            except Problem as raised:
                problem = raised
            if problem is not None:
                session.report(problem)
        closed.result()

    def _application(self) -> Application[ExitStatus]:
        context = self._room.session.context
        typed = Window(
            BufferControl(self._typed, input_processors=[BeforeInput(self._drawing.question)]),
            height=Dimension(min=1, max=_INPUT_LINES),
            dont_extend_height=True,
            wrap_lines=True,
        )
        body = HSplit(
            [
                Window(FormattedTextControl(self._drawing.header), height=1, style="reverse"),
                Window(
                    FormattedTextControl(
                        self._drawing.thread,
                        get_cursor_position=lambda: Point(0, self._drawing.last_line),
                        show_cursor=False,
                    )
                ),
                Window(FormattedTextControl(self._drawing.prompt), height=1),
                typed,
                Window(FormattedTextControl(self._drawing.footer), height=1),
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

    def _size(self) -> tuple[int, int]:
        size = self._app.output.get_size()
        return size.columns, size.rows

    # --- what is typed ------------------------------------------------------------------------------------------------

    def _bindings(self) -> KeyBindings:
        keyboard = KeyBindings()
        is_asking = Condition(lambda: self._state.pending is not None)
        bind: list[tuple[tuple[str, ...], Callable[[KeyPressEvent], None], bool]] = [
            (("enter",), lambda _: self._submit(), False),
            (("escape", "enter"), lambda _: self._typed.newline(), False),
            (("c-j",), lambda _: self._typed.newline(), False),
            (("pageup",), lambda _: self._scroll(1), False),
            (("pagedown",), lambda _: self._scroll(-1), False),
            (("c-d",), lambda event: self._leave(event, ExitStatus.DONE), False),
            (("c-c",), lambda event: self._leave(event, ExitStatus.INTERRUPTED), False),
            (("enter",), lambda _: self._answer(self._typed.text), True),
            (("escape",), lambda _: self._answer(""), True),
            (("c-c",), lambda _: self._answer(""), True),
            (("c-d",), lambda _: self._answer(""), True),
        ]
        for names, action, answers in bind:
            keyboard.add(*names, filter=is_asking if answers else ~is_asking)(action)
        return keyboard

    def _leave(self, event: KeyPressEvent, status: ExitStatus) -> None:
        if not self._typed.text:
            event.app.exit(result=status)
        elif status is ExitStatus.INTERRUPTED:  # as in a shell: the first one takes back what was typed
            self._typed.reset()
        else:
            self._typed.delete()

    def _scroll(self, pages: int) -> None:
        self._state.back = max(self._state.back + pages * max(self._size()[1] // 2, 1), 0)

    def _submit(self) -> None:
        text = self._typed.text
        self._state.back = 0
        try:
            said = read_line(text)
            if isinstance(said, Quit):
                self._app.exit(result=ExitStatus.DONE)
            elif said is not None:
                self._do(said, text)
        except Problem as problem:
            self._report(problem)
            if not is_command(text):
                return  # words for the contact stay, to be put right; a command is brought back by the up arrow
        self._typed.reset(append_to_history=bool(text.strip()))

    def _do(self, said: Said, text: str) -> None:
        room = self._room
        if isinstance(said, Help):
            self._state.remarks = help_lines(self._words)
        elif isinstance(said, ListQuick):
            self._state.remarks = quick_lines(room.quick(), self._words)
        elif isinstance(said, AddNote):
            self._begin_task(self._work(lambda: room.note(said.text)))
        elif isinstance(said, Close):
            look = self._state.look
            self._begin_task(self._work(lambda: room.deal_with(look), t("Dealt with, until they write again.")))
        elif not isinstance(said, Quit):
            ready = room.ready(said)
            if ready.cost is not None:
                self._state.pending = ready, text
            else:
                self._begin_task(self._send(ready))

    def _answer(self, said: str) -> None:
        """A yes sends it; with anything else it is there again, to be changed."""
        assert self._state.pending is not None
        (ready, text), self._state.pending = self._state.pending, None
        self._typed.reset()
        if said.strip().lower() in YES:
            self._begin_task(self._send(ready))
            return
        self._typed.text = text
        self._typed.cursor_position = len(text)
        self._remark(t("Not sent."))

    # --- what happens meanwhile ---------------------------------------------------------------------------------------

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, self._end, int(number))
        self._begin_task(self._follow())
        if self._marks_read:
            self._begin_task(self._work(self._room.mark_read))

    def _end(self, number: int) -> None:
        self._ended_by = number
        with suppress(Exception):  # it has ended already
            self._app.exit(result=ExitStatus.INTERRUPTED)

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
        found = list(news(self._state.look, look))
        self._state.look = look
        if self._marks_read and any(
            one.kind is NewsKind.MESSAGE and getattr(one.entry, "direction", None) == "inbound" for one in found
        ):
            self._begin_task(self._work(self._room.mark_read))
        self._app.invalidate()

    def _tick(self, now: datetime) -> tuple[int, int]:
        """What of the clock is seen: minutes, and seconds towards the end."""
        closes_at = self._state.look.detail.verdict.window_closes_at
        left = timedelta(0) if closes_at is None else closes_at - now
        seconds = max(int(left.total_seconds()), 0)
        return int(now.timestamp()) // 60, seconds if left <= _SECONDS_FROM else seconds // 60

    async def _send(self, ready: Ready) -> None:
        self._state.remarks = []  # what was said about earlier ones is read
        self._state.sending += 1
        future = self._worker.submit(self._room.send, ready)
        self._under_way.append(future)
        try:
            # Leaving the chat cancels whoever waits here, but not the sending: `_finish` sees to its end.
            result = await asyncio.shield(asyncio.wrap_future(future))
        except Problem as problem:
            self._report(problem)
            self._under_way.remove(future)
            return
        finally:
            self._state.sending -= 1
        self._under_way.remove(future)
        if isinstance(result, str):
            self._remark(t("Open {url}", url=result))
        elif (wrong := problem_of(result)) is not None:
            self._report(wrong)
        self._poll()

    async def _work(self, what: Callable[[], None], said: Text | None = None) -> None:
        try:
            await asyncio.shield(asyncio.wrap_future(self._worker.submit(what)))
        except Problem as problem:
            self._report(problem)
            return
        if said is not None:
            self._remark(said)
        self._poll()

    def _report(self, problem: Problem) -> None:
        said = self._words.say(problem.message) + "."
        if problem.hint is not None:
            said += " " + self._words.say(problem.hint)
        self._show(Cell(said, Style.BAD))

    def _remark(self, said: Text) -> None:
        self._show(Cell(self._words.say(said), Style.DIM))

    def _show(self, remark: Cell) -> None:
        self._state.remarks = [*self._state.remarks[-_REMARKS + 1 :], remark]
        self._state.back = 0
        self._app.invalidate()


def _said_before(look: Look) -> list[str]:
    """What was sent in this thread, for the up arrow."""
    return [one.text for one in look.detail.messages if one.direction == "outbound" and one.kind == "text" and one.text]
