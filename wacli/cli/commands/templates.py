"""`wacli templates`: what Meta approved, what it costs, what a contact will see, and files as the source of truth."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from wacli.domain.text import mark, t
from wacli.render.alarm_view import alarm_texts, alarms_paragraph
from wacli.render.emit import Format
from wacli.render.template_view import (
    detail_record,
    overview_listing,
    preview_record,
    preview_warnings,
    pulled_record,
)
from wacli.render.view import Record
from wacli.services.template_overview import Overview, overview, template_detail
from wacli.services.templates import find_template

from ..clients import client_of
from ..options import Command, group
from ..rehearsal import DryRun
from ..session import Session
from ..shared_options import Language, Who
from ..stores import existing, prices_of, reading, writing
from ..who import find_contact
from . import template_files

templates = group(mark("What Meta approved: list, prices, preview, and your own files"))

Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("the template's name"))]
_VALUE = re.compile(r"([A-Za-z0-9_.]+)=(.*)", re.DOTALL)


@templates.command("pull", cls=Command, help=mark("Fetch every template of the account"), epilog="wacli templates pull")
def pull(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Fetches all pages; all or nothing. A dry run asks nobody."""
    from wacli.services.templates import pull as pull_all

    session: Session = ctx.obj
    waba_id = session.profile.required("waba_id")
    if dry_run:
        session.tell(t("Would fetch every template of account {waba_id}", waba_id=waba_id))
        return
    now = session.real_now()
    with writing(session) as store, client_of(session) as client:
        report = pull_all(store, client, waba_id, now)
    session.write_record(pulled_record(report, session.words))


@templates.command(
    "list",
    cls=Command,
    help=mark("Every template with its status, category, use and price"),
    epilog="wacli templates list\nwacli templates list --json | jq -r '.[] | select(.status == \"APPROVED\") | .name'",
)
def list_(
    ctx: typer.Context,
    gone: Annotated[bool, typer.Option("--gone", help=mark("also those that Meta lists no more"))] = False,
) -> None:
    """Lists what the last pull brought, with what webhooks said since; category alarms on top."""
    session: Session = ctx.obj
    found = Overview([], [], 0)
    with reading(session) as store:
        if store is not None:
            country, limit = session.profile["country"], session.row_limit() or 0
            found = overview(store, prices_of(session), country, session.now, with_gone=gone, limit=limit)
    if session.format is Format.TABLE:
        on_top = alarms_paragraph(found.alarms, session.words)
        if on_top:
            session.write_record(Record({}, on_top))
            session.context.out.write("\n")
    else:
        session.warn(sentence for alarm in found.alarms for sentence in alarm_texts(alarm))
    session.write_listing(overview_listing(found, session.now, session.words))


@templates.command(
    "show",
    cls=Command,
    help=mark("One template: text, values, price by market, history"),
    epilog="wacli templates show order_ready",
)
def show(ctx: typer.Context, name: Name, language: Language = None) -> None:
    """Shows one template."""
    session: Session = ctx.obj
    with existing(session) as store:
        found = template_detail(store, name, language, prices_of(session), session.profile["country"], session.now)
    session.write_record(detail_record(found, session.words))


@templates.command(
    "preview",
    cls=Command,
    help=mark("A template as one contact will see it; sends nothing"),
    epilog="wacli templates preview order_ready Sari order=A-104\n"
    "wacli templates preview promo_weekend Sari '1={first_name}' 2=20%",
)
def preview(
    ctx: typer.Context,
    name: Name,
    who: Who,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE...]",
            help=mark("the template's values; {name}, {first_name}, {phone} and {username} stand for the contact's"),
        ),
    ] = None,
    language: Language = None,
) -> None:
    """Shows the filled template; places without a value stay visible, and are named on stderr."""
    from wacli.domain.problem import Invalid
    from wacli.services.template_preview import preview_for

    session: Session = ctx.obj
    values = {}
    for word in words or ():
        match = _VALUE.fullmatch(word)
        if match is None:
            raise Invalid(
                "bad-value", t("{word} is no value", word=word), t("Write KEY=VALUE; see: wacli templates show NAME")
            )
        values[match[1]] = match[2]
    with existing(session) as store:
        template = find_template(store, name, language)
        contact = find_contact(session, store, who)
    found = preview_for(template, contact, values)
    session.write_record(preview_record(found, session.words))
    session.warn(preview_warnings(found))


template_files.register(templates)
