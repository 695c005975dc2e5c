"""CPU of one template send: wacli's client beside pywa's `send_template`, against the same local server.

Run: python -m tests.benchmarks.send_cpu [sends a round] [rounds]

The server is a process of its own that answers every POST with one prepared answer; what is measured is the CPU of
this process (user and system), a round of one client after a round of the other, medians of the rounds. Ratios hold
on other machines, microseconds do not.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection

from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.outgoing import Address, Extras, TemplateMessage, body_of
from wacli.domain.filled import Filled, FilledPart, TextValue

_TOLD = json.dumps(
    {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+16505551234", "wa_id": "16505551234"}],
        "messages": [{"id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJCOTY3NDc0NDFDRUI3NTA0Q0UA"}],
    }
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_TOLD) + _TOLD


class _Server(asyncio.Protocol):
    """Counts the bytes of each request and answers; nothing more."""

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
            self.transport.write(ANSWER)


def _serve(told: Connection) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def _wacli(port: int) -> Callable[[], object]:
    client = Client("token-of-the-benchmark", Settings(f"http://127.0.0.1:{port}"))

    def send() -> object:
        values = (TextValue("Sari", "nama"), TextValue("A-17", "pesanan"))
        filled = Filled("order_ready", "id", (FilledPart("body", values),))
        return client.send("111", body_of(TemplateMessage(filled), Address(phone="16505551234"), Extras(callback="1")))

    return send


def _pywa(port: int) -> Callable[[], object] | None:
    try:
        import httpx
        from pywa.client import WhatsApp
        from pywa.types.templates import BodyText, TemplateLanguage
    except ImportError:
        return None
    session = httpx.Client()
    client = WhatsApp(phone_id="111", token="token-of-the-benchmark", session=session)
    session.base_url = httpx.URL(f"http://127.0.0.1:{port}/v25.0")

    def send() -> object:
        params = [BodyText.params(nama="Sari", pesanan="A-17")]
        return client.send_template("16505551234", "order_ready", TemplateLanguage.INDONESIAN, params, tracker="1")

    return send


def _cpu_us(send: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        send()
    return (time.process_time() - start) / count * 1e6


def main(count: int, rounds: int) -> None:
    """Prints medians and the ratio."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    port: int = here.recv()
    senders = {"wacli": _wacli(port), "pywa": _pywa(port)}
    figures: dict[str, list[float]] = {name: [] for name, send in senders.items() if send is not None}
    for name in figures:
        _cpu_us(senders[name] or (lambda: None), 200)  # imports, connections, caches
    for _ in range(rounds):
        for name, found in figures.items():
            found.append(_cpu_us(senders[name] or (lambda: None), count))
    for name, found in figures.items():
        print(f"{name}: {statistics.median(found):.0f} us CPU a send (of {min(found):.0f} to {max(found):.0f})")
    if "pywa" in figures:
        ratio = statistics.median(a / b for a, b in zip(figures["wacli"], figures["pywa"], strict=True))
        print(f"wacli / pywa: {ratio:.2f}")
    server.terminate()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [1000, 15][len(given) :]))
