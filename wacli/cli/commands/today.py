"""`wacli today`: the morning brief."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import mark
from wacli.render.today_view import today_record
from wacli.services.today import Wanted, brief

from ..exits import ExitStatus
from ..instants import parse_duration
from ..money_options import budget_of
from ..options import examples
from ..session import Session
from ..stores import existing, prices_of

_ROWS = 5


@examples(
    "wacli today",
    "wacli today --closing 2h --limit 0",
    "wacli today --exit-code --quiet > /dev/null || notify-send 'The shop needs you'   # for cron",
    "wacli today --json | jq '.attention, .spent'",
)
def show(
    ctx: typer.Context,
    closing: Annotated[
        str, typer.Option("--closing", metavar="4h", help=mark("windows that close within this time come first"))
    ] = "4h",
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help=mark("end with 20 when somebody waits, a message did not arrive, or a template changes its price"),
        ),
    ] = False,
) -> ExitStatus:
    """Who must be answered now, who else waits, what did not arrive since yesterday, what the month costs so far."""
    session: Session = ctx.obj
    within = parse_duration(closing)
    profile = session.profile
    with existing(session) as store:
        prices = prices_of(session)
        budget = budget_of(session, store, prices)
        wanted = Wanted(
            prices,
            within,
            session.row_limit(_ROWS) or 0,
            profile["phone_number_id"],
            profile["waba_id"],
            by_hand=profile["kind"] == "phone-app",
            is_past=session.options.at is not None,
        )
        found = brief(store, wanted, session.now, None if budget is None else budget.at(session.now))
    session.write_record(today_record(found, session.words))
    return ExitStatus.THRESHOLD if exit_code and found.attention else ExitStatus.DONE
