"""`/_sandbox/...`: the strings of the puppets, for tests in other processes, for people with curl, for the demo.

GET book, charges, clock, faults, customers · POST clock, faults, drain, webhooks, release, template · DELETE faults ·
POST customers and customers/{who}/{act}: say, click-ad, tap, call, react, echo, edit, revoke,
move, stop, resume, block.

Not part of Meta's API. No token is asked: the sandbox listens on loopback and holds nothing real. A page in a browser
cannot reach it: a request with an Origin is refused, and so is a Host that is not this machine.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .failures import Refusal, answer
from .faults import fault_from
from .payloads.contents import Ad
from .shape import Fields
from .snapshot import book_json, charges_json, clock_json, customer_json

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from .engine import Engine
    from .puppet import Puppet

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class Control:
    """Binds the control paths to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        from starlette.routing import Route

        plain: dict[tuple[str, str], Callable[[Request, Fields], object]] = {
            ("book", "GET"): lambda _http, _body: book_json(self._engine),
            ("charges", "GET"): self._charges,
            ("clock", "GET"): lambda _http, _body: clock_json(self._engine.clock),
            ("clock", "POST"): self._clock,
            ("faults", "GET"): lambda _http, _body: [one.as_json() for one in self._engine.faults.waiting()],
            ("faults", "POST"): self._push_fault,
            ("faults", "DELETE"): self._clear_faults,
            ("drain", "POST"): self._drain,
            ("webhooks", "POST"): self._webhooks,
            ("release", "POST"): self._release,
            ("template", "POST"): self._template,
            ("customers", "GET"): lambda _http, _body: [
                customer_json(self._engine, one) for one in self._engine.book.customers
            ],
            ("customers", "POST"): self._add_customer,
            ("customers/{who}/{act}", "POST"): self._act,
        }
        return [
            Route(f"/_sandbox/{path}", self._answers(call), methods=[method]) for (path, method), call in plain.items()
        ]

    def _answers(self, call: Callable[[Request, Fields], object]) -> Callable[[Request], Awaitable[Response]]:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        async def respond(http: Request) -> Response:
            try:
                if "origin" in http.headers or (http.url.hostname or "") not in _LOCAL:
                    raise Refusal(100, "The sandbox is controlled from this machine only.", http=403)
                try:
                    body = Fields(json.loads(await http.body() or b"{}"))
                except ValueError:
                    raise Refusal(100, "Invalid JSON in request body.") from None
                # Draining posts webhooks and waits for their receiver, which may be asking us something meanwhile.
                return JSONResponse(await run_in_threadpool(call, http, body))
            except Refusal as refusal:
                return JSONResponse(answer(refusal, self._engine.book.trace_id()), refusal.http)

        return respond

    def _charges(self, http: Request, _body: Fields) -> object:
        """`?since=2026-10-01T00:00:00+07:00&until=...`: the ledger to the micro-unit."""
        try:
            since, until = (_instant(http.query_params.get(key)) for key in ("since", "until"))
        except ValueError as why:
            raise Refusal(100, str(why)) from None
        return charges_json(self._engine, since, until)

    def _clock(self, _http: Request, body: Fields) -> object:
        """`{"at": "2026-11-22T10:00:00Z"}`, `{"advance": seconds}`, `{"speed": 60}`; each alone or together."""
        at, seconds, speed = body.maybe_text("at"), body.raw("advance"), body.raw("speed")
        body.done()
        try:
            if at is not None:
                self._engine.set_clock(datetime.fromisoformat(at))
            if seconds is not None:
                self._engine.advance(timedelta(seconds=_number(seconds)))
            if speed is not None:
                self._engine.clock.speed = _number(speed)
        except (ValueError, OverflowError) as why:
            raise Refusal(100, str(why)) from None
        return clock_json(self._engine.clock)

    def _push_fault(self, _http: Request, body: Fields) -> object:
        fault = fault_from({key: body.raw(key) for key in body.names()})
        self._engine.faults.push(fault)
        return fault.as_json()

    def _clear_faults(self, _http: Request, _body: Fields) -> object:
        self._engine.faults.clear()
        return {"success": True}

    def _drain(self, _http: Request, _body: Fields) -> object:
        done = self._engine.drain()
        return {"delivered": done.delivered, "failed": done.failed, "waiting": done.waiting}

    def _webhooks(self, _http: Request, body: Fields) -> object:
        """`{"url", "batch", "copies", "is_shuffled", "is_lost", "is_held"}`: where webhooks go and how badly."""
        switches = self._engine.courier.switches
        if body.has("url"):
            self._engine.account.callback_url = body.url("url")
        for key in ("is_shuffled", "is_lost", "is_held"):
            flag = body.maybe_flag(key)
            if flag is not None:
                setattr(switches, key, flag)
        for key in ("batch", "copies"):
            count = body.maybe_whole(key)
            if count is not None:
                setattr(switches, key, count)
        body.done()
        self._engine.courier.wake()
        shown = {key: getattr(switches, key) for key in ("batch", "copies", "is_shuffled", "is_lost", "is_held")}
        return {"url": self._engine.account.webhook_url} | shown

    def _release(self, _http: Request, body: Fields) -> object:
        is_dropped = bool(body.maybe_flag("is_dropped"))
        body.done()
        return {"released": self._engine.release_held(is_dropped=is_dropped)}

    def _template(self, _http: Request, body: Fields) -> object:
        """`{"name", "language", "status"?, "category"?, "is_held"?}`: Meta changes its mind about a template."""
        template = self._engine.account.templates.find(body.text("name"), body.text("language"))
        if template is None:
            raise Refusal(100, "There is no such template.", http=404)
        status, category, is_held = body.maybe_text("status"), body.maybe_text("category"), body.maybe_flag("is_held")
        body.done()
        if status is not None:
            self._engine.set_template_status(template, status)
        if category is not None:
            self._engine.recategorise(template, category)
        if is_held is not None:
            template.is_held = is_held
        return template.shown(("name", "language", "status", "category", "previous_category"))

    def _add_customer(self, _http: Request, body: Fields) -> object:
        name, phone = body.text("name"), body.text("phone")
        username = body.maybe_text("username")
        body.done()
        return customer_json(self._engine, self._engine.add_customer(name, phone, username=username).customer)

    def _act(self, http: Request, body: Fields) -> object:
        who, act = http.path_params["who"], http.path_params["act"]
        puppet = self._engine.find(who)
        if puppet is None:
            raise Refusal(100, f"There is no customer {who}.", http=404)
        at_text = body.maybe_text("at")
        try:
            at = None if at_text is None else datetime.fromisoformat(at_text)
            made = _perform(puppet, act, body, at)
        except ValueError as why:
            raise Refusal(100, str(why)) from None
        body.done()
        return {"id": made} | {"customer": customer_json(self._engine, puppet.customer)}


