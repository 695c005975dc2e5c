"""One request, one answer, and the truth about what happened in between.

A send is not idempotent (facts: cloud-api.md section 6), so this room never repeats one and always says in which
phase a request failed:

- *before* it was whole on the wire -> `NeverLeft`: connecting failed, or the connection broke while bytes were still
  being handed over. A server cannot have processed a request whose announced length never arrived.
- *after* -> `MaybeLeft`: silence, a reset, an answer that cannot be read.

That is why it drives `urllib3.connection` itself, with a small pool of its own, instead of `urllib3.PoolManager`:
the manager folds both phases into the same exceptions (an `SSLError` can be either), and repeats by default.

Connections are kept alive, because a TLS handshake costs more than a send. A connection that the other side has
closed shows up as readable and is dropped (`HTTPConnection.is_connected`, the check urllib3's own pool uses); but a
close that is still on its way cannot be seen, so connections idle for more than `idle_s` seconds are dropped too.

Not supported, and said so in the documentation: proxies from the environment.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from wacli.domain.problem import Invalid
from wacli.domain.text import t

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

    from .whole_sends import PlainAnswer, PlainConnection, SafeConnection

    Connection = PlainConnection | SafeConnection

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANSWER_LIMIT = 16 * 1024 * 1024
_CHUNK = 256 * 1024


class Answer(NamedTuple):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NeverLeft(Exception):
    """Nothing was accepted. `reason`: refused, unknown-host, tls, timeout, cut-off, network."""

    def __init__(self, reason: str, cause: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class MaybeLeft(Exception):
    """It may have been accepted. `reason`: timeout, closed, unreadable, too-large."""

    def __init__(self, reason: str, cause: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a server."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True for this machine itself."""
        return self.host in _LOOPBACK or self.host.startswith("127.")


def origin_of(url: str) -> Origin:
    """The server of a URL. Raises `Invalid` (`bad-url`) unless it is https, or http to this machine."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host, port = "", 0
    origin = Origin(parts.scheme, host, port)
    if not host or parts.username is not None or parts.scheme not in ("https", "http"):
        raise Invalid(
            "bad-url", t("{url} is not a usable address", url=_shown(url)), t("Write https://graph.facebook.com")
        )
    if parts.scheme == "http" and not origin.is_loopback:
        raise Invalid(
            "bad-url",
            t("{url} would send the token and the messages unencrypted", url=_shown(url)),
            t("Use https://; plain http is for this machine only (the sandbox)"),
        )
    return origin


def _shown(url: str) -> str:
    """The URL without its query, where tokens sometimes hide."""
    return url.split("?", 1)[0].split("@")[-1]


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, between two pieces of an answer, and how long a kept connection is trusted."""

    connect_s: float = 10.0
    read_s: float = 30.0
    idle_s: float = 4.0

    @property
    def longest_s(self) -> float:
        """How long a small request may be under way."""
        return self.connect_s + self.read_s


