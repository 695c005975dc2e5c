"""One HTTP request to the receiver of webhooks, written on a bare socket.

The sandbox is a server; HTTP clients live in wacli.cloudapi only (a floor rule). What a webhook needs is small: one
request a connection, the status line, and for the subscription handshake a short body.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

ANSWER_MOST = 64 * 1024


class Reply(NamedTuple):
    """The receiver's answer."""

    status: int
    body: bytes


class NoReply(Exception):
    """The receiver could not be reached, or did not speak HTTP in time."""


def request(
    method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float, most: int = ANSWER_MOST
) -> Reply:
    """Sends one request and reads one answer of up to `most` bytes. `timeout` in real seconds, for each wait.

    Raises NoReply.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoReply(f"not a web address: {url}")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    head = "\r\n".join(lines).encode("ascii", "strict") + b"\r\n\r\n"
    try:
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(socket.create_connection((parts.hostname, port), timeout))
            link = plain
            if parts.scheme == "https":
                context = ssl.create_default_context()
                link = stack.enter_context(context.wrap_socket(plain, server_hostname=parts.hostname))
            link.sendall(head + body)
            return _read(link, most)
    except (OSError, ValueError) as why:
        raise NoReply(str(why)) from why


def _read(link: socket.socket, most: int) -> Reply:
    taken = bytearray()
    wanted = most  # until the head has told
    while len(taken) < wanted:
        piece = link.recv(65_536)
        if not piece:
            break
        taken += piece
        end = taken.find(b"\r\n\r\n") if wanted == most else -1
        if end >= 0:
            wanted = min(most, end + 4 + _length(bytes(taken[:end]), most))
    head, gap, rest = bytes(taken).partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split()
    if not gap or len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise ValueError("the answer is not HTTP")
    return Reply(int(words[1]), rest)


def _length(head: bytes, most: int) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return most
