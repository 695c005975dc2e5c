"""`wacli contacts erase`: somebody asked to be forgotten, or a rule says that it is time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import mark, t, tn
from wacli.render.contact_view import contacts_listing

from ..exits import ExitStatus
from ..instants import parse_duration
from ..retention import due_before
from ..session import Session
from ..stores import existing, writing
from ..who import find_contact

_CLEAN = t("No trace of an erasure is left in the store's file")


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
    finish: Annotated[
        bool, typer.Option("--finish", help=mark("clear the traces that an erasure which was cut short has left"))
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show who, and erase nobody"))] = False,
) -> ExitStatus:
    """Erases people for good, after a question; prints a certificate."""
    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    if (bool(who), silent_for is not None, finish).count(True) != 1:
        raise Invalid("missing", t("Say who: WHO, or --silent-for SPAN"), t("For example: wacli contacts erase Sari"))
    if finish:
        return _finish(session, is_dry=dry_run)
    people = _people(session, who or [], silent_for, now)
    if dry_run or not people:
        _list(session, people)
        return ExitStatus.DONE
    question = tn(
        "Erase {who} for good? Messages, names and numbers cannot be brought back.",
        "Erase {count} people for good? Messages, names and numbers cannot be brought back.",
        len(people),
        who=people[0].label,
    )
    if not session.confirm(question):
        session.tell(t("Nobody was erased"))
        return ExitStatus.DONE
    return _erase(session, list(dict.fromkeys(contact.id for contact in people)), now)


def _people(session: Session, who: list[str], silent_for: str | None, now: datetime) -> list[Contact]:
    from wacli.services.erasure import list_due

    before = None if silent_for is None else _before(session, silent_for, now)
    with existing(session) as store:
        return [find_contact(session, store, word) for word in who] if before is None else list_due(store, before)


def _erase(session: Session, contact_ids: list[int], now: datetime) -> ExitStatus:
    from wacli.domain.area_code import country_of_number
    from wacli.render.erasure_view import certificate_record
    from wacli.services.erasure import erase as carry_out

    with writing(session) as store:
        done = carry_out(store, contact_ids, now, country_of_number)
    certificate = done.checked()
    session.write_record(certificate_record(certificate, session.words))
    return ExitStatus.DONE if certificate.is_scrubbed else ExitStatus.PARTLY


def _finish(session: Session, *, is_dry: bool) -> ExitStatus:
    from wacli.services.erasure import finish_scrubbing
    from wacli.store.scrubbing import is_owed

    with existing(session) as store:
        is_needed = is_owed(store.path)
    if is_dry or not is_needed:
        session.tell(t("Traces of an erasure are left in the store's file") if is_needed else _CLEAN)
        return ExitStatus.DONE
    with writing(session) as store:
        if not finish_scrubbing(store):
            raise Unavailable(
                "store-locked", t("Another program is using the store"), t("Close it, then type this again")
            )
    session.tell(_CLEAN)
    return ExitStatus.DONE


def _list(session: Session, people: list[Contact]) -> None:
    shown = people[: session.row_limit() or None]
    session.write_listing(contacts_listing(shown, len(people) - len(shown)))
    session.tell(tn("{count} contact would be erased", "{count} contacts would be erased", len(people)))


def _before(session: Session, typed: str, now: datetime) -> datetime:
    if typed != "rule":
        return now - parse_duration(typed)
    before = due_before(session, now)
    if before is None:
        raise Invalid(
            "not-set-up",
            t("Profile {profile} has no rule", profile=session.profile.name),
            t("Set it: wacli config set keep_silent_for 730d"),
        )
    return before
