"""`wacli threads`: the board."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.board_view import board_listing
from wacli.services.board import Board, board
from wacli.store.threads import BoardQuery, Sort, Which

from ..exits import ExitStatus
from ..instants import parse_duration
from ..options import examples
from ..session import Session
from ..stores import prices_of, reading


@examples(
    "wacli threads",
    "wacli threads --closing 2h --unanswered --exit-code   # for cron: 20 when somebody must be answered",
    "wacli threads --json | jq -r '.[] | select(.next_reply == \"free\") | .name'",
)
def show(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help=mark("every thread"))] = False,
    is_open: Annotated[bool, typer.Option("--open", help=mark("only open windows"))] = False,
    is_closed: Annotated[bool, typer.Option("--closed", help=mark("only closed windows"))] = False,
    closing: Annotated[
        str | None, typer.Option("--closing", metavar="2h", help=mark("only windows that close within this time"))
    ] = None,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help=mark("only threads that wait for an answer"))
    ] = False,
    free: Annotated[bool, typer.Option("--free", help=mark("only where the next reply is free"))] = False,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help=mark("only contacts with this tag"))] = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="HOW", help=mark("closing, waiting, recent or name"))
    ] = Sort.CLOSING.value,
    exit_code: Annotated[bool, typer.Option("--exit-code", help=mark("end with 20 when any thread is shown"))] = False,
) -> ExitStatus:
    """The board by time left: every open window and every unanswered thread."""
    session: Session = ctx.obj
    query = BoardQuery(
        which=_which(every, is_open, is_closed),
        sort=_sort(sort),
        limit=session.row_limit() or 0,
        closing_within=None if closing is None else parse_duration(closing),
        is_unanswered=unanswered,
        may_be_free=free,
        tag=tag,
    )
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


def _which(every: bool, is_open: bool, is_closed: bool) -> Which:
    if every + is_open + is_closed > 1:
        raise Invalid("usage", t("--all, --open and --closed exclude each other"), t("Choose one of them"))
    return Which.ALL if every else Which.OPEN if is_open else Which.CLOSED if is_closed else Which.BOARD


def _sort(text: str) -> Sort:
    try:
        return Sort(text)
    except ValueError:
        choices = ", ".join(Sort)
        raise Invalid(
            "bad-value", t("--sort {value} is not possible", value=text), t("Choose one of {choices}", choices=choices)
        ) from None
