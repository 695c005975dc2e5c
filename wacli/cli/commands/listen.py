"""`wacli listen`: receives WhatsApp's webhooks until Ctrl-C, and says what comes in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import Text, mark, t, tn
from wacli.render.view import Cell, Paragraph, Record

from ..absence import Absence, absence_of
from ..listening import Wishes, listen_until_stopped, say_unit_file, secrets_of, target_of
from ..options import examples
from ..session import Session

if TYPE_CHECKING:
    from wacli.services.listening import Tally

DEFAULT_PORT = 8080


_Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help=mark("the address to listen at"))]
_Port = Annotated[int, typer.Option("--port", metavar="N", help=mark("the port; 0 takes a free one"))]
_Path = Annotated[str, typer.Option("--path", metavar="PATH", help=mark("the path of the webhook"))]
_ForwardTo = Annotated[
    str | None, typer.Option("--forward-to", metavar="URL", help=mark("pass what came in on, as it came"))
]
_AllowHttp = Annotated[bool, typer.Option("--allow-http", help=mark("forward without encryption to another machine"))]
_Events = Annotated[
    str | None, typer.Option("--events", metavar="A,B", help=mark("show and forward only these; all are kept"))
]
_Prints = Annotated[bool, typer.Option("--print", help=mark("one line for each event"))]
_Away = Annotated[
    bool | None, typer.Option("--away/--no-away", help=mark("answer outside the business hours, once a window"))
]
_Greet = Annotated[bool | None, typer.Option("--greet/--no-greet", help=mark("greet new contacts, once a window"))]
_IfFree = Annotated[bool, typer.Option("--if-free", help=mark("send these automatic answers only while they are free"))]
_PrintSystemd = Annotated[
    bool, typer.Option("--print-systemd", help=mark("print a systemd unit for these options, and end"))
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=mark("say what would listen where; open nothing"))]


@examples(
    "wacli listen",
    "wacli listen --print",
    "wacli listen --print --events message,status | jq -r .text",
    "wacli listen --away --greet",
    "wacli listen --forward-to http://127.0.0.1:9000/webhook",
    "wacli listen --print-systemd | sudo tee /etc/systemd/system/wacli.service",
)
def run(
    ctx: typer.Context,
    host: _Host = "127.0.0.1",
    port: _Port = DEFAULT_PORT,
    path: _Path = "/webhook",
    forward_to: _ForwardTo = None,
    allow_http: _AllowHttp = False,
    events: _Events = None,
    prints: _Prints = False,
    away: _Away = None,
    greet: _Greet = None,
    if_free: _IfFree = False,
    print_systemd: _PrintSystemd = False,
    dry_run: _DryRun = False,
) -> None:
    """Receives until Ctrl-C. Everything that was answered is in the store; what an earlier run left is applied first.

    Meta calls public https addresses only: put a tunnel or a reverse proxy in front (see the README).
    """
    from wacli.domain.event_kind import parse_kinds

    session: Session = ctx.obj
    if not path.startswith("/") or "?" in path or "#" in path:
        raise Invalid("bad-value", t("--path {path} is no path", path=path), t("Write it like /webhook"))
    if not 0 <= port <= 65535:
        raise Invalid("bad-value", t("--port {port} is no port", port=port), t("Choose one from 1024 to 65535"))
    kinds = None if events is None else parse_kinds(events)
    wishes = Wishes(host, port, path, forward_to, allow_http, kinds, prints or session.is_machine)
    target = target_of(wishes)
    absence = absence_of(session, away=away, greet=greet, only_free=if_free)
    if print_systemd:
        say_unit_file(session, wishes, events, absence)
        return
    secrets = secrets_of(session, is_dry=dry_run)
    if dry_run:
        session.write_record(_rehearsed(session, wishes, absence, is_token_new=secrets.is_token_new))
        return
    session.real_now()
    try:
        tally = listen_until_stopped(session, wishes, secrets, target, absence)
    except OSError as error:
        raise Unavailable(
            "port-taken",
            t("{host} port {port} cannot be used: {reason}",
              host=host, port=port, reason=_reason(error)),
            t("Choose another: wacli listen --port 8081"),
        ) from None  # fmt: skip
    session.tell(_farewell(tally))


def _reason(error: OSError) -> str:
    """The system's own words: asyncio wraps them in the name of its call."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


def _farewell(tally: Tally) -> Text:
    return tn(
        "{count} notification came in new, {known} were known, {applied} were applied",
        "{count} notifications came in new, {known} were known, {applied} were applied",
        tally.kept,
        known=tally.known,
        applied=tally.applied,
    )


def _rehearsed(session: Session, wishes: Wishes, absence: Absence, *, is_token_new: bool) -> Record:
    say = session.say
    sends = absence.wishes
    flat = {
        "host": wishes.host,
        "port": wishes.port,
        "path": wishes.path,
        "store": str(session.store_path),
        "forward_to": wishes.forward_to,
        "events": None if wishes.kinds is None else sorted(wishes.kinds),
        "verify_token_is_new": is_token_new,
        "away": sends is not None and sends.away is not None,
        "greet": sends is not None and sends.greeting is not None,
        "business_hours": None if sends is None or sends.hours is None else str(sends.hours),
    }
    token = t("would be made") if is_token_new else t("kept already")
    pairs = (
        (say(t("Address")), Cell(f"http://{wishes.host}:{wishes.port}{wishes.path}")),
        (say(t("Store")), Cell(str(session.store_path))),
        (say(t("Passed on to")), Cell(wishes.forward_to or "-")),
        (say(t("Verify token")), Cell(say(token))),
        (say(t("Away messages")), Cell(say(_switched(flat["away"])))),
        (say(t("Greetings")), Cell(say(_switched(flat["greet"])))),
    )
    return Record(flat, (Paragraph(pairs=pairs),))


def _switched(is_on: object) -> Text:
    return t("on") if is_on else t("off")
