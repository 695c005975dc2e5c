"""`wacli sandbox`: a local WhatsApp Cloud API to practise on, and the strings to pull while it runs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

import typer

from wacli.domain.problem import Invalid, NotFound, Refused, Unavailable
from wacli.domain.text import mark, t, tn

from ..options import Command, Group
from ..session import Session
from .demo import SANDBOX_PORT
from .trigger import RECEIVER

if TYPE_CHECKING:
    from wacli.sandbox.sandbox import Sandbox

_EXAMPLES = """\
wacli sandbox                              # the flower shop of the demo, at real speed
wacli -p demo sandbox                      # the shop that `wacli demo --keep` left
wacli sandbox --example > busy.toml        # a scenario to begin with
wacli sandbox --scenario busy.toml --speed 1000x
wacli sandbox say Sari "Halo kak"          # in another terminal, while it runs
wacli sandbox advance 25h
wacli sandbox charges"""
_PATIENCE_S = 60.0
_ANSWER_MOST = 512 * 1024 * 1024

sandbox = typer.Typer(
    cls=Group,
    help=mark(
        "A WhatsApp of your own on this machine: made-up customers write to a made-up shop, and everything wacli does "
        "can be tried on them. It answers like Meta's Cloud API, knows windows, entry points and prices of every day, "
        "and reaches nobody outside this machine. It runs until Ctrl-C; its notifications go to your `wacli listen`."
    ),
    epilog=_EXAMPLES,
    add_completion=False,
)

_Url = Annotated[str | None, typer.Option("--url", metavar="URL", help=mark("where the sandbox runs"))]


@sandbox.callback(invoke_without_command=True)
def serve(
    ctx: typer.Context,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="FILE", help=mark("who writes when and answers what"))
    ] = None,
    speed: Annotated[
        str | None, typer.Option("--speed", metavar="X", help=mark("how much faster its clock runs: 60x, 1000x"))
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="INSTANT", help=mark("when its clock begins; without it: now"))
    ] = None,
    callback_url: Annotated[
        str, typer.Option("--callback-url", metavar="URL", help=mark("where its notifications go"))
    ] = RECEIVER,
    port: Annotated[int | None, typer.Option("--port", metavar="N", help=mark("the port on 127.0.0.1"))] = None,
    example: Annotated[bool, typer.Option("--example", help=mark("print a scenario to begin with"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=mark("check the scenario; open nothing"))] = False,
) -> None:
    """Without a verb it runs the sandbox."""
    session: Session = ctx.obj
    if ctx.invoked_subcommand is not None:
        return
    if example:
        from wacli.sandbox.stage import EXAMPLE

        session.context.out.write(EXAMPLE)
        return
    made = _made(session, scenario, speed, start)
    port = _set_out(session, made, callback_url, port)
    if dry_run:
        people = len(made.book.customers)
        session.tell(
            tn("The scenario is in order: {count} customer", "The scenario is in order: {count} customers", people)
        )
        return
    _run(session, made, port)


def _made(session: Session, scenario: str | None, speed: str | None, start: str | None) -> Sandbox:
    """The sandbox, not yet listening. Raises Invalid for a scenario or an option that cannot be."""
    from wacli.sandbox.failures import Refusal
    from wacli.sandbox.scenario import read_scenario
    from wacli.sandbox.stage import sandbox_of
    from wacli.sandbox.world import demo_world

    from ..instants import parse_instant

    rate = None if speed is None else _speed(speed)
    now = session.context.now()
    begin = now if start is None else parse_instant(start, now, session.zone)
    try:
        if scenario is None:
            return demo_world(begin, speed=1.0 if rate is None else rate)
        read = read_scenario(_text_of(scenario), scenario)
        return sandbox_of(read if start is None else read._replace(start=begin), now, rate)
    except Refusal as why:
        raise Invalid("bad-scenario", t("{file}: {why}", file=str(scenario), why=why.details)) from None
    except ValueError as why:
        raise Invalid("bad-value", t("{why}", why=str(why))) from None


def _text_of(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except FileNotFoundError:
        raise NotFound("no-such-file", t("There is no file {file}", file=file)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("unreadable", t("{file} cannot be read: {reason}", file=file, reason=str(error))) from None


def _speed(text: str) -> float:
    try:
        found = float(text.strip().lower().removesuffix("x"))
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1_000_000:
        raise Invalid("bad-value", t("{text} is not a speed", text=text), t("Write it like 60x or 1000x"))
    return found


def _set_out(session: Session, made: Sandbox, callback_url: str, port: int | None) -> int:
    """Gives the sandbox the ids that the profile knows, its receiver and its patience; returns the port."""
    account, profile = made.account, session.profile
    if profile["kind"] == "sandbox":
        account.waba_id = profile["waba_id"] or account.waba_id
        account.numbers[0].id = profile["phone_number_id"] or account.numbers[0].id
        port = port or urlsplit(profile["api_base"] or "").port
    account.callback_url = callback_url
    made.courier.switches.is_patient = True
    return port or SANDBOX_PORT


def _run(session: Session, made: Sandbox, port: int) -> None:
    from wacli.sandbox.sandbox import serve as run

    account = made.account

    def on_ready(base_url: str) -> None:
        session.tell(
            t("The sandbox answers at {url} until Ctrl-C", url=base_url),
            t("Number id {number}, account id {account}, token {token}",
              number=account.numbers[0].id, account=account.waba_id, token=account.token),
            t("Its notifications go to {url}, where wacli listen receives them", url=account.webhook_url or "-"),
            t("In another terminal: wacli sandbox show, say, advance, charges, fault"),
        )  # fmt: skip

    try:
        run(made, "127.0.0.1", port, on_ready=on_ready)
    except OSError as error:
        raise Unavailable(
            "port-taken",
            t("Port {port} cannot be used: {reason}", port=port, reason=error.strerror or str(error)),
            t("Choose another: wacli sandbox --port 4401"),
        ) from None


@sandbox.command("advance", cls=Command, help=mark("Let time pass at once: windows close, deliveries arrive"))
def advance(
    ctx: typer.Context,
    span: Annotated[str, typer.Argument(metavar="SPAN", help=mark("how long: 3h, 25h, 2d"))],
    url: _Url = None,
) -> None:
    """Jumps the sandbox's clock forward and lets everything happen that was due."""
    from wacli.render.sandbox_view import clock_record

    from ..instants import parse_duration

    session: Session = ctx.obj
    seconds = parse_duration(span) / timedelta(seconds=1)
    session.write_record(clock_record(_ask(session, url, "POST", "clock", {"advance": seconds}), session.words))


