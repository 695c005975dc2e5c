"""`wacli documents`: sensitive files, one per person; the ledger of what went out; deleting them at Meta."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from wacli.domain.problem import Invalid, Problem
from wacli.domain.template import Template
from wacli.domain.text import Quantity, mark, t, tn
from wacli.render.documents_view import ledger_listing, ledger_markdown, preview_listing, result_listing, shown_problem
from wacli.services import documents as journey
from wacli.services.delivery import Sent
from wacli.services.send_run import Sender
from wacli.services.sending import Conditions, Desk, Failed
from wacli.services.templates import find_template
from wacli.store import documents as kept
from wacli.store import identity_keys

from ..clients import client_of
from ..dispatch import say_who_sends
from ..exits import ExitStatus, status_of
from ..instants import parse_duration
from ..options import Command, group
from ..sending_options import VALUE, DryRun, MaxCost, conditions_of, desk_of, is_by_hand, store_for
from ..session import Session
from ..shared_options import Language, Who
from ..stores import existing, reading, writing
from ..who import find_contact

documents = group(mark("Sensitive files, one per person: boarding passes, tickets, invoices"))

_SCREENFUL = 20
Reveal = Annotated[bool, typer.Option("--reveal", help=mark("show names and numbers in full"))]


_Words = Annotated[
    list[str],
    typer.Argument(metavar="FILES... [KEY=VALUE...]", help=mark("files or folders; the template's values")),
]
_Csv = Annotated[Path, typer.Option("--csv", metavar="PEOPLE", help=mark("a table of the people: CSV, TSV or XLSX"))]
_Match = Annotated[
    str,
    typer.Option("--match", metavar="PATTERN", help=mark("a file's name out of a row: '{booking}.pdf', '{file}'")),
]
_WhoColumn = Annotated[str | None, typer.Option("--who", metavar="COLUMN", help=mark("the column that says who"))]
_Template = Annotated[
    str | None, typer.Option("--template", metavar="NAME", help=mark("for people whose window is shut"))
]
_Caption = Annotated[
    str | None, typer.Option("--caption", metavar="TEXT", help=mark("words under the file, for open windows"))
]
_MustContain = Annotated[
    list[str] | None,
    typer.Option("--must-contain", metavar="TEXT", help=mark("what each PDF must say: '{booking}'; may be repeated")),
]
_Sensitive = Annotated[
    bool, typer.Option("--sensitive/--not-sensitive", help=mark("keep nothing of the content in the store"))
]


@documents.command(
    "send",
    cls=Command,
    help=mark("Send each person their file; nothing goes out unless every file has its person and every person a file"),
    epilog="wacli documents send passes/ --csv people.csv --match '{booking}.pdf' --must-contain '{booking}'\n"
    "wacli documents send *.pdf --csv people.csv --match '{file}' --template boarding_pass name={name} --dry-run",
)
def send(
    ctx: typer.Context,
    words: _Words,
    csv: _Csv,
    match: _Match,
    who: _WhoColumn = None,
    template: _Template = None,
    language: Language = None,
    caption: _Caption = None,
    must_contain: _MustContain = None,
    sensitive: _Sensitive = True,
    max_cost: MaxCost = None,
    reveal: Reveal = False,
    dry_run: DryRun = False,
) -> ExitStatus:
    """Matches, looks into every file, shows it, asks, sends."""
    session: Session = ctx.obj
    from wacli.importers.people_file import read_people

    now = session.now if dry_run else session.real_now()
    if is_by_hand(session):
        client_of(session)  # says why nothing can be sent for such a profile
    values = {found[1]: found[2] for word in words if (found := VALUE.fullmatch(word)) and not Path(word).exists()}
    paths = [Path(word) for word in words if Path(word).exists() or not VALUE.fullmatch(word)]
    people = read_people(csv, who)
    conditions = conditions_of(session, False, max_cost, None, False)
    with store_for(session, is_dry=dry_run) as store:
        found_template = None if template is None else find_template(store, template, language)
        slot = None if found_template is None else _document_slot(found_template)
        texts = tuple(must_contain or ())
        wishes = journey.Wishes(match, found_template, slot, values, caption, texts, sensitive)
        desk = desk_of(session, store)
        plan = journey.plan(desk, people, paths, wishes, now, session.profile["country"])
        if plan.mismatches:
            return _refuse(session, plan)
        _name_twins(session, plan)
        previews = journey.preview(desk, plan, conditions, now)
        if dry_run or not any(one.prepared for one in previews):
            session.write_listing(preview_listing(previews, session.words, reveal=reveal))
            if dry_run:
                session.tell(t("Dry run: nothing was sent."))
            return _status_of(session, [shown_problem(one.item, one.problem, reveal=reveal) for one in previews])
        if not _is_agreed(session, previews, reveal=reveal):
            session.tell(t("Nothing was sent"))
            return ExitStatus.DONE
        return _carry_out(session, desk, plan, conditions, reveal=reveal)


@documents.command(
    "list",
    cls=Command,
    help=mark("The ledger: which file went to whom and when, never what stood in it"),
    epilog="wacli documents list --reveal\nwacli documents list --format markdown > ledger.md\n"
    "wacli documents list --format csv",
)
def list_(
    ctx: typer.Context,
    who: Annotated[str | None, typer.Option("--who", metavar="WHO", help=mark("only files to this contact"))] = None,
    reveal: Reveal = False,
) -> None:
    """Lists the files that were sent."""
    session: Session = ctx.obj
    with reading(session) as store:
        rows = []
        if store is not None:
            contact = None if who is None else find_contact(session, store, who)
            rows = journey.list_ledger(
                store, contact_id=None if contact is None else contact.id, limit=session.row_limit() or 0
            )
    if session.options.is_markdown:
        session.context.out.writelines(ledger_markdown(rows, session.words, reveal=reveal))
        return
    session.write_listing(ledger_listing(rows, session.words, reveal=reveal))


@documents.command(
    "purge",
    cls=Command,
    help=mark("Delete the uploaded files at Meta, which keeps them for 30 days otherwise"),
    epilog="wacli documents purge --after delivered\nwacli documents purge --after 2d --dry-run",
)
def purge(
    ctx: typer.Context,
    after: Annotated[
        str, typer.Option("--after", metavar="WHEN", help=mark("delivered, or an age such as 2d"))
    ] = "delivered",
    reveal: Reveal = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show which, delete nothing"))] = False,
) -> ExitStatus:
    """Deletes what is not needed any more; those who got it keep it."""
    session: Session = ctx.obj
    when = after if after == "delivered" else _age(after)
    now = session.now if dry_run else session.real_now()
    if dry_run:
        with reading(session) as store:
            due = [] if store is None else journey.due_for_deletion(store, when, now)
        session.write_listing(ledger_listing(due, session.words, reveal=reveal))
        session.tell(
            tn(
                "{count} file would be deleted at Meta. Nothing was.",
                "{count} files would be deleted at Meta. Nothing was.",
                len(due),
            )
        )
        return ExitStatus.DONE
    with existing(session) as store:
        due = journey.due_for_deletion(store, when, now)
    if not due:
        session.tell(t("Nothing to delete"))
        session.write_listing(ledger_listing([], session.words, reveal=reveal)) if session.is_machine else None
        return ExitStatus.DONE
    problems = []
    with writing(session) as store, client_of(session) as client:
        for _, problem in journey.purge(store, client, due, now):
            problems.append(problem)
        done = {row.id for row in due} - {row.id for row in kept.list_at_meta(store)}
        rows = [row for row in kept.list_documents(store) if row.id in done]
    session.tell(tn("{count} file was deleted at Meta", "{count} files were deleted at Meta", len(done)))
    if session.is_machine:
        session.write_listing(ledger_listing(rows, session.words, reveal=reveal))
    return _status_of(session, problems)


@documents.command(
    "confirm",
    cls=Command,
    help=mark("You asked them, and it is them: a changed identity key stops nothing any more"),
    epilog='wacli documents confirm Sari --evidence "called her on 22 November"',
)
def confirm(
    ctx: typer.Context,
    who: Who,
    evidence: Annotated[str, typer.Option("--evidence", metavar="TEXT", help=mark("how you made sure"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show it, and record nothing"))] = False,
) -> None:
    """Records that a person is who they were."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    with (existing if dry_run else writing)(session) as store:
        contact = find_contact(session, store, who)
        if dry_run:
            session.tell(t("Dry run: nothing was recorded about {name}", name=contact.label))
            return
        identity_keys.confirm(store, contact.id, evidence, now)
    session.tell(t("Recorded: {name} is who they were", name=contact.label))


