"""The Graph endpoints: paths, versions, tokens, headers. What they mean is decided in the rooms behind.

Facts cloud-api.md section 1: versions and their ends, bearer token, the form of User-Agent (where one is given),
the response headers. A version is refused from its last day on by the sandbox's clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from .book import Account, BusinessNumber
from .failures import Refusal, answer, no_such_object
from .nodes import (
    account_node,
    app_node,
    history_events,
    history_page,
    number_node,
    numbers_page,
    subscribe,
    token_node,
)
from .shape import Fields

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from .engine import Engine

BODY_MOST = 101 * 1024 * 1024
_ENDS = {
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    24: date(2028, 2, 18),
    25: date(2028, 7, 29),
    26: None,
}
_USER_AGENT = re.compile(r"[a-zA-Z0-9\-_]+/[0-9]+\.[0-9]+\.[0-9]+(;[a-zA-Z0-9\-=.]+)?(\s+[a-zA-Z0-9\-_]+/[0-9\-.]+)?\Z")


class Asked(NamedTuple):
    """One request whose version and token were found good."""

    http: Request
    account: Account
    version: int
    node: str
    body: bytes

    @property
    def base_url(self) -> str:
        """This server's own address."""
        return f"{self.http.url.scheme}://{self.http.url.netloc}"

    @property
    def address(self) -> str:
        """This request's address without its query."""
        return f"{self.base_url}{self.http.url.path}"

    @property
    def query(self) -> dict[str, str]:
        """The query, the last value of each name; never the token."""
        return {key: value for key, value in self.http.query_params.items() if key != "access_token"}

    def json(self, *, may_be_empty: bool = False) -> object:
        """The JSON body. Raises Refusal 100."""
        if not self.body and may_be_empty:
            return {}
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refusal(100, "Invalid JSON in request body.") from None


Call = Callable[[Asked], object]