@sandbox.command("speed", cls=Command, help=mark("Make its clock run faster, slower or stand still"))
def speed_up(
    ctx: typer.Context,
    rate: Annotated[str, typer.Argument(metavar="X", help=mark("1000x; 1 is real time, 0 stands still"))],
    url: _Url = None,
) -> None:
    """Changes the speed of the sandbox's clock."""
    from wacli.render.sandbox_view import clock_record

    session: Session = ctx.obj
    session.write_record(clock_record(_ask(session, url, "POST", "clock", {"speed": _speed(rate)}), session.words))


@sandbox.command("show", cls=Command, help=mark("Its customers, their windows and its clock, by its own book"))
def show(ctx: typer.Context, url: _Url = None) -> None:
    """What the sandbox itself holds to be true: compare it with `wacli threads`."""
    from wacli.render.sandbox_view import customers_listing

    session: Session = ctx.obj
    clock, customers = _ask(session, url, "GET", "clock"), _ask(session, url, "GET", "customers")
    session.write_listing(customers_listing(customers, clock, session.words))


@sandbox.command("say", cls=Command, help=mark('Let a customer write: wacli sandbox say Sari "Halo kak"'))
def say(
    ctx: typer.Context,
    who: Annotated[str, typer.Argument(metavar="WHO", help=mark("a name, number, user ID or @username"))],
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    ad: Annotated[bool, typer.Option("--ad", help=mark("they come through an ad"))] = False,
    url: _Url = None,
) -> None:
    """A made-up customer writes to the shop now."""
    from wacli.render.sandbox_view import said_record

    session: Session = ctx.obj
    act = "click-ad" if ad else "say"
    told = _ask(session, url, "POST", f"customers/{quote(who, safe='')}/{act}", {"text": text})
    session.write_record(said_record(told, session.words))


