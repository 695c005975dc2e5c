"""`wacli allowance`: the month's free messages of each business number."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark
from wacli.render.allowance_view import allowance_listing
from wacli.services.allowance import allowances

from ..exits import ExitStatus
from ..money_options import share_asked
from ..options import examples
from ..session import Session
from ..stores import existing, prices_of


@examples(
    "wacli allowance",
    "wacli allowance --json | jq '.[0].left'",
    "wacli allowance --exit-code --warn-at 90% || echo 'replies will soon cost money'",
)
def show(
    ctx: typer.Context,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help=mark("end with 20 when a number has used up its free messages"))
    ] = False,
    warn_at: Annotated[
        str, typer.Option("--warn-at", metavar="90%", help=mark("with --exit-code: already at this share of them"))
    ] = "100%",
) -> ExitStatus:
    """Shows what is used and left, and until when it lasts at the present pace."""
    session: Session = ctx.obj
    share = share_asked(warn_at)
    with existing(session) as store:
        found = allowances(store, prices_of(session), session.profile["waba_id"], session.now)
    session.write_listing(allowance_listing(found, session.words))
    is_reached = any(number.total - number.left >= number.total * share for number in found.numbers)
    return ExitStatus.THRESHOLD if exit_code and is_reached else ExitStatus.DONE
