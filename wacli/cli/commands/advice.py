"""`wacli advice`: what would make the next month cheaper."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.advice_view import advice_listing
from wacli.services.advice import advise
from wacli.services.what_if import Span

from ..instants import parse_since
from ..options import examples
from ..progress import steps
from ..session import Session
from ..stores import existing, prices_of


@examples("wacli advice", "wacli advice --since 90d", "wacli advice --json")
def show(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option("--since", metavar="INSTANT", help=mark("look at the messages from then on"))
    ] = "30d",
) -> None:
    """Ranks savings found in what was sent."""
    session: Session = ctx.obj
    begin = parse_since(since, session.now, session.zone)
    if begin >= session.now:
        raise Invalid("usage", t("--since is in the future"), t("Name a day that has been, or a span like 30d"))
    with existing(session) as store:
        prices = prices_of(session)
        with steps(session, t("Pricing messages")) as on_progress:
            found = advise(store, prices, Span(begin, session.now), session.now, on_progress=on_progress)
    limit = session.row_limit() or None
    session.write_listing(advice_listing(found._replace(found=found.found[:limit]), session.words))