@sandbox.command("charges", cls=Command, help=mark("Its ledger: what every delivered message costs, to the micro-unit"))
def charges(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help=mark("delivered from then on"))
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="INSTANT", help=mark("delivered before then"))] = None,
    url: _Url = None,
) -> None:
    """Worked out without wacli's own price rules: compare it with `wacli spend`."""
    from wacli.render.sandbox_view import charges_listing

    from ..instants import parse_instant

    session: Session = ctx.obj
    asked = {
        name: parse_instant(text, session.now, session.zone).isoformat()
        for name, text in (("since", since), ("until", until))
        if text is not None
    }
    told = _ask(session, url, "GET", f"charges?{urlencode(asked)}" if asked else "charges")
    session.write_listing(charges_listing(told, session.words))


@sandbox.command("fault", cls=Command, help=mark("Let the next request go wrong: time-outs, resets, Meta's errors"))
def fault(
    ctx: typer.Context,
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help=mark("timeout, reset, bare, error, slow, garbage, truncated or webhook-first; without it: what waits"),
        ),
    ] = None,
    code: Annotated[
        int | None, typer.Option("--code", metavar="N", help=mark("Meta's error code, for “error”"))
    ] = None,
    after_acceptance: Annotated[
        bool, typer.Option("--after-acceptance", help=mark("the message was taken before it went wrong"))
    ] = False,
    times: Annotated[int, typer.Option("--times", metavar="N", help=mark("so many requests"))] = 1,
    seconds: Annotated[float | None, typer.Option("--seconds", metavar="N", help=mark("how long it hangs"))] = None,
    clear: Annotated[bool, typer.Option("--clear", help=mark("forget what has not struck yet"))] = False,
    url: _Url = None,
) -> None:
    """Puts a fault into the queue; each request that fits takes the first one."""
    from wacli.render.sandbox_view import faults_listing

    session: Session = ctx.obj
    if clear:
        _ask(session, url, "DELETE", "faults")
    if kind is not None:
        body: dict[str, object] = {"kind": kind, "after_acceptance": after_acceptance, "times": times}
        body |= {} if code is None else {"code": code}
        body |= {} if seconds is None else {"seconds": seconds}
        _ask(session, url, "POST", "faults", body)
    session.write_listing(faults_listing(_ask(session, url, "GET", "faults")))


def _ask(session: Session, url: str | None, method: str, path: str, body: object = None) -> Any:
    """One request to the running sandbox's control door. Raises Unavailable, Invalid, NotFound or Refused."""
    from wacli.sandbox.post import NoReply, request

    profile = session.profile
    base = url or (profile["api_base"] if profile["kind"] == "sandbox" else None) or f"http://127.0.0.1:{SANDBOX_PORT}"
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    try:
        reply = request(method, f"{base}/_sandbox/{path}", headers, raw, _PATIENCE_S, _ANSWER_MOST)
        told = json.loads(reply.body)
    except (NoReply, ValueError) as why:
        raise Unavailable(
            "no-sandbox",
            t("No sandbox answers at {url}: {reason}", url=base, reason=str(why)),
            t("Start one in another terminal: wacli sandbox"),
        ) from None
    if reply.status == 200:
        return told
    error = told.get("error", {}) if isinstance(told, dict) else {}
    details = error.get("error_data", {}).get("details") or error.get("message") or str(reply.status)
    family = NotFound if reply.status == 404 else Refused if reply.status == 403 else Invalid
    raise family("sandbox-said-no", t("The sandbox said: {details}", details=str(details).rstrip(".")))
