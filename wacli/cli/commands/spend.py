"""`wacli spend`: where the money went, by whatever the owner asks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.allowance import month_of
from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.spend_view import Month, spend_listing, spend_record
from wacli.services.forecast import forecast
from wacli.services.prices import Prices
from wacli.services.spend import spend
from wacli.store.database import Store
from wacli.store.spend import Dimension

from ..exits import ExitStatus
from ..money_options import as_of, budget_limit, budget_of, month_asked, share_asked
from ..options import examples
from ..progress import steps
from ..session import Session
from ..stores import existing, prices_of
from ..written import write_file

_BY = "by"


_Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[by WHAT]",
        help=mark("contact, thread, template, category, market, campaign, tag, ad, link, day or month"),
    ),
]
_Since = Annotated[
    str | None, typer.Option("--since", metavar="INSTANT", help=mark("from then on; this month if left out"))
]
_Until = Annotated[str | None, typer.Option("--until", metavar="INSTANT", help=mark("before then"))]
_Month = Annotated[str | None, typer.Option("--month", metavar="2026-11", help=mark("one whole month"))]
_Chart = Annotated[str | None, typer.Option("--chart", metavar="FILE", help=mark("also draw it: FILE.svg or FILE.png"))]
_ExitCode = Annotated[bool, typer.Option("--exit-code", help=mark("end with 20 when this month's budget is used up"))]
_WarnAt = Annotated[
    str, typer.Option("--warn-at", metavar="80%", help=mark("with --exit-code: already at this share of it"))
]


@examples(
    "wacli spend",
    "wacli spend by template --since 2026-10-01",
    "wacli spend by market --month 2026-10 --chart october.svg",
    "wacli spend by contact --format csv > contacts.csv",
    "wacli spend --exit-code --warn-at 80% || echo 'nearly used up'",
)
def show(
    ctx: typer.Context,
    words: _Words = None,
    since: _Since = None,
    until: _Until = None,
    month: _Month = None,
    chart: _Chart = None,
    exit_code: _ExitCode = False,
    warn_at: _WarnAt = "100%",
) -> ExitStatus:
    """Sums what was charged, and says how the month will end."""
    session: Session = ctx.obj
    by = _dimension(words or [])
    share = share_asked(warn_at)
    if exit_code and budget_limit(session) is None:
        raise Invalid("no-budget", t("--exit-code needs a budget"), t('Set one: wacli config set budget "50 USD"'))
    with existing(session) as store:
        prices = prices_of(session)
        first, last = month_asked(session, since, until, month)
        with steps(session, t("Pricing messages")) as on_progress:
            found = spend(store, prices, by or Dimension.CATEGORY, first, as_of(session, last), on_progress=on_progress)
        aside = _month(session, store, prices, (first, last))
        if chart is not None:
            from wacli.render.spend_chart import spend_picture

            file = Path(chart)
            write_file(file, spend_picture(file, found, session.words))
            session.tell(t("Drawn: {file}", file=chart))
    width = session.context.width
    if by is None:
        session.write_record(spend_record(found, aside, session.words, width))
    else:
        session.write_listing(spend_listing(found, aside, session.words, width, session.row_limit()))
    if exit_code and aside is not None and aside.budget is not None:
        budget = aside.budget
        return ExitStatus.THRESHOLD if budget.spent >= budget.limit * share else ExitStatus.DONE
    return ExitStatus.DONE


def _dimension(words: list[str]) -> Dimension | None:
    """What was typed after `spend`; None for nothing. Raises `Invalid`."""
    asked = [word for word in words if word != _BY]
    if not words:
        return None
    if len(asked) == 1 and asked[0] in tuple(Dimension):
        return Dimension(asked[0])
    raise Invalid(
        "bad-value",
        t("spend {words} is not possible", words=" ".join(words)),
        t("Write it like: wacli spend by category. Also by {choices}", choices=", ".join(Dimension)),
    )


def _month(session: Session, store: Store, prices: Prices, span: tuple[datetime, datetime]) -> Month | None:
    """Forecast and budget, when the span is the month we are in."""
    now = session.now
    if span != month_of(now, prices.zone):
        return None
    budget = budget_of(session, store, prices)
    return Month(forecast(store, prices, now), None if budget is None else budget.at(now))
