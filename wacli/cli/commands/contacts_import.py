"""`wacli contacts import`: other programs' address books into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import Text, mark, t, tn

from ..asking import Asking
from ..exits import ExitStatus
from ..files import Source, opened
from ..progress import Meter, progress
from ..rehearsal import rehearsable
from ..session import Session
from ..tags import tag_of

if TYPE_CHECKING:  # the readers of files are loaded by an import only, not by every `wacli contacts`
    from wacli.importers.contact_files import ContactsPreview
    from wacli.services.contact_import import Batch, RowVerdict

_SHOWN = 20  # refusals that are told one by one


_File = Annotated[
    str, typer.Argument(metavar="FILE", help=mark("CSV, TSV, XLSX, Google contacts or vCard; - is stdin"))
]
_Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN", help=mark("which column holds a field, by heading or number")),
]
_Tag = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help=mark("a tag for everybody; may be repeated"))
]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help=mark("names and notes of the file replace yours"))]
_OptInEvidence = Annotated[
    str | None,
    typer.Option("--opt-in-evidence", metavar="TEXT", help=mark("they agreed to marketing messages: how you know")),
]
_Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="FILE", help=mark("write what was left out, with reasons, as CSV")),
]
_Rows = Annotated[bool, typer.Option("--rows", help=mark("answer with one line for each row of the file"))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("show what would happen; keep nothing"))]


def take_in(
    ctx: typer.Context,
    file: _File,
    map_: _Map = None,
    tag: _Tag = None,
    overwrite: _Overwrite = False,
    opt_in_evidence: _OptInEvidence = None,
    rejects: _Rejects = None,
    rows: _Rows = False,
    dry_run: _DryRun = False,
) -> ExitStatus:
    """Shows how the columns are understood, then takes every row in, in one transaction."""
    from wacli.domain.contact_import import ImportWishes
    from wacli.domain.finding import Findings
    from wacli.importers.contact_files import preview_contacts, read_contact_blocks_ahead
    from wacli.render.contact_import_view import tally_record
    from wacli.services.contact_import import ImportTally, import_contacts

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    wishes = ImportWishes(overwrite, tuple(tag_of(word) for word in tag or ()), opt_in_evidence or None)
    mapping, tally, findings = _mapping(map_ or []), ImportTally(), Findings()
    with ExitStack() as stack:
        source = stack.enter_context(opened(session, file))
        preview = preview_contacts(source.stream, mapping=mapping)
        _agree(session, preview, dry_run=dry_run)
        sink = stack.enter_context(_rejects_file(rejects, source))
        store = stack.enter_context(rehearsable(session, dry_run=dry_run))
        meter = stack.enter_context(progress(session, t("Importing {file}", file=source.name), source.size))
        country = session.profile["country"]
        found = read_contact_blocks_ahead(source.stream, country=country, mapping=mapping, findings=findings)
        # Closed before the store is: on Ctrl-C it has something to take back.
        batches = stack.enter_context(closing(import_contacts(store, found, wishes, now, tally=tally, dry_run=dry_run)))
        watched = _watched(session, batches, sink, source, meter)
        if rows:
            _tell_rows(session, watched)
        else:
            for _ in watched:
                pass
    session.warn(finding.message for finding in findings)
    session.warn(findings.unlisted())
    if not rows:
        session.write_record(tally_record(tally, preview.columns, session.words, dry_run=dry_run))
    is_whole = not tally.left_out and findings.are_harmless
    return ExitStatus.DONE if is_whole else ExitStatus.PARTLY


def _tell_rows(session: Session, batches: Iterator[Batch]) -> None:
    """What became of every row. Who looks at the first ones only (`| head`) has the others imported all the same."""
    from wacli.render.contact_import_view import verdicts_listing

    try:
        session.write_listing(verdicts_listing((one for each in batches for one in each.verdicts()), session.words))
    except BrokenPipeError:
        for _ in batches:
            pass
        raise


def _mapping(wishes: Iterable[str]) -> dict[str, str]:
    mapping = {}
    for wish in wishes:
        field, equals, column = wish.partition("=")
        if not equals or not column.strip():
            raise Invalid(
                "bad-value",
                t("--map {text} says no column", text=wish),
                t("Write it like --map phone=WhatsApp or --map name=2"),
            )
        mapping[field] = column
    return mapping


def _agree(session: Session, preview: ContactsPreview, *, dry_run: bool) -> None:
    """Shows how the file is understood; somebody who sits there is asked whether that is right."""
    from wacli.render.contact_import_view import preview_lines

    session.tell(*preview_lines(preview))
    if Asking(session).is_possible and not dry_run and not session.confirm(t("Import it like this?")):
        raise typer.Abort


@contextmanager
def _rejects_file(path: Path | None, source: Source) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    from wacli.render.contact_import_view import REJECT_FIELDS
    from wacli.render.emit import write_csv

    named = getattr(source.stream, "name", None)
    if isinstance(named, str) and path.exists() and path.samefile(named):
        raise Invalid("same-file", t("--rejects {file} is the file that is read", file=str(path)), t("Name another"))
    try:
        out = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(path), reason=error.strerror or str(error)),
        ) from error
    with out:
        write_csv(REJECT_FIELDS, [], out)
        yield out


def _watched(
    session: Session, batches: Iterable[Batch], sink: TextIO | None, source: Source, meter: Meter
) -> Iterator[Batch]:
    """The batches; what is left out is told, or written to `sink`, on the way."""
    from wacli.render.contact_import_view import REJECT_FIELDS, verdict_fields
    from wacli.render.emit import write_csv

    told = hidden = 0
    for batch in batches:
        for verdict in batch.left_out():
            if sink is not None:
                flat = verdict_fields(verdict, session.words)
                write_csv(REJECT_FIELDS, [{name: flat[name] for name in REJECT_FIELDS}], sink, header=False)
            elif told < _SHOWN:
                told += 1
                meter.clear()
                session.warn([_sentence(verdict)])
            else:
                hidden += 1
        meter.step(source.position())
        yield batch
    if hidden:
        session.warn(
            [tn("{count} more was left out: --rejects FILE", "{count} more were left out: --rejects FILE", hidden)]
        )


def _sentence(verdict: RowVerdict) -> Text:
    if verdict.message is not None and verdict.message.one.startswith("row {row}"):
        return verdict.message
    if verdict.column is None:
        return t("row {row}: {reason}", row=verdict.row, reason=verdict.message)
    return t("row {row}, {column}: {reason}", row=verdict.row, column=verdict.column, reason=verdict.message)