def _name_twins(session: Session, plan: journey.Plan) -> None:
    """Warns of files with the same content: one of them may be somebody else's."""
    for names in plan.list_twins():
        session.warn([t("The same content under several names: {files}", files=", ".join(names))])


def _is_agreed(session: Session, previews: Sequence[journey.Preview], *, reveal: bool) -> bool:
    if not session.is_machine:
        session.write_listing(preview_listing(previews, session.words, reveal=reveal))
    ready = sum(one.prepared is not None for one in previews)
    return session.confirm(tn("Send {count} file?", "Send {count} files?", ready))


def _carry_out(session: Session, desk: Desk, plan: journey.Plan, conditions: Conditions, *, reveal: bool) -> ExitStatus:
    results: list[tuple[journey.Item, Sent | Failed]] = []
    with client_of(session) as client:
        sender = Sender(client, session.profile.required("phone_number_id"), session.context.now)
        say_who_sends(session, desk)
        try:
            for result in journey.send(desk, sender, plan, conditions):
                results.append(result)
        finally:  # also after Ctrl-C: who got it, got it
            session.write_listing(result_listing(results, session.words, reveal=reveal))
    return _status_of(session, [shown_problem(item, result.problem, reveal=reveal) for item, result in results])


def _document_slot(template: Template) -> str:
    from wacli.domain.template_slots import SlotKind, slots_of

    for slot in slots_of(template):
        if slot.kind is SlotKind.MEDIA and slot.medium == "document":
            return slot.key
    raise Invalid(
        "no-document-header",
        t("Template {name} has no document in its header", name=template.name),
        t("Choose one that has: wacli templates list"),
    )


