"""Clients that take their time, or all the room: a request must be whole soon, and connections are not hoarded.

uvicorn waits for ever for the rest of a request and takes heads of any length. Here a request must be whole some
seconds after its first byte (the first one: after its connection was made), a head may have so many bytes, and when
too many connections are open the one that has been silent longest is closed, so that a thousand idle ones (slow
loris) cost the thousand and first client nothing.

Works on either of uvicorn's HTTP protocols by what both have: `transport`, `cycle`, and the methods of asyncio.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple


class Limits(NamedTuple):
    """Seconds, bytes and connections that a client may take."""

    whole_within_s: float = 20.0
    largest_head: int = 64 * 1024
    largest_request: int = 12 * 1024 * 1024  # on the wire: with head, chunk marks, and what is thrown away after a 413
    most_connections: int = 400


def patient_only(protocol: type[asyncio.Protocol], limits: Limits) -> type[asyncio.Protocol]:
    """The protocol, with these limits; what goes beyond them is cut off."""
    base: Any = protocol
    least_recent: dict[Any, None] = {}  # every open connection, the one that has been silent longest first

    class Limited(base):  # type: ignore[misc]
        _taken = 0
        _deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            least_recent[self] = None
            self._start_waiting()
            if len(least_recent) > limits.most_connections:
                _close_one(least_recent)

        def data_received(self, data: bytes) -> None:
            self._taken += len(data)
            if least_recent.pop(self, self) is None:
                least_recent[self] = None
            super().data_received(data)
            if not _is_waiting(self):
                self._taken = 0
                self._stop_waiting()
                return
            if self._taken > (limits.largest_head if _is_in_head(self) else limits.largest_request):
                self.transport.abort()
            elif self._deadline is None:
                self._start_waiting()

        def connection_lost(self, exc: Exception | None) -> None:
            least_recent.pop(self, None)
            self._stop_waiting()
            super().connection_lost(exc)

        def _start_waiting(self) -> None:
            self._deadline = asyncio.get_running_loop().call_later(limits.whole_within_s, self._give_up)

        def _stop_waiting(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _give_up(self) -> None:
            self._deadline = None
            if _is_waiting(self):
                self.transport.abort()

    return Limited


def _is_waiting(connection: Any) -> bool:
    """True while the client owes us something: the rest of a request, or a whole one after the last answer."""
    cycle = connection.cycle
    return cycle is None or bool(cycle.response_complete) or bool(cycle.more_body)


def _is_in_head(connection: Any) -> bool:
    """True while not even the head of a request has come (the rest of one that was answered early is thrown away)."""
    cycle = connection.cycle
    return cycle is None or (bool(cycle.response_complete) and not cycle.more_body)


def _close_one(least_recent: dict[Any, None]) -> None:
    """Closes the longest silent connection that is not waiting for our own answer."""
    for connection in least_recent:
        if _is_waiting(connection):
            connection.transport.abort()
            return