def _perform(puppet: Puppet, act: str, body: Fields, at: datetime | None) -> str | None:
    """One act of one customer; the id of the message that it made, if it made one."""
    done = _ACTS.get(act)
    if done is None:
        raise Refusal(2500, "Unknown path components", title=f"Unknown act: {act}; there are {', '.join(_ACTS)}")
    return done(puppet, body, at)


def _click_ad(puppet: Puppet, body: Fields, at: datetime | None) -> str:
    headline = body.maybe_text("headline")
    return puppet.clicks_ad(body.text("text"), at, ad=Ad() if headline is None else Ad(headline=headline))


def _block(puppet: Puppet, _body: Fields, _at: datetime | None) -> None:
    puppet.customer.has_blocked = True


_ACTS: dict[str, Callable[[Puppet, Fields, datetime | None], str | None]] = {
    "say": lambda puppet, body, at: puppet.says(body.text("text"), at, reply_to=body.maybe_text("reply_to")),
    "click-ad": _click_ad,
    "tap": lambda puppet, body, at: puppet.taps(body.text("title"), at, message_id=body.maybe_text("message_id")),
    "echo": lambda puppet, body, at: puppet.hears_from_app(body.text("text"), at),
    "call": lambda puppet, _body, at: puppet.calls(at),
    "react": lambda puppet, body, at: puppet.reacts(body.text("message_id"), body.maybe_text("emoji"), at),
    "edit": lambda puppet, body, at: puppet.edits(
        body.maybe_text("message_id") or puppet.last_said(), body.text("text"), at
    ),
    "revoke": lambda puppet, body, at: puppet.revokes(body.maybe_text("message_id") or puppet.last_said(), at),
    "move": lambda puppet, body, at: puppet.moves_to(body.text("phone"), at),
    "stop": lambda puppet, _body, at: puppet.stops_marketing(at),
    "resume": lambda puppet, _body, at: puppet.stops_marketing(at, resumes=True),
    "block": _block,
}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal(100, "advance and speed must be numbers.")
    return float(value)


def _instant(text: str | None) -> datetime | None:
    """An instant of a query. Raises ValueError, also for one without a time zone."""
    if text is None:
        return None
    at = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that nobody escaped
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at
