"""`wacli quick`: texts with a name, for answers that you give every day."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.text import Text, mark, t
from wacli.render.quick_view import quick_listing, quick_record
from wacli.services import quick as replies
from wacli.store import quick_replies
from wacli.store.quick_replies import QuickReply

from ..options import Command, group
from ..session import Session
from ..stores import existing, reading, writing

quick = group(mark("Answers you give every day, under a short name"))

Name = Annotated[str, typer.Argument(metavar="NAME", help=mark("one word"))]
Words = Annotated[
    str, typer.Argument(metavar="TEXT", help=mark("what it says; {name} and other fields of the contact are filled in"))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show it, change nothing"))]
_ADD = 'wacli quick add hours "Hi {first_name}, we are open from 9 to 5."\nwacli reply Sari --quick hours'


@quick.command("list", cls=Command, help=mark("All quick replies"))
def list_(ctx: typer.Context) -> None:
    """Lists them by name."""
    session: Session = ctx.obj
    limit = session.row_limit()
    with reading(session) as store:
        found = [] if store is None else quick_replies.list_all(store)
    session.write_listing(quick_listing(found[:limit]))


@quick.command("show", cls=Command, help=mark("One quick reply, as it is written down"))
def show(ctx: typer.Context, name: Name) -> None:
    """Shows one."""
    session: Session = ctx.obj
    with existing(session) as store:
        session.write_record(quick_record(replies.get(store, name)))


@quick.command("add", cls=Command, help=mark("Write one down"), epilog=_ADD)
def add(ctx: typer.Context, name: Name, text: Words, dry_run: DryRun = False) -> None:
    """Adds one."""
    session: Session = ctx.obj
    if dry_run:
        with reading(session) as store:
            made = replies.check_new(store, name, text, session.now)
        _done(session, made, t("Would add {name}", name=made.name))
        return
    now = session.real_now()
    with writing(session) as store:
        made = replies.add(store, name, text, now)
    _done(session, made, t("Added {name}", name=made.name))


@quick.command("edit", cls=Command, help=mark("Give one another text"))
def edit(ctx: typer.Context, name: Name, text: Words, dry_run: DryRun = False) -> None:
    """Changes one."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    with existing(session) if dry_run else writing(session) as store:
        made = replies.edit(store, name, text, now, is_dry=dry_run)
    _done(session, made, t("Would change {name}", name=made.name) if dry_run else t("Changed {name}", name=made.name))


@quick.command("rm", cls=Command, help=mark("Forget one"))
def remove(ctx: typer.Context, name: Name, dry_run: DryRun = False) -> None:
    """Removes one."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    with existing(session) if dry_run else writing(session) as store:
        lost = replies.remove(store, name, is_dry=dry_run)
    _done(session, lost, t("Would forget {name}", name=lost.name) if dry_run else t("Forgot {name}", name=lost.name))


def _done(session: Session, one: QuickReply, sentence: Text) -> None:
    session.tell(sentence)
    if session.is_machine:
        session.write_record(quick_record(one))
