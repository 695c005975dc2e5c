"""`wacli threads`: the board."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.board_view import board_listing
from wacli.services.board import Board, board
from wacli.store.threads import BoardQuery, Sort

from .. import board_options as flags
from ..board_options import narrowed, sort_of, which_of
from ..exits import ExitStatus
from ..options import examples
from ..session import Session
from ..stores import prices_of, reading


@examples(
    "wacli threads",
    "wacli threads --watch   # the same board, live: wacli watch",
    "wacli threads --closing 2h --unanswered --exit-code   # for cron: 20 when somebody must be answered",
    "wacli threads --json | jq -r '.[] | select(.next_reply == \"free\") | .name'",
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
    live: Annotated[bool, typer.Option("--watch", help=mark("keep the board on the screen, live"))] = False,
    before: flags.Before = None,
    notify: flags.NotifyBy = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help=mark("end with 20 when any thread is shown"))] = False,
) -> ExitStatus:
    """The board by time left: every open window and every unanswered thread."""
    session: Session = ctx.obj
    query = BoardQuery(which_of(every, is_open, is_closed), sort_of(sort))
    query = narrowed(query, closing, unanswered, free, tag)
    if live:
        if exit_code:
            raise Invalid("usage", t("--watch never ends by itself: --exit-code does not go with it"))
        from ..watching import alarms_of, run

        return run(session, query._replace(limit=session.limit or 0), alarms_of(before, notify))
    if before is not None or notify is not None:
        raise Invalid("usage", t("--before and --notify go with --watch"), t("Type: wacli threads --watch"))
    return _show(session, query._replace(limit=session.row_limit() or 0), exit_code=exit_code)


def _show(session: Session, query: BoardQuery, *, exit_code: bool) -> ExitStatus:
    now, as_of = session.now, session.options.at is not None
    found = Board([], 0, True, None)
    with reading(session) as store:
        if store is not None:
            by_hand = session.profile["kind"] == "phone-app"
            found = board(store, query, prices_of(session), now, as_of=as_of, by_hand=by_hand)
    listing = board_listing(found, now, session.words)
    if store is None:
        listing = listing._replace(
            empty=t("No messages have come in yet. Try wacli demo, or take some in: wacli ingest FILE")
        )
    session.write_listing(listing)
    return ExitStatus.THRESHOLD if exit_code and found.lines else ExitStatus.DONE
