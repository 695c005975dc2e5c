"""A scripted HTTP server on loopback: it answers what the script says, in that order, and nothing else.

It fails the test on a request that the script does not expect and on an expectation that was never used. It speaks
raw sockets on purpose: half an answer, a reset, silence and a stale kept-alive connection are what is tested.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names are lower case. `connection` counts connections from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to do with one request.

    `ending` is what happens to the connection afterwards: `keep`, `close` (an orderly end), `reset` (RST).
    `raw` replaces the whole answer by these bytes; `is_silent` sends nothing and waits for the client to go away;
    `before_body` acts as soon as the head of the request is there, without reading its body.
    """

    status: int = 200
    body: bytes | Mapping[str, Any] | str = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: str = "keep"
    raw: bytes | None = None
    is_silent: bool = False
    before_body: bool = False

    def wire(self) -> bytes:
        if self.raw is not None:
            return self.raw
        body = json.dumps(self.body).encode() if isinstance(self.body, Mapping) else self.body
        if isinstance(body, str):
            body = body.encode()
        lines = [f"HTTP/1.1 {self.status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Expected:
    """A request that will come, and its answer. `target` None takes any; `check` sees the request."""

    method: str
    target: str | None
    answer: Answer
    check: Callable[[Request], None] | None = None


class ScriptedServer:
    """`with ScriptedServer([...]) as server:`; the address is `server.url`. Requests are kept in `server.requests`."""

    def __init__(self, script: list[Expected], *, hears_noise: bool = False) -> None:
        self._script = list(script)
        self._hears_noise = hears_noise  # a client that speaks TLS to it is no fault
        self.requests: list[Request] = []
        self._faults: list[str] = []
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._connections = 0

    def __enter__(self) -> ScriptedServer:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Shutting a socket wakes the thread that waits on it (where the system does not, accept looks up by itself).
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            open_sockets = list(self._sockets)
        for one in open_sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE_S)
        for one in open_sockets:
            one.close()
        if error is None:
            assert not self._faults, self._faults
            assert not self._script, f"expected, but never asked for: {self._script}"

    def expect(self, *more: Expected) -> None:
        """Adds to the script, for answers that hold the server's own address."""
        with self._lock:
            self._script.extend(more)

    def forget(self) -> None:
        """Drops expectations that were not used, where it is not certain that a request arrives."""
        with self._lock:
            self._script.clear()

    def close_kept(self) -> None:
        """Ends every kept connection in an orderly way, as a server does after its own idle time-out."""
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while True:
            try:
                one, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            one.settimeout(_PATIENCE_S)
            with self._lock:
                self._sockets.append(one)
                self._connections += 1
                number = self._connections
            self._start(self._serve, one, number)

    def _serve(self, one: socket.socket, number: int) -> None:
        reader = one.makefile("rb")
        try:
            while self._serve_one(one, reader, number):
                pass
        except OSError:
            pass
        finally:
            reader.close()
            one.close()

    def _serve_one(self, one: socket.socket, reader: Any, number: int) -> bool:
        first = reader.readline()
        if not first:
            return False
        if not first.endswith(b"HTTP/1.1\r\n"):
            if not self._hears_noise:
                self._faults.append(f"not a request: {first!r}")
            one.sendall(b"?\r\n")
            return False
        method, target, _ = first.decode("latin-1").split(" ", 2)
        headers = {}
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        expected = self._next(method, target)
        answer = expected.answer if expected is not None else Answer(599, "unexpected", ending="close")
        body = b"" if answer.before_body else reader.read(int(headers.get("content-length", "0")))
        request = Request(method, target, headers, body, number)
        with self._lock:
            self.requests.append(request)
        if expected is not None and expected.check is not None:
            try:
                expected.check(request)
            except AssertionError as fault:
                self._faults.append(f"{method} {target}: {fault}")
        return self._answer(one, reader, answer)

    def _answer(self, one: socket.socket, reader: Any, answer: Answer) -> bool:
        if answer.is_silent:
            reader.read(1)  # until the client gives up and closes
            return False
        one.sendall(answer.wire())
        if answer.ending == "reset":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if answer.ending == "close":
            one.shutdown(socket.SHUT_RDWR)
            return False
        return True

    def _next(self, method: str, target: str) -> Expected | None:
        with self._lock:
            if not self._script:
                self._faults.append(f"not expected: {method} {target}")
                return None
            expected = self._script.pop(0)
        if expected.method != method or expected.target not in (None, target):
            self._faults.append(f"expected {expected.method} {expected.target}, got {method} {target}")
        return expected


def refused_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
    return port
