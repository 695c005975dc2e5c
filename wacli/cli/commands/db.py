"""`wacli db`: the store itself."""

from __future__ import annotations

import typer

from wacli.domain.text import mark, t
from wacli.store.database import open_store

from ..options import Command, group
from ..session import Session

db = group(mark("The store: where it is, and how to make it again from what was received"))


@db.command("path", cls=Command, help=mark("Where the store is"))
def path(ctx: typer.Context) -> None:
    """Prints the file's path, whether it exists or not."""
    session: Session = ctx.obj
    session.context.out.write(f"{session.store_path}\n")


@db.command("rebuild", cls=Command, help=mark("Apply every notification again, from scratch, and get the same tables"))
def again(ctx: typer.Context) -> None:
    """Re-applies all notifications; names, tags, notes, consents and the outbox stay."""
    from wacli.services.rebuild import rebuild

    session: Session = ctx.obj
    now = session.real_now()
    with open_store(session.store_path, create=False) as store:
        report = rebuild(store, now)
    session.tell(t("Applied {count} notifications again", count=report.notifications_new))
