"""Uploads, lookups, downloads: facts cloud-api.md section 3."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import Caller, Got
from wacli.sandbox.failures import Refusal
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


def multipart(content: bytes, mime_type: str, *, product: bytes = b"whatsapp") -> bytes:
    head = (
        b'\r\nContent-Disposition: form-data; name="file"; filename="bunga.png"\r\nContent-Type: ' + mime_type.encode()
    )
    product_part = b'\r\nContent-Disposition: form-data; name="messaging_product"\r\n\r\n' + product + b"\r\n"
    edge = b"----edge77"
    return edge + product_part + edge + head + b"\r\n\r\n" + content + b"\r\n" + edge + b"--\r\n"


KIND = 'multipart/form-data; boundary="--edge77"'


def upload(caller: Caller, content: bytes, mime_type: str, **more: bytes) -> Got:
    path = f"/v25.0/{caller.sandbox.number.id}/media"
    return caller.call("POST", path, multipart(content, mime_type, **more), headers={"Content-Type": KIND})


def test_up_and_down_again(still: Sandbox, caller: Caller) -> None:
    media_id = upload(caller, PNG, "image/png").json["id"]
    told = caller.call("GET", f"/v25.0/{media_id}").json
    assert told["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (told["file_size"], told["mime_type"], told["id"]) == (len(PNG), "image/png", media_id)
    got = caller.call("GET", told["url"])
    assert (got.body, got.headers["content-type"]) == (PNG, "image/png")
    assert Caller(still, token=None).call("GET", told["url"]).status == 401
    still.advance(timedelta(minutes=5))
    assert caller.call("GET", told["url"]).status == 404
    assert caller.call("DELETE", f"/v25.0/{media_id}").json == {"success": True}
    assert caller.call("GET", f"/v25.0/{media_id}").json["error"]["error_subcode"] == 33


def test_an_uploaded_file_can_be_sent_for_thirty_days_and_only_as_what_it_is(
    still: Sandbox, sari: Puppet, caller: Caller
) -> None:
    media_id = upload(caller, PNG, "image/png").json["id"]
    message = {"messaging_product": "whatsapp", "to": "6281234567890", "type": "image", "image": {"id": media_id}}
    assert caller.send(message).status == 200
    assert caller.send(message | {"type": "video", "video": {"id": media_id}, "image": None}).code in (100, 131053)
    still.advance(timedelta(days=30))
    assert caller.send(message).code == 131009


@pytest.mark.parametrize(
    ("size", "mime_type", "code"),
    [(5 * 2**20, "image/jpeg", None), (5 * 2**20 + 1, "image/jpeg", 131053), (500 * 1024 + 1, "image/webp", 131053),
     (0, "image/png", 131053), (10, "image/tiff", 100), (10, "application/zip", 100)],
)  # fmt: skip
def test_types_and_sizes(still: Sandbox, size: int, mime_type: str, code: int | None) -> None:
    body = multipart(b"x" * size, mime_type)
    if code is None:
        assert still.media.upload(still.account, KIND, body, NOON)
        return
    with pytest.raises(Refusal) as caught:
        still.media.upload(still.account, KIND, body, NOON)
    assert caught.value.code == code


def test_what_is_no_upload_is_refused(still: Sandbox, caller: Caller) -> None:
    assert upload(caller, PNG, "image/png", product=b"sms").code == 100
    path = f"/v25.0/{still.number.id}/media"
    for kind, body in (("application/json", b"{}"), ("multipart/form-data", b"x"), (KIND, b"no parts at all")):
        assert caller.call("POST", path, body, headers={"Content-Type": kind}).code == 100


@given(st.binary(min_size=1, max_size=200))
def test_every_byte_arrives_as_it_left(content: bytes) -> None:
    sandbox = Sandbox(seed=1)
    media_id = sandbox.media.upload(sandbox.account, KIND, multipart(content, "text/plain"), NOON)
    told = sandbox.media.lookup(sandbox.account, media_id, "", NOON)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