class Connections:
    """Kept-alive connections to one server; safe to use from many threads at once."""

    def __init__(self, origin: Origin, patience: Patience, clock: Callable[[], float] = time.monotonic) -> None:
        self.origin = origin
        self._patience = patience
        self._clock = clock
        self._idle: deque[tuple[Connection, float]] = deque()  # its own operations are atomic
        self._tls: ssl.SSLContext | None = None

    def exchange(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Sends one request and reads its answer. What a dead kept connection swallowed whole is never sent again,
        except a GET.

        `sink` takes the bytes of a 200 answer piece by piece instead of `Answer.body`. Raises `NeverLeft`, `MaybeLeft`.
        """
        connection = self._kept()
        if connection is not None:
            try:
                return self._over(connection, method, target, headers, body, sink)
            except NeverLeft:
                pass  # the kept connection was dead and nothing whole left on it: safe for every method
            except MaybeLeft as failure:
                if method != "GET" or failure.reason != "closed":
                    raise
        return self._over(self._fresh(), method, target, headers, body, sink)

    def close(self) -> None:
        """Closes what is kept; a later exchange opens anew."""
        while self._idle:
            self._idle.pop()[0].close()

    def _kept(self) -> Connection | None:
        while True:
            try:
                connection, since = self._idle.pop()
            except IndexError:
                return None
            if self._clock() - since < self._patience.idle_s and connection.is_connected:
                return connection
            connection.close()

    def _fresh(self) -> Connection:
        from urllib3 import exceptions

        from .whole_sends import PlainConnection, SafeConnection

        connection: Connection
        if self.origin.scheme == "https":
            connection = SafeConnection(
                self.origin.host,
                self.origin.port,
                timeout=self._patience.connect_s,
                cert_reqs="CERT_REQUIRED",
                ssl_context=self._context(),
            )
        else:
            connection = PlainConnection(self.origin.host, self.origin.port, timeout=self._patience.connect_s)
        try:
            connection.connect()
        except (OSError, exceptions.HTTPError) as error:
            connection.close()
            raise NeverLeft(_connect_reason(error), type(error).__name__) from None
        if connection.sock is not None:
            connection.sock.settimeout(self._patience.read_s)
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:  # two threads may both make one: the later wins, both are good
            from urllib3.util.ssl_ import create_urllib3_context

            context = create_urllib3_context(cert_reqs=_cert_required())
            context.load_default_certs()
            self._tls = context
        return self._tls

    def _over(
        self,
        connection: Connection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        sink: Callable[[bytes], object] | None,
    ) -> Answer:
        from http.client import HTTPException

        from urllib3.exceptions import HTTPError

        cut: Exception | None = None
        try:
            try:
                connection.ask(method, target, headers, body)
            except (OSError, HTTPException, HTTPError) as error:
                cut = error
                if not isinstance(error, ConnectionError):
                    raise
                # A server that refuses early answers before it has read everything: look for that answer.
            response = connection.answer(is_streamed=sink is not None)
        except (OSError, HTTPException, HTTPError) as error:
            connection.close()
            if cut is not None:
                raise NeverLeft("cut-off", type(cut).__name__) from None
            raise MaybeLeft(_read_reason(error), type(error).__name__) from None
        try:
            answer = _read(response, sink)
        except (OSError, HTTPException, HTTPError) as error:
            connection.close()
            reason = _read_reason(error)
            raise MaybeLeft("unreadable" if reason == "closed" else reason, type(error).__name__) from None
        except _SinkFailed as failure:
            connection.close()  # the rest of the answer is still on the wire
            raise failure.error from None
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None and cut is None:
            self._idle.append((connection, self._clock()))
        else:
            connection.close()
        return answer


def _read(response: HTTPResponse | PlainAnswer, sink: Callable[[bytes], object] | None) -> Answer:
    if isinstance(response, tuple):
        if len(response.body) > ANSWER_LIMIT:
            raise _TooLarge
        return Answer(*response)
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    if sink is not None and response.status == 200:
        while piece := response.read(_CHUNK):
            try:
                sink(piece)
            except Exception as error:
                raise _SinkFailed(error) from None
        _check_whole(response)
        return Answer(response.status, headers, b"")
    if response.length is not None and response.length > ANSWER_LIMIT:
        raise _TooLarge
    body = response.read(ANSWER_LIMIT + 1)
    if len(body) > ANSWER_LIMIT:
        raise _TooLarge
    _check_whole(response)
    return Answer(response.status, headers, body)


def _check_whole(response: HTTPResponse) -> None:
    """Reading in pieces does not complain about a body that ends before its announced length."""
    if response.length:
        from http.client import IncompleteRead

        raise IncompleteRead(b"", response.length)


class _TooLarge(OSError):
    """More than `ANSWER_LIMIT` bytes: no answer of this API is that large."""


class _SinkFailed(Exception):
    """The caller could not take a piece (a full disk, say): its own error, not one of the network."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _cert_required() -> int:
    import ssl

    return ssl.CERT_REQUIRED


def _connect_reason(error: Exception) -> str:
    import ssl

    from urllib3 import exceptions

    if isinstance(error, exceptions.NameResolutionError):
        return "unknown-host"
    if isinstance(error, (exceptions.SSLError, ssl.SSLError)):
        return "tls"
    # Before the time-out: urllib3 makes a refused connection a kind of connect time-out.
    if isinstance(error, (exceptions.NewConnectionError, ConnectionError)):
        return "refused"
    if isinstance(error, (exceptions.ConnectTimeoutError, TimeoutError)):
        return "timeout"
    return "network"


def _read_reason(error: Exception) -> str:
    from urllib3 import exceptions

    if isinstance(error, _TooLarge):
        return "too-large"
    if isinstance(error, (TimeoutError, exceptions.ReadTimeoutError)):
        return "timeout"
    if isinstance(error, ConnectionError):  # http.client.RemoteDisconnected is one
        return "closed"
    if isinstance(error, exceptions.ProtocolError) and "IncompleteRead" not in str(error):
        return "closed"
    return "unreadable"
