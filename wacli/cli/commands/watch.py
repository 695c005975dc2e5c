"""`wacli watch`: the board, live."""

from __future__ import annotations

import typer

from wacli.store.threads import BoardQuery, Sort

from .. import board_options as flags
from ..board_options import narrowed, sort_of, which_of
from ..exits import ExitStatus
from ..options import examples
from ..session import Session
from ..watching import alarms_of, run


@examples(
    "wacli watch",
    "wacli watch --before 1h --notify desktop",
    "wacli watch --unanswered --sort waiting",
    "wacli watch | jq -c 'select(.change == \"message\") | [.name, .last_text]'   # piped: one line a change",
)
def show(
    ctx: typer.Context,
    every: flags.Every = False,
    is_open: flags.IsOpen = False,
    is_closed: flags.IsClosed = False,
    closing: flags.Closing = None,
    unanswered: flags.Unanswered = False,
    free: flags.Free = False,
    tag: flags.Tag = None,
    sort: flags.SortBy = Sort.CLOSING.value,
    before: flags.Before = None,
    notify: flags.NotifyBy = None,
) -> ExitStatus:
    """Keeps the board on the screen: new messages on top, countdowns, and a bell before a window closes.

    Piped, it writes one line for each change: what happened (present, new, message, updated, closing, closed, gone),
    when, and the thread. q ends it.
    """
    session: Session = ctx.obj
    query = BoardQuery(which_of(every, is_open, is_closed), sort_of(sort), session.limit or 0)
    return run(session, narrowed(query, closing, unanswered, free, tag), alarms_of(before, notify))
