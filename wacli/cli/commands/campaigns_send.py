"""`wacli campaigns send` and `resume`: the quote, the question, the run with its bar, the report."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t

from ..exits import ExitStatus
from ..options import examples
from ..sending_options import PaceOption
from ..session import Session

MaxCost = Annotated[
    str | None, typer.Option("--max-cost", metavar="25USD", help=mark("stop before all of it costs more than this"))
]
StopIfFailed = Annotated[
    str | None, typer.Option("--stop-if-failed", metavar="5%", help=mark("stop when more than this share fails"))
]
Between = Annotated[
    str | None,
    typer.Option(
        "--between",
        metavar="09:00-17:00",
        help=mark("only in these hours, in the account's time zone; with “recipient” in each person's own"),
    ),
]
OnlyFree = Annotated[bool, typer.Option("--only-free", help=mark("only to those for whom it is free at that moment"))]


@examples(
    "wacli campaigns send promo",
    "wacli campaigns send promo --max-cost 25USD --stop-if-failed 5% --yes",
    'wacli campaigns send promo --at "tomorrow 9am" --between 09:00-17:00',
    'wacli campaigns send promo --between "09:00-20:00 recipient"',
    "wacli campaigns send --due",
)
def send(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=mark("the campaign"))] = None,
    max_cost: MaxCost = None,
    stop_if_failed: StopIfFailed = None,
    pace: PaceOption = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="INSTANT", help=mark("keep it for then: listen or cron with --due sends it")),
    ] = None,
    between: Between = None,
    only_free: OnlyFree = False,
    due: Annotated[bool, typer.Option("--due", help=mark("send every campaign whose time has come"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show what would be sent; send nothing"))] = False,
) -> ExitStatus:
    """Shows the quote, asks, and sends."""
    from ..campaign_runs import keep_appointments, send_campaign
    from ..campaign_wishes import Typed, wishes_of

    session: Session = ctx.obj
    if due:
        if name is not None:
            raise Invalid("usage", t("--due sends whatever is due; a name does not go with it"))
        return keep_appointments(session, is_dry=dry_run)
    if name is None:
        raise Invalid("missing", t("{what} is missing", what="NAME"), t("See them: wacli campaigns list"))
    wishes = wishes_of(session, Typed(max_cost, stop_if_failed, pace, between, only_free), at)
    return send_campaign(session, name, wishes, is_dry=dry_run)


@examples("wacli campaigns resume promo", "wacli campaigns resume promo --max-cost 40USD")
def resume(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=mark("the campaign"))],
    max_cost: MaxCost = None,
    stop_if_failed: StopIfFailed = None,
    pace: PaceOption = None,
    between: Between = None,
    only_free: OnlyFree = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show what would be sent; send nothing"))] = False,
) -> ExitStatus:
    """Sends the rest that was agreed to; nobody gets it twice. New limits are asked about; the others stay.

    --max-cost ends --only-free, and --between always ends the hours.
    """
    from ..campaign_runs import resume_campaign
    from ..campaign_wishes import Typed

    typed = Typed(max_cost, stop_if_failed, pace, between, only_free)
    return resume_campaign(ctx.obj, name, typed, is_dry=dry_run)
