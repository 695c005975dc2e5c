"""`wacli estimate`: what planned messages will cost, on any day since 2018. Needs no account, no store, no network.

Annotations are not postponed here: typer evaluates postponed ones six times over, which for this many options is a
tenth of the whole process (measured, 13 of 127 ms).
"""

from typing import Annotated

import typer

from wacli.domain.category import Category
from wacli.domain.problem import Refused
from wacli.domain.text import mark
from wacli.ratecards.shelf import Shelf
from wacli.render.emit import Format
from wacli.render.estimate_view import Answer, Column, answer_fields, lines_listing
from wacli.render.view import Record
from wacli.services.estimate import compare, estimate
from wacli.services.estimate_request import EstimateRequest

from ..estimate_options import Asked, Places, Scenario, Terms, understand, unused_rates
from ..exits import ExitStatus
from ..options import examples
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
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="WHERE", help=mark("a country, market or phone number; repeated, each gets all")),
    ] = None,
    marketing: Annotated[
        str | None, typer.Option("--marketing", metavar="N", help=mark("so many marketing templates"))
    ] = None,
    utility: Annotated[
        str | None, typer.Option("--utility", metavar="N", help=mark("so many utility templates"))
    ] = None,
    authentication: Annotated[
        str | None, typer.Option("--authentication", metavar="N", help=mark("so many authentication templates"))
    ] = None,
    international: Annotated[
        str | None,
        typer.Option("--authentication-international", metavar="N", help=mark("the same at the international rate")),
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="N", help=mark("so many answers that are no templates"))
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar="ID,marketing,1000", help=mark("where to, category, count; may be repeated")),
    ] = None,
    lines: Annotated[
        str | None,
        typer.Option("--lines", metavar="FILE", help=mark("the same from a CSV file; - reads standard input")),
    ] = None,
    recipients: Annotated[
        str | None,
        typer.Option("--recipients", metavar="FILE", help=mark("a CSV file of numbers, one message to each; - too")),
    ] = None,
    chat_export: Annotated[
        list[str] | None,
        typer.Option("--chat-export", metavar="FILE", help=mark("an exported chat through the API; may be repeated")),
    ] = None,
    from_store: Annotated[
        bool, typer.Option("--from-store", help=mark("your own messages again, by other rules or with other habits"))
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help=mark("with --from-store: from then on; this month"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="INSTANT", help=mark("with --from-store: before then"))
    ] = None,
    me: Annotated[str | None, typer.Option("--me", metavar="NAME", help=mark("your own name in the chat"))] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help=mark("how the chat writes its dates"))
    ] = None,
    category: Annotated[
        str | None, typer.Option("--category", metavar="CATEGORY", help=mark("what the recipients get"))
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", metavar="NAME", help=mark("the file's column of phone numbers"))
    ] = None,
    rejects: Annotated[
        str | None, typer.Option("--rejects", metavar="FILE", help=mark("keep the rows that are no recipients"))
    ] = None,
    numbers: Annotated[
        str, typer.Option("--numbers", metavar="N", help=mark("your business numbers; each has an allowance"))
    ] = "1",
    in_window: Annotated[
        str, typer.Option("--in-window", metavar="60%", help=mark("share of templates sent while a window is open"))
    ] = "0%",
    from_ads: Annotated[
        str, typer.Option("--from-ads", metavar="10%", help=mark("share of messages inside a free entry point"))
    ] = "0%",
    allowance_used: Annotated[
        str, typer.Option("--allowance-used", metavar="N", help=mark("free messages already used this month"))
    ] = "0",
    volume_so_far: Annotated[
        list[str] | None,
        typer.Option(
            "--volume-so-far",
            metavar="ID,utility,1000",
            help=mark("billed earlier this month, for volume tiers; may be repeated"),
        ),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help=mark("the day; today if left out"))] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="USD", help=mark("the currency of your bill"))
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option("--compare", metavar="DATE", help=mark("the same messages on another day; may be repeated")),
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            metavar="CHANGE",
            help=mark(
                "service=+50%, marketing=2000, in-window=80%, numbers=3; with --from-store answer-within=2h, "
                "merge-replies=10m, utility-in-entry-point=3d, replies-in-app; may be repeated"
            ),
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            "--rate",
            metavar="ID=0.0411",
            help=mark("a price where no card has one; ID,utility=0.02 always counts; may be repeated"),
        ),
    ] = None,
    fee: Annotated[
        str | None, typer.Option("--fee", metavar="0.005", help=mark("your provider's fee for each message"))
    ] = None,
    fee_name: Annotated[str | None, typer.Option("--fee-name", metavar="NAME", help=mark("whose fee it is"))] = None,
    tax: Annotated[str | None, typer.Option("--tax", metavar="11%", help=mark("tax on everything"))] = None,
    tax_name: Annotated[str | None, typer.Option("--tax-name", metavar="NAME", help=mark("which tax it is"))] = None,
    fx: Annotated[
        str | None, typer.Option("--fx", metavar="USD:IDR=16500", help=mark("show the total in another currency too"))
    ] = None,
) -> ExitStatus:
    """Works out what messages will cost, line by line."""
    session: Session = ctx.obj
    if from_store:
        from ..store_estimate import StoreAsked, check_alone, price_store

        check_alone({
            "--to": to, "--marketing": marketing, "--utility": utility, "--authentication": authentication,
            "--authentication-international": international, "--service": service, "--line": line, "--lines": lines,
            "--recipients": recipients, "--chat-export": chat_export, "--me": me, "--category": category,
            "--column": column, "--rejects": rejects, "--volume-so-far": volume_so_far, "--currency": currency,
            "--rate": rate, "--fee": fee, "--tax": tax, "--fx": fx,
        })  # fmt: skip
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
