"""A server that says nothing: it counts who comes, keeps what they sent, and answers nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Silent:
    """What came in, so far."""

    def __init__(self, listener: socket.socket) -> None:
        self.connections = 0
        self.received = b""
        self.has_body = threading.Event()
        self._listener = listener
        self._open: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def listen(self) -> None:
        """Until the listener is closed."""
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(link)
            threading.Thread(target=self._read, args=(link,), daemon=True).start()

    def _read(self, link: socket.socket) -> None:
        while True:
            try:
                piece = link.recv(65_536)
            except OSError:
                return
            if not piece:
                return
            self.received += piece
            head, _, body = self.received.partition(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if length and len(body) >= int(length[0].split(b":")[1]):
                self.has_body.set()

    def close(self) -> None:
        for link in [self._listener, *self._open]:
            link.close()


@contextmanager
def silent_server() -> Iterator[Silent]:
    """Listens on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Silent(listener)
    thread = threading.Thread(target=server.listen, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