def _refuse(session: Session, plan: journey.Plan) -> ExitStatus:
    """Everything that does not fit, and that nothing was sent."""
    count = len(plan.mismatches)
    shown = plan.mismatches if session.is_machine else plan.mismatches[:_SCREENFUL]
    for mismatch in shown:
        session.warn([mismatch.message])
    if count > len(shown):
        session.warn([tn("{count} more", "{count} more", count - len(shown))])
    said = tn(
        "Nothing was sent: {count} thing does not fit", "Nothing was sent: {count} things do not fit", Quantity(count)
    )
    found = [{"row": one.row, "code": one.code, "message": session.say(one.message)} for one in plan.mismatches]
    session.report(
        Invalid("no-match", said, t("Mend the table or the files, then type it again"), {"mismatches": found})
    )
    return ExitStatus.USAGE


def _age(after: str) -> timedelta:
    try:
        return parse_duration(after)
    except Invalid:
        raise Invalid(
            "bad-value", t("--after {value} is neither delivered nor an age", value=after), t("Write 2d, or delivered")
        ) from None


def _status_of(session: Session, problems: list[Problem | None]) -> ExitStatus:
    wrong = [problem for problem in problems if problem is not None]
    for problem in wrong:
        session.report(problem)
    if not wrong:
        return ExitStatus.DONE
    return status_of(wrong[0]) if len(wrong) == len(problems) else ExitStatus.PARTLY
