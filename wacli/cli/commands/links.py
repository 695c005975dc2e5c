"""`wacli links`: a link or a QR code that starts a chat, and what came in through it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, mark, t
from wacli.render.links_view import door_record, doors_listing, managed_listing, report_listing
from wacli.services import links as journey
from wacli.services.links import Door
from wacli.store import links as kept

from ..clients import client_of
from ..instants import parse_since
from ..link_files import LinkFiles
from ..options import Command, group
from ..session import Session
from ..stores import existing, prices_of, reading, writing
from ..tags import tag_of

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client

links = group(mark("Links and QR codes that start a chat, and what came in through them"))

Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("what you call the link: counter, bag, instagram"))]
Words = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help=mark("what the customer's message begins with"))
]
Png = Annotated[Path | None, typer.Option("--png", metavar="FILE", help=mark("save the QR code as a picture"))]
Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help=mark("save the QR code as a drawing"))]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help=mark("save a card for the counter (A6)"))]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help=mark("save a button for a web page"))]
Title = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help=mark("the card's title, the button's label"))
]
Below = Annotated[str | None, typer.Option("--below", metavar="TEXT", help=mark("what the card says below its title"))]
Font = Annotated[Path | None, typer.Option("--font", metavar="FILE", help=mark("a .ttf font for the card"))]
Over = Annotated[bool, typer.Option("--overwrite", help=mark("write over files that are there"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show it, and make nothing"))]
Managed = Annotated[bool, typer.Option("--managed", help=mark("let Meta keep it (140 characters, needs the API)"))]


@links.command(
    "create",
    cls=Command,
    help=mark("Make a link whose chats are recognised, with its QR code"),
    epilog='wacli links create counter --text "Halo, saya mau pesan"\n'
    'wacli links create bag --text "Hi!" --pdf card.pdf --title "Kopi Pandan"\n'
    "wacli links create web --html button.html",
)
def create(
    ctx: typer.Context,
    name: Name,
    text: Words = None,
    phone: Annotated[
        str | None, typer.Option("--phone", metavar="NUMBER", help=mark("the business number it leads to"))
    ] = None,
    managed: Managed = False,
    png: Png = None,
    svg: Svg = None,
    pdf: Pdf = None,
    html: Html = None,
    title: Title = None,
    below: Below = None,
    font: Font = None,
    overwrite: Over = False,
    dry_run: DryRun = False,
) -> None:
    """Makes a link."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    files = LinkFiles(png, svg, pdf, html, title, below, font)
    files.check(overwrite=overwrite)
    words = session.say(t("Hello!")) if text is None else text
    with (reading if dry_run else writing)(session) as store:
        if store is None:
            raise Invalid("no-store", t("There is no store yet"), t("Make one with `wacli setup`, or try `wacli demo`"))
        digits = journey.business_phone(store, session.profile["phone_number_id"], _digits(session, phone))
        door = journey.check(store, name, words, digits, now, is_managed=managed)
        kept.check_free(store, door.link.name)
        files.render(session, door)  # what cannot be drawn makes no link
        if dry_run:
            _show(session, door, t("Nothing was made: this was a dry run."))
            return
        if managed:
            with client_of(session) as client:
                door = journey.create(store, door, _maker(session, client))
        else:
            door = journey.create(store, door, None)
    files.save(session, door)
    _show(session, door)


@links.command("show", cls=Command, help=mark("One link, with its QR code; save it as PNG, SVG, PDF or HTML"))
def show(
    ctx: typer.Context,
    name: Name,
    png: Png = None,
    svg: Svg = None,
    pdf: Pdf = None,
    html: Html = None,
    title: Title = None,
    below: Below = None,
    font: Font = None,
    overwrite: Over = False,
) -> None:
    """Shows one link."""
    session: Session = ctx.obj
    files = LinkFiles(png, svg, pdf, html, title, below, font)
    files.check(overwrite=overwrite)
    with existing(session) as store:
        door = journey.door_of(kept.get(store, name))
    files.save(session, door)
    _show(session, door)


