"""Connections: urllib3 opens and secures them and knows when one has died; the standard library speaks HTTP on them.

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
    """Holds what a request writes until all of it is there."""

    _held: list[bytes] | None = None

    def ask(self: Any, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Sends one request. Raises what the standard library raises."""
        self._held = []
        try:
            http.client.HTTPConnection.request(self, method, target, body=body, headers=headers)
            held = self._held
        finally:
            self._held = None
        if held:
            self.send(b"".join(held))

    def answer(self: Any) -> http.client.HTTPResponse:
        """The answer to it; its body is still to be read."""
        return http.client.HTTPConnection.getresponse(self)

    def send(self, data: Any) -> None:
        """As http.client's, except while `ask` is writing."""
        if self._held is not None:
            if isinstance(data, bytes) and len(data) < _LARGE:
                self._held.append(data)
                return
            held, self._held = self._held, None
            self.send(b"".join(held))
        super().send(data)  # type: ignore[misc]


class PlainConnection(_WholeSends, HTTPConnection):
    """To this machine only."""


class SafeConnection(_WholeSends, HTTPSConnection):
    """Over TLS."""
