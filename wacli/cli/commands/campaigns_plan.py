"""`wacli campaigns plan`: the audience, the values, the price, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid, Refused
from wacli.domain.text import mark, t

from ..exits import ExitStatus
from ..options import examples
from ..sending_options import VALUE, AssumeOptIn, TryAgain, desk_of, is_by_hand
from ..session import Session
from ..shared_options import Language
from ..stores import prices_of

if TYPE_CHECKING:
    from wacli.domain.campaign import Campaign
    from wacli.services.campaign_people import PeopleFile
    from wacli.store.database import Store

Replace = Annotated[bool, typer.Option("--replace", help=mark("plan it anew, if nothing of it was sent"))]


_Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("what you call the campaign"))]
_Words = Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE...]", help=mark("the template's values"))]
_Template = Annotated[str, typer.Option("--template", metavar="TEMPLATE", help=mark("the template's name"))]
_To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="AUDIENCE", help=mark("all, tag:NAME, segment:NAME, - for standard input")),
]
_Where = Annotated[
    str | None,
    typer.Option("--where", metavar="CONDITION", help=mark("only those; what can be said: wacli help conditions")),
]
_People = Annotated[
    str | None, typer.Option("--people", metavar="FILE", help=mark("CSV or lines of JSON with each one's values"))
]
_Excluded = Annotated[bool, typer.Option("--excluded", help=mark("list who is left out, and why"))]
_Recipients = Annotated[bool, typer.Option("--recipients", help=mark("list who is in"))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show the plan, keep nothing"))]


@examples(
    "wacli campaigns plan promo --template promo_weekend --to tag:vip 1={first_name} 2=20%",
    'wacli campaigns plan back --template miss_you --to all --where "last message over 90 days ago" 1={name}',
    "wacli campaigns plan bills --template invoice_due --people bills.csv",
    "wacli campaigns plan promo --template promo_weekend --to segment:regulars 1={name} 2=20% --dry-run",
)
def plan(
    ctx: typer.Context,
    name: _Name,
    words: _Words = None,
    template: _Template = "",
    to: _To = None,
    where: _Where = None,
    people: _People = None,
    language: Language = None,
    assume_opt_in: AssumeOptIn = None,
    try_again: TryAgain = False,
    replace: Replace = False,
    excluded: _Excluded = False,
    recipients: _Recipients = False,
    dry_run: _DryRun = False,
) -> ExitStatus:
    """Plans a campaign: one template to many people."""
    from wacli.services.campaign_plan import PlanRequest, audience_of, planned
    from wacli.services.templates import find_template

    from ..offer_end import with_offer_end, with_offer_ends
    from ..rehearsal import rehearsable

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    if is_by_hand(session):
        raise _by_hand(session)
    session.profile.required("phone_number_id")
    if not template:
        raise Invalid("missing", t("{what} is missing", what="--template"), t("Say which template to send"))
    given: Mapping[str, str] = _values(words or [])
    to = to or []
    if not to and people is None and where is None:
        raise Invalid("missing", t("Nobody to send to was named"), t("Add --to tag:NAME, --to all or --people FILE"))
    with ExitStack() as stack:
        source = _people(session, stack, to, people)
        if source is not None and (len(to) > (people is None)):
            raise Invalid("usage", t("People come from a file, from standard input or from the address book: only one"))
        store = stack.enter_context(rehearsable(session, dry_run=dry_run))
        found = find_template(store, template, language)
        given = with_offer_end(session, found, given)
        if source is not None:
            given, source = with_offer_ends(session, found, given, source)
        prices = prices_of(session)
        audience = audience_of(store, [word for word in to if word != "-"], where, source, now, prices)
        if source is not None and not audience.text:
            audience = audience._replace(text=people or "-")
        request = PlanRequest(
            name.strip(), found, audience, given, session.profile["country"], assume_opt_in, try_again, replace,
            _limit_said(session.profile["messaging_limit"]),
        )  # fmt: skip
        with planned(store, desk_of(session, store), request, now, is_dry=dry_run) as made:
            if excluded or recipients:
                _write_people(session, store, made.campaign, excluded=excluded, recipients=recipients)
            else:
                from wacli.render.campaign_plan_view import plan_record

                session.write_record(plan_record(made, session.words))
    return ExitStatus.DONE


def _write_people(session: Session, store: Store, campaign: Campaign, *, excluded: bool, recipients: bool) -> None:
    from wacli.render.campaign_people_view import people_listing
    from wacli.services.campaign_report import Which
    from wacli.services.campaign_report import people as people_of

    which = Which.ALL if excluded and recipients else Which.EXCLUDED if excluded else Which.IN
    rows = people_of(store, campaign, which, limit=session.row_limit() or 0)
    session.write_listing(people_listing(rows, campaign, 0, session.words))


def _limit_said(setting: str | None) -> int | None:
    """How many people a day the owner says may be written to; None: they never said."""
    from wacli.domain.campaign import NO_LIMIT

    return None if setting is None else NO_LIMIT if setting == "unlimited" else int(setting)


def _values(words: list[str]) -> dict[str, str]:
    values = {}
    for word in words:
        match = VALUE.fullmatch(word)
        if match is None:
            raise Invalid("usage", t("{word} is no value", word=word), t("Write values as KEY=VALUE: 1=20%"))
        values[match[1]] = match[2]
    return values


def _people(session: Session, stack: ExitStack, to: list[str], people: str | None) -> PeopleFile | None:
    from wacli.services.campaign_people import read_people, read_words

    if people is not None:
        from ..files import opened

        source = stack.enter_context(opened(session, people))
        return read_people(source.stream, source.name)
    if "-" in to:
        return read_words(session.context.stdin())
    return None


def _by_hand(session: Session) -> Refused:
    return Refused(
        "phone-app",
        t("Profile {profile} is answered by hand in the phone app; nothing can be sent for it",
          profile=session.profile.name),
        t("Use a broadcast list in the app, or another profile: wacli profiles list"),
    )  # fmt: skip
