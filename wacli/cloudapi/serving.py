"""A web application on a socket, in a thread of this process: uvicorn, with httptools and uvloop where installed.

`pip install 'wacli[fast]'` brings both; without them the same server runs on h11 and asyncio.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .slow_clients import Limits, patient_only

if TYPE_CHECKING:
    import asyncio

    from uvicorn import Server as UvicornServer

    from .receiver import Door

_KEPT_ALIVE_S = 75  # longer than a reverse proxy keeps its side (nginx: 60), so that it is never we who close first
_ANSWERING_S = 15  # how long a graceful stop waits for requests under way


@dataclass(frozen=True, slots=True)
class Server:
    """A door that is open, until it is stopped."""

    host: str
    port: int
    _door: Door
    _uvicorn: UvicornServer
    _thread: threading.Thread
    _socket: socket.socket

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_running(self) -> bool:
        """False when the server has ended, by `stop` or by a failure."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Takes no new connections, answers the requests under way, commits, then closes. Twice does no harm."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._door.stop()
        self._socket.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def serve_in_thread(
    door: Door, host: str = "127.0.0.1", port: int = 0, *, limits: Limits | None = None, is_fast: bool | None = None
) -> Server:
    """Starts serving and returns when the port answers; port 0 takes any free one.

    `is_fast` False leaves httptools and uvloop alone even where they are installed. Raises `OSError` when the address
    is taken or is none of this machine's.
    """
    import uvicorn

    # It complains of every broken request on stderr, which anybody could fill with them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=1024)
    # Head and body of an answer are two packets, and the second would wait for the caller's acknowledgement (40 ms).
    # asyncio sees to that only for sockets that name their protocol; connections have it from the one that listens.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        door,
        http=patient_only(_protocol(is_fast), limits or Limits()),
        loop="uvloop" if _has("uvloop", is_fast) else "asyncio",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEPT_ALIVE_S,
        timeout_graceful_shutdown=_ANSWERING_S,
    )
    server = uvicorn.Server(config)

    def run() -> None:
        with contextlib.suppress(SystemExit):
            server.run(sockets=[listening])

    thread = threading.Thread(target=run, name="wacli-receiver", daemon=True)
    thread.start()
    return Server(host, listening.getsockname()[1], door, server, thread, listening)


def _protocol(is_fast: bool | None) -> type[asyncio.Protocol]:
    if _has("httptools", is_fast):
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        fast: type[asyncio.Protocol] = HttpToolsProtocol
        return fast
    from uvicorn.protocols.http.h11_impl import H11Protocol

    plain: type[asyncio.Protocol] = H11Protocol
    return plain


def _has(package: str, is_fast: bool | None) -> bool:
    return is_fast is not False and importlib.util.find_spec(package) is not None
