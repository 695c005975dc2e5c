"""Events on their way to the screen: from the thread that applies to the one that writes, without holding it up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence, Set
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

from wacli.domain.event_kind import EventKind, kind_of
from wacli.render.emit import Format

if TYPE_CHECKING:
    from wacli.render.event_view import Happening
    from wacli.services.inbound import Applied

    from .session import Session

_MOST_UNWRITTEN = 10_000
_GLANCE_S = 0.2


class Lines:
    """Events on their way from the thread that applies them to the one that prints."""

    def __init__(self, kinds: Set[EventKind] | None) -> None:
        self._kinds = kinds
        self._queue: Queue[Happening] = Queue(_MOST_UNWRITTEN)
        self.dropped = 0

    def put(self, done: Sequence[Applied]) -> None:
        """Takes what was applied. Where nobody reads, the latest are not shown: the receiving goes on."""
        from wacli.render.event_view import Happening

        for one in done:
            for event in one.events:
                if self._kinds is None or kind_of(event) in self._kinds:
                    try:
                        self._queue.put_nowait(Happening(one.id, event))
                    except Full:
                        self.dropped += 1

    def until(
        self, stop: threading.Event, is_running: Callable[[], bool], finish: Callable[[], None], limit: int
    ) -> Iterator[Happening]:
        """Each event as it comes, until `stop` or (where not 0) `limit` of them; then what `finish` still applies."""
        shown = 0
        while is_running() and not stop.is_set():
            try:
                yield self._queue.get(timeout=_GLANCE_S)
            except Empty:
                continue
            shown += 1
            if limit and shown >= limit:
                return
        finish()
        while not self._queue.empty():
            yield self._queue.get_nowait()


def write_lines(session: Session, items: Iterator[Happening]) -> None:
    """Lines for people on a terminal, one object a line for scripts, each as soon as it is there."""
    from wacli.render.emit import write_listing
    from wacli.render.event_view import happening_line, happening_listing

    out, page = session.context.out, session.page
    if session.options.format is None and session.options.fields is None and not session.context.out_is_terminal:
        page = page._replace(format=Format.NDJSON)
    if page.format is Format.TABLE:
        for item in items:
            out.write(happening_line(item, session.words, session.context.width, session.colour) + "\n")
            out.flush()
        return

    def flushed() -> Iterator[Happening]:
        for item in items:
            yield item
            out.flush()

    write_listing(happening_listing(flushed(), session.words), page)
