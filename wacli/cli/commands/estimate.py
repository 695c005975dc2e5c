"""`wacli estimate`: what planned messages will cost, on any day since 2018. Needs no account, no store, no network.

Annotations are not postponed here (see `estimate_flags`).
"""

import typer

from wacli.domain.category import Category
from wacli.domain.problem import Refused
from wacli.ratecards.shelf import Shelf
from wacli.render.emit import Format
from wacli.render.estimate_view import Answer, Column, answer_fields, lines_listing
from wacli.render.view import Record
from wacli.services.estimate import compare, estimate
from wacli.services.estimate_request import EstimateRequest

from .. import estimate_flags as flags
from ..estimate_flags import check_together
from ..estimate_options import Asked, Places, Scenario, Terms, understand, unused_rates
from ..exits import ExitStatus
from ..options import examples, options_typed
from ..session import Session
from ..shelves import shelf_of


@examples(
    "wacli estimate --to ID --marketing 1000 --utility 500 --service 3000",
    "wacli estimate --to ID --service 3000 --compare 2026-09-30 --what-if service=+50%",
    "wacli estimate --line ID,marketing,1000 --line MY,utility,300 --fee Twilio=0.005 --tax PPN=11%",
    "wacli estimate --from-store --since 2026-10-01 --compare 2026-09-30 --what-if answer-within=2h",
    "wacli estimate --recipients people.csv --category marketing --fx USD:IDR=16500",
)
def show(
    ctx: typer.Context,
    to: flags.To = None,
    marketing: flags.Marketing = None,
    utility: flags.Utility = None,
    authentication: flags.Authentication = None,
    international: flags.International = None,
    service: flags.Service = None,
    line: flags.Line = None,
    lines: flags.Lines = None,
    recipients: flags.Recipients = None,
    chat_export: flags.ChatExport = None,
    from_store: flags.FromStore = False,
    since: flags.Since = None,
    until: flags.Until = None,
    me: flags.Me = None,
    day_first: flags.DayFirst = None,
    category: flags.Category = None,
    column: flags.Column = None,
    rejects: flags.Rejects = None,
    numbers: flags.Numbers = "1",
    in_window: flags.InWindow = "0%",
    from_ads: flags.FromAds = "0%",
    allowance_used: flags.AllowanceUsed = "0",
    volume_so_far: flags.VolumeSoFar = None,
    on: flags.On = None,
    currency: flags.Currency = None,
    compare: flags.Compare = None,
    what_if: flags.WhatIf = None,
    rate: flags.Rate = None,
    fee: flags.Fee = None,
    fee_name: flags.FeeName = None,
    tax: flags.Tax = None,
    tax_name: flags.TaxName = None,
    fx: flags.Fx = None,
) -> ExitStatus:
    """Works out what messages will cost, line by line."""
    session: Session = ctx.obj
    check_together(options_typed(ctx))
    if from_store:
        from ..store_estimate import StoreAsked, price_store

        return price_store(session, StoreAsked(since, until, on, tuple(compare or ()), tuple(what_if or ())))
    if chat_export:
        from ..chat_estimate import ChatsAsked, price_chats

        wished = ChatsAsked(chat_export, me, day_first, next(iter(to or ()), None), category, on, currency)
        return price_chats(session, wished)
    counts = {
        Category.MARKETING: marketing,
        Category.UTILITY: utility,
        Category.AUTHENTICATION: authentication,
        Category.AUTHENTICATION_INTERNATIONAL: international,
        Category.SERVICE: service,
    }
    places = Places(_all(to), counts, _all(line), lines, recipients, category, column, rejects)
    terms = Terms(
        on=on,
        currency=currency,
        numbers=numbers,
        in_window=in_window,
        from_ads=from_ads,
        allowance_used=allowance_used,
        volume_so_far=_all(volume_so_far),
        rates=_all(rate),
        fee=fee,
        fee_name=fee_name,
        tax=tax,
        tax_name=tax_name,
        exchange=fx,
        compare=_all(compare),
        what_if=_all(what_if),
    )
    return _price_planned(session, places, terms)


def _price_planned(session: Session, places: Places, terms: Terms) -> ExitStatus:
    shelf = shelf_of(session)
    asked = understand(session, places, terms, shelf)
    answer = _answer(asked, shelf)
    remarks = tuple(unused_rates(asked.request.rates, answer.quote, shelf))
    _write(session, answer._replace(remarks=(*answer.remarks, *remarks)))
    has_rejects = asked.recipients is not None and asked.recipients.rejected_count > 0
    is_partial = has_rejects or any(column.quote is None for column in answer.columns)
    return ExitStatus.PARTLY if is_partial else ExitStatus.DONE


def _all(values: list[str] | None) -> tuple[str, ...]:
    return tuple(values or ())


def _answer(asked: Asked, shelf: Shelf) -> Answer:
    quote = estimate(asked.request, shelf)
    columns = [Column(day.on, None, day.quote, day.problem) for day in compare(asked.request, asked.compare, shelf)[1:]]
    columns += [_what_if(scenario, asked.request, shelf) for scenario in asked.what_if]
    return Answer(quote, tuple(columns), asked.recipients, asked.remarks)


def _what_if(scenario: Scenario, request: EstimateRequest, shelf: Shelf) -> Column:
    from wacli.services.estimate_terms import changed

    try:
        return Column(request.on, scenario.label, estimate(changed(request, scenario.changes), shelf), None)
    except Refused as problem:
        return Column(request.on, scenario.label, None, problem)


def _write(session: Session, answer: Answer) -> None:
    if session.format is Format.TABLE:
        from wacli.render.estimate_screen import estimate_record

        session.write_record(estimate_record(answer, session.words, session.context.width))
    elif session.format is Format.JSON:
        session.write_record(Record(answer_fields(answer, session.words)))
    else:
        session.write_listing(lines_listing(answer, session.words))
