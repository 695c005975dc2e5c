"""Connections: urllib3 opens and secures them and knows when one has died; the standard library reads the answers.

urllib3's own requests and responses (decoding, streaming, redirects, chunked bodies) are not needed here and would
cost more than all the rest of a send (tests/benchmarks/send_cpu.py). And both libraries write the head, then the body:
two system calls, two packets, two TLS records. In one piece a small request is either on its way whole or not at all.
Large bodies (uploads) are not copied: they follow their head.

Most answers are a plain head and a small body that arrive together: those are read here, in one system call. Whatever
is not exactly that (a body in chunks or without a length, an interim answer, a connection that ends, a download) is
handed with what came of it so far to `http.client`, which costs three times as much.

Imported where a connection is opened, because urllib3 takes a while to load.
"""

from __future__ import annotations

import http.client
import io
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from urllib3.connection import HTTPConnection, HTTPSConnection

_LARGE = 64 * 1024
_PIECE = 16 * 1024
_PLAIN_START = re.compile(rb"HTTP/1\.1 ([2345]\d\d)(?: [^\r\n]*)?\Z")
_PLAIN_FIELD = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([^\r\n]*?)[ \t]*\Z")
_NOT_PLAIN = frozenset({"transfer-encoding", "upgrade", "trailer"})
_BODILESS = frozenset({204, 304})


class PlainAnswer(NamedTuple):
    """An answer that has been read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _WholeSends:
    """One request at a time, written whole."""

    _asked: str
    _answer: http.client.HTTPResponse | None = None
    _head: tuple[object, bytes] = (None, b"")  # of the request before: the next differs in its length only

    def ask(self: Any, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Sends one request. Raises OSError, and ValueError for a header that would end its line."""
        head = self._head_of(method, target, headers)
        if body is not None:
            head += b"Content-Length: %d\r\n" % len(body)
        head += b"\r\n"
        self._asked = method
        if body is not None and len(body) >= _LARGE:
            self.sock.sendall(head)
            self.sock.sendall(body)
        else:
            self.sock.sendall(head + (body or b""))

    def _head_of(self: Any, method: str, target: str, headers: Mapping[str, str]) -> bytes:
        """All but the length. Kept for the next request, and valid for exactly the same address and headers."""
        wanted = (method, target, headers)
        if self._head[0] == wanted:
            return self._head[1]  # type: ignore[no-any-return]
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port != self.default_port:
            host = f"{host}:{self.port}"
        lines = [f"Host: {host}", "Accept-Encoding: identity", *(f"{name}: {headers[name]}" for name in headers)]
        asked = f"{method} {target} HTTP/1.1"
        if any("\r" in line or "\n" in line for line in (asked, *lines)) or asked.count(" ") != 2:
            raise ValueError("a header or an address holds a line break or a blank")
        head = "\r\n".join((asked, *lines, "")).encode("latin-1")
        self._head = ((method, target, dict(headers)), head)
        return head

    def answer(self: Any, *, is_streamed: bool = False) -> PlainAnswer | http.client.HTTPResponse:
        """The answer to it: whole, or with its body still to be read (always, if `is_streamed`).

        Raises OSError and `http.client.HTTPException`.
        """
        came = b"" if is_streamed else self.sock.recv(_PIECE)
        if plain := _plain(came):
            return plain
        self._answer = response = http.client.HTTPResponse(_Again(self.sock, came), method=self._asked)  # type: ignore[arg-type]
        response.begin()
        if response.will_close:
            super().close()  # type: ignore[misc]  # the answer keeps what it needs until it is read
        return response

    def close(self: Any) -> None:
        """Ends the connection, and an answer that is not read to its end."""
        if self._answer is not None:
            self._answer.close()
        super().close()  # type: ignore[misc]


def _plain(came: bytes) -> PlainAnswer | None:
    """The answer, if these bytes are all of it and nothing about it is unusual."""
    head, end, body = came.partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    start = _PLAIN_START.match(first)
    if not end or start is None:
        return None
    headers: dict[str, str] = {}
    for field in fields:
        found = _PLAIN_FIELD.match(field)
        if found is None:
            return None
        name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1")
        if name in _NOT_PLAIN or (name == "content-length" and name in headers):
            return None
        headers[name] = value
    status, length = int(start[1]), headers.get("content-length", "")
    if status in _BODILESS or length != str(len(body)) or headers.get("connection", "keep-alive") != "keep-alive":
        return None
    return PlainAnswer(status, headers, body)


class _Again:
    """A socket of which some bytes were read already, for `http.client`, which wants a file of it."""

    def __init__(self, sock: Any, came: bytes) -> None:
        self._sock = sock
        self._came = came

    def makefile(self, mode: str) -> io.BufferedReader:
        """What was read, then the rest."""
        rest = self._sock.makefile(mode, buffering=0)
        return io.BufferedReader(_Joined(self._came, rest))


class _Joined(io.RawIOBase):
    """Some bytes, then a file; closing it closes the file."""

    def __init__(self, first: bytes, rest: io.RawIOBase) -> None:
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._first:
            return self._rest.readinto(buffer)
        count = min(len(buffer), len(self._first))
        buffer[:count], self._first = self._first[:count], self._first[count:]
        return count

    def close(self) -> None:
        self._rest.close()
        super().close()


class PlainConnection(_WholeSends, HTTPConnection):
    """To this machine only."""


class SafeConnection(_WholeSends, HTTPSConnection):
    """Over TLS."""
