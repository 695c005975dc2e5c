"""Who may come in: versions, tokens, headers, bodies of Graph requests.

Facts cloud-api.md section 1: versions and their ends, bearer token, the form of User-Agent (where one is given),
the response headers. A version is refused from its last day on by the sandbox's clock.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from .book import Account
from .failures import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from .engine import Engine

BODY_MOST = 101 * 1024 * 1024
_ENDS = {
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    24: date(2028, 2, 18),
    25: date(2028, 7, 29),
    26: None,
}
_USER_AGENT = re.compile(r"[a-zA-Z0-9\-_]+/[0-9]+\.[0-9]+\.[0-9]+(;[a-zA-Z0-9\-=.]+)?(\s+[a-zA-Z0-9\-_]+/[0-9\-.]+)?\Z")


class Asked(NamedTuple):
    """One request whose version and token were found good."""

    http: Request
    account: Account
    version: int
    node: str
    body: bytes

    @property
    def base_url(self) -> str:
        """This server's own address."""
        return f"{self.http.url.scheme}://{self.http.url.netloc}"

    @property
    def address(self) -> str:
        """This request's address without its query."""
        return f"{self.base_url}{self.http.url.path}"

    @property
    def query(self) -> dict[str, str]:
        """The query, the last value of each name; never the token."""
        return {key: value for key, value in self.http.query_params.items() if key != "access_token"}

    def json(self, *, may_be_empty: bool = False) -> object:
        """The JSON body. Raises Refusal 100."""
        if not self.body and may_be_empty:
            return {}
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refusal(100, "Invalid JSON in request body.") from None


class Admission:
    """Looks at every request before anything is done for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def headers(self, http: Request, trace_id: str) -> dict[str, str]:
        """What every answer carries."""
        usage = {one.waba_id: [{"type": "messages", "call_count": 1, "total_cputime": 1, "total_time": 1,
                 "estimated_time_to_regain_access": 0}] for one in self._engine.book.accounts}  # fmt: skip
        return {
            "date": format_datetime(self._engine.clock.now().astimezone(UTC), usegmt=True),
            "x-business-use-case-usage": json.dumps(usage),
            "x-fb-trace-id": trace_id,
            "x-fb-request-id": trace_id[1:17],
            "facebook-api-version": first_step(http),
        }

    def admit(self, http: Request, body: bytes) -> Asked:
        """The request, once everything about it is in order. Raises Refusal."""
        agent = http.headers.get("user-agent")
        if agent is not None and not _USER_AGENT.match(agent):
            raise Refusal(100, f"The User-Agent {agent!r} does not have the form name/1.2.3.")
        version = self._version(first_step(http))
        now = self._engine.clock.now()
        kind, _, token = http.headers.get("authorization", "").partition(" ")
        given = token.strip() if kind.lower() in ("bearer", "oauth") else http.query_params.get("access_token", "")
        if not given:
            raise Refusal(104, "An access token is required to request this resource.")
        account = self._engine.book.account_of(given)
        if account is None:
            raise Refusal(190, "Invalid OAuth access token.", subcode=463)
        if account.grant.has_expired(now):
            raise Refusal(190, "Error validating access token: Session has expired.", subcode=463)
        return Asked(http, account, version, http.path_params.get("node", ""), body)

    def _version(self, text: str) -> int:
        found = re.fullmatch(r"v(\d{1,3})\.0", text)
        if found is None:
            raise Refusal(100, "Invalid version format. Use format like 'v25.0'.")
        version = int(found[1])
        if version not in _ENDS:
            raise Refusal(100, f"{text} is not a live version of the Graph API.")
        end = _ENDS[version]
        if end is not None and self._engine.clock.now().date() >= end:
            raise Refusal(100, f"{text} of the Graph API ended on {end}.")
        return version


def first_step(http: Request) -> str:
    """The version in the path, also where the rest of the path is unknown."""
    return http.url.path.split("/", 2)[1]


async def body_of(http: Request) -> bytes:
    taken = bytearray()
    async for piece in http.stream():
        taken += piece
        if len(taken) > BODY_MOST:
            raise Refusal(100, "The request is too large.", http=413)
    return bytes(taken)
