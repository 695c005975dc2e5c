"""`wacli documents`: one sensitive file to each person, all of them matched and looked into before the first goes out.

The file goes free-form where the person's window is open, else in a template's document header. Nothing of its
content, its caption or the template's values stays in the store: a ledger keeps name, size, SHA-256, times.
A person whose identity key changed is left out until the owner has asked them (facts: cloud-api.md section 6, 137000).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wacli.domain.contact import Contact
from wacli.domain.document_match import Mismatch, Pair, fill_pattern, is_plain_name, match_files
from wacli.domain.problem import Invalid, Problem, Refused
from wacli.domain.template import Template
from wacli.domain.text import t
from wacli.importers.pdf_text import read_pdf
from wacli.importers.people_file import People
from wacli.store import documents, identity_keys
from wacli.store.database import Store
from wacli.store.documents import DocumentRow
from wacli.store.lease import is_anybody_sending

from .contact_values import FIELDS
from .delivery import Sent
from .letters import Letter, file_letter, template_letter
from .people import find_or_meet, introduce
from .send_run import Order, Sender, carry_out, check
from .sending import Conditions, Desk, Failed, Prepared

if TYPE_CHECKING:
    from wacli.cloudapi.client import Client
    from wacli.cloudapi.media import LocalFile

_REACHED = ("delivered", "read", "played")
_LEFT_BEHIND = {"sending": "unknown", "queued": "refused"}  # when nobody is sending any more
_UNHEARD = ("sending", "unknown")  # of a run that was killed, or whose answer was lost
_A_WORD_WITHIN = timedelta(days=1)  # of what was accepted, Meta has said at least that it was sent


class Wishes(NamedTuple):
    """How files are matched and what goes with them. `pattern`: a file's name out of a row's cells.

    `must_contain`: texts, out of a row's cells, that the PDF must have. `values`: the template's, out of a row's cells
    or the contact's fields. `slot`: the key of the template's document header.
    """

    pattern: str
    template: Template | None
    slot: str | None
    values: Mapping[str, str]
    caption: str | None = None
    must_contain: tuple[str, ...] = ()
    is_sensitive: bool = True


class Item(NamedTuple):
    """One file for one person, ready. `problem`: why this person is left out while the others go."""

    row: int
    contact: Contact
    file: LocalFile
    sha256: bytes
    order: Order | None
    problem: Problem | None = None


class Plan(NamedTuple):
    """Every pair; or, where anything at all did not fit, what: then nothing may be sent."""

    items: tuple[Item, ...]
    mismatches: tuple[Mismatch, ...]

    def list_twins(self) -> list[tuple[str, ...]]:
        """The names of files with the very same content, which go to different people."""
        names: dict[bytes, list[str]] = {}
        for item in self.items:
            names.setdefault(item.sha256, []).append(item.file.name)
        return [tuple(same) for same in names.values() if len(same) > 1]


class Preview(NamedTuple):
    """An item as it would be sent now: the message with its cost, or the rule that forbids it."""

    item: Item
    prepared: Prepared | None
    problem: Problem | None


def plan(desk: Desk, people: People, paths: Sequence[Path], wishes: Wishes, now: datetime, country: str | None) -> Plan:
    """Matches files and people, and looks into every file. Raises `Invalid` for a pattern that fits no row."""
    files, wrong = _files(paths)
    pairs, unmatched = match_files(people.rows, list(files), wishes.pattern)
    wrong += unmatched
    items: list[Item] = []
    owners: dict[int, int] = {}  # contact -> row
    strangers: dict[tuple[str | None, str | None], int] = {}
    for pair in pairs:
        try:
            contact = find_or_meet(desk.store, pair.row.cells[people.who].strip(), country, now)
            first = (
                owners.setdefault(contact.id, pair.row.number)
                if contact.id
                else strangers.setdefault((contact.phone, contact.bsuid), pair.row.number)
            )
            if first != pair.row.number:
                raise Invalid("several-files", t("the same person as in row {row}: one file each", row=first))
            items.append(_item(desk.store, pair, contact, files[pair.file], wishes))
        except Problem as problem:
            said = t("row {row}: {why}", row=pair.row.number, why=problem.message)
            wrong.append(Mismatch(pair.row.number, problem.code, said))
    return Plan(tuple(items), tuple(wrong))


def preview(desk: Desk, found: Plan, conditions: Conditions, now: datetime) -> list[Preview]:
    """What each message would be and cost at `now`. Opens no socket, writes nothing."""
    shown = []
    for item in found.items:
        try:
            prepared = None if item.order is None else check(desk, item.order, conditions, now)
            shown.append(Preview(item, prepared, item.problem))
        except Problem as problem:
            shown.append(Preview(item, None, problem))
    return shown


def send(desk: Desk, sender: Sender, found: Plan, conditions: Conditions) -> Iterator[tuple[Item, Sent | Failed]]:
    """Sends, and yields what became of each file. The ledger knows of a file before it is uploaded."""
    by_path = {item.file.path: item for item in found.items}
    rows: dict[Path, int] = {}

    def upload(file: LocalFile) -> str:
        from wacli.cloudapi.media import upload as take_to_whatsapp

        item = by_path[file.path]
        if _digest(file.path) != item.sha256:  # what was looked into is what goes out
            raise Invalid("file-changed", t("{file} has changed since it was looked into", file=file.name))
        contact = introduce(desk.store, item.contact, sender.clock())
        rows[file.path] = documents.start(
            desk.store, contact.id, file.name, file.mime_type, file.size, item.sha256, sender.phone_number_id,
            sender.clock(),
        )  # fmt: skip
        media_id = take_to_whatsapp(sender.client, sender.phone_number_id, file)
        documents.mark_uploaded(desk.store, rows[file.path], media_id)
        return media_id

    ready = [item for item in found.items if item.order is not None]
    for item in found.items:
        if item.problem is not None:
            yield item, Failed(item.contact.label, item.problem)
    orders = [item.order for item in ready if item.order is not None]
    for item, result in zip(ready, carry_out(desk, sender._replace(upload=upload), orders, conditions), strict=False):
        if item.file.path in rows:
            key = result.prepared.key if isinstance(result, Sent) else None
            problem = None if result.problem is None else result.problem.code
            documents.mark_handed_over(desk.store, rows[item.file.path], key, problem)
        yield item, result


def list_ledger(store: Store, *, contact_id: int | None = None, limit: int = 0) -> list[DocumentRow]:
    """The ledger, newest first. What a killed run left behind is told as what it is."""
    rows = documents.list_documents(store, contact_id=contact_id, limit=limit)
    if not any(row.state in _LEFT_BEHIND for row in rows) or is_anybody_sending(store.path):
        return rows
    return [row._replace(state=_LEFT_BEHIND.get(row.state or "", row.state)) for row in rows]


def due_for_deletion(store: Store, after: str | timedelta, now: datetime) -> list[DocumentRow]:
    """The files that Meta still has and needs no more: `delivered` (or read, or failed), or so long after sending."""
    at_meta = documents.list_at_meta(store)
    if isinstance(after, timedelta):
        return [row for row in at_meta if now - row.started_at >= after]
    return [row for row in at_meta if _needs_no_more(store, row, now)]


def _needs_no_more(store: Store, row: DocumentRow, now: datetime) -> bool:
    """It has arrived or never will. A file without a message may be about to go out while somebody is sending."""
    if row.outbox_key is None:
        return row.problem is not None or not is_anybody_sending(store.path)
    if row.state in _UNHEARD and row.status is None:
        return now - row.started_at >= _A_WORD_WITHIN
    return row.status in _REACHED or row.status == "failed" or row.state == "refused"


def purge(
    store: Store, client: Client, rows: Sequence[DocumentRow], now: datetime
) -> Iterator[tuple[DocumentRow, Problem | None]]:
    """Deletes the files at Meta, and yields each with what kept it from being deleted. One that is gone is deleted."""
    from wacli.cloudapi.failures import ApiRefused
    from wacli.cloudapi.media import delete

    for row in rows:
        try:
            delete(client, str(row.media_id))
        except ApiRefused as problem:
            if not _is_gone(problem):
                yield row, problem
                continue
        except Problem as problem:
            yield row, problem
            continue
        documents.mark_media_deleted(store, [row.id], now)
        yield row, None


def _is_gone(problem: Problem) -> bool:
    failure = getattr(problem, "failure", None)
    return failure is not None and failure.code == 100 and failure.subcode == 33


def _files(paths: Sequence[Path]) -> tuple[dict[str, Path], list[Mismatch]]:
    """The files by name; a folder stands for those in it. A link that leads out of its folder is no file of it."""
    found: dict[str, Path] = {}
    wrong: list[Mismatch] = []
    for path in paths:
        inside = sorted(one for one in path.iterdir() if not one.name.startswith(".")) if path.is_dir() else [path]
        for one in inside:
            if one.is_dir():
                continue
            if not is_plain_name(one.name):
                said = t("{file} has control characters in its name", file=one.name)
                wrong.append(Mismatch(None, "bad-file-name", said))
            elif one.is_symlink() and one.resolve().parent != one.parent.resolve():
                said = t("{file} is a link that leads out of its folder", file=one.name)
                wrong.append(Mismatch(None, "leads-outside", said))
            elif one.name in found and found[one.name].resolve() != one.resolve():
                wrong.append(Mismatch(None, "same-file-name", t("two files are called {file}", file=one.name)))
            else:
                found[one.name] = one
    return found, wrong


def _item(store: Store, pair: Pair, contact: Contact, path: Path, wishes: Wishes) -> Item:
    from wacli.cloudapi.media import inspect

    file = inspect(path)
    if file.kind != "document":
        raise Invalid("bad-media", t("{file} is no document but of the kind {kind}", file=file.name, kind=file.kind))
    cells = {**_fields_of(contact), **pair.row.cells}
    _check_words(file, [fill_pattern(wanted, cells) for wanted in wishes.must_contain])
    digest = _digest(path)
    problem, key_hash = _identity(store, contact)
    if problem is not None:
        return Item(pair.row.number, contact, file, digest, None, problem)

    def finished(letter: Letter) -> Letter:
        return letter._replace(is_sensitive=wishes.is_sensitive, identity_hash=key_hash)

    caption = None if wishes.caption is None else fill_pattern(wishes.caption, cells)
    letter, instead = finished(file_letter(path, caption)), None
    if wishes.template is not None and wishes.slot is not None:
        values = {key: fill_pattern(value, cells) for key, value in wishes.values.items()}
        instead = finished(template_letter(wishes.template, {**values, wishes.slot: str(path)}))
    return Item(pair.row.number, contact, file, digest, Order(contact.label, contact, letter, instead))


def _digest(path: Path) -> bytes:
    """The SHA-256 of a file, read piece by piece. Raises `Invalid` for one that has gone meanwhile."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        raise Invalid("no-file", t("The file {name} cannot be read", name=path.name), t("Check its path")) from None


