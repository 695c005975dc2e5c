"""A thin client of the WhatsApp Cloud API: addresses, the token, JSON, and every answer turned into one of four ends.

Source: facts cloud-api.md sections 1, 2, 5, 6. The version of the Graph API is a setting (default v25.0, alive until
2028-07-29). `send` returns `Accepted`, or raises `NotSent`, `ApiRefused`/`ApiBusy` or `OutcomeUnknown`; see
`wacli.cloudapi.failures` for what each allows. Calls that only read raise `NotSent`, `ApiRefused`/`ApiBusy` or
`Unavailable`, and may be repeated.

The token is given as a value or as a callable, is asked for at each request, travels in the `Authorization` header
only, and never appears in a repr, a message or the details of a problem: Meta quotes malformed tokens in its error
texts, so whatever an error says is searched for it first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from wacli import __version__
from wacli.domain.problem import Invalid, Unavailable
from wacli.domain.text import t

from .answers import Accepted, next_query, read_accepted, read_json, read_problem
from .failures import NotSent, OutcomeUnknown, failure_of
from .transport import Answer, Connections, MaybeLeft, NeverLeft, Origin, Patience, origin_of

__all__ = ["Accepted", "Client", "Settings", "Token", "segment"]

DEFAULT_VERSION = "v25.0"
_PAGE_LIMIT = 1_000


class Token:
    """An access token that does not show itself. `source` is the token or a callable that fetches it."""

    __slots__ = ("_source",)

    def __init__(self, source: str | Callable[[], str]) -> None:
        self._source = source

    def reveal(self) -> str:
        """The token. Raises `Invalid` (`bad-token`) for an empty one or one with blanks inside; never quotes it."""
        token = (self._source if isinstance(self._source, str) else self._source()).strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise Invalid(
                "bad-token",
                t("The access token is empty or holds characters that no token has"),
                t("Give it again: wacli setup"),
            )
        return token

    def __repr__(self) -> str:
        return "Token(...)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the API is and how long to wait for it."""

    base_url: str = "https://graph.facebook.com"
    version: str = DEFAULT_VERSION
    patience: Patience = field(default_factory=Patience)


