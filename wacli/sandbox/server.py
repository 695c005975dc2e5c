"""The sandbox on a socket: starlette and uvicorn in a thread, the faults at the door, the worker behind.

uvicorn is given h11 by name, not what happens to be installed: the faults need the connection itself, which a small
subclass of its protocol remembers by the client's address.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from .engine import Engine

GRACE = 1  # real seconds for requests under way when the server stops


class Server:
    """One listening server thread."""

    def __init__(self, engine: Engine, host: str, port: int) -> None:
        """Binds the socket: connections queue up from here on. Raises OSError when the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.listen(1024)
        shown = f"[{host}]" if ":" in host else host
        self.base_url = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._server = _make_server(engine, lambda: self._server.should_exit)
        self._thread = threading.Thread(target=self._run, name="sandbox-server", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; returns when the thread has ended."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def run(self) -> None:
        """Answer in this thread until interrupted (the signals of a terminal are uvicorn's)."""
        try:
            self._run()
        finally:
            self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _make_server(engine: Engine, is_stopping: Callable[[], bool]) -> Any:
    import uvicorn
    from starlette.applications import Starlette
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from .control import Control
    from .door import Door, Transports
    from .graph import Graph

    transports: Transports = {}

    class KnownConnections(H11Protocol):  # type: ignore[misc, unused-ignore]
        """uvicorn's own protocol, remembering which client is on which connection."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._peer = transport.get_extra_info("peername")[:2]
            transports[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self._peer, None)
            super().connection_lost(exc)

    app = Starlette(routes=[*Control(engine).routes(), *Graph(engine).routes()])
    door = Door(app, engine, transports, is_stopping)
    config = uvicorn.Config(
        door, http=KnownConnections, ws="none", lifespan="off", log_config=None, log_level="critical", access_log=False,
        server_header=False, date_header=False, timeout_graceful_shutdown=GRACE,  # Date is the sandbox's own clock
    )  # fmt: skip
    return uvicorn.Server(config)
