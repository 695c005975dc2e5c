"""`wacli db`: the store itself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid
from wacli.domain.text import Text, mark, t

from ..options import Command, group
from ..rehearsal import DryRun, changing
from ..session import Session
from ..stores import existing, writing

if TYPE_CHECKING:
    from wacli.render.view import Record

db = group(mark("The store: where it is, backups, and your own SQL"))


@db.command("path", cls=Command, help=mark("Where the store is"))
def path(ctx: typer.Context) -> None:
    """Prints the file's path, whether it exists or not."""
    session: Session = ctx.obj
    session.context.out.write(f"{session.store_path}\n")


@db.command("rebuild", cls=Command, help=mark("Apply every notification again, from scratch, and get the same tables"))
def again(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Re-applies all notifications; names, tags, notes, consents, exported chats and the outbox stay."""
    from wacli.services.rebuild import rebuild

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    with existing(session):
        pass  # a rebuild makes no store
    with changing(session, dry_run=dry_run) as store:
        report = rebuild(store, now)
    session.tell(t("Applied {count} notifications again", count=report.notifications_new))


@db.command("backup", cls=Command, help=mark("Copy the store while it is in use, with a checksum"))
def backup(
    ctx: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help=mark("where; default: the folder backups beside the store"))
    ] = None,
) -> None:
    """Writes one file and its .sha256."""
    from wacli.render.db_view import backup_record
    from wacli.store.backup import backup_path, write_backup
    from wacli.store.database import connect_as_it_is

    session: Session = ctx.obj
    target = backup_path(session.store_path, session.real_now()) if file is None else Path(file)
    with connect_as_it_is(session.store_path) as store:
        done = write_backup(store, target)
    session.write_record(backup_record(done, session.words))


@db.command("verify", cls=Command, help=mark("Prove that a backup restores; without FILE, check the store itself"))
def verify(
    ctx: typer.Context,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help=mark("a backup"))] = None,
) -> None:
    """Restores the backup in a temporary folder and checks every page and reference."""
    from wacli.render.db_view import proof_record, sound_record
    from wacli.store.backup import count_rows, prove, verify_store

    session: Session = ctx.obj
    record: Record
    if file is not None:
        record = proof_record(prove(Path(file)), session.words)
    else:
        with existing(session) as store:
            verify_store(store)
            record = sound_record(session.store_path, count_rows(store), session.words)
    session.write_record(record)


@db.command("restore", cls=Command, help=mark("Make the store what a backup is; the present one is kept beside"))
def restore_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=mark("a backup"))],
    dry_run: DryRun = False,
) -> None:
    """Proves the backup, keeps the present store, and brings the backup back."""
    from wacli.render.db_view import proof_record
    from wacli.store.backup import prove, restore

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    source, target = Path(file), session.store_path
    if target.exists() and source.exists() and source.samefile(target):
        raise Invalid("same-file", t("{path} is the store itself", path=file), t("Name a backup"))
    proof = prove(source)
    if dry_run:
        session.tell(t("A dry run: nothing was kept"))
    else:
        if target.exists():
            question = t("Replace the store at {path} by this backup?", path=str(target))
            if not session.confirm(question):
                raise typer.Abort
        kept = restore(source, target, now)
        if kept is not None:
            session.tell(t("The former store is kept: {path}", path=str(kept)))
        session.tell(t("The store at {path} is restored", path=str(target)))
    session.write_record(proof_record(proof, session.words))


@db.command("export", cls=Command, help=mark("Everything as NDJSON, one file for each table"))
def export_(
    ctx: typer.Context, folder: Annotated[str, typer.Argument(metavar="FOLDER", help=mark("a new folder"))]
) -> None:
    """Writes every table and a manifest."""
    from wacli.render.db_view import tables_record
    from wacli.store.dumping import export_store

    session: Session = ctx.obj
    session.real_now()
    with existing(session) as store:
        counts = export_store(store, Path(folder))
    session.write_record(tables_record(Path(folder), counts, session.words))


@db.command("import", cls=Command, help=mark("Make the store of what `db export` wrote"))
def import_(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help=mark("an export"))],
    dry_run: DryRun = False,
) -> None:
    """Makes a store that is not there yet; all or nothing. A dry run makes one elsewhere and throws it away."""
    from wacli.render.db_view import tables_record
    from wacli.store.dumping import import_store

    session: Session = ctx.obj
    if dry_run:
        import tempfile

        with tempfile.TemporaryDirectory() as elsewhere:
            counts = import_store(Path(folder), Path(elsewhere) / "dry-run.db")
        session.tell(t("A dry run: nothing was kept"))
    else:
        session.real_now()
        counts = import_store(Path(folder), session.store_path)
    session.write_record(tables_record(session.store_path, counts, session.words))


@db.command("stats", cls=Command, help=mark("How large the store is, and what is in it"))
def stats(ctx: typer.Context) -> None:
    """Counts the rows of every table."""
    from wacli.render.db_view import statistics_record
    from wacli.store.statistics import statistics_of

    session: Session = ctx.obj
    with existing(session) as store:
        session.write_record(statistics_record(statistics_of(store), session.store_path, session.words))


@db.command("vacuum", cls=Command, help=mark("Write the store anew without its gaps"))
def vacuum_(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Gives free pages back to the disk; a dry run says how many there are."""
    from wacli.render.view import Cell, Paragraph, Record
    from wacli.store.statistics import statistics_of, vacuum

    session: Session = ctx.obj
    with existing(session) as store:  # vacuuming makes no store
        found = statistics_of(store)
    before, after = found.size, found.size - found.free
    if dry_run:
        session.tell(t("A dry run: nothing was kept"))
    else:
        session.real_now()
        with writing(session) as store:
            before, after = vacuum(store)
    sentence = t("{before} bytes before, {after} bytes now", before=before, after=after)
    flat = {"bytes_before": before, "bytes_after": after}
    session.write_record(Record(flat, (Paragraph(lines=(Cell(session.say(sentence)),)),)))


@db.command(
    "sql",
    cls=Command,
    help=mark("Your own SQL, reading only: v_contacts, v_threads, v_messages, v_charges"),
    epilog="wacli db sql 'SELECT name, window_closes_at FROM v_threads ORDER BY last_at DESC' --json",
)
def sql(
    ctx: typer.Context,
    statement: Annotated[str, typer.Argument(metavar="SQL", help=mark("one statement; - reads it from stdin"))],
    write: Annotated[bool, typer.Option("--write", help=mark("it may change the store"))] = False,
    dry_run: DryRun = False,
) -> None:
    """Answers in every output form."""
    from wacli.render.db_view import answer_listing
    from wacli.store.sql import run_sql

    session: Session = ctx.obj
    text = session.context.stdin().read().decode("utf-8", "replace") if statement == "-" else statement
    if write and not dry_run:
        session.real_now()
    limit = session.row_limit()
    with existing(session) as readable:
        if not write:
            answer = run_sql(readable, text, may_write=False)
            with closing(answer.rows):
                footer: tuple[Text, ...] = ()
                rows: Iterable[tuple[object, ...]] = answer.rows
                if limit:
                    rows = some = list(islice(answer.rows, limit + 1))
                    if len(some) > limit:
                        rows, footer = some[:limit], (t("There are more rows: --limit 0"),)
                session.write_listing(answer_listing(answer, rows, footer))
            return
    with changing(session, dry_run=dry_run) as store, store.transaction():
        answer = run_sql(store, text, may_write=True)
        listing = answer_listing(answer, list(answer.rows), ())
    if answer.columns:
        session.write_listing(listing)
    session.tell(t("{count} rows changed", count=answer.changed_count))
