"""`wacli contacts`: the people we may message."""

from __future__ import annotations

from typing import Annotated

import typer

from wacli.domain.category import Category
from wacli.domain.contact import Contact
from wacli.domain.identity import is_bsuid, is_username, parse_phone
from wacli.domain.problem import Invalid
from wacli.domain.text import Text, mark, t
from wacli.render.contact_view import contact_record, contacts_listing
from wacli.store import consents, contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import Store

from ..options import Command, group
from ..rehearsal import DryRun, changing
from ..session import Session
from ..shared_options import Who
from ..stores import existing, reading
from ..tags import tag_of
from ..who import find_contact
from .contacts_erase import erase
from .contacts_export import give_out
from .contacts_import import take_in
from .contacts_merge import dedupe, merge, merges

people = group(mark("The people you may message"))
people.command("import", cls=Command, help=mark("Take in an address book: CSV, TSV, XLSX, Google contacts, vCard"))(
    take_in
)
people.command(
    "export",
    cls=Command,
    help=mark("The address book as CSV, vCard, JSON or NDJSON"),
    epilog="wacli contacts export contacts.vcf\nwacli contacts export --format csv --tag b2b > b2b.csv\n"
    "wacli contacts export --json",
)(give_out)

Tags = Annotated[list[str], typer.Argument(metavar="TAG...", help=mark("one or more tags"))]
Phone = Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help=mark("phone number, in any usual form"))]
Bsuid = Annotated[str | None, typer.Option("--bsuid", metavar="ID", help=mark("business-scoped user ID"))]
Username = Annotated[str | None, typer.Option("--username", metavar="@NAME", help=mark("WhatsApp username"))]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=mark("a note for yourself"))]
_CategoryOption = Annotated[
    str, typer.Option("--category", metavar="CATEGORY", help=mark("marketing, utility, authentication or service"))
]
Evidence = Annotated[
    str | None, typer.Option("--evidence", metavar="TEXT", help=mark("how you know: a form, a message, a date"))
]


@people.command("list", cls=Command, help=mark("Every contact"))
def list_(
    ctx: typer.Context,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help=mark("only contacts with this tag"))] = None,
) -> None:
    """Lists the address book by name."""
    session: Session = ctx.obj
    limit = session.row_limit() or 0
    with reading(session) as store:
        if store is None:
            session.write_listing(contacts_listing((), 0))
            return
        more = contacts.count_contacts(store, tag=tag) - limit if limit else 0
        session.write_listing(contacts_listing(contacts.stream_contacts(store, tag=tag, limit=limit), more))


@people.command("show", cls=Command, help=mark("One contact, with every identifier and the consent ledger"))
def show(ctx: typer.Context, who: Who) -> None:
    """Shows one contact."""
    session: Session = ctx.obj
    with existing(session) as store:
        _show(session, store, find_contact(session, store, who))


def _show(session: Session, store: Store, contact: Contact) -> None:
    until = session.now if session.options.at is not None else None
    ledger = consents.list_of_contact(store, contact.id, until=until)
    session.write_record(contact_record(contact, contacts.list_identifiers(store, contact.id), ledger, session.words))


@people.command("add", cls=Command, help=mark("Add a contact"))
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help=mark("what you call them"))],
    phone: Phone = None,
    bsuid: Bsuid = None,
    username: Username = None,
    note: Note = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help=mark("a tag; may be repeated"))] = None,
    dry_run: DryRun = False,
) -> None:
    """Adds somebody who has not written yet."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    change = _change(session, name, phone, bsuid, username, note)
    with changing(session, dry_run=dry_run) as store:
        contact = contacts.add(store, change, now, [tag_of(word) for word in tag or ()])
        _done(session, store, contact, t("Added {name} as #{id}", name=contact.label, id=contact.id))


@people.command("edit", cls=Command, help=mark("Change a contact; an empty text empties a field"))
def edit(
    ctx: typer.Context,
    who: Who,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=mark("what you call them"))] = None,
    phone: Phone = None,
    bsuid: Bsuid = None,
    username: Username = None,
    note: Note = None,
    dry_run: DryRun = False,
) -> None:
    """Changes what you know about somebody."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    if (name, phone, bsuid, username, note) == (None,) * 5:
        raise Invalid("missing", t("Nothing to change was given"), t("Add --name, --phone, --note ..."))
    with changing(session, dry_run=dry_run) as store:
        contact = find_contact(session, store, who)
        contact = contacts.edit(store, contact.id, _change(session, name, phone, bsuid, username, note), now)
        _done(session, store, contact, t("Changed {name}", name=contact.label))


