"""`wacli search TEXT`: messages by their words, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark
from wacli.render.search_view import hits_listing
from wacli.services.search import find_messages
from wacli.store.search import Hit

from ..instants import parse_since
from ..options import examples
from ..session import Session
from ..stores import reading
from ..who import find_contact


@examples("wacli search pandan", 'wacli search "sudah transfer" --who Sari --since 30d', "wacli search invoice --json")
def run(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help=mark("words; the last one may be a beginning"))],
    who: Annotated[
        str | None, typer.Option("--who", metavar="WHO", help=mark("only the threads of this contact"))
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help=mark("only messages from then on"))
    ] = None,
) -> None:
    """Finds messages that have all the words."""
    session: Session = ctx.obj
    limit = session.row_limit() or 0
    moment = None if since is None else parse_since(since, session.now, session.zone)
    found: list[Hit] = []
    with reading(session) as store:
        if store is not None:
            contact = None if who is None else find_contact(session, store, who)
            most = limit + 1 if limit else 0
            found = find_messages(store, " ".join(text), session.now, contact=contact, since=moment, limit=most)
    has_more = bool(limit) and len(found) > limit
    session.write_listing(hits_listing(found[:limit] if limit else found, session.words, has_more=has_more))
