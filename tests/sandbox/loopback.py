"""The two ends of the sandbox's wire, by hand: a caller on http.client and a receiver on http.server.

Neither is wacli's own client or receiver: those are what the sandbox is there to judge.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from wacli.sandbox.engine import DEFAULT_SECRET, DEFAULT_TOKEN
from wacli.sandbox.sandbox import Sandbox

PATIENCE = 10.0  # real seconds; only a failing test waits that long


class Got(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> int:
        code: int = self.json["error"]["code"]
        return code

    @property
    def details(self) -> str:
        return str(self.json["error"]["error_data"]["details"])


class Caller:
    """Speaks HTTP to the sandbox; a new connection for each request."""

    def __init__(
        self, sandbox: Sandbox, *, token: str | None = DEFAULT_TOKEN, agent: str | None = "wacli/0.1.0"
    ) -> None:
        self.sandbox, self.token, self.agent = sandbox, token, agent

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE,
    ) -> Got:
        where = urlsplit(str(self.sandbox.base_url))
        link = http.client.HTTPConnection(str(where.hostname), where.port, timeout=timeout)
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if self.agent is not None:
            sent.setdefault("User-Agent", self.agent)
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            link.request(method, path.removeprefix(str(self.sandbox.base_url)), raw, sent)
            answer = link.getresponse()
            return Got(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
        finally:
            link.close()

    def send(self, body: Mapping[str, object], *, timeout: float = PATIENCE) -> Got:
        return self.call("POST", f"/v25.0/{self.sandbox.number.id}/messages", body, timeout=timeout)


def text_to(to: str, body: str = "hai", **more: object) -> dict[str, object]:
    """The smallest text message."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}, **more}


def template_to(to: str, name: str, language: str, *components: object, **more: object) -> dict[str, object]:
    """A template send."""
    template: dict[str, object] = {"name": name, "language": {"code": language}}
    if components:
        template["components"] = list(components)
    return {"messaging_product": "whatsapp", "to": to, "type": "template", "template": template, **more}


def body_values(*texts: str, **named: str) -> dict[str, object]:
    """A body component with numbered or named values."""
    parameters: list[dict[str, str]] = [{"type": "text", "text": text} for text in texts]
    parameters += [{"type": "text", "parameter_name": key, "text": value} for key, value in named.items()]
    return {"type": "body", "parameters": parameters}


class Receiver:
    """Takes webhooks: keeps raw bodies, checks signatures over them, answers what it is told to."""

    def __init__(self, secret: str = DEFAULT_SECRET) -> None:
        self.secret = secret
        self.bodies: list[bytes] = []
        self.refuses = 0  # how many posts get 503 first
        self.refused = 0
        self.verify_token = "sandbox-verify"
        self._came = threading.Condition()
        self.url = ""

    def take(self, body: bytes, signature: str | None) -> int:
        wanted = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if signature is None or not hmac.compare_digest(signature, wanted):
            return 403
        with self._came:
            if self.refuses:
                self.refuses -= 1
                self.refused += 1
                return 503
            self.bodies.append(body)
            self._came.notify_all()
        return 200

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The bodies, once there are at least `count` of them."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.bodies) >= count, PATIENCE)
            return self.told

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.bodies]

    @property
    def values(self) -> list[dict[str, Any]]:
        """Every `value` of every entry and change."""
        return [change["value"] for one in self.told for entry in one["entry"] for change in entry["changes"]]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values for status in value.get("statuses", [])]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values for message in value.get("messages", [])]


@contextmanager
def listening(receiver: Receiver) -> Iterator[Receiver]:
    """The receiver on a free loopback port."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(receiver.take(body, self.headers.get("X-Hub-Signature-256")), b"")

        def do_GET(self) -> None:
            asked = {key: value[0] for key, value in parse_qs(urlsplit(self.path).query).items()}
            is_ours = asked.get("hub.mode") == "subscribe" and asked.get("hub.verify_token") == receiver.verify_token
            self._say(200 if is_ours else 403, asked.get("hub.challenge", "").encode())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
