"""A local server for the benchmarks of sending, in a process of its own: accepts every message under a new wamid.

It answers after `latency_s` without holding others up, and keeps the instant at which each request was whole.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

_BODY = (
    b'{"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234"}],'
    b'"messages":[{"id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJCOTY3NDc0%020d"}]}'
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (len(_BODY % 0))


class Running(NamedTuple):
    """`port` of the server; `arrivals()` gives and forgets when requests came (seconds of a monotonic clock)."""

    port: int
    wire: Connection

    def arrivals(self) -> list[float]:
        """Since the last call."""
        self.wire.send("arrivals")
        found: list[float] = self.wire.recv()
        return found


class _Server(asyncio.Protocol):
    """Counts the bytes of each request and answers; nothing more."""

    latency_s = 0.0
    count = 0
    arrivals: list[float]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.seen = b""

    def data_received(self, chunk: bytes) -> None:
        self.seen += chunk
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.seen) < end + 4 + length:
                return
            self.seen = self.seen[end + 4 + length :]
            _Server.arrivals.append(time.monotonic())
            if _Server.latency_s:
                asyncio.get_running_loop().call_later(_Server.latency_s, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        _Server.count += 1
        self.transport.write(_HEAD + _BODY % _Server.count)


def _serve(wire: Connection, latency_s: float) -> None:
    async def run() -> None:
        _Server.latency_s, _Server.arrivals = latency_s, []
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Server, "127.0.0.1", 0)

        def tell() -> None:
            wire.recv()
            wire.send(_Server.arrivals)
            _Server.arrivals = []

        loop.add_reader(wire.fileno(), tell)
        wire.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def send_server(latency_s: float = 0.0) -> Iterator[Running]:
    """The server, as long as the block runs."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(there, latency_s), daemon=True)
    process.start()
    try:
        yield Running(here.recv(), here)
    finally:
        process.terminate()
        process.join()
