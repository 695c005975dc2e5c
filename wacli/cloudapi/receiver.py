"""The door through which Meta's notifications come in.

Rules and sources (facts: cloud-api.md section 8): `GET` answers the handshake with the challenge as plain text when
the token matches; `POST` is trusted only with a signature over its raw bytes. A notification is handed over as the
bytes it is, in groups, and 200 is answered only after whoever takes them has returned, that is, has committed them:
Meta repeats what was not answered with 200, for days. So everything answered with 200 is kept, and nothing else:

- 403 for a missing or wrong signature; a body without one is not even held;
- 413 for more than 4 MB, as soon as it is known;
- 400 for signed bytes that nobody could ever read (no JSON): whoever takes them says so with an `Invalid`;
- 503 when they cannot be kept (a full disk, a locked store, too many bytes at once): Meta will try again.

What the bytes mean is nobody's business here, so no content can make it fail. It is a bare ASGI application: on one
core, the request and response objects of a framework would cost as much as everything else in an answer together.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

from wacli.domain.problem import Invalid, Problem

from .commit_groups import LARGEST_GROUP, CommitGroups, Outcome
from .signature import HEADER, verify

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LARGEST_BODY: Final = 4 * 1024 * 1024  # Meta sends up to 3 MB
LARGEST_TOGETHER: Final = 64 * 1024 * 1024  # bytes of unfinished and uncommitted bodies
_LONGEST_CHALLENGE: Final = 1024
_LARGE: Final = 128 * 1024  # from here on a signature is worked out beside the loop
_LINGER_S: Final = 2.0
_SIGNATURE: Final = HEADER.lower().encode()
_log = logging.getLogger(__name__)


class Received(NamedTuple):
    """A signed notification: its bytes, and the headers it came with (names in lower case)."""

    body: bytes
    headers: Sequence[tuple[bytes, bytes]]


Keep = Callable[[Sequence[Received]], Sequence[Outcome]]


class Door:
    """The web application (ASGI)."""

    def __init__(
        self,
        keep: Keep,
        *,
        path: str = "/webhook",
        verify_token: str,
        app_secret: str,
        largest_body: int = LARGEST_BODY,
        largest_group: int = LARGEST_GROUP,
    ) -> None:
        """`keep` commits a group for good before it returns, and says of each None, or why it alone is refused.

        It runs in one thread of its own, never twice at once. `largest_group` 1 commits each body by itself.
        """
        self._groups = CommitGroups(keep, largest=largest_group)
        self._paths = frozenset({path, path.rstrip("/") + "/"})  # some people write the slash at the end
        self._verify_token = verify_token
        self._app_secret = app_secret
        self._largest_body = largest_body
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        if scope["path"] not in self._paths:
            await _answer(send, 404, b"not found\n")
        elif scope["method"] == "POST":
            await self._notification(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            challenge = _challenge(scope["query_string"], self._verify_token)
            if challenge is None:
                await _answer(send, 403, b"forbidden\n")
            else:
                await _answer(send, 200, challenge, ((b"x-content-type-options", b"nosniff"),))
        else:
            await _answer(send, 405, b"method not allowed\n", ((b"allow", b"GET, HEAD, POST"),))

    def stop(self) -> None:
        """Waits until everything that came in is committed. For after the last request was answered."""
        self._groups.stop()

    async def _notification(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        signature, announced = _named(headers)
        if announced > self._largest_body:
            await _refuse(receive, send, 413, b"too large\n")
            return
        if signature is None:
            is_small = await _is_within(receive, self._largest_body)
            await (_answer(send, 403, b"forbidden\n") if is_small else _refuse(receive, send, 413, b"too large\n"))
            return
        message = await receive()
        if message["type"] == "http.request" and not message["more_body"]:  # nearly always
            await self._judge(message["body"], signature, headers, send)
            return
        held = _Held(self)
        try:
            raw = await self._pieces(message, receive, held)
            if isinstance(raw, bytes):
                await self._judge(raw, signature, headers, send)
            elif raw is not None:
                await _refuse(receive, send, raw, b"too large\n" if raw == 413 else b"try again\n")
        finally:
            held.release()

    async def _pieces(self, message: Any, receive: Receive, held: _Held) -> bytes | int | None:
        """The whole body; or the status that refuses it; or None when the caller hung up."""
        pieces: list[bytes] = []
        while message["type"] == "http.request":
            pieces.append(message["body"])
            held.take(len(message["body"]))
            if held.size > self._largest_body:
                return 413
            if self._held > LARGEST_TOGETHER:
                return 503
            if not message["more_body"]:
                return b"".join(pieces)
            message = await receive()
        return None

    async def _judge(self, raw: bytes, signature: bytes, headers: Sequence[tuple[bytes, bytes]], send: Send) -> None:
        """Verifies, has it committed, answers."""
        if len(raw) > self._largest_body:
            await _answer(send, 413, b"too large\n")
            return
        header = signature.decode("latin-1")
        if len(raw) < _LARGE:
            is_signed = verify(raw, header, self._app_secret)
        else:
            is_signed = await asyncio.to_thread(verify, raw, header, self._app_secret)
        if not is_signed:
            await _answer(send, 403, b"forbidden\n")
            return
        try:
            refusal = await self._groups.put(Received(raw, headers), len(raw))
        except Exception as error:
            if not isinstance(error, Problem):
                _log.error("a notification of %d bytes could not be kept", len(raw), exc_info=error)
            await _answer(send, 503, b"try again\n", ((b"retry-after", b"5"),))
            return
        if refusal is None:
            await _answer(send, 200, b"ok\n")
        else:
            await _answer(send, 400, b"unreadable\n")


class _Held:
    """How much of what the door holds is one request's."""

    __slots__ = ("_door", "size")

    def __init__(self, door: Door) -> None:
        self._door = door
        self.size = 0

    def take(self, size: int) -> None:
        self.size += size
        self._door._held += size

    def release(self) -> None:
        self._door._held -= self.size


