"""A WhatsApp Cloud API on this machine: `Sandbox` is the whole of it, for tests, `wacli sandbox` and `wacli demo`.

It is written from the facts (cloud-api.md, pricing.md) and shares no code with wacli's client, so that it can catch
the client's mistakes. Nothing leaves the machine. Without `start()` it is a plain object: `post_message` takes a
request body, webhooks are kept until somebody asks.

    with Sandbox(clock=Clock(at, speed=0), callback_url=...) as sandbox:
        sari = sandbox.add_customer("Sari", "+62 812-3456-7890")
        sari.says("halo")
        sandbox.advance(timedelta(hours=25))
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from .engine import Engine
from .worker import Worker

if TYPE_CHECKING:
    from .server import Server


class Sandbox(Engine):
    """The engine on a loopback socket, with its webhooks delivered in the background."""

    base_url: str | None = None
    _server: Server | None = None
    _worker: Worker | None = None

    def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listen (port 0: any free one) and deliver webhooks in the background. Returns the base URL.

        Raises OSError when the port is taken and RuntimeError when it runs already.
        """
        from .server import Server

        if self._server is not None:
            raise RuntimeError("the sandbox runs already")
        self._server = Server(self, host, port)
        self._worker = Worker(self)
        self.base_url = self._server.base_url
        self._server.start()
        self._worker.start()
        return self.base_url

    def stop(self) -> None:
        """Stop listening and delivering; the book stays."""
        if self._worker is not None:
            self._worker.stop()
        if self._server is not None:
            self._server.stop()
        self._server = self._worker = self.base_url = None

    def settle(self, timeout: float = 5.0, *, within: timedelta = timedelta(seconds=30)) -> bool:
        """Wait until every webhook was delivered or given up and nothing is due `within` that sandbox time.

        `timeout` in real seconds; False when it ran out first. Only while listening: otherwise use `drain`.
        """
        until, pause = time.monotonic() + timeout, threading.Event()
        while not self._is_settled(within):
            if time.monotonic() >= until:
                return False
            pause.wait(0.02)
        return True

    def _is_settled(self, within: timedelta) -> bool:
        due = self.agenda.next_due()
        is_quiet = due is None or due > self.clock.now() + within
        return is_quiet and self.courier.is_idle()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(sandbox: Sandbox, host: str, port: int, *, on_ready: Callable[[str], None]) -> None:
    """Answer in this thread until it is interrupted; `on_ready` gets the base URL once the socket listens.

    Raises OSError when the port is taken.
    """
    from .server import Server

    server, worker = Server(sandbox, host, port), Worker(sandbox)
    sandbox.base_url = server.base_url
    worker.start()
    try:
        on_ready(server.base_url)
        server.run()
    finally:
        worker.stop()
        sandbox.base_url = None
