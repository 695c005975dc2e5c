"""Clients that take their time or all the room are cut off, on either HTTP protocol; the others notice nothing."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from wacli.cloudapi.receiver import Door, each
from wacli.cloudapi.serving import Server, serve_in_thread
from wacli.cloudapi.signature import HEADER, sign
from wacli.cloudapi.slow_clients import Limits

SECRET = "app-secret"
HEAD = b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256=0\r\n"
LIMITS = Limits(whole_within_s=0.3, largest_head=4_000, largest_request=20_000, most_connections=8)


@pytest.fixture(params=[True, False], ids=["httptools+uvloop", "h11+asyncio"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    door = Door(each(lambda _: None), verify_token="v", app_secret=SECRET, largest_body=10_000)
    with serve_in_thread(door, limits=LIMITS, is_fast=request.param) as running:
        yield running


@contextmanager
def caller(server: Server, *said: bytes) -> Iterator[socket.socket]:
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        for piece in said:
            connection.sendall(piece)
        yield connection


def is_cut_off(connection: socket.socket) -> bool:
    """True when the other side ends it without an answer."""
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def is_served(server: Server) -> bool:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request("POST", "/webhook", b"{}", {HEADER: sign(b"{}", SECRET)})
    status = connection.getresponse().status
    connection.close()
    return status == 200


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"POST",
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\nhalf of it",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf ",
    ],
    ids=["nothing", "a word", "a head without end", "no body", "half a body", "half a chunk"],
)
def test_a_request_must_be_whole_soon(server: Server, said: bytes) -> None:
    with caller(server, said) as connection:
        assert is_served(server)
        assert is_cut_off(connection)


def test_so_must_the_second_on_a_connection(server: Server) -> None:
    with caller(server, b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 404")
        connection.sendall(b"GET /nowhe")
        while (piece := _piece(connection)) is not None:
            assert piece.strip() in (b"not found", b"")
            if piece == b"":
                break


def _piece(connection: socket.socket) -> bytes | None:
    try:
        return connection.recv(1000)
    except ConnectionError:
        return None


def test_one_byte_after_another_does_not_help(server: Server) -> None:
    with caller(server, HEAD) as connection:
        connection.settimeout(0.05)
        sent = 0
        try:
            while sent < 100:
                connection.sendall(b"X")
                sent += 1
                try:
                    assert connection.recv(10) == b""
                    break
                except TimeoutError:
                    continue
        except ConnectionError:
            pass
        assert sent < 20


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    with caller(server) as connection:
        try:
            for number in range(2_000):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 100) if number else HEAD)
        except ConnectionError:
            return
        answer = _piece(connection) or b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")  # h11 says so itself


def test_what_follows_a_refusal_is_thrown_away_and_ends(server: Server) -> None:
    with caller(server, HEAD, b"Transfer-Encoding: chunked\r\n\r\n") as connection:
        sent = 0
        try:
            while sent < 10_000_000:
                connection.sendall(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
                sent += 1000
        except ConnectionError:
            pass
        assert sent < 10_000_000


def test_the_longest_silent_one_makes_room(server: Server) -> None:
    with ExitStack() as idle:
        held = [idle.enter_context(caller(server, HEAD)) for _ in range(LIMITS.most_connections)]
        assert is_served(server)
        held[0].settimeout(0.2)
        assert is_cut_off(held[0])
