"""Connections: urllib3 opens and secures them and knows when one has died; the standard library reads the answers.

urllib3's own requests and responses (decoding, streaming, redirects, chunked bodies) are not needed here and would
cost more than all the rest of a send (tests/benchmarks/send_cpu.py). And both libraries write the head, then the body:
two system calls, two packets, two TLS records. In one piece a small request is either on its way whole or not at all.
Large bodies (uploads) are not copied: they follow their head.

Imported where a connection is opened, because urllib3 takes a while to load.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

_LARGE = 64 * 1024


class _WholeSends:
    """One request at a time, written whole."""

    _asked: str
    _answer: http.client.HTTPResponse | None = None

    def ask(self: Any, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Sends one request. Raises OSError, and ValueError for a header that would end its line."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != self.default_port:
            host = f"{host}:{self.port}"
        lines = [f"Host: {host}", "Accept-Encoding: identity", *(f"{name}: {headers[name]}" for name in headers)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        asked = f"{method} {target} HTTP/1.1"
        if any("\r" in line or "\n" in line for line in (asked, *lines)) or asked.count(" ") != 2:
            raise ValueError("a header or an address holds a line break or a blank")
        head = "\r\n".join((asked, *lines, "\r\n")).encode("latin-1")
        self._asked = method
        if body is not None and len(body) >= _LARGE:
            self.sock.sendall(head)
            self.sock.sendall(body)
        else:
            self.sock.sendall(head + (body or b""))

    def answer(self: Any) -> http.client.HTTPResponse:
        """The answer to it; its body is still to be read. Raises OSError and `http.client.HTTPException`."""
        self._answer = response = http.client.HTTPResponse(self.sock, method=self._asked)
        response.begin()
        if response.will_close:
            super().close()  # type: ignore[misc]  # the answer keeps what it needs until it is read
        return response

    def close(self: Any) -> None:
        """Ends the connection, and an answer that is not read to its end."""
        if self._answer is not None:
            self._answer.close()
        super().close()  # type: ignore[misc]


class PlainConnection(_WholeSends, HTTPConnection):
    """To this machine only."""


class SafeConnection(_WholeSends, HTTPSConnection):
    """Over TLS."""
