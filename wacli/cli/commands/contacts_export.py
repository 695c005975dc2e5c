"""`wacli contacts export`: the address book for a phone, a spreadsheet, or another program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from wacli.domain.problem import Invalid, Refused, Unavailable
from wacli.domain.text import mark, t, tn
from wacli.render.emit import Format

from ..session import Session
from ..stores import reading

if TYPE_CHECKING:
    from wacli.domain.contact_import import GivenPerson
    from wacli.store.database import Store

_VCARD = "vcard"
_ENDINGS = {".csv": Format.CSV, ".json": Format.JSON, ".ndjson": Format.NDJSON, ".vcf": _VCARD, ".vcard": _VCARD}


def give_out(
    ctx: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help=mark("a new file ending in .csv, .vcf, .json or .ndjson; default: stdout")
        ),
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help=mark("only contacts with this tag"))] = None,
) -> None:
    """Writes what `contacts import` takes in again: names, numbers, user IDs, usernames, tags and notes."""
    session: Session = ctx.obj
    form = _form(session, file)
    with ExitStack() as stack:
        out = session.context.out if file is None or file == "-" else stack.enter_context(_created(Path(file)))
        store = stack.enter_context(reading(session))
        counted = _Counted()
        _write(session, out, form, iter(()) if store is None else counted.each(_people(store, tag)))
    if out is not session.context.out:
        session.tell(
            tn("{file}: {count} contact", "{file}: {count} contacts", counted.count, file=str(file)),
        )


def _form(session: Session, file: str | None) -> str:
    """What was asked for; else what the file's name ends with; else CSV."""
    if session.options.is_vcard:
        return _VCARD
    if session.options.format is not None:
        return session.format
    if file is None or file == "-":
        return Format.CSV
    ending = Path(file).suffix.lower()
    if ending not in _ENDINGS:
        raise Invalid(
            "bad-value",
            t("{file} does not tell which form is wanted", file=file),
            t("Name it .csv, .vcf, .json or .ndjson, or add --format csv|vcard|json|ndjson"),
        )
    return _ENDINGS[ending]


def _people(store: Store, tag: str | None) -> Iterator[GivenPerson]:
    from wacli.store.people_export import stream_people

    return stream_people(store, tag=tag)


def _write(session: Session, out: TextIO, form: str, people: Iterator[GivenPerson]) -> None:
    if form == _VCARD:
        from wacli.importers.contact_files import write_vcard

        out.writelines(write_vcard(people))
        return
    from wacli.render.emit import write_listing
    from wacli.render.people_view import people_listing

    write_listing(people_listing(people), session.page._replace(out=out, format=Format(form)))


class _Counted:
    """Counts what passes."""

    def __init__(self) -> None:
        self.count = 0

    def each(self, people: Iterator[GivenPerson]) -> Iterator[GivenPerson]:
        for person in people:
            self.count += 1
            yield person


@contextmanager
def _created(path: Path) -> Iterator[TextIO]:
    """A new file for its owner only: people's numbers are in it."""
    try:
        out = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline="")
    except FileExistsError as error:
        raise Refused("file-exists", t("{path} exists already", path=str(path)), t("Name another file")) from error
    except OSError as error:
        raise Unavailable(
            "unwritable-file",
            t("{file} cannot be written: {reason}", file=str(path), reason=error.strerror or str(error)),
        ) from error
    with out:
        yield out
