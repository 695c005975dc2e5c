"""Send bodies that others published: the well-formed ones are accepted, and it is said why the rest are not."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.support.fixtures import json_under
from wacli.sandbox.clock import Clock
from wacli.sandbox.failures import Refusal
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.template_rules import PLACEHOLDER
from wacli.sandbox.templates import Template

# Three bodies are not what the facts describe; everything else has to pass.
NOT_WELL_FORMED = {
    "facebook-openapi/messages/send-reply-to-list-message.json": 131008,  # no `type`, so a text without text
    "facebook-openapi/messages/send-sample-issue-resolution-template.json": 132018,  # a quick reply with text: true
    "whatsapp-business-java-api/expectedMessage18.json": 100,  # a registration PIN, not a message
}
NUMBER = "16505551234"


def test_send_bodies_of_others() -> None:
    bodies = json_under("requests")
    refused: dict[str, int] = {}
    for name, body in bodies.items():
        sandbox, ids = _world()
        filled = _filled(body, ids)
        if filled.get("type") == "template":
            _put_template(sandbox, filled["template"])
        try:
            sandbox.post_message(filled)
        except Refusal as refusal:
            refused[name] = refusal.code
    assert len(bodies) == 68
    assert refused == NOT_WELL_FORMED


def _world() -> tuple[Sandbox, Mapping[str, str]]:
    """A sandbox in which the placeholders of the bodies mean something."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    sandbox = Sandbox(clock=Clock(now, speed=0), seed=1)
    for phone in (NUMBER, "16315555555", "121212121212"):
        heard = sandbox.add_customer("Someone", phone).says("hello")
    kinds = {"audio": "audio/ogg", "document": "application/pdf", "image": "image/png", "video": "video/mp4",
             "sticker": "image/webp"}  # fmt: skip
    ids = {"message": heard}
    for kind, mime_type in kinds.items():
        edge = b"x"
        parts = [b'Content-Disposition: form-data; name="messaging_product"\r\n\r\nwhatsapp',
                 b'Content-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: '
                 + mime_type.encode() + b"\r\n\r\nbytes"]  # fmt: skip
        whole = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + edge + b"--\r\n"
        ids[kind] = sandbox.media.upload(sandbox.account, "multipart/form-data; boundary=x", whole, now)
    return sandbox, ids


def _filled(body: Mapping[str, Any], ids: Mapping[str, str], kind: str = "") -> Any:
    """The body with its placeholders replaced by values of the right form."""
    filled: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, dict):
            filled[key] = _filled(value, ids, key)
        elif isinstance(value, list):
            filled[key] = [_filled(one, ids, key) if isinstance(one, dict) else one for one in value]
        elif key == "message_id":
            filled[key] = ids["message"]
        elif key == "id" and kind in ids:
            filled[key] = ids[kind]
        elif isinstance(value, str) and "http(s)" in value:
            filled[key] = "https://example.com/file"
        elif isinstance(value, str) and re.search(r"\{\{Recipient", value):
            filled[key] = NUMBER
        elif value == "<HEADER_TYPE>":
            filled[key] = "text"
        elif isinstance(value, str) and value == "language-and-locale-code":
            filled[key] = "en_US"
        elif isinstance(value, str) and (value.startswith(("<", "{{"))):
            filled[key] = _short(value)
        else:
            filled[key] = value
    return filled


def _short(placeholder: str) -> str:
    """Different placeholders stay different, and short enough for every title."""
    return "p" + format(zlib.crc32(placeholder.encode()), "d")


def _put_template(sandbox: Sandbox, sent: Mapping[str, Any]) -> None:
    """The approved template that this send must have been written for."""
    components: list[dict[str, Any]] = []
    buttons: list[dict[str, Any]] = []
    for part in sent.get("components", []):
        count = len(part.get("parameters", []))
        if part["type"] == "header":
            components.append({"type": "HEADER", "format": part["parameters"][0]["type"].upper()})
        elif part["type"] == "body":
            words = " ".join(f"{{{{{number + 1}}}}}" for number in range(count))
            components.append({"type": "BODY", "text": f"Hello {words} bye"})
            assert len(PLACEHOLDER.findall(words)) == count
        else:
            button = {"type": part["sub_type"].upper(), "text": f"Button {part['index']}"}
            buttons.append(button | ({"url": "https://example.com/{{1}}"} if button["type"] == "URL" else {}))
    if not any(one["type"] == "BODY" for one in components):
        components.append({"type": "BODY", "text": "Hello"})
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    name, language = sent["name"], sent["language"]["code"]
    template = Template("1", name, language, "UTILITY", json.loads(json.dumps(components)), "APPROVED")
    sandbox.account.templates.keep(template)