@people.command("tag", cls=Command, help=mark("Put tags on a contact"))
def tag_(ctx: typer.Context, who: Who, tags: Tags, dry_run: DryRun = False) -> None:
    """Adds tags."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    with changing(session, dry_run=dry_run) as store:
        contact = find_contact(session, store, who)
        contact = contacts.tag(store, contact.id, [tag_of(word) for word in tags])
        _done(session, store, contact, t("{name}: {tags}", name=contact.label, tags=", ".join(contact.tags)))


@people.command("untag", cls=Command, help=mark("Take tags off a contact"))
def untag(ctx: typer.Context, who: Who, tags: Tags, dry_run: DryRun = False) -> None:
    """Removes tags."""
    session: Session = ctx.obj
    if not dry_run:
        session.real_now()
    with changing(session, dry_run=dry_run) as store:
        contact = find_contact(session, store, who)
        contact = contacts.untag(store, contact.id, [word.removeprefix("#") for word in tags])
        _done(session, store, contact, t("{name}: {tags}", name=contact.label, tags=", ".join(contact.tags) or "-"))


@people.command("opt-in", cls=Command, help=mark("Record that they agreed to a category of messages"))
def opt_in(
    ctx: typer.Context,
    who: Who,
    category: _CategoryOption = "marketing",
    evidence: Evidence = None,
    dry_run: DryRun = False,
) -> None:
    """Adds an opt-in to the ledger; without evidence it would prove nothing."""
    if not evidence:
        raise Invalid(
            "missing",
            t("An opt-in needs its evidence"),
            t('Say how you know: --evidence "signed the form on 3 May"'),
        )
    _record(ctx.obj, who, category, consents.OPTED_IN, evidence, dry_run=dry_run)


@people.command("opt-out", cls=Command, help=mark("Record that they do not want a category of messages"))
def opt_out(
    ctx: typer.Context,
    who: Who,
    category: _CategoryOption = "marketing",
    evidence: Evidence = None,
    dry_run: DryRun = False,
) -> None:
    """Adds an opt-out to the ledger."""
    _record(ctx.obj, who, category, consents.OPTED_OUT, evidence, dry_run=dry_run)


def _record(session: Session, who: str, category: str, state: str, evidence: str | None, *, dry_run: bool) -> None:
    known = [one.value for one in Category if one is not Category.AUTHENTICATION_INTERNATIONAL]
    if category not in known:
        raise Invalid(
            "bad-value",
            t("There is no category {name}", name=category),
            t("Choose one of {choices}", choices=", ".join(known)),
        )
    now = session.now if dry_run else session.real_now()
    with changing(session, dry_run=dry_run) as store:
        contact = find_contact(session, store, who)
        consents.record(store, consents.Consent(contact.id, category, state, "owner", evidence, now))
        _done(session, store, contact, _said_of(contact, category, state, dry_run=dry_run))


def _said_of(contact: Contact, category: str, state: str, *, dry_run: bool) -> Text:
    values = {"name": contact.label, "category": category}
    if state == consents.OPTED_IN:
        if dry_run:
            return t("Would record: {name} agreed to {category} messages", **values)
        return t("Recorded: {name} agreed to {category} messages", **values)
    if dry_run:
        return t("Would record: {name} wants no {category} messages", **values)
    return t("Recorded: {name} wants no {category} messages", **values)


def _done(session: Session, store: Store, contact: Contact, sentence: Text) -> None:
    session.tell(sentence)
    if session.is_machine:
        _show(session, store, contact)


def _change(
    session: Session, name: str | None, phone: str | None, bsuid: str | None, username: str | None, note: str | None
) -> ContactChange:
    if bsuid and not is_bsuid(bsuid):
        raise Invalid("bad-bsuid", t("{text} is not a user ID", text=bsuid), t("It looks like ID.13491208655302741918"))
    if username and not is_username(username):
        raise Invalid(
            "bad-username",
            t("{text} is not a username", text=username),
            t("It has 3 to 35 of a-z, 0-9, period and underscore"),
        )
    digits = parse_phone(phone, session.profile["country"]) if phone else None
    return ContactChange(name=name, note=note, phone=digits, bsuid=bsuid, username=username)


people.command(
    "dedupe",
    cls=Command,
    help=mark("Who is likely one person, with the evidence; merges nobody by itself"),
    epilog="wacli contacts dedupe\nwacli contacts dedupe --strength strong --json\nwacli contacts dedupe --merge",
)(dedupe)
people.command(
    "merge",
    cls=Command,
    help=mark("Make one contact of two; --undo takes it back"),
    epilog="wacli contacts merge Sari '+62 812 3456 7890'\nwacli contacts merge '#3' '#8' --why 'she told me'\n"
    "wacli contacts merge --undo 1",
)(merge)
people.command(
    "erase",
    cls=Command,
    help=mark("Forget somebody for good: messages, names, numbers; prints a certificate"),
    epilog="wacli contacts erase Sari\nwacli contacts erase --silent-for 730d --dry-run",
)(erase)
people.add_typer(merges, name="merges")
