"""`wacli chat` without a screen: a line in is a message or a command, a line out is something that happened.

For scripts, and for terminals that are none. It ends with its input, after the last message has its answer.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from typing import BinaryIO

from wacli.domain.problem import Problem, Refused
from wacli.domain.text import t
from wacli.render.chat_view import help_lines, news_lines, news_listing, quick_lines
from wacli.render.emit import Format, write_listing
from wacli.render.table import paint
from wacli.services.chat_line import AddNote, Close, Help, ListQuick, Quit, Said, read_line
from wacli.services.live_thread import Look, News, news

from .chat_room import Room, problem_of
from .exits import ExitStatus, status_of

_POLL_EVERY = 0.1  # seconds


class _Input:
    """Lines of a stream as they come, without waiting for the next one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        try:
            self._descriptor: int | None = stream.fileno()
        except OSError:  # no file: everything is there already
            self._descriptor = None
        self._rest = b""
        self.has_ended = False

    def lines(self, patience: float) -> list[str]:
        """What has come within so many seconds."""
        if self._descriptor is None:
            self._rest, self.has_ended = self._stream.read(), True
        else:
            ready, _, _ = select.select([self._descriptor], [], [], patience)
            if not ready:
                return []
            piece = os.read(self._descriptor, 65_536)
            self._rest, self.has_ended = self._rest + piece, not piece
        *whole, self._rest = self._rest.split(b"\n")
        if self.has_ended and self._rest:
            whole.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace") for line in whole]


class LineChat:
    """The conversation of one input with one thread."""

    def __init__(self, room: Room, *, marks_read: bool) -> None:
        self._room = room
        self._session = room.session
        self._marks_read = marks_read
        self._look: Look | None = None
        self._tried = 0
        self._problems: list[Problem] = []

    def run(self) -> ExitStatus:
        """Until the input ends or says /quit. The status is that of `reply`."""
        session = self._session
        try:
            if session.format is Format.TABLE:
                for one in self._happen():
                    for cell in news_lines(one, session.words):
                        session.context.out.write(paint(cell, session.colour) + "\n")
            else:
                write_listing(news_listing(self._happen()), session.page)
        finally:
            self._room.close_sending()
        if not self._problems:
            return ExitStatus.DONE
        return status_of(self._problems[0]) if len(self._problems) == self._tried else ExitStatus.PARTLY

    def _happen(self) -> Iterator[News]:
        yield from self._news()
        typed = _Input(self._session.context.stdin())
        while not typed.has_ended:
            self._session.context.out.flush()
            for line in typed.lines(_POLL_EVERY):
                if not self._take(line):
                    yield from self._news()
                    return
                yield from self._news()
            yield from self._news()

    def _news(self) -> Iterator[News]:
        before = self._look
        look = self._room.poll()
        if look is None:
            return
        self._look = look
        found = list(news(before, look))
        yield from found
        if self._marks_read and any(_is_theirs(one) for one in found):
            try:
                self._room.mark_read()
            except Problem as problem:
                self._session.warn([t("Not marked as read: {why}", why=problem.message)])

    def _take(self, line: str) -> bool:
        """Does what the line says; False: the end."""
        try:
            said = read_line(line)
            if isinstance(said, Quit):
                return False
            if said is not None:
                self._do(said)
        except Problem as problem:
            self._tried += 1
            self._fail(problem)
        return True

    def _do(self, said: Said) -> None:
        session, room = self._session, self._room
        if isinstance(said, Help):
            session.context.err.writelines(cell.text + "\n" for cell in help_lines(session.words))
        elif isinstance(said, ListQuick):
            session.context.err.writelines(cell.text + "\n" for cell in quick_lines(room.quick(), session.words))
        elif isinstance(said, AddNote):
            room.note(said.text)
        elif isinstance(said, Close):
            assert self._look is not None
            room.deal_with(self._look)
        elif not isinstance(said, Quit):
            ready = room.ready(said)
            if ready.cost is not None:
                raise Refused(
                    "needs-yes",
                    t("{cost} Nobody can be asked whether to send it", cost=ready.cost),
                    t("Add --yes, or say how much it may cost: --max-cost 0.05USD"),
                )
            result = room.send(ready)
            self._tried += 1
            if isinstance(result, str):
                session.tell(t("Open {url}", url=result))
            elif (problem := problem_of(result)) is not None:
                self._fail(problem)

    def _fail(self, problem: Problem) -> None:
        self._problems.append(problem)
        self._session.report(problem)


def _is_theirs(one: News) -> bool:
    return getattr(one.entry, "direction", None) == "inbound"
