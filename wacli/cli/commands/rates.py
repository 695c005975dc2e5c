"""`wacli rates`: the dated cards behind every price, one market's prices, what changed, and cards of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.problem import NotFound
from wacli.domain.text import mark, t
from wacli.render.emit import Format
from wacli.render.view import Record

from ..estimate_options import destination_of
from ..options import Command, group
from ..session import Session
from ..shelves import currency_asked, day_asked, rates_folder, shelf_of

rates = group(mark("The rate cards and rules behind every number"))

On = Annotated[str | None, typer.Option("--on", metavar="DATE", help=mark("the day; today if left out"))]
Currency = Annotated[str | None, typer.Option("--currency", metavar="USD", help=mark("the currency of your bill"))]


@rates.command("list", cls=Command, help=mark("Every card: its day, currency, publisher, and how complete it is"))
def list_(ctx: typer.Context, currency: Currency = None) -> None:
    """Lists the shelf, newest card first."""
    from wacli.render.rates_view import cards_listing
    from wacli.services.rates import list_cards

    session: Session = ctx.obj
    shelf = shelf_of(session)
    cards = list_cards(shelf)
    if currency is not None:
        wanted = currency_asked(session, currency)
        cards = tuple(card for card in cards if card.currency == wanted)
        if not cards:
            raise NotFound(
                "no-such-currency",
                t("no rate card in {currency} is known, on any day", currency=wanted),
                t("The cards are in {currencies}", currencies=", ".join(shelf.currencies())),
            )
    limit = session.row_limit() or len(cards)
    session.write_listing(cards_listing(cards[:limit], len(cards) - limit, session.words))


@rates.command("show", cls=Command, help=mark("What each kind of message costs to a country, market or phone number"))
def show(
    ctx: typer.Context,
    where: Annotated[str, typer.Argument(metavar="WHERE", help=mark("a country, market or phone number"))],
    on: On = None,
    currency: Currency = None,
) -> None:
    """Shows one market's prices on a day."""
    from wacli.render.rates_view import market_fields, market_record, market_rows
    from wacli.services.rates import show_rates

    session: Session = ctx.obj
    shelf, day = shelf_of(session), day_asked(session, on)
    found = show_rates(destination_of(session, where, day, shelf), day, currency_asked(session, currency), shelf)
    if session.format is Format.TABLE:
        session.write_record(market_record(found, session.words, session.context.width))
    elif session.format is Format.JSON:
        session.write_record(Record(market_fields(found, session.words)))
    else:
        session.write_listing(market_rows(found, session.words))


@rates.command("diff", cls=Command, help=mark("What changed between two days: prices, markets, rules"))
def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="DATE", help=mark("the earlier day"))],
    after: Annotated[str, typer.Argument(metavar="DATE", help=mark("the later day"))],
    currency: Currency = None,
) -> None:
    """Compares two days."""
    from wacli.render.rates_change_view import Diff, changes_listing, diff_fields, diff_record
    from wacli.services.rates import diff_rates

    session: Session = ctx.obj
    shelf = shelf_of(session)
    found = diff_rates(day_asked(session, before), day_asked(session, after), currency_asked(session, currency), shelf)
    answer = Diff(found, shelf.rules_on(found.before_on), shelf.rules_on(found.after_on))
    if session.format is Format.TABLE:
        session.write_record(diff_record(answer, session.row_limit(), session.words, session.context.width))
        return
    answer = answer._replace(diff=found._replace(rates=found.rates[: session.row_limit()]))
    if session.format is Format.JSON:
        session.write_record(Record(diff_fields(answer)))
    else:
        session.write_listing(changes_listing(answer))


@rates.command("import", cls=Command, help=mark("Keep Meta's published card (CSV or XLSX) beside the packaged ones"))
def import_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=mark("the card as Meta serves it"))],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help=mark("its first day, where the file does not say"))
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="USD", help=mark("its currency, where the file does not say"))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("check it and keep nothing"))] = False,
) -> None:
    """Checks a card against the shelf, shows what looks implausible, and keeps it."""
    from wacli.render.rates_change_view import plan_record
    from wacli.services.rates_import import keep_import, plan_import

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    plan = plan_import(
        Path(file),
        shelf_of(session),
        now.astimezone(session.zone).date(),
        on=None if on is None else day_asked(session, on),
        currency=None if currency is None else currency_asked(session, currency),
    )
    say, width = session.words, session.context.width
    if dry_run:
        session.write_record(plan_record(plan, None, say, width))
        session.tell(t("Nothing was kept: this was a dry run"))
        return
    is_confirmed = session.options.yes or not plan.needs_yes
    is_shown = not is_confirmed and session.format is Format.TABLE
    if is_shown:
        session.write_record(plan_record(plan, None, say, width))
        session.context.out.flush()
    if not is_confirmed and session.context.in_is_terminal and not session.options.no_input:
        is_confirmed = session.confirm(t("Keep this card as it is?"))
    kept = None
    try:
        kept = keep_import(plan, rates_folder(session), is_confirmed=is_confirmed)
    finally:
        if not is_shown:
            session.write_record(plan_record(plan, kept, say, width))
    session.tell(t("Kept as {file}", file=str(kept)))
