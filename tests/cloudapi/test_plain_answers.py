"""What is read without `http.client` is read as `http.client` would, and everything unusual is left to it."""

from __future__ import annotations

import io
import socket
from http.client import HTTPResponse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.cloudapi.whole_sends import PlainConnection, _plain

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def _by_the_book(came: bytes) -> tuple[int, dict[str, str], bytes]:
    class Socket:
        def makefile(self, _mode: str) -> io.BytesIO:
            return io.BytesIO(came)

    response = HTTPResponse(Socket(), method="POST")  # type: ignore[arg-type]
    response.begin()
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    return response.status, headers, response.read()


@given(
    status=st.sampled_from([200, 400, 429, 500, 503]),
    fields=st.lists(
        st.tuples(
            st.from_regex(r"X-[A-Za-z0-9-]{1,12}", fullmatch=True),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
        ),
        max_size=6,
    ),
    body=st.binary(max_size=200),
    keeps=st.booleans(),
)
def test_it_is_what_http_client_reads(status: int, fields: list[tuple[str, str]], body: bytes, keeps: bool) -> None:
    lines = [f"HTTP/1.1 {status} Whatever it says", *(f"{name}: {value}" for name, value in fields)]
    lines += [f"Content-Length: {len(body)}", *(["Connection: keep-alive"] if keeps else [])]
    came = "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    plain = _plain(came)

    assert plain is not None
    assert tuple(plain) == _by_the_book(came)


@pytest.mark.parametrize(
    "came",
    [
        b"",
        _OK[:-1],
        _OK + b"x",
        _OK[: _OK.index(b"\r\n\r\n") + 2],
        _OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        _OK.replace(b"200", b"100"),
        _OK.replace(b"200", b"204"),
        _OK.replace(b"200", b"2000"),
        _OK.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        _OK.replace(b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        _OK.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 2"),
        _OK.replace(b"Content-Length: 2", b"Content-Length: +2"),
        _OK.replace(b"Content-Length: 2", b"Content-Length: 2\r\nConnection: close"),
        _OK.replace(b"Content-Length: 2", b"Content-Length: 2\r\n folded"),
        _OK.replace(b"application/json", b"a\nb"),
        _OK.replace(b"Content-Length: 2\r\n", b""),
    ],
)
def test_what_is_unusual_is_left_to_the_library(came: bytes) -> None:
    assert _plain(came) is None


@pytest.mark.parametrize("first", [1, 20, len(_OK) - 3, len(_OK) - 1])
def test_an_answer_in_two_pieces_is_read_whole(first: int) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = PlainConnection("127.0.0.1", 1)
        connection.sock = ours
        connection.ask("GET", "/", {}, None)
        theirs.sendall(_OK[:first])
        theirs.shutdown(socket.SHUT_RD)
        # The rest is on its way only after the first piece was taken for all there is.
        real, rest = ours.recv, [_OK[first:]]

        class Slow:
            def __getattr__(self, name: str) -> object:
                return getattr(ours, name)

            def recv(self, count: int) -> bytes:
                came = real(count)
                theirs.sendall(rest.pop())
                return came

        connection.sock = Slow()
        response = connection.answer()
        assert isinstance(response, HTTPResponse)
        assert (response.status, response.read()) == (200, b"{}")
        connection.sock = ours
        connection.close()
