"""Signed webhooks over raw sockets, as fast as the other side takes them: for the receiver's benchmark and faults."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from wacli.cloudapi.signature import sign

SECRET, TOKEN = "secret-of-a-load", "verify-of-a-load"
_CONTACTS = 200


def text_body(number: int, size: int | None = None) -> bytes:
    """A text message of one of some contacts, the same for the same number, padded to `size` bytes."""
    phone = f"62811{number % _CONTACTS:07d}"
    message: dict[str, Any] = {"from": phone, "id": f"wamid.{number:012d}", "timestamp": str(1_795_000_000 + number)}
    message |= {"type": "text", "text": {"body": "halo"}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "622150550100", "phone_number_id": "105550000000001"},
        "contacts": [{"profile": {"name": "Sari Dewi"}, "wa_id": phone, "user_id": f"ID.{phone}"}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "2055500001", "changes": [change]}]}
    raw = json.dumps(body, separators=(",", ":")).encode()
    if size is not None:
        message["text"]["body"] += "x" * (size - len(raw))
        raw = json.dumps(body, separators=(",", ":")).encode()
    return raw


def request_of(raw: bytes, signature: str | None = None) -> bytes:
    """A whole HTTP request with this body."""
    return (
        b"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/json\r\nUser-Agent: facebookexternalua\r\n"
        b"X-Hub-Signature-256: %b\r\nContent-Length: %d\r\n\r\n%b"
        % ((signature or sign(raw, SECRET)).encode(), len(raw), raw)
    )


class Answered(NamedTuple):
    """One answer with 200: the place of the request in what was sent, and how long it took."""

    number: int
    ms: float


class _Caller:
    """One connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.number = -1
        self._answer = b""

    def ask(self, number: int, raw: bytes) -> None:
        self.number, self.began = number, time.perf_counter()
        self.socket.sendall(raw)

    def has_answer(self) -> bool:
        """Reads what is there; True when the answer is whole. Raises ConnectionError for any but a 200."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server hung up")
        self._answer += piece
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return False
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.decode("latin-1"))
        self._answer = b""
        return True


def load(
    port: int, requests: Iterator[tuple[int, bytes]], connections: int, seconds: float, *, may_die: bool = False
) -> list[Answered]:
    """Keeps every connection busy with (number, request) for so long, or until there are no more; what was answered.

    `may_die`: the server may be gone at any moment; its end ends the load.
    """
    callers: list[_Caller] = []
    answered: list[Answered] = []
    end = time.perf_counter() + seconds
    try:
        with selectors.DefaultSelector() as selector:
            for _ in range(connections):
                one = next(requests, None)
                if one is not None:
                    caller = _Caller(port)
                    callers.append(caller)
                    selector.register(caller.socket, selectors.EVENT_READ, caller)
                    caller.ask(*one)
            busy = len(callers)
            while busy:
                for key, _ in selector.select(30):
                    caller = key.data
                    if not caller.has_answer():
                        continue
                    now = time.perf_counter()
                    answered.append(Answered(caller.number, (now - caller.began) * 1000))
                    one = next(requests, None) if now < end else None
                    if one is None:
                        busy -= 1
                    else:
                        caller.ask(*one)
    except OSError:
        if not may_die:
            raise
    finally:
        for caller in callers:
            caller.socket.close()
    return answered