def each(receive: Callable[[bytes], object]) -> Keep:
    """A `keep` for `Door` out of something that commits one body; what it raises as `Invalid` is refused alone."""

    def keep(group: Sequence[Received]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for item in group:
            try:
                receive(item.body)
                outcomes.append(None)
            except Invalid as problem:
                outcomes.append(problem)
        return outcomes

    return keep


def _named(headers: Sequence[tuple[bytes, bytes]]) -> tuple[bytes | None, int]:
    """The signature, and the length that was announced (0 where none was)."""
    signature, announced = None, 0
    for name, value in headers:
        if name == _SIGNATURE:
            signature = value
        elif name == b"content-length" and value.isdigit():
            announced = int(value[:20])
    return signature, announced


async def _is_within(receive: Receive, largest: int) -> bool:
    """Lets a body that nobody wants pass by; False as soon as it is too large."""
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message["body"])
        if size > largest:
            return False
        if not message["more_body"]:
            break
    return True


def _challenge(query: bytes, verify_token: str) -> bytes | None:
    """What to answer to the handshake, or None when it is not Meta's."""
    try:
        given = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return None
    challenge = given.get("hub.challenge", "")
    token = given.get("hub.verify_token", "").encode(errors="replace")
    is_ours = bool(verify_token) and hmac.compare_digest(token, verify_token.encode())
    if given.get("hub.mode") != "subscribe" or not is_ours or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return None
    return challenge.encode()


async def _answer(send: Send, status: int, body: bytes, more: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _headers(body, more)})
    await send({"type": "http.response.body", "body": body})


async def _refuse(receive: Receive, send: Send, status: int, body: bytes) -> None:
    """Answers a request that has not come whole, at once; then lets some more of it come, and closes.

    A connection closed with unread bytes in it is reset, and then many a client never sees the answer.
    """
    closing = ((b"connection", b"close"),)
    await send({"type": "http.response.start", "status": status, "headers": _headers(body, closing)})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while (message := await receive())["type"] == "http.request" and message["more_body"]:
                pass
    await send({"type": "http.response.body", "body": b""})


def _headers(body: bytes, more: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *more]
