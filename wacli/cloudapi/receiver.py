"""The door through which Meta's notifications come in.

Rules and sources (facts: cloud-api.md section 8): `GET` answers the handshake with the challenge as plain text when
the token matches; `POST` is trusted only with a signature over its raw bytes. A notification is handed over as the
bytes it is, and 200 is answered only after whoever takes it has returned, that is, has committed it: Meta repeats
what was not answered with 200, for days. What the bytes mean is nobody's business here, so no content can make it
fail: whoever takes them may raise `Invalid` for bytes that no repetition would mend, and 200 ends the matter. When
they cannot be kept (a full disk) the answer is 503, and Meta will try again.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wacli.domain.problem import Invalid

from .signature import HEADER, verify

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from uvicorn import Server as UvicornServer

LARGEST_BODY = 4 * 1024 * 1024  # Meta sends up to 3 MB
_LONGEST_CHALLENGE = 1024
_log = logging.getLogger(__name__)


def app(
    receive: Callable[[bytes], None],
    *,
    path: str = "/webhook",
    verify_token: str,
    app_secret: str,
    largest_body: int = LARGEST_BODY,
) -> Starlette:
    """The web application. `receive` keeps the raw bytes for good before it returns; it runs in a worker thread."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def handshake(request: Request) -> Response:
        challenge = _challenge(request, verify_token)
        if challenge is None:
            return PlainTextResponse("forbidden\n", 403)
        return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def notification(request: Request) -> Response:
        try:
            raw = await _body(request, largest_body)
        except ClientDisconnect:
            return PlainTextResponse("cut off\n", 400)
        if raw is None:
            return PlainTextResponse("too large\n", 413, headers={"Connection": "close"})
        if not verify(raw, request.headers.get(HEADER), app_secret):
            return PlainTextResponse("forbidden\n", 403)
        try:
            await run_in_threadpool(receive, raw)
        except Invalid as problem:
            _log.warning("a signed notification of %d bytes says nothing readable: %s", len(raw), problem)
        except Exception:
            _log.exception("a notification of %d bytes could not be kept", len(raw))
            return PlainTextResponse("try again\n", 503)
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[Route(path, handshake, methods=["GET"]), Route(path, notification, methods=["POST"])],
    )


def _challenge(request: Request, verify_token: str) -> str | None:
    """What to answer to the handshake, or None when it is not Meta's."""
    given = request.query_params
    challenge = given.get("hub.challenge", "")
    token = given.get("hub.verify_token", "").encode(errors="replace")
    is_ours = bool(verify_token) and hmac.compare_digest(token, verify_token.encode())
    if given.get("hub.mode") != "subscribe" or not is_ours or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return None
    return challenge


async def _body(request: Request, largest: int) -> bytes | None:
    """The raw body, or None as soon as it is known to be too large."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > largest:
        return None
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > largest:
            return None
        pieces.append(piece)
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Server:
    """A web application running in a thread of this process, until it is stopped."""

    host: str
    port: int
    _uvicorn: UvicornServer
    _thread: threading.Thread
    _socket: socket.socket

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def stop(self) -> None:
        """Finishes the requests under way, then closes the door. Calling it twice does no harm."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def serve_in_thread(application: Starlette, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Starts serving and returns when the port answers; port 0 takes any free one.

    Raises `OSError` when the address is taken.
    """
    import uvicorn

    listening = socket.create_server((host, port))
    config = uvicorn.Config(
        application, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)

    def run() -> None:
        with contextlib.suppress(SystemExit):
            server.run(sockets=[listening])

    thread = threading.Thread(target=run, name="wacli-receiver", daemon=True)
    thread.start()
    return Server(host, listening.getsockname()[1], server, thread, listening)