class Graph:
    """Binds paths to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[BaseRoute]:
        """All of them, the general ones last."""
        from starlette.routing import Route

        def route(path: str, **calls: Call) -> BaseRoute:
            return Route(path, self._answers(calls), methods=["GET", "POST", "DELETE"])

        return [
            Route("/_media/{key}", self._download, methods=["GET"]),
            route("/{version}/debug_token", get=self._debug_token),
            route("/{version}/{node}/messages", post=self._send),
            route("/{version}/{node}/message_templates", get=self._templates, post=self._create, delete=self._delete),
            route("/{version}/{node}/phone_numbers", get=self._numbers),
            route("/{version}/{node}/media", post=self._upload),
            route("/{version}/{node}/subscribed_apps", get=self._apps, post=self._subscribe, delete=self._unsubscribe),
            route("/{version}/{node}/message_history", get=self._history),
            route("/{version}/{node}/events", get=self._events),
            route("/{version}/{node}", get=self._node, post=self._edit, delete=self._delete_media),
            route("/{rest:path}"),
        ]

    def _answers(self, calls: dict[str, Call]) -> Callable[[Request], Awaitable[Response]]:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import Response

        async def respond(http: Request) -> Response:
            trace_id, status = self._engine.book.trace_id(), 200
            try:
                body = await _body(http)
                asked = self._admitted(http, body)
                call = calls.get(http.method.lower())
                if call is None:
                    raise Refusal(2500, "Unknown path components", title=f"Unknown path components: {http.url.path}")
                # Only the handshake of a subscription waits for somebody else; the rest is quick and stays here.
                is_slow = call == self._subscribe
                result = await run_in_threadpool(call, asked) if is_slow else call(asked)
            except Refusal as refusal:
                result, status = answer(refusal, trace_id), refusal.http
            headers = self._headers(http, trace_id)
            content = json.dumps(result, ensure_ascii=False).encode()
            return Response(content, status, headers, media_type="application/json; charset=UTF-8")

        return respond

    def _headers(self, http: Request, trace_id: str) -> dict[str, str]:
        usage = {one.waba_id: [{"type": "messages", "call_count": 1, "total_cputime": 1, "total_time": 1,
                 "estimated_time_to_regain_access": 0}] for one in self._engine.book.accounts}  # fmt: skip
        return {
            "date": format_datetime(self._engine.clock.now().astimezone(UTC), usegmt=True),
            "x-business-use-case-usage": json.dumps(usage),
            "x-fb-trace-id": trace_id,
            "x-fb-request-id": trace_id[1:17],
            "facebook-api-version": _first_step(http),
        }

    def _admitted(self, http: Request, body: bytes) -> Asked:
        agent = http.headers.get("user-agent")
        if agent is not None and not _USER_AGENT.match(agent):
            raise Refusal(100, f"The User-Agent {agent!r} does not have the form name/1.2.3.")
        version = self._version(_first_step(http))
        now = self._engine.clock.now()
        kind, _, token = http.headers.get("authorization", "").partition(" ")
        given = token.strip() if kind.lower() == "bearer" else http.query_params.get("access_token", "")
        if not given:
            raise Refusal(104, "An access token is required to request this resource.")
        account = self._engine.book.account_of(given)
        if account is None:
            raise Refusal(190, "Invalid OAuth access token.", subcode=463)
        if account.grant.has_expired(now):
            raise Refusal(190, "Error validating access token: Session has expired.", subcode=463)
        return Asked(http, account, version, http.path_params.get("node", ""), body)

    def _version(self, text: str) -> int:
        found = re.fullmatch(r"v(\d{1,3})\.0", text)
        if found is None:
            raise Refusal(100, "Invalid version format. Use format like 'v25.0'.")
        version = int(found[1])
        if version not in _ENDS:
            raise Refusal(100, f"{text} is not a live version of the Graph API.")
        end = _ENDS[version]
        if end is not None and self._engine.clock.now().date() >= end:
            raise Refusal(100, f"{text} of the Graph API ended on {end}.")
        return version

    def _number(self, asked: Asked) -> BusinessNumber:
        return self._engine.book.number_of(asked.account, asked.node)

    def _own_account(self, asked: Asked) -> Account:
        if asked.node != asked.account.waba_id:
            raise no_such_object(asked.node)
        _permit(asked.account, "whatsapp_business_management")
        return asked.account

    def _send(self, asked: Asked) -> object:
        _permit(asked.account, "whatsapp_business_messaging")
        return self._engine.exchange.send(asked.account, self._number(asked), asked.json())

    def _templates(self, asked: Asked) -> object:
        return self._own_account(asked).templates.page(asked.query, asked.address)

    def _create(self, asked: Asked) -> object:
        made = self._engine.create_template(self._own_account(asked), Fields(asked.json()))
        return {"id": made.id, "status": made.status, "category": made.category}

    def _delete(self, asked: Asked) -> object:
        account = self._own_account(asked)
        if "name" not in asked.query:
            raise Refusal(100, "The parameter name is required.")
        account.templates.delete(asked.query["name"], asked.query.get("hsm_id"))
        return {"success": True}

    def _numbers(self, asked: Asked) -> object:
        return numbers_page(self._own_account(asked), asked.version, asked.query, asked.address)

    def _upload(self, asked: Asked) -> object:
        self._number(asked)
        kind = asked.http.headers.get("content-type", "")
        return {"id": self._engine.media.upload(asked.account, kind, asked.body, self._engine.clock.now())}

    def _apps(self, asked: Asked) -> object:
        account = self._own_account(asked)
        return {"data": [app_node(account)] if account.is_subscribed else []}

    def _debug_token(self, asked: Asked) -> object:
        if "input_token" not in asked.query:
            raise Refusal(100, "The parameter input_token is required.")
        found = self._engine.book.account_of(asked.query["input_token"])
        return token_node(found, self._engine.clock.now())

    def _subscribe(self, asked: Asked) -> object:
        body = asked.json(may_be_empty=True)
        answer = subscribe(self._own_account(asked), body if isinstance(body, dict) else {})
        self._engine.courier.wake()
        return answer

    def _unsubscribe(self, asked: Asked) -> object:
        account = self._own_account(asked)
        account.is_subscribed, account.override_url = False, None
        return {"success": True}

    def _history(self, asked: Asked) -> object:
        return history_page(self._engine.book, self._number(asked), asked.query, asked.address)

    def _events(self, asked: Asked) -> object:
        return history_events(self._engine.book, asked.account, asked.node, asked.query, asked.address)

    def _node(self, asked: Asked) -> object:
        account, now = asked.account, self._engine.clock.now()
        fields = asked.query.get("fields")
        if asked.node == account.waba_id:
            return account_node(account, fields)
        if account.templates.has(asked.node):
            return account.templates.node(asked.node, fields)
        if self._engine.media.has(account, asked.node, now):
            return self._engine.media.lookup(account, asked.node, asked.base_url, now)
        return number_node(account, self._number(asked), asked.version, fields)

    def _edit(self, asked: Asked) -> object:
        self._engine.edit_template(asked.account, asked.node, Fields(asked.json()))
        return {"success": True}

    def _delete_media(self, asked: Asked) -> object:
        self._engine.media.delete(asked.account, asked.node, self._engine.clock.now())
        return {"success": True}

    async def _download(self, http: Request) -> Response:
        from starlette.responses import Response

        token = http.headers.get("authorization", "").partition(" ")[2].strip()
        account = self._engine.book.account_of(token)
        if account is None:
            return Response(b"", 401)
        file = self._engine.media.download(account, http.path_params["key"], self._engine.clock.now())
        return Response(b"", 404) if file is None else Response(file.content, 200, media_type=file.mime_type)


def _permit(account: Account, scope: str) -> None:
    """Facts cloud-api.md section 1 says which permission opens which doors. Raises Refusal 200."""
    if scope not in account.grant.scopes:
        raise Refusal(200, f"The access token lacks the permission {scope}.", http=403, title="Permissions error")


def _first_step(http: Request) -> str:
    """The version in the path, also where the rest of the path is unknown."""
    return http.url.path.split("/", 2)[1]


async def _body(http: Request) -> bytes:
    taken = bytearray()
    async for piece in http.stream():
        taken += piece
        if len(taken) > BODY_MOST:
            raise Refusal(100, "The request is too large.", http=413)
    return bytes(taken)
