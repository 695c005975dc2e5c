"""`wacli help TOPIC`: what has no command of its own to stand under."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from wacli.domain.problem import Invalid, NotFound
from wacli.domain.text import Text, mark, t
from wacli.render.emit import Format
from wacli.render.view import Cell, Heading, Listing, Style

from ..exits import MEANINGS
from ..options import examples
from ..session import Session

ENVIRONMENT: tuple[tuple[str, str], ...] = (
    ("WACLI_PROFILE", mark("the profile to work with (as --profile)")),
    ("WACLI_DB", mark("the store's file (as --db)")),
    ("WACLI_CONFIG", mark("the configuration file, or the folder it is in")),
    ("WACLI_LANG", mark("the language: en or id (as --lang)")),
    ("WACLI_TOKEN", mark("the access token; safer kept with: wacli profiles token")),
    ("WACLI_APP_SECRET", mark("the app secret that webhooks are signed with")),
    ("WACLI_VERIFY_TOKEN", mark("the word that Meta repeats when a webhook is set up")),
    ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR", mark("colour off or on (as --color)")),
)
FORMATS: tuple[tuple[str, str], ...] = (
    ("table", mark("for people; what a terminal gets")),
    ("plain", mark("tab-separated, no header, nothing cut off; what a pipe gets")),
    ("json", mark("one array for a list, one object for one thing")),
    ("ndjson", mark("one object a line, as it comes")),
    ("csv", mark("with a header; cells that a spreadsheet would run are guarded")),
    ("--fields A,B", mark("only these fields, in this order; a name that is none lists all that the command has")),
)
CONDITIONS: tuple[tuple[str, str], ...] = (
    ("last message within 30 days", mark("they wrote in that time; also minutes, hours, weeks, months, years")),
    ("last message over 90 days ago", mark("they wrote, and not since")),
    ("last message before 2026-11-01", mark("they wrote, and not since that day; also since 2026-11-01")),
    ("last answer within 2 weeks", mark("the same for when you last wrote to them")),
    ("added within 7 days", mark("they came into the address book in that time")),
    ("never wrote", mark("they never wrote; never answered: you never wrote to them")),
    ("window open", mark("you may answer freely now; also window closed")),
    ("unanswered", mark("they wait for an answer")),
    ("opted in", mark("to marketing; also opted out, opted in utility")),
    ("tag vip", mark("they have the tag; capital letters count here, and only here")),
    ("market Indonesia", mark("the price list's market of their number")),
    (
        "name starts with Bu",
        mark("also =, !=, contains, ends with; of name, phone, username, bsuid, note, tag, market, id"),
    ),
    ("id in (3, 5, 8)", mark("one of several")),
    ("note is empty", mark("also is known")),
    ("tag vip and not (window open or tag new)", mark("joined by and, or, not, and parentheses")),
)

ERROR = "error"  # has a command line of its own: `wacli help error CODE`


def _exit_codes() -> list[tuple[str, str]]:
    return [(str(int(status)), meaning) for status, meaning in MEANINGS.items()]


TOPICS: dict[str, tuple[Text, Callable[[], list[tuple[str, str]]]]] = {
    "exit-codes": (t("Status"), _exit_codes),
    "environment": (t("Variable"), lambda: list(ENVIRONMENT)),
    "formatting": (t("Format"), lambda: list(FORMATS)),
    "conditions": (t("Condition"), lambda: list(CONDITIONS)),
}


@examples("wacli help exit-codes", "wacli help error 131049", "wacli help error")
def show(
    ctx: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(metavar="TOPIC", help=mark("exit-codes, environment, formatting, conditions or error")),
    ] = None,
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help=mark("an error code of Meta, after `error`"))
    ] = None,
) -> None:
    """Shows a topic, or the front page."""
    session: Session = ctx.obj
    if topic is None:
        session.context.out.write(ctx.find_root().get_help() + "\n")
        return
    if session.options.format is None:
        session.options.format = Format.TABLE  # help is for reading, also through a pager
    if topic == ERROR:
        _errors(session, code)
        return
    if topic not in TOPICS:
        raise _no_topic(topic)
    if code is not None:
        raise Invalid(
            "usage",
            t("Only `wacli help error` takes a code"),
            t("Type: wacli help {topic}", topic=topic),
        )
    title, rows = TOPICS[topic]
    session.write_listing(
        Listing(
            fields=("name", "meaning"),
            rows=rows(),
            flat=lambda row: {"name": row[0], "meaning": row[1]},
            headings=(Heading(title), Heading(t("Meaning"), share=1, wraps=True)),
            cells=lambda row: (Cell(row[0], Style.STRONG), Cell(session.words.say(row[1]))),
            empty=t("Nothing"),
        )
    )


def _errors(session: Session, code: str | None) -> None:
    """All of Meta's error codes that wacli knows, or one of them explained."""
    from wacli.render.failure_view import failure_listing, failure_record
    from wacli.services.explanations import explain, list_explanations

    if code is None:
        rows = list_explanations()
        session.write_listing(failure_listing(rows[: session.row_limit(screen=len(rows))], session.words))
    else:
        session.write_record(failure_record(explain(code), session.words))


def _no_topic(topic: str) -> NotFound:
    """A bare number is most likely an error code."""
    if topic.strip("#()").isdigit():
        hint = t("Is it an error code of Meta? wacli help error {code}", code=topic.strip("#()"))
    else:
        hint = t("Topics: {topics}", topics=", ".join((*TOPICS, ERROR)))
    return NotFound("no-topic", t("There is no help on {topic}", topic=topic), hint)
