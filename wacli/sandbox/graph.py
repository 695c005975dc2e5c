"""The Graph endpoints: which path is answered by what. What they mean is decided in the rooms behind."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from . import block_list
from .admission import Admission, Asked, body_of
from .analytics import answer as analytics_answer
from .analytics import field_of
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

Call = Callable[[Asked], object]


class Graph:
    """Binds paths to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._admission = Admission(engine)

    def routes(self) -> list[BaseRoute]:
        """All of them, the general ones last."""
        from starlette.routing import Route

        def route(path: str, **calls: Call) -> BaseRoute:
            return Route(path, self._answers(calls), methods=["GET", "POST", "DELETE"])

        return [
            Route("/_media/{key}", self._download, methods=["GET"]),
            Route("/_qr/{name}", self._picture, methods=["GET"]),
            route("/{version}/debug_token", get=self._debug_token),
            route("/{version}/{node}/messages", post=self._send),
            route("/{version}/{node}/marketing_messages", post=self._send_marketing),
            route("/{version}/{node}/message_qrdls", get=self._codes, post=self._write_code),
            route("/{version}/{node}/message_qrdls/{code}", get=self._code, delete=self._delete_code),
            route("/{version}/{node}/block_users", get=self._blocked, post=self._block, delete=self._unblock),
            route("/{version}/{node}/whatsapp_business_profile", get=self._profile, post=self._write_profile),
            route("/{version}/{node}/uploads", post=self._begin_upload),
            route("/{version}/{node}/pricing_analytics", get=self._analytics("pricing_analytics")),
            route("/{version}/{node}/template_analytics", get=self._analytics("template_analytics")),
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
                body = await body_of(http)
                asked = self._admission.admit(http, body)
                call = calls.get(http.method.lower())
                if call is None:
                    raise Refusal(2500, "Unknown path components", title=f"Unknown path components: {http.url.path}")
                # Only the handshake of a subscription waits for somebody else; the rest is quick and stays here.
                is_slow = call == self._subscribe
                result = await run_in_threadpool(call, asked) if is_slow else call(asked)
            except Refusal as refusal:
                result, status = answer(refusal, trace_id), refusal.http
            headers = self._admission.headers(http, trace_id)
            content = json.dumps(result, ensure_ascii=False).encode()
            return Response(content, status, headers, media_type="application/json; charset=UTF-8")

        return respond

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

    def _send_marketing(self, asked: Asked) -> object:
        _permit(asked.account, "whatsapp_business_messaging")
        return self._engine.exchange.send_marketing(asked.account, self._number(asked), asked.json())

    def _codes(self, asked: Asked) -> object:
        return self._engine.qr_codes.page(self._number(asked).id, asked.query, asked.address, asked.base_url)

    def _write_code(self, asked: Asked) -> object:
        number, now = self._number(asked), self._engine.clock.now()
        given = Fields(asked.json(may_be_empty=True) or dict(asked.query))  # Meta's examples have both forms
        return self._engine.qr_codes.write(number.id, given, asked.base_url, now)

    def _code(self, asked: Asked) -> object:
        code = asked.http.path_params["code"]
        return self._engine.qr_codes.one(self._number(asked).id, code, asked.query, asked.base_url)

    def _delete_code(self, asked: Asked) -> object:
        self._engine.qr_codes.delete(self._number(asked).id, asked.http.path_params["code"])
        return {"success": True}

    def _blocked(self, asked: Asked) -> object:
        now = self._engine.clock.now()
        return block_list.page(self._engine.book, self._number(asked), now, asked.query, asked.address)

    def _block(self, asked: Asked) -> object:
        return self._change_blocked(asked, blocks=True)

    def _unblock(self, asked: Asked) -> object:
        return self._change_blocked(asked, blocks=False)

    def _change_blocked(self, asked: Asked, *, blocks: bool) -> object:
        number, book = self._number(asked), self._engine.book
        with book.lock:
            return block_list.change(book, number, Fields(asked.json()), self._engine.clock.now(), blocks=blocks)

    def _profile(self, asked: Asked) -> object:
        return self._engine.profile_pages.shown(self._number(asked).id, asked.query.get("fields"))

    def _write_profile(self, asked: Asked) -> object:
        return self._engine.profile_pages.write(self._number(asked).id, Fields(asked.json()))

    def _begin_upload(self, asked: Asked) -> object:
        return self._engine.uploads.begin(asked.account, asked.node, asked.query)

    def _analytics(self, name: str) -> Call:
        return lambda asked: analytics_answer(self._engine.book, self._own_account(asked), name, asked.query)

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
        if self._engine.uploads.has(asked.node):
            return self._engine.uploads.where(account, asked.node)
        wanted = field_of(fields or "")
        if asked.node == account.waba_id and wanted is not None:
            name, given = wanted
            return {name: analytics_answer(self._engine.book, self._own_account(asked), name, given), "id": asked.node}
        if asked.node == account.waba_id:
            return account_node(account, fields)
        if account.templates.has(asked.node):
            return account.templates.node(asked.node, fields)
        if self._engine.media.has(account, asked.node, now):
            return self._engine.media.lookup(account, asked.node, asked.base_url, now)
        return number_node(account, self._number(asked), asked.version, fields)

    def _edit(self, asked: Asked) -> object:
        if self._engine.uploads.has(asked.node):
            offset = asked.http.headers.get("file_offset", "")
            return self._engine.uploads.take(asked.account, asked.node, offset, asked.body)
        if asked.node == asked.account.waba_id and asked.query.get("is_enabled_for_insights") == "true":
            self._own_account(asked).has_template_insights = True
            return {"id": asked.node}
        self._engine.edit_template(asked.account, asked.node, Fields(asked.json()))
        return {"success": True}

    def _delete_media(self, asked: Asked) -> object:
        self._engine.media.delete(asked.account, asked.node, self._engine.clock.now())
        return {"success": True}

    async def _picture(self, http: Request) -> Response:
        from starlette.responses import Response

        drawn = self._engine.qr_codes.picture(http.path_params["name"])
        return Response(b"", 404) if drawn is None else Response(drawn[0], 200, media_type=drawn[1])

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