def _check_words(file: LocalFile, wanted: Sequence[str]) -> None:
    """Raises `Invalid` for a PDF that nobody could open, and for a file that does not say what it must."""
    if file.mime_type != "application/pdf":
        if wanted:
            raise Invalid("not-searchable", t("{file} is no PDF: what it says cannot be looked up", file=file.name))
        return
    pdf = read_pdf(file.path)
    if wanted and pdf.is_picture:
        raise Invalid(
            "not-searchable", t("{file} is a picture: it has no text that could be looked up", file=file.name)
        )
    for words in wanted:
        if not pdf.says(words):
            raise Invalid("not-in-file", t("{file} does not say {words}", file=file.name, words=words))


def _identity(store: Store, contact: Contact) -> tuple[Problem | None, str | None]:
    if not contact.id:
        return None, None
    known = identity_keys.of_contact(store, contact.id)
    if not known.is_changed:
        return None, known.key_hash
    problem = Refused(
        "identity-changed",
        t("WhatsApp says that {name} may be somebody else now: their identity key has changed", name=contact.label),
        t('Ask them, then: wacli documents confirm {who} --evidence "called them"', who=f"'#{contact.id}'"),
    )
    return problem, known.key_hash


def _fields_of(contact: Contact) -> dict[str, str]:
    return {name: read(contact) or "" for name, read in FIELDS.items()}
