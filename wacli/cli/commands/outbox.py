"""`wacli outbox`: what became of what we sent, and of what nobody knows the outcome of."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t
from wacli.render.outbox_view import entry_record, outbox_listing, resolution_listing, short_key
from wacli.render.rehearsal_view import dry_run_record
from wacli.render.sent_view import sent_listing
from wacli.services import outbox as journey
from wacli.services.sending import Rehearsed
from wacli.store.database import Store
from wacli.store.outbox import OutboxRow

from ..clients import client_of
from ..dispatch import say_who_sends
from ..exits import ExitStatus, status_of
from ..options import Command, group
from ..sending_options import DryRun, desk_of
from ..session import Session
from ..stores import existing, reading

if TYPE_CHECKING:
    from wacli.cloudapi.history import HistoryEvent

outbox = group(mark("What became of what was sent, and what is not known of"))

Key = Annotated[str, typer.Argument(metavar="KEY", help=mark("the send's key, or the end of it that the list shows"))]


@outbox.command(
    "list",
    cls=Command,
    help=mark("What is under way or unknown; with --all everything that was ever sent"),
    epilog="wacli outbox list\nwacli outbox list --unknown --json\nwacli outbox list --all --limit 50",
)
def list_(
    ctx: typer.Context,
    is_open: Annotated[
        bool, typer.Option("--open", help=mark("what waits, is being sent, or is unknown (the default)"))
    ] = False,
    is_all: Annotated[bool, typer.Option("--all", help=mark("everything, the latest first"))] = False,
    is_unknown: Annotated[bool, typer.Option("--unknown", help=mark("only what nobody knows the outcome of"))] = False,
) -> None:
    """Lists sends."""
    session: Session = ctx.obj
    if is_open + is_all + is_unknown > 1:
        raise Invalid("bad-option", t("--open, --all and --unknown do not go together"), t("Give one of them"))
    limit = session.row_limit() or 0
    with reading(session) as store:
        if store is None:
            session.write_listing(outbox_listing((), session.words, more_count=0, is_all=is_all))
            return
        if is_all:
            more = journey.count_all(store) - limit if limit else 0
            everything = journey.stream_all(store, session.now, limit=limit)
            session.write_listing(outbox_listing(everything, session.words, more_count=more, is_all=True))
            return
        found = journey.list_open(store, session.now, only_unknown=is_unknown)
        shown = found[:limit] if limit else found
        more = len(found) - len(shown)
        session.write_listing(outbox_listing(shown, session.words, more_count=more, is_all=False))


@outbox.command(
    "show",
    cls=Command,
    help=mark("One send: request, tries, answer, what WhatsApp told"),
    epilog="wacli outbox show 3fa9",
)
def show(ctx: typer.Context, key: Key) -> None:
    """Shows one send."""
    session: Session = ctx.obj
    with existing(session) as store:
        session.write_record(entry_record(journey.find_entry(store, key, session.now), session.words))


@outbox.command(
    "resolve",
    cls=Command,
    help=mark("Find out about sends whose outcome is unknown; only --resend sends one again"),
    epilog="wacli outbox resolve --all\nwacli outbox resolve 3fa9\nwacli outbox resolve --resend 3fa9",
)
def resolve(
    ctx: typer.Context,
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help=mark("the send's key, or the end of it that the list shows"))
    ] = None,
    is_all: Annotated[
        bool, typer.Option("--all", help=mark("every unknown one, and those that were accepted and never heard of"))
    ] = False,
    resend: Annotated[
        str | None, typer.Option("--resend", metavar="KEY", help=mark("send this one again, after a yes"))
    ] = None,
    dry_run: DryRun = False,
) -> ExitStatus:
    """Asks what became of sends; sends nothing unless a person says so."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    if [key is not None, is_all, resend is not None].count(True) != 1:
        raise Invalid("missing", t("Say which: a KEY, --all, or --resend KEY"), t("See them: wacli outbox list"))
    if dry_run:
        return _rehearse(session, key, resend)
    if resend is not None:
        return _resend(session, resend)
    with ExitStack() as opened:
        store = opened.enter_context(_existing(session))

        def ask(row: OutboxRow) -> Sequence[HistoryEvent]:
            from wacli.cloudapi.history import message_history

            client = opened.enter_context(client_of(session))
            number_id = row.phone_number_id or session.profile.required("phone_number_id")
            return message_history(client, number_id, str(row.wamid))

        found = journey.resolve(store, session.context.now(), ask, key=key)
    session.write_listing(resolution_listing(found, session.words))
    still = [one for one in found if one.entry.state == "unknown"]
    if not still:
        return ExitStatus.DONE
    again = [one for one in still if one.entry.row.replaced_by is None]
    if again:
        key = short_key(again[0].entry.row.key)
        session.tell(
            t(
                "If one did not arrive, only you can decide to send it again: wacli outbox resolve --resend {key}",
                key=key,
            )
        )
    return ExitStatus.LATER if len(still) == len(found) else ExitStatus.PARTLY


def _rehearse(session: Session, key: str | None, resend: str | None) -> ExitStatus:
    """The request that --resend would post, or the sends that would be asked about; no transport is made."""
    from wacli.cloudapi.transport import Patience

    with existing(session) as store:
        if resend is None:
            if key is not None:
                found = [journey.find_entry(store, key, session.now)]
            else:
                found = [*journey.list_open(store, session.now), *journey.list_silent(store, session.now)]
            session.write_listing(outbox_listing(found, session.words, more_count=0, is_all=False))
            session.tell(t("Nothing was asked, and nothing was changed"))
            return ExitStatus.DONE
        entry = journey.find_entry(store, resend, session.now)
        prepared = journey.again(desk_of(session, store), entry, session.now, takes_s=Patience().longest_s)
        number_id = entry.row.phone_number_id or session.profile.required("phone_number_id")
    place = f"/{session.profile['api_version']}/{number_id}"
    session.write_record(dry_run_record(Rehearsed(prepared), place, session.words))
    return ExitStatus.DONE


def _existing(session: Session) -> Store:
    """The store, for writing. Raises `NotFound` where there is none: nothing can be unknown then."""
    from wacli.store.database import open_store

    return open_store(session.store_path, create=False)


def _resend(session: Session, key: str) -> ExitStatus:
    from wacli.services.delivery_run import deliver

    with _existing(session) as store, client_of(session) as client:
        entry = journey.settled_entry(store, key, session.context.now())
        desk = desk_of(session, store)
        say_who_sends(session, desk)
        takes_s = client.settings.patience.longest_s
        prepared = journey.again(desk, entry, session.context.now(), takes_s=takes_s)
        if entry.state == "unknown":
            question = t("It is not known whether {name} got this already. Send it again?", name=entry.row.label)
        else:
            question = t("Send this to {name} again?", name=entry.row.label)
        if not session.confirm(question):
            session.tell(t("Nothing was sent"))
            return ExitStatus.DONE
        number_id = entry.row.phone_number_id or session.profile.required("phone_number_id")
        sent = deliver(store, client, number_id, prepared, session.context.now)
    session.write_listing(sent_listing([sent], session.words))
    if sent.problem is None:
        return ExitStatus.DONE
    session.report(sent.problem)
    return status_of(sent.problem)
