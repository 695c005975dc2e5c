"""urllib3's connections, with head and body of a small request handed to the system in one piece.

urllib3 writes the head, then the body: two system calls, two packets, two TLS records, and a server that wakes twice.
In one piece a send costs a fifth less CPU here (tests/benchmarks/send_cpu.py), and a small request is either on its
way whole or not at all. Large bodies (uploads) are not copied: they follow their head as before.

Imported where a connection is opened, because urllib3 takes a while to load.
"""

from __future__ import annotations

from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

_LARGE = 64 * 1024


class _WholeSends:
    """Holds what `request` writes until all of it is there."""

    _held: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """As urllib3's; what it writes leaves at the end, in one piece."""
        self._held = []
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
            held = self._held
        finally:
            self._held = None
        if held:
            self.send(b"".join(held))

    def send(self, data: Any) -> None:
        """As http.client's, except while `request` is writing."""
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
