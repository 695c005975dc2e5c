"""Paths, versions, tokens, headers, and what the nodes say: facts cloud-api.md sections 1 and 5."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sandbox.loopback import Caller, text_to
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox

SARI = "+6281234567890"


@pytest.mark.parametrize(
    ("version", "status"),
    [("v21.0", 200), ("v26.0", 200), ("v20.0", 400), ("v27.0", 400), ("v25", 400), ("25.0", 400), ("v25.1", 400)],
)
def test_versions(caller: Caller, version: str, status: int) -> None:
    got = caller.call("GET", f"/{version}/{caller.sandbox.number.id}")
    assert got.status == status
    if status == 400:
        assert got.code == 100


def test_a_version_dies_on_its_day_by_the_sandboxs_clock() -> None:
    sandbox = Sandbox(clock=Clock(datetime(2027, 1, 20, 23, tzinfo=UTC), speed=0))
    with sandbox:
        path = f"/v21.0/{sandbox.number.id}"
        assert Caller(sandbox).call("GET", path).status == 200
        sandbox.set_clock(datetime(2027, 1, 21, tzinfo=UTC))
        assert Caller(sandbox).call("GET", path).status == 400


@pytest.mark.parametrize(
    ("agent", "status"),
    [
        ("wacli/0.1.0", 200),
        ("wacli/1.2.3;linux python/3.11", 200),
        (None, 200),
        ("wacli/0", 400),
        ("Mozilla/5.0 (X)", 400),
    ],
)
def test_the_form_of_the_user_agent(still: Sandbox, caller: Caller, agent: str | None, status: int) -> None:
    got = Caller(still, agent=agent).call("GET", f"/v25.0/{still.number.id}", headers={"Accept": "*/*"})
    assert got.status == status


def test_tokens(still: Sandbox, caller: Caller) -> None:
    path = f"/v25.0/{still.number.id}"
    assert (Caller(still, token=None).call("GET", path).status, Caller(still, token=None).call("GET", path).code) == (
        401,
        104,
    )
    assert (Caller(still, token="old").call("GET", path).status, Caller(still, token="old").call("GET", path).code) == (
        401,
        190,
    )
    assert Caller(still, token=None).call("GET", f"{path}?access_token=sandbox-token").status == 200
    other = still.add_account("Warung", "+62 811 222 333", "other-token", "other-secret")
    hidden = Caller(still, token="other-token").call("GET", path)
    assert (hidden.status, hidden.code, hidden.json["error"]["error_subcode"]) == (400, 100, 33)
    assert hidden.json["error"]["type"] == "GraphMethodException"
    assert Caller(still, token="other-token").call("GET", f"/v25.0/{other.numbers[0].id}").status == 200


def test_headers_of_every_answer(caller: Caller) -> None:
    for path in (f"/v25.0/{caller.sandbox.number.id}", "/v25.0/1/nonsense/x"):
        headers = caller.call("GET", path).headers
        assert caller.sandbox.account.waba_id in headers["x-business-use-case-usage"]
        assert headers["x-fb-trace-id"]
        assert headers["x-fb-request-id"]
        assert headers["content-type"].startswith("application/json")
    assert caller.call("GET", f"/v24.0/{caller.sandbox.number.id}").headers["facebook-api-version"] == "v24.0"


def test_unknown_paths_and_methods(caller: Caller) -> None:
    node = caller.sandbox.number.id
    for method, path in (
        ("GET", f"/v25.0/{node}/messages"),
        ("POST", f"/v25.0/{node}/mesages"),
        ("DELETE", "/v25.0/a/b/c"),
    ):
        got = caller.call(method, path, {})
        assert (got.status, got.code) == (400, 2500)
    assert caller.call("POST", "/v25.0/77/messages", text_to(SARI)).json["error"]["error_subcode"] == 33
    assert caller.call("GET", "/v25.0/77/message_templates").json["error"]["error_subcode"] == 33


def test_the_number_tells_what_is_asked(caller: Caller) -> None:
    path = f"/v25.0/{caller.sandbox.number.id}"
    assert caller.call("GET", path).json == {
        "verified_name": "Toko Bunga Melati",
        "code_verification_status": "VERIFIED",
        "display_phone_number": "+62 811-1000-200",
        "quality_rating": "GREEN",
        "id": caller.sandbox.number.id,
    }
    limit = "whatsapp_business_manager_messaging_limit"
    assert caller.call("GET", f"{path}?fields=status,{limit}").json[limit] == "TIER_250"
    assert caller.call("GET", f"{path}?fields=messaging_limit_tier").code == 100
    assert caller.call("GET", f"{path.replace('25', '23')}?fields=messaging_limit_tier").json["messaging_limit_tier"]
    assert caller.call("GET", f"{path}?fields=shoe_size").code == 100
    page = caller.call("GET", f"/v25.0/{caller.sandbox.account.waba_id}/phone_numbers?fields=id,status").json
    assert page["data"] == [{"status": "CONNECTED", "id": caller.sandbox.number.id}]


def test_the_account_shows_a_missing_payment_method(caller: Caller) -> None:
    path = f"/v25.0/{caller.sandbox.account.waba_id}?fields=name,currency,primary_funding_id"
    assert "primary_funding_id" in caller.call("GET", path).json
    caller.sandbox.account.has_payment_method = False
    assert "primary_funding_id" not in caller.call("GET", path).json


def test_two_sandboxes_stand_side_by_side_and_stop(caller: Caller) -> None:
    with Sandbox() as other:
        assert other.base_url != caller.sandbox.base_url
        with pytest.raises(RuntimeError):
            other.start()
        port = int(str(other.base_url).rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            Sandbox().start(port)
    assert other.base_url is None
    other.start(port)
    other.stop()
