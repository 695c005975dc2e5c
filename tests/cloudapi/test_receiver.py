"""The receiver over a real socket on loopback: handshake, signatures, sizes, and answers that wait for the commit."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.support.payloads import payload_bytes
from wacli.cloudapi.receiver import LARGEST_BODY, Door, each
from wacli.cloudapi.serving import Server, serve_in_thread
from wacli.cloudapi.signature import HEADER, sign
from wacli.domain.problem import Invalid
from wacli.domain.text import t

SECRET, TOKEN = "app-secret", "verify-me"
Answer = tuple[int, str]


@contextmanager
def receiver(
    receive: Callable[[bytes], object], largest_body: int = LARGEST_BODY, *, is_fast: bool | None = None
) -> Iterator[Server]:
    door = Door(each(receive), verify_token=TOKEN, app_secret=SECRET, largest_body=largest_body)
    with serve_in_thread(door, is_fast=is_fast) as server:
        yield server


def ask(server: Server, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def post(server: Server, raw: bytes, secret: str = SECRET) -> Answer:
    return ask(server, "POST", "/webhook", raw, X_Hub_Signature_256=sign(raw, secret))


@pytest.fixture(scope="module")
def kept() -> list[bytes]:
    return []


@pytest.fixture(scope="module", params=[True, False], ids=["httptools+uvloop", "h11+asyncio"])
def server(kept: list[bytes], request: pytest.FixtureRequest) -> Iterator[Server]:
    with receiver(kept.append, is_fast=request.param) as running:
        yield running


HANDSHAKE = "/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="


def test_the_handshake(server: Server) -> None:
    assert ask(server, "GET", HANDSHAKE + TOKEN) == (200, "1158201444")


@pytest.mark.parametrize(
    "path",
    [
        "/webhook",
        HANDSHAKE,
        HANDSHAKE + "wrong",
        HANDSHAKE + "%ff%00",
        HANDSHAKE.replace("subscribe", "unsubscribe") + TOKEN,
        HANDSHAKE.replace("1158201444", "") + TOKEN,
        HANDSHAKE.replace("1158201444", "1" * 2000) + TOKEN,
        HANDSHAKE.replace("hub.verify_token", "hub.verify_token[$ne]") + "x",
    ],
)
def test_another_handshake_is_forbidden(server: Server, path: str) -> None:
    assert ask(server, "GET", path)[0] == 403


def test_an_empty_token_opens_nothing() -> None:
    with serve_in_thread(Door(each(lambda _: None), verify_token="", app_secret=SECRET)) as open_door:
        assert ask(open_door, "GET", HANDSHAKE)[0] == 403


@pytest.mark.parametrize(
    "raw", [payload_bytes("messages/text-escaped"), b"", b"not json", b"\xff\xfe\x00", b"[" * 100_000, b"NaN"]
)
def test_signed_bytes_are_kept_as_they_are_whatever_they_say(server: Server, kept: list[bytes], raw: bytes) -> None:
    kept.clear()
    assert post(server, raw) == (200, "ok\n")
    assert kept == [raw]


def test_unsigned_bytes_are_not(server: Server, kept: list[bytes]) -> None:
    kept.clear()
    raw = payload_bytes("messages/text")
    assert ask(server, "POST", "/webhook", raw)[0] == 403
    assert ask(server, "POST", "/webhook", raw, X_Hub_Signature_256="sha256=\xe9")[0] == 403
    assert post(server, raw, "another secret")[0] == 403
    assert ask(server, "POST", "/webhook", raw + b" ", X_Hub_Signature_256=sign(raw, SECRET))[0] == 403
    assert kept == []


def test_other_paths_and_methods(server: Server) -> None:
    assert ask(server, "GET", "/")[0] == 404
    assert ask(server, "PUT", "/webhook", b"{}")[0] == 405


def test_the_largest_body_there_is(server: Server, kept: list[bytes]) -> None:
    kept.clear()
    raw = b"x" * LARGEST_BODY
    assert post(server, raw)[0] == 200
    assert kept == [raw]


def read_answer(connection: socket.socket) -> bytes:
    connection.settimeout(10)
    return connection.recv(64)


def test_too_large_is_refused_before_it_arrives(server: Server) -> None:
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1))
        assert read_answer(connection).startswith(b"HTTP/1.1 413")


def test_too_large_without_saying_so_is_refused_on_the_way() -> None:
    with (
        receiver(lambda _: None, largest_body=1000) as small,
        socket.create_connection((small.host, small.port)) as connection,
    ):
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall(b"3e9\r\n" + b"x" * 1001 + b"\r\n")  # and no last chunk: it never ends
        assert read_answer(connection).startswith(b"HTTP/1.1 413")


def test_a_caller_who_hangs_up_harms_nobody(server: Server, kept: list[bytes]) -> None:
    with socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    kept.clear()
    assert post(server, b"{}")[0] == 200
    assert kept == [b"{}"]


def test_what_cannot_be_kept_is_asked_for_again() -> None:
    def full_disk(_raw: bytes) -> None:
        raise OSError(28, "No space left on device")

    with receiver(full_disk) as unlucky:
        assert post(unlucky, b"{}") == (503, "try again\n")
        assert post(unlucky, b"{}") == (503, "try again\n")


def test_what_nobody_can_read_is_refused_and_not_kept() -> None:
    def unreadable(_raw: bytes) -> None:
        raise Invalid("bad-json", t("this is not JSON"))

    with receiver(unreadable) as strict:
        assert post(strict, b"not json") == (400, "unreadable\n")


def test_the_answer_waits_for_the_commit() -> None:
    entered, committed = threading.Event(), threading.Event()
    answers: list[Answer] = []

    def receive(_raw: bytes) -> None:
        entered.set()
        assert committed.wait(10)

    with receiver(receive) as slow:
        caller = threading.Thread(target=lambda: answers.append(post(slow, b"{}")))
        caller.start()
        assert entered.wait(10)
        assert answers == []
        assert ask(slow, "GET", HANDSHAKE + TOKEN)[0] == 200  # others are served meanwhile
        committed.set()
        caller.join(10)
    assert answers == [(200, "ok\n")]


def test_stopping_frees_the_port() -> None:
    first = serve_in_thread(Door(each(lambda _: None), verify_token=TOKEN, app_secret=SECRET))
    assert ask(first, "GET", HANDSHAKE + TOKEN)[0] == 200
    with pytest.raises(OSError, match="in use"):
        serve_in_thread(Door(each(lambda _: None), verify_token=TOKEN, app_secret=SECRET), port=first.port)
    first.stop()
    first.stop()
    with serve_in_thread(Door(each(lambda _: None), verify_token=TOKEN, app_secret=SECRET), port=first.port) as second:
        assert second.url == f"http://127.0.0.1:{first.port}"
        assert ask(second, "GET", HANDSHAKE + TOKEN)[0] == 200


def test_the_header_is_the_one_meta_sends() -> None:
    assert HEADER == "X-Hub-Signature-256"
