"""`wacli reconcile`: our own count of a month beside what Meta says, message by message and as a sum."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Problem
from wacli.domain.text import mark, t
from wacli.render.reconcile_view import differing_listing, reconcile_listing
from wacli.services.prices import Prices
from wacli.services.reconcile import PER_MESSAGE_FROM, Reconciliation, list_differing, reconcile

from ..exits import ExitStatus
from ..money_options import as_of, month_asked, tolerance_asked
from ..options import examples
from ..session import Session
from ..stores import existing, prices_of

if TYPE_CHECKING:
    from wacli.cloudapi.analytics import PricingPoint


@examples(
    "wacli reconcile",
    "wacli reconcile --month 2026-10 --tolerance 0.50USD",
    "wacli reconcile --offline --messages --format csv",
)
def show(
    ctx: typer.Context,
    month: Annotated[
        str | None, typer.Option("--month", metavar="2026-11", help=mark("one whole month; this one if left out"))
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help=mark("without Meta's analytics; ask nobody"))] = False,
    messages: Annotated[bool, typer.Option("--messages", help=mark("list the messages that differ instead"))] = False,
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="1%", help=mark("end with 20 above this difference, or 0.50USD"))
    ] = "1%",
) -> ExitStatus:
    """Compares, and says why they likely differ."""
    session: Session = ctx.obj
    limit_of = tolerance_asked(session, tolerance)
    with existing(session) as store:
        prices = prices_of(session)
        since, until = month_asked(session, None, None, month)
        until = as_of(session, until)
        points, obstacle = None, None
        if not (offline or messages or session.options.at is not None):
            points, obstacle = _ask(session, prices, since, until)
        found = reconcile(store, prices, since, until, points, obstacle)
        if messages:
            limit = session.row_limit()
            rows = list_differing(store, since, until, limit=None if limit is None else limit + 1)
            has_more = limit is not None and len(rows) > limit
            shown = rows if limit is None else rows[:limit]
            session.write_listing(differing_listing(shown, found.currency, session.words, has_more=has_more))
        else:
            session.write_listing(reconcile_listing(found, session.words, limit_of(_reference(found))))
    return ExitStatus.THRESHOLD if found.gap > limit_of(_reference(found)) else ExitStatus.DONE


def _reference(found: Reconciliation) -> Decimal:
    """What a share of the difference is a share of: Meta's number."""
    return (found.total.said if found.total.meta is None else found.total.meta).amount


def _ask(
    session: Session, prices: Prices, since: datetime, until: datetime
) -> tuple[list[PricingPoint] | None, Problem | None]:
    """Meta's analytics, or what stood in the way. A profile without an API, or an older month, is not asked about."""
    profile = session.profile
    waba_id = profile["waba_id"]
    if profile["kind"] == "phone-app" or waba_id is None or prices.day(since) < PER_MESSAGE_FROM:
        return None, None
    from wacli.cloudapi.analytics import list_pricing

    from ..clients import client_of

    try:
        with client_of(session) as client:
            return list_pricing(client, waba_id, since, until), None
    except Problem as problem:
        session.tell(t("WhatsApp's analytics could not be asked: {why}", why=problem.message))
        return None, problem
