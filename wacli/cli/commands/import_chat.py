"""`wacli import-chat`: a phone's exported chat into the thread of the contact it was with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import mark, t

from ..asking import Asking
from ..exits import ExitStatus
from ..files import Source, opened
from ..options import examples
from ..progress import progress
from ..rehearsal import rehearsable
from ..session import Session

if TYPE_CHECKING:  # loaded when a chat is imported
    from wacli.domain.contact import Contact
    from wacli.domain.finding import Findings
    from wacli.importers.chat_export import ChatExport
    from wacli.services.chat_import import ChatWishes, Sides

Answer = TypeVar("Answer")


@examples(
    'wacli import-chat "WhatsApp Chat with Sari.zip"',
    "wacli import-chat _chat.txt --me Ani --who +62 812-3456-7890 --day-first --time-zone Asia/Jakarta",
)
def run(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=mark("the .txt or .zip of Export chat; - is stdin"))],
    me: Annotated[str | None, typer.Option("--me", metavar="NAME", help=mark("your own name in the chat"))] = None,
    who: Annotated[
        str | None, typer.Option("--who", metavar="WHO", help=mark("the contact it was with; a new number is added"))
    ] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=mark("03/04 is the third of April"))] = False,
    month_first: Annotated[bool, typer.Option("--month-first", help=mark("03/04 is the fourth of March"))] = False,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", metavar="ZONE", help=mark("where the phone was, such as Asia/Jakarta"))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("show what would happen; keep nothing"))] = False,
) -> ExitStatus:
    """Keeps every message as history: never billed, no window opened. The same chat again adds nothing."""
    from wacli.domain.event import Number
    from wacli.domain.finding import Findings
    from wacli.render.chat_import_view import chat_record
    from wacli.services.chat_import import ChatTally, ChatWishes, import_chat

    session: Session = ctx.obj
    now = session.now if dry_run else session.real_now()
    zone = session.zone if time_zone is None else _zone(time_zone)
    profile, findings, tally = session.profile, Findings(), ChatTally()
    with opened(session, file) as source:
        export = _export(session, source, zone, _order(day_first, month_first), findings)
        with (
            rehearsable(session, dry_run=dry_run) as store,
            progress(session, t("Importing {file}", file=source.name), source.size) as meter,
        ):
            number = Number(profile["phone_number_id"], None, profile["waba_id"])

            def attempt(wishes: ChatWishes) -> tuple[Contact, Sides]:
                return import_chat(
                    store, export, wishes, number, now, tally=tally, dry_run=dry_run,
                    on_progress=lambda: meter.step(source.position()),
                )  # fmt: skip

            contact, sides = _asking(session, ChatWishes(me, who, profile["country"]), attempt)
    session.warn(finding.message for finding in findings)
    session.warn(findings.unlisted())
    record = chat_record(tally, contact, sides, export.form, str(zone), session.words, dry_run=dry_run)
    session.write_record(record)
    return ExitStatus.DONE if findings.are_harmless else ExitStatus.PARTLY


def _order(day_first: bool, month_first: bool) -> bool | None:
    if day_first and month_first:
        raise Invalid("bad-value", t("--day-first and --month-first cannot both hold"), t("Leave one of them out"))
    return True if day_first else False if month_first else None


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            "bad-value", t("There is no time zone {name}", name=name), t("Write it like Asia/Jakarta")
        ) from None


def _export(session: Session, source: Source, zone: tzinfo, day_first: bool | None, findings: Findings) -> ChatExport:
    from wacli.importers.chat_export import read_chat

    try:
        return read_chat(source.stream, zone=zone, day_first=day_first, findings=findings)
    except Invalid as problem:
        asking = Asking(session)
        if problem.code != "undecided-date-order" or not asking.is_possible:
            raise
        example = str(problem.details["example"])
        question = t("{example}: does the day or the month stand first? Type day or month", example=example)
        answer = asking.ask(question, None, _nothing_wrong) or ""
        if answer.casefold()[:1] not in ("d", "m", "h", "b"):  # Indonesian: hari, bulan
            raise
    is_day = answer.casefold()[:1] in ("d", "h")
    return read_chat(source.stream, zone=zone, day_first=is_day, findings=findings)


def _asking(session: Session, wishes: ChatWishes, attempt: Callable[[ChatWishes], Answer]) -> Answer:
    """Tries; what only the owner knows is asked for on a terminal, once for each question."""
    asking = Asking(session)
    for _ in range(3):
        try:
            return attempt(wishes)
        except Problem as problem:
            if not asking.is_possible:
                raise
            if problem.code == "which-is-me" and wishes.me is None:
                answer = asking.ask(t("{problem} Type your name", problem=problem.message), None, _nothing_wrong)
                wishes = replace(wishes, me=answer)
            elif problem.code in ("whose-chat", "ambiguous") and wishes.who is None:
                question = t("{problem}. Whose number or name is it?", problem=problem.message)
                answer = asking.ask(question, None, _nothing_wrong)
                wishes = replace(wishes, who=answer)
            else:
                raise
            if not answer:
                raise
    return attempt(wishes)


def _nothing_wrong(answer: str) -> None:
    """Every answer is tried."""
