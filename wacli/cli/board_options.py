"""The options that choose the threads of a board, for `threads` and `watch`, and the query they come to."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.store.threads import BoardQuery, Sort, Which

from .instants import parse_duration

Every = Annotated[bool, typer.Option("--all", help=mark("every thread"))]
IsOpen = Annotated[bool, typer.Option("--open", help=mark("only open windows"))]
IsClosed = Annotated[bool, typer.Option("--closed", help=mark("only closed windows"))]
Closing = Annotated[
    str | None, typer.Option("--closing", metavar="2h", help=mark("only windows that close within this time"))
]
Unanswered = Annotated[bool, typer.Option("--unanswered", help=mark("only threads that wait for an answer"))]
Free = Annotated[bool, typer.Option("--free", help=mark("only where the next reply is free"))]
Tag = Annotated[str | None, typer.Option("--tag", metavar="TAG", help=mark("only contacts with this tag"))]
SortBy = Annotated[str, typer.Option("--sort", metavar="HOW", help=mark("closing, waiting, recent or name"))]
Before = Annotated[
    str | None, typer.Option("--before", metavar="30m", help=mark("watching: how long before a window closes to warn"))
]
NotifyBy = Annotated[
    str | None, typer.Option("--notify", metavar="HOW", help=mark("watching: warn by bell, desktop or off"))
]


def which_of(every: bool, is_open: bool, is_closed: bool) -> Which:
    """Which threads. Raises `Invalid` for two answers."""
    if every + is_open + is_closed > 1:
        raise Invalid("usage", t("--all, --open and --closed exclude each other"), t("Choose one of them"))
    return Which.ALL if every else Which.OPEN if is_open else Which.CLOSED if is_closed else Which.BOARD


def sort_of(text: str) -> Sort:
    """In which order. Raises `Invalid`."""
    try:
        return Sort(text)
    except ValueError:
        choices = ", ".join(Sort)
        raise Invalid(
            "bad-value", t("--sort {value} is not possible", value=text), t("Choose one of {choices}", choices=choices)
        ) from None


def narrowed(query: BoardQuery, closing: str | None, unanswered: bool, free: bool, tag: str | None) -> BoardQuery:
    """The query with its filters. Raises `Invalid` for a length of time that is none."""
    return query._replace(
        closing_within=None if closing is None else parse_duration(closing),
        is_unanswered=unanswered,
        may_be_free=free,
        tag=tag,
    )
