"""`run(argv, context) -> int`: the only place where a command's outcome becomes an exit status.

A command returns a status, or None for 0, or raises a `Problem`. Everything that ends a process is decided here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

import typer
from typer.exceptions import TyperException

from wacli.domain.problem import Invalid, Problem
from wacli.domain.text import mark, t
from wacli.render.emit import Format
from wacli.render.words import LANGUAGES

from .context import Context
from .exits import ExitStatus, status_of
from .options import COMPLETE_VARIABLE, Entry, LazyGroup
from .session import Session

_DAILY, _PEOPLE, _MONEY = mark("Every day"), mark("People and templates"), mark("Money")
_DOORS = mark("Doors and documents")
_PLUMBING, _SETUP = mark("Plumbing"), mark("Setting up")

ENTRIES: tuple[Entry, ...] = (
    Entry("today", "today", "show", _DAILY, mark("The morning brief: who waits, what failed, what the month costs")),
    Entry("threads", "threads", "show", _DAILY, mark("Who waits, how long you may answer, and what the answer costs")),
    Entry("watch", "watch", "show", _DAILY, mark("The same board, live: leave it open, and it warns you in time")),
    Entry("thread", "thread", "show", _DAILY, mark("One thread: what was said, and both clocks")),
    Entry("can", "thread", "can", _DAILY, mark("May I write to them, which kinds, is it free, and what does it cost")),
    Entry("reply", "reply", "reply", _DAILY, mark("Answer somebody freely, while their window is open")),
    Entry("chat", "chat", "chat", _DAILY, mark("One thread, live: their messages as they come, yours as you type")),
    Entry("quick", "quick", "quick", _DAILY, mark("Answers you give every day, under a short name")),
    Entry("send", "send", "send", _DAILY, mark("Send a template to one or more people")),
    Entry("search", "search", "run", _DAILY, mark("Find messages by their words, newest first")),
    Entry("contacts", "contacts", "people", _PEOPLE, mark("The people you may message")),
    Entry(
        "templates",
        "templates",
        "templates",
        _PEOPLE,
        mark("What Meta approved: list, prices, preview, and your own files"),
    ),
    Entry(
        "campaigns",
        "campaigns",
        "campaigns",
        _PEOPLE,
        mark("One template to many people, priced before, counted after"),
    ),
    Entry("estimate", "estimate", "show", _MONEY, mark("What messages will cost, or would have cost since 2018")),
    Entry("rates", "rates", "rates", _MONEY, mark("The rate cards and rules behind every number")),
    Entry("spend", "spend", "show", _MONEY, mark("Where the money went, what was free, and how the month will end")),
    Entry("allowance", "allowance", "show", _MONEY, mark("The month's free messages: used, left, and until when")),
    Entry("reconcile", "reconcile", "show", _MONEY, mark("Our count beside WhatsApp's: statuses and analytics")),
    Entry("advice", "advice", "show", _MONEY, mark("What would make the next month cheaper")),
    Entry("report", "report", "write", _MONEY, mark("A month on one page, for you or the accountant")),
    Entry("links", "links", "links", _DOORS, mark("Links and QR codes that start a chat, and what came of them")),
    Entry("ads", "ads", "show", _DOORS, mark("What each ad brought, answered in time or lost to the clock")),
    Entry(
        "documents", "documents", "documents", _DOORS, mark("Sensitive files, one per person, and what became of them")
    ),
    Entry("listen", "listen", "run", _PLUMBING, mark("Let messages in: receive WhatsApp's webhooks until Ctrl-C")),
    Entry("outbox", "outbox", "outbox", _PLUMBING, mark("What became of what was sent, and of what nobody knows")),
    Entry("ingest", "ingest", "run", _PLUMBING, mark("Take in webhook notifications from files or standard input")),
    Entry("import-chat", "import_chat", "run", _PLUMBING, mark("Take in a chat that a phone exported")),
    Entry(
        "trigger",
        "trigger",
        "post",
        _PLUMBING,
        mark("Make up a notification and post it to your receiver, for trying things"),
    ),
    Entry(
        "sandbox", "sandbox", "sandbox", _PLUMBING, mark("A local WhatsApp Cloud API to practise on; reaches nobody")
    ),
    Entry("db", "db", "db", _PLUMBING, mark("The store: where it is, and how to make it again")),
    Entry("demo", "demo", "tour", _SETUP, mark("A complete tour on this machine; needs no account")),
    Entry("setup", "setup", "wizard", _SETUP, mark("Connect your business number, and check that everything works")),
    Entry("doctor", "doctor", "look", _SETUP, mark("Is everything all right, and if not, what to type")),
    Entry("profiles", "profiles", "profiles", _SETUP, mark("Business numbers: one profile for each")),
    Entry("config", "config", "config", _SETUP, mark("Settings, and where each value came from")),
    Entry("completion", "completion", "script", _SETUP, mark("Let the shell complete commands and options")),
    Entry("help", "help", "show", _SETUP, mark("Error codes, exit statuses, environment, output formats")),
)


class FrontDoor(LazyGroup):
    """`wacli` itself."""

    entries = ENTRIES


def run(argv: Sequence[str], context: Context) -> int:
    """Runs one command line (without the program's name) and returns its exit status."""
    session = Session(context)
    try:
        return _run(argv, session)
    except Problem as problem:
        _take_wishes(argv, session)
        session.report(problem)
        return status_of(problem)
    except TyperException as error:
        _take_wishes(argv, session)
        session.report(_usage_problem(error))
        return ExitStatus.USAGE
    except UnicodeEncodeError:
        # A file name may be any bytes; what is looked up or sent must be text.
        broken = next((word for word in argv if _is_no_text(word)), None)
        if broken is None:
            raise
        session.report(Invalid("not-utf8", t("{word} is not UTF-8 text", word=broken), t("Check your terminal's LANG")))
        return ExitStatus.USAGE
    except (KeyboardInterrupt, typer.Abort):
        context.err.write("\n")
        return ExitStatus.INTERRUPTED
    except (BrokenPipeError, SystemExit) as end:
        if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
            raise  # the parser ends the process with 1 when it meets a broken pipe first
        # The reader went away (`| head`): what it wanted it has. Python would complain again at exit.
        sys.stderr.close()
        return ExitStatus.DONE


def _is_no_text(word: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in word)


def _take_wishes(argv: Sequence[str], session: Session) -> None:
    """Form and language of the answer, where the parser gave up before it came to them."""
    if session.options.format is not None and session.options.lang is not None:
        return
    words = list(argv[: argv.index("--")] if "--" in argv else argv)
    for place, word in enumerate(words):
        name, _, value = word.partition("=")
        value = value or (words[place + 1] if place + 1 < len(words) else "")
        if word == "--json":
            session.options.format = session.options.format or "json"
        elif name == "--format" and value in tuple(Format):
            session.options.format = session.options.format or value
        elif name == "--lang" and value in LANGUAGES:
            session.options.lang = session.options.lang or value


def _run(argv: Sequence[str], session: Session) -> int:
    root = _root()
    if session.context.environment.get(COMPLETE_VARIABLE):
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()  # the parser answers the shell and ends the process
    result: Any = root.main(list(argv), prog_name="wacli", standalone_mode=False, obj=session)
    session.context.out.flush()
    return ExitStatus.DONE if result is None else ExitStatus(result)


@cache
def _root() -> Any:
    """The parser, made once in a process; what belongs to one run is in its session."""
    root = typer.Typer(
        cls=FrontDoor,
        add_completion=False,
        help=mark("WhatsApp for a small business: who waits, how long you may answer, and what it costs."),
        epilog="wacli demo\nwacli threads",
    )
    root.callback(invoke_without_command=True)(_front_door)
    return typer.main.get_command(root)


def _front_door(ctx: typer.Context) -> None:
    """Without a command: the help, as an answer and not as an error."""
    if ctx.invoked_subcommand is None:
        ctx.obj.context.out.write(ctx.get_help() + "\n")


def _usage_problem(error: TyperException) -> Invalid:
    """The parser's complaint in our words. Its own classes are private, so they are told apart by what they carry."""
    context: Any = getattr(error, "ctx", None)
    hint = t("See {command} --help", command=context.command_path if context is not None else "wacli")
    param: Any = getattr(error, "param", None)
    kind = type(error).__name__
    if kind == "MissingParameter" and param is not None:
        return Invalid("missing", t("{what} is missing", what=param.make_metavar(context)), hint)
    if kind == "NoSuchOption":
        option = getattr(error, "option_name", "")
        near = get_close_matches(option, getattr(error, "possibilities", None) or (), n=1, cutoff=0.7)
        if near:
            hint = t("Did you mean {names}?", names=near[0])
        return Invalid("no-such-option", t("There is no option {option}", option=option), hint)
    if param is not None:
        names = getattr(param, "opts", None) or [param.name]
        what = names[0] if names[0].startswith("-") else param.make_metavar(context)
        return Invalid("bad-value", t("{what}: {reason}", what=what, reason=error.message.rstrip(".")), hint)
    return Invalid("usage", t("{reason}", reason=error.format_message().rstrip(".")), hint)
