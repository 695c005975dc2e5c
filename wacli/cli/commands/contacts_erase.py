"""`wacli contacts erase`: somebody asked to be forgotten, or a rule says that it is time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid
from wacli.domain.text import mark, t, tn
from wacli.render.contact_view import contacts_listing

from ..instants import parse_duration
from ..session import Session
from ..stores import existing, writing
from ..who import find_contact


def erase(
    ctx: typer.Context,
    who: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHO...]", help=mark("a name, phone number, user ID, @username or contact id")),
    ] = None,
    silent_for: Annotated[
        str | None,
        typer.Option(
            "--silent-for", metavar="SPAN", help=mark("everybody silent for so long; 'rule' is the profile's")
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show who, and erase nobody"))] = False,
) -> None:
    """Erases people for good, after a question; prints a certificate."""
    session: Session = ctx.obj
    from wacli.domain.area_code import country_of_number
    from wacli.render.erasure_view import certificate_record
    from wacli.services.erasure import erase as carry_out
    from wacli.services.erasure import list_due

    now = session.now if dry_run else session.real_now()
    if bool(who) == (silent_for is not None):
        raise Invalid("missing", t("Say who: WHO, or --silent-for SPAN"), t("For example: wacli contacts erase Sari"))
    before = None if silent_for is None else now - parse_duration(_span(session, silent_for))
    with existing(session) as store:
        people = (
            [find_contact(session, store, word) for word in who or ()] if before is None else list_due(store, before)
        )
    if dry_run or not people:
        _list(session, people)
        return
    question = tn(
        "Erase {who} for good? Messages, names and numbers cannot be brought back.",
        "Erase {count} people for good? Messages, names and numbers cannot be brought back.",
        len(people),
        who=people[0].label,
    )
    if not session.confirm(question):
        session.tell(t("Nobody was erased"))
        return
    with writing(session) as store:
        done = carry_out(store, list(dict.fromkeys(contact.id for contact in people)), now, country_of_number)
    session.write_record(certificate_record(done.checked(), session.words))


def _list(session: Session, people: list[Contact]) -> None:
    shown = people[: session.row_limit() or None]
    session.write_listing(contacts_listing(shown, len(people) - len(shown)))
    session.tell(tn("{count} contact would be erased", "{count} contacts would be erased", len(people)))


def _span(session: Session, typed: str) -> str:
    if typed != "rule":
        return typed
    rule = session.profile["keep_silent_for"]
    if rule is None:
        raise Invalid(
            "not-set-up",
            t("Profile {profile} has no rule", profile=session.profile.name),
            t("Set it: wacli config set keep_silent_for 730d"),
        )
    return rule


def due_before(session: Session, now: datetime) -> datetime | None:
    """From when on somebody must have been heard to be kept, by the profile's rule; None without one."""
    rule = session.profile["keep_silent_for"]
    return None if rule is None else now - parse_duration(rule)