@links.command("list", cls=Command, help=mark("Your links; with --managed those that Meta keeps for the number"))
def list_(
    ctx: typer.Context,
    is_all: Annotated[bool, typer.Option("--all", help=mark("also those that are used no more"))] = False,
    managed: Annotated[bool, typer.Option("--managed", help=mark("ask Meta which links it keeps"))] = False,
) -> None:
    """Lists links."""
    session: Session = ctx.obj
    limit = session.row_limit() or None
    if managed:
        from wacli.cloudapi.managed_links import list_managed

        number_id = session.profile.required("phone_number_id")
        with client_of(session) as client:
            session.write_listing(managed_listing(list(list_managed(client, number_id))[:limit]))
        return
    with reading(session) as store:
        found = [] if store is None else kept.list_links(store, with_retired=is_all)
    session.write_listing(doors_listing([journey.door_of(link) for link in found][:limit]))


@links.command(
    "edit",
    cls=Command,
    help=mark("Give a link other words; printed codes of it are recognised as before"),
    epilog='wacli links edit counter --text "Halo, saya mau pesan kue"',
)
def edit(
    ctx: typer.Context,
    name: Name,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=mark("what the customer's message begins with"))],
    dry_run: DryRun = False,
) -> None:
    """Changes a link's words, at Meta too where it keeps the link."""
    session: Session = ctx.obj
    if dry_run:
        with existing(session) as store:
            _show(session, journey.reworded(store, name, text), t("Nothing was changed: this was a dry run."))
        return
    session.real_now()
    with writing(session) as store:
        door = journey.reworded(store, name, text)
        if door.link.managed_code is None:
            door = journey.reword(store, door, None)
        else:
            with client_of(session) as client:
                door = journey.reword(store, door, _changer(session, client, door.link.managed_code))
    session.tell(t("Changed {name}", name=door.link.name))
    remark = t("What is printed already keeps its old words, and is recognised all the same.")
    _show(session, door, *([] if door.link.managed_code else [remark]))


@links.command("rm", cls=Command, help=mark("Use a link no more; what came in through it stays counted"))
def rm(ctx: typer.Context, name: Name, dry_run: DryRun = False) -> None:
    """Retires a link; one that Meta keeps is deleted there, so that its address leads nowhere."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    with (existing if dry_run else writing)(session) as store:
        link = kept.get(store, name)
        if dry_run:
            session.tell(t("{name} would be used no more. Nothing was changed: this was a dry run.", name=link.name))
            return
        if link.managed_code is not None:
            if not session.confirm(t("Printed codes of {name} will lead nowhere. Go on?", name=link.name)):
                raise typer.Abort
            from wacli.cloudapi.managed_links import delete

            with client_of(session) as client:
                delete(client, session.profile.required("phone_number_id"), link.managed_code)
        kept.retire(store, link, now)
    session.tell(t("{name} is used no more", name=link.name))


@links.command(
    "report",
    cls=Command,
    help=mark("Chats through each link, answered in time or not, and who became a customer"),
    epilog="wacli links report\nwacli links report --since 30d --converted customer\nwacli links report counter --json",
)
def report(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=mark("only this link"))] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help=mark("only chats from then on"))
    ] = None,
    converted: Annotated[
        str | None, typer.Option("--converted", metavar="TAG", help=mark("count the people who carry this tag"))
    ] = None,
) -> None:
    """Reports on links."""
    session: Session = ctx.obj
    tag = None if converted is None else tag_of(converted)
    begin = None if since is None else parse_since(since, session.now, session.zone)
    with reading(session) as store:
        found = (
            []
            if store is None
            else journey.report(store, prices_of(session), session.now, name=name, since=begin, converted=tag)
        )
    session.write_listing(
        report_listing(found[: session.row_limit() or None], session.words, tag, session.profile["currency"] or "USD")
    )


def _show(session: Session, door: Door, *remarks: Text) -> None:
    session.write_record(door_record(door, session.words, session.context.width, remarks))


def _maker(session: Session, client: Client) -> journey.HandIn:
    from wacli.cloudapi.managed_links import create as create_at_meta

    number_id = session.profile.required("phone_number_id")
    return lambda text: create_at_meta(client, number_id, text)


def _changer(session: Session, client: Client, code: str) -> journey.HandIn:
    from wacli.cloudapi.managed_links import change as change_at_meta

    number_id = session.profile.required("phone_number_id")
    return lambda text: change_at_meta(client, number_id, code, text)


def _digits(session: Session, phone: str | None) -> str | None:
    if phone is None:
        return None
    from wacli.domain.identity import parse_phone

    return parse_phone(phone, session.profile["country"])
