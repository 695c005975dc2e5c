"""`wacli watch`: a live board on a terminal, one line a change through a pipe.

On a terminal the screen is ours until q or Ctrl-C, and is given back as it was. Piped, each line is flushed as it is
written, and the reader's going away is noticed even while nothing happens.
"""

from __future__ import annotations

import select
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t
from wacli.render.emit import Format, write_listing
from wacli.render.watch_view import (
    Furniture,
    changes_listing,
    frame,
    redraw_at,
    rows_that_fit,
)
from wacli.services.board import Line
from wacli.services.watch import Change, Heard, View, Wishes, watch
from wacli.store.threads import BoardQuery
from wacli.store.watched import Watched

from .alarms import Banner, Notify, banners_of, desktop_command, no_desktop, notify_of, tell_desktop
from .exits import ExitStatus
from .instants import parse_duration
from .keyboard import keyboard, size_of
from .session import Session
from .stores import prices_of

BEFORE = "30m"
_FRESH_SHARE = 3  # a third of the screen at most belongs to the messages of the last minutes


class Alarms(NamedTuple):
    """When an alarm is due, and how it is given."""

    before: timedelta
    notify: str | None


def alarms_of(before: str | None, notify: str | None) -> Alarms:
    """What `--before` and `--notify` ask for. Raises `Invalid`."""
    notify_of(notify, Notify.OFF)
    return Alarms(parse_duration(before or BEFORE), notify)


def run(session: Session, query: BoardQuery, alarms: Alarms) -> ExitStatus:
    """Watches until somebody ends it. Raises `Invalid` together with --at, and for a table that is no screen."""
    if session.options.at is not None:
        raise Invalid("at-while-watching", t("Watching shows the present: --at does not go with it"), t("Leave it out"))
    context = session.context
    can_draw = context.out_is_terminal and context.environment.get("TERM") != "dumb"
    is_screen = can_draw and session.options.fields is None and session.format is Format.TABLE
    if not is_screen and session.options.format == Format.TABLE:
        raise Invalid(
            "no-terminal",
            t("A live board needs a terminal"),
            t("Piped, leave --format out: one line a change comes as ndjson"),
        )
    watched = Watched(session.store_path)
    view = View(prices_of(session), session.profile["kind"] == "phone-app")
    try:
        if is_screen:
            _on_screen(session, watched, view, query, alarms)
        else:
            _in_lines(session, watched, view, query, alarms)
    finally:
        watched.close()
    return ExitStatus.DONE


class _Bells:
    """Gives alarms as asked; `remark` says what could not be had."""

    def __init__(self, session: Session, notify: Notify, ring: Callable[[], None]) -> None:
        self._words = session.words
        self._ring = ring
        self._notify = notify
        self._command = desktop_command(session.context.environment) if notify is Notify.DESKTOP else None
        self._started: list[subprocess.Popen[bytes]] = []
        is_missing = notify is Notify.DESKTOP and self._command is None
        self.remark: Text | None = no_desktop() if is_missing else None

    def give(self, alarms: Sequence[Line], now: datetime) -> None:
        self._started = [one for one in self._started if one.poll() is None]
        if not alarms or self._notify is Notify.OFF:
            return
        if self._command is None:
            self._ring()
            return
        banners: list[Banner] = banners_of(alarms, now, self._words)
        self._started += tell_desktop(self._command, banners)


def _on_screen(session: Session, watched: Watched, view: View, query: BoardQuery, alarms: Alarms) -> None:
    from wacli.render.live import screen

    context = session.context
    stdin = context.stdin().fileno() if context.in_is_terminal else None
    asked = query.limit

    def wishes() -> Wishes:
        rows = rows_that_fit(size_of(context.out))
        rows = min(asked, rows) if asked else rows
        return Wishes(query._replace(limit=rows), alarms.before, max(rows // _FRESH_SHARE, 1))

    with keyboard(stdin) as keys, screen(context.out, colour=session.colour) as shown:
        bells = _Bells(session, notify_of(alarms.notify, Notify.BELL), shown.ring)
        title = session.profile.name
        furniture = Furniture(title, alarms.before, bells.remark)
        for snapshot in watch(watched, view, wishes, context.now, keys.wait, redraw_at):
            size = size_of(context.out)
            shown.draw(frame(snapshot, session.words, size, furniture), size.width, size.height)
            bells.give(snapshot.alarms, snapshot.at)


def _in_lines(session: Session, watched: Watched, view: View, query: BoardQuery, alarms: Alarms) -> None:
    context = session.context
    form = session.format if session.options.format not in (None, "json") else Format.NDJSON
    wishes = Wishes(query, alarms.before)

    def ring() -> None:
        if context.err_is_terminal:
            context.err.write("\a")
            context.err.flush()

    bells = _Bells(session, notify_of(alarms.notify, Notify.OFF), ring)
    if bells.remark is not None:
        session.tell(bells.remark)

    def changes() -> Iterator[tuple[datetime, Change]]:
        for snapshot in watch(watched, view, lambda: wishes, context.now, _pause_beside(session)):
            for change in snapshot.changes:
                yield snapshot.at, change
            context.out.flush()
            bells.give(snapshot.alarms, snapshot.at)

    write_listing(changes_listing(changes()), session.page._replace(format=form))


def _pause_beside(session: Session) -> Callable[[float], Heard]:
    """Waits, and hears when whoever reads our lines has gone away."""
    try:
        reader = session.context.out.fileno()
        poll = select.poll()
    except (OSError, AttributeError):  # no file at all, or a system without poll: a write will tell

        def sleep(seconds: float) -> Heard:
            time.sleep(seconds)
            return Heard.NOTHING

        return sleep
    poll.register(reader, 0)

    def wait(seconds: float) -> Heard:
        return Heard.STOP if poll.poll(seconds * 1000) else Heard.NOTHING

    return wait
