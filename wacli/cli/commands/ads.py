"""`wacli ads`: what each ad brought, answered in time or lost to the clock."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.ads_view import ads_listing, chats_listing
from wacli.services import ads as journey

from ..instants import parse_since
from ..options import examples
from ..session import Session
from ..stores import prices_of, reading


@examples("wacli ads", "wacli ads --running", "wacli ads 120211234567890", "wacli ads --since 30d --json")
def show(
    ctx: typer.Context,
    ad: Annotated[
        str | None, typer.Argument(metavar="[AD]", help=mark("the chats of this ad only, one by one"))
    ] = None,
    is_running: Annotated[
        bool,
        typer.Option("--running", help=mark("people to whom everything is free now, the one that ends first on top")),
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help=mark("only chats from then on"))
    ] = None,
) -> None:
    """Ads and Page buttons, or the chats of one."""
    session: Session = ctx.obj
    if is_running and since is not None:
        raise Invalid("bad-option", t("--running and --since do not go together"), t("Give one of them"))
    begin = None if since is None else parse_since(since, session.now, session.zone)
    limit = session.row_limit() or None
    with reading(session) as store:
        chats = (
            []
            if store is None
            else journey.list_chats(store, prices_of(session), session.now, since=begin, source_id=ad)
        )
        found = (
            []
            if store is None or is_running or ad is not None
            else journey.list_ads(store, prices_of(session), chats, session.now, since=begin)
        )
    if is_running:
        empty = t("No free entry point is running now")
        session.write_listing(chats_listing(journey.running(chats)[:limit], session.words, session.now, empty))
    elif ad is not None:
        session.write_listing(chats_listing(chats[:limit], session.words, session.now, t("No chat began with it")))
    else:
        session.write_listing(
            ads_listing(found[:limit], session.words, session.now, session.profile["currency"] or "USD")
        )