class Client:
    """One account's door to the API. Safe to use from many threads; close it, or use it in a `with`."""

    def __init__(
        self,
        token: str | Callable[[], str] | Token,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token = token if isinstance(token, Token) else Token(token)
        self.settings = settings or Settings()
        self._clock = clock
        self._origin = origin_of(self.settings.base_url)
        prefix = urlsplit(self.settings.base_url).path.rstrip("/")
        self._prefix = f"{prefix}/{_version(self.settings.version)}"
        self._connections = {self._origin: Connections(self._origin, self.settings.patience, clock)}

    def __repr__(self) -> str:
        return f"Client({self.settings.base_url!r}, {self.settings.version!r})"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the kept connections."""
        for connections in list(self._connections.values()):
            connections.close()

    def send(self, phone_number_id: str, body: Mapping[str, object] | str) -> Accepted:
        """Sends a message body (from `outgoing.body_of`; a str is its JSON) once, and never again by itself.

        Raises `NotSent` (may be repeated), `ApiRefused` or `ApiBusy` (see `failure.may_retry`), `OutcomeUnknown`.
        """
        target = self._target(f"{segment(phone_number_id)}/messages")
        token = self._token.reveal()
        try:
            answer = self._exchange(token, "POST", target, _encoded(body), _JSON)
        except MaybeLeft as failure:
            raise OutcomeUnknown(failure.reason, {"cause": failure.cause}) from None
        told = read_json(answer.body)
        accepted = read_accepted(told) if 200 <= answer.status < 300 else None
        if accepted is not None:
            return accepted
        if not (isinstance(told, dict) and "error" in told):
            if 200 <= answer.status < 300:
                raise OutcomeUnknown("unreadable", {"http_status": answer.status})
            if not failure_of(answer.status, told).proves_not_accepted:
                raise OutcomeUnknown("server-error", {"http_status": answer.status})
        problem = read_problem(answer, told, token)
        if not problem.failure.proves_not_accepted:
            raise OutcomeUnknown("server-error", problem.details)
        raise problem

    def mark_read(self, phone_number_id: str, message_id: str, *, is_typing: bool = False) -> None:
        """Marks a message and those before it as read; `is_typing` shows typing for up to 25 seconds."""
        from .outgoing.envelope import read_body  # the builders cost 20 ms to load, and most calls need none

        self.post(f"{segment(phone_number_id)}/messages", read_body(message_id, is_typing=is_typing))

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at a path below the version. May be repeated."""
        return self._object("GET", self._target(path, query))

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Posts JSON where repeating does no harm (mark as read, settings); a message goes through `send`."""
        return self._object("POST", self._target(path), _dumps(body), _JSON)

    def post_bytes(
        self, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Posts something that is not JSON (an upload)."""
        return self._object("POST", self._target(path), body, {"Content-Type": content_type, **(headers or {})})

    def delete(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Deletes what is at a path."""
        return self._object("DELETE", self._target(path, query))

    def inspect_token(self) -> dict[str, Any]:
        """What Meta tells about the token itself (`debug_token`, asked with the same token)."""
        # Meta takes the token to inspect in the query only. It travels encrypted, and no message of ours holds a query.
        return self.get("debug_token", {"input_token": self._token.reveal()})

    def server_date(self) -> str | None:
        """The `Date` header of an answer, whatever else it says; None where there is none."""
        try:
            answer = self._exchange(self._token.reveal(), "GET", self._target("me", {"fields": "id"}), None, None)
        except MaybeLeft as failure:
            _silence(failure)
        return answer.headers.get("date")

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The elements of `data` on every page.

        The address in `paging.next` is never followed: only its query is taken over (without a token, should it carry
        one), so a page cannot lead to another server. Ends at a page without `next`, at one seen before, and raises
        `Unavailable` after 1,000 pages.
        """
        wanted = dict(query)
        seen: set[tuple[tuple[str, str], ...]] = set()
        for _ in range(_PAGE_LIMIT):
            seen.add(tuple(sorted(wanted.items())))
            page = self.get(path, wanted)
            elements = page.get("data")
            yield from (element for element in elements or () if isinstance(element, dict))
            following = next_query(page)
            if following is None:
                return
            wanted = {**query, **following}
            if tuple(sorted(wanted.items())) in seen:
                return
        raise Unavailable("endless-list", t("Meta's list does not end"), t("Try again later"))

    def download(self, url: str, sink: Callable[[bytes], object]) -> Mapping[str, str]:
        """Fetches a media URL with the token into `sink`, piece by piece; returns the headers of the answer.

        Raises `Invalid` (`bad-url`) for a server that is not Meta's, as the token goes with it.
        """
        origin = origin_of(url)
        if origin != self._origin and not _is_meta(origin):
            raise Invalid("bad-url", t("{host} is not a server of Meta: no token is sent there", host=origin.host))
        self._connections.setdefault(origin, Connections(origin, self.settings.patience, self._clock))
        token = self._token.reveal()
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            answer = self._exchange(token, "GET", target or "/", None, None, origin, sink)
        except MaybeLeft as failure:
            _silence(failure)
        if answer.status != 200:
            raise read_problem(answer, read_json(answer.body), token)
        return answer.headers

    def _object(
        self, method: str, target: str, body: bytes | None = None, more: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        token = self._token.reveal()
        try:
            answer = self._exchange(token, method, target, body, more)
        except MaybeLeft as failure:
            _silence(failure)
        told = read_json(answer.body)
        if not 200 <= answer.status < 300 or (isinstance(told, dict) and "error" in told):
            raise read_problem(answer, told, token)
        if not isinstance(told, dict):
            raise Unavailable(
                "bad-answer",
                t("The answer of the server is not what the WhatsApp API sends"),
                t("Check the address of the API: wacli config list"),
                {"http_status": answer.status},
            )
        return told

    def _exchange(
        self,
        token: str,
        method: str,
        target: str,
        body: bytes | None,
        more: Mapping[str, str] | None,
        origin: Origin | None = None,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "User-Agent": _USER_AGENT, **(more or {})}
        try:
            return self._connections[origin or self._origin].exchange(method, target, headers, body, sink)
        except NeverLeft as failure:
            host = (origin or self._origin).host
            raise _not_sent(failure, host) from None

    def _target(self, path: str, query: Mapping[str, str] | None = None) -> str:
        target = f"{self._prefix}/{path}"
        return f"{target}?{urlencode(query)}" if query else target


_USER_AGENT = f"wacli/{__version__}"
_JSON = {"Content-Type": "application/json"}
_ENCODER = json.JSONEncoder(separators=(",", ":"))  # escapes what is not ASCII: half a surrogate pair cannot break it
_META_DOMAINS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com")


def _is_meta(origin: Origin) -> bool:
    return origin.scheme == "https" and any(
        origin.host == domain or origin.host.endswith("." + domain) for domain in _META_DOMAINS
    )


def _version(text: str) -> str:
    number = text.removeprefix("v")
    if not number.replace(".", "", 1).isdigit() or not number.isascii():
        raise Invalid("bad-version", t("{text} is not a version of the Graph API", text=text), t("Write it like v25.0"))
    return f"v{number}" if "." in number else f"v{number}.0"


def segment(text: str) -> str:
    """One part of a path: an id with a slash or a question mark in it cannot lead elsewhere."""
    return quote(text, safe="")


def _encoded(body: Mapping[str, object] | str) -> bytes:
    return body.encode() if isinstance(body, str) else _dumps(body)


def _dumps(body: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(body).encode("ascii")


def _silence(failure: MaybeLeft) -> NoReturn:
    raise Unavailable(
        "no-answer",
        t("WhatsApp's server gave no usable answer"),
        t("Check the connection and try again"),
        {"reason": failure.reason, "cause": failure.cause},
    ) from None


def _not_sent(failure: NeverLeft, host: str) -> NotSent:
    messages = {
        "unknown-host": t("The server {host} was not found: is this computer online?", host=host),
        "tls": t("No safe connection to {host}: its certificate or encryption is not acceptable", host=host),
        "timeout": t("The server {host} did not take the connection in time", host=host),
        "cut-off": t("The connection to {host} broke before everything had left", host=host),
    }
    message = messages.get(failure.reason, t("The server {host} cannot be reached", host=host))
    return NotSent(
        failure.reason, message, t("Nothing was sent. Check the connection and try again"), {"cause": failure.cause}
    )
