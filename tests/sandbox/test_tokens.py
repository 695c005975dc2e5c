"""What a token may do and until when, and the clock that the sandbox shows."""

from __future__ import annotations

from datetime import timedelta

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import Caller, text_to
from wacli.sandbox.book import Grant
from wacli.sandbox.engine import DEFAULT_TOKEN
from wacli.sandbox.sandbox import Sandbox

INSPECTED = f"/v25.0/debug_token?input_token={DEFAULT_TOKEN}"


def test_a_token_inspects_itself(still: Sandbox, caller: Caller) -> None:
    told = caller.call("GET", INSPECTED).json["data"]
    assert (told["is_valid"], told["expires_at"], told["app_id"]) == (True, 0, still.account.app_id)
    assert sorted(told["scopes"]) == ["whatsapp_business_management", "whatsapp_business_messaging"]
    assert {one["scope"]: one["target_ids"] for one in told["granular_scopes"]} == {
        scope: [still.account.waba_id] for scope in told["scopes"]
    }
    other = caller.call("GET", "/v25.0/debug_token?input_token=EAAnobody").json["data"]
    assert (other["is_valid"], other["error"]["code"]) == (False, 190)
    assert caller.call("GET", "/v25.0/debug_token").code == 100
    still.account.grant = Grant(is_inspectable=False)
    assert caller.call("GET", INSPECTED).code == 100


def test_a_token_ends_at_its_instant(still: Sandbox, caller: Caller) -> None:
    still.account.grant = Grant(expires_at=NOON + timedelta(hours=24))
    still.set_clock(NOON + timedelta(hours=24, seconds=-1))
    assert caller.call("GET", INSPECTED).json["data"]["expires_at"] == int((NOON + timedelta(hours=24)).timestamp())
    still.set_clock(NOON + timedelta(hours=24))
    assert caller.call("GET", INSPECTED).code == 190


def test_permissions_open_their_doors_only(still: Sandbox, caller: Caller) -> None:
    still.account.grant = Grant(scopes=("whatsapp_business_messaging",))
    assert caller.call("GET", f"/v25.0/{still.account.waba_id}/phone_numbers").code == 200
    assert caller.call("GET", f"/v25.0/{still.account.waba_id}/subscribed_apps").status == 403
    assert caller.send(text_to("+6281234567890")).status == 200
    still.account.grant = Grant(scopes=("whatsapp_business_management",))
    assert caller.call("GET", f"/v25.0/{still.account.waba_id}/phone_numbers").status == 200
    assert caller.send(text_to("+6281234567890")).code == 200


def test_the_date_is_the_sandboxs_own(still: Sandbox, caller: Caller) -> None:
    got = caller.call("GET", f"/v25.0/{still.number.id}")
    assert got.headers["date"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    still.advance(timedelta(hours=25))
    refused = Caller(still, token="old").call("GET", "/v25.0/1")
    assert refused.headers["date"] == "Mon, 23 Nov 2026 13:00:00 GMT"


def test_health_is_as_good_as_its_worst_part(still: Sandbox, caller: Caller) -> None:
    def health() -> tuple[str, dict[str, str]]:
        told = caller.call("GET", f"/v25.0/{still.number.id}?fields=health_status").json["health_status"]
        return told["can_send_message"], {one["entity_type"]: one["can_send_message"] for one in told["entities"]}

    assert health()[0] == "AVAILABLE"
    still.account.has_payment_method = False
    assert health() == ("LIMITED", {"PHONE_NUMBER": "AVAILABLE", "WABA": "LIMITED", "APP": "AVAILABLE"})
    still.number.status = "BANNED"
    assert health()[0] == "BLOCKED"
