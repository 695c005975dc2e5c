"""Where the faults strike: every Graph request passes this door, and the next fault that fits it takes it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING

from .engine import Engine
from .failures import Refusal, answer
from .faults import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Transports = MutableMapping[tuple[str, int], asyncio.Transport]


class Door:
    """Every request passes here; the next fault that fits it strikes."""

    def __init__(self, app: ASGIApp, engine: Engine, transports: Transports, is_stopping: Callable[[], bool]) -> None:
        self._app, self._engine, self._transports, self._is_stopping = app, engine, transports, is_stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path = scope.get("path", "")
        is_ours = scope["type"] == "http" and not path.startswith("/_sandbox/")
        fault = self._engine.faults.take(scope["method"], path) if is_ours else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "slow":
            await self._wait(fault.seconds, receive=None)
            await self._app(scope, receive, send)
        else:
            await self._strike(fault, scope, receive, send)

    async def _strike(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []
        if fault.after_acceptance or fault.kind in ("webhook-first", "truncated"):

            async def hold(message: Message) -> None:
                held.append(message)

            await self._app(scope, receive, hold)
        else:
            await _whole(receive)  # a reset while bytes still come in would be another story: nothing has arrived then
        if fault.kind == "webhook-first":
            await asyncio.to_thread(self._engine.drain)
            for message in held:
                await send(message)
        elif fault.kind in ("timeout", "reset"):
            if fault.kind == "timeout":
                await self._wait(fault.seconds, receive)
            await self._cut(scope)
        elif fault.kind == "truncated":
            whole = b"".join(one.get("body", b"") for one in held if one["type"] == "http.response.body")
            await _reply(send, 200, whole[: max(1, len(whole) // 2)])
        elif fault.kind == "garbage":
            await _reply(send, 200, b"<html><body>It works!</body></html>", b"text/html")
        elif fault.kind == "bare":
            await _reply(send, fault.http or 502, b"")
        else:
            refusal = Refusal(fault.code, "A fault that the sandbox was asked for.", http=fault.http)
            await _reply(send, refusal.http, json.dumps(answer(refusal, self._engine.book.trace_id())).encode())

    async def _wait(self, seconds: float, receive: Receive | None) -> None:
        """Until the time is over, the client has gone (where `receive` can tell) or the server stops."""
        gone = asyncio.ensure_future(_until_gone(receive)) if receive is not None else None
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self._is_stopping() and not (gone is not None and gone.done()):
            pause = min(0.05, max(0.0, until - loop.time()))
            await (asyncio.wait({gone}, timeout=pause) if gone is not None else asyncio.sleep(pause))
        if gone is not None:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _cut(self, scope: Scope) -> None:
        transport = self._transports.get(tuple(scope["client"]))
        if transport is None:
            return
        plain = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # lingering for 0 s makes the kernel send RST instead of FIN
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await asyncio.sleep(0)  # the connection is told that it is lost, so that uvicorn expects no answer
        await asyncio.sleep(0)


async def _whole(receive: Receive) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
        pass


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reply(
    send: Callable[[Message], Awaitable[None]], status: int, body: bytes, kind: bytes = b"application/json"
) -> None:
    headers = [(b"content-length", str(len(body)).encode())] + ([(b"content-type", kind)] if body else [])
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
