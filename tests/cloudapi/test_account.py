"""What Meta tells about token, account, webhooks, health and clock, in every shape it may have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fixtures import fixtures_dir
from tests.support.transport import Answer, Expected, ScriptedServer
from wacli.cloudapi.account import (
    Ailment,
    TokenFacts,
    get_account,
    get_health,
    inspect_token,
    list_subscribed_apps,
    server_clock,
)
from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.failures import ApiRefused
from wacli.domain.problem import Problem

TOKEN = "EAAG+secret/with=signs"


class Told(Client):
    """A client to which Meta says one thing, whatever it is asked."""

    def __init__(self, told: object) -> None:
        super().__init__(TOKEN)
        self._told = told

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        assert isinstance(self._told, dict)
        return self._told


def test_a_token_that_never_ends() -> None:
    token = inspect_token(Told({"data": {
        "app_id": 77, "application": "Shop", "type": "SYSTEM_USER", "is_valid": True, "expires_at": 0,
        "scopes": ["whatsapp_business_messaging"],
        "granular_scopes": [{"scope": "whatsapp_business_messaging", "target_ids": ["12", 13]}, {"scope": "email"}],
    }}))  # fmt: skip
    assert token.never_expires
    assert token.expires_at is None
    assert (token.app_id, token.app_name, token.kind) == ("77", "Shop", "SYSTEM_USER")
    assert token.targets_of("whatsapp_business_messaging") == ("12", "13")
    assert token.targets_of("email") is None


def test_a_token_that_ends() -> None:
    token = inspect_token(Told({"data": {"is_valid": True, "expires_at": 1_795_000_000}}))
    assert token.expires_at == datetime.fromtimestamp(1_795_000_000, UTC)
    assert not token.never_expires
    assert token.scopes is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
_KEYS = st.sampled_from([
    "data", "expires_at", "scopes", "granular_scopes", "target_ids", "scope", "is_valid", "health_status", "entities",
    "can_send_message", "errors", "error_code", "webhook_configuration", "application", "currency", "id",
])  # fmt: skip


_parts = st.dictionaries(_KEYS, json_values, max_size=4)


@given(
    st.dictionaries(_KEYS, st.dictionaries(_KEYS, json_values | st.lists(_parts, max_size=2), max_size=4), max_size=5)
)
def test_whatever_is_told_is_read_or_left_out(told: dict[str, Any]) -> None:
    assert isinstance(inspect_token(Told(told)), TokenFacts)
    get_account(Told(told), "1")
    get_health(Told(told), "1")


def test_no_payment_method_is_a_missing_id() -> None:
    assert get_account(Told({"id": "1", "primary_funding_id": "55"}), "1").has_payment_method is True
    assert get_account(Told({"id": "1"}), "1").has_payment_method is False
    assert get_account(Told({"id": "1", "primary_funding_id": "0"}), "1").has_payment_method is False


def test_the_apps_of_metas_example() -> None:
    path = fixtures_dir() / "responses/facebook-openapi/subscribed_apps/get-200-multiple-subscriptions.json"
    apps = list_subscribed_apps(Told(json.loads(path.read_text("utf-8"))), "1")
    assert [(app.id, app.name) for app in apps] == [
        ("1234567890123456", "Business Messaging App"),
        ("2345678901234567", "Customer Support Bot"),
    ]


def test_health_names_what_is_in_the_way() -> None:
    health = get_health(
        Told({
            "health_status": {
                "can_send_message": "BLOCKED",
                "entities": [
                    {"entity_type": "PHONE_NUMBER", "id": "1", "can_send_message": "AVAILABLE"},
                    {"entity_type": "WABA", "id": "2", "can_send_message": "BLOCKED", "errors": [
                        {"error_code": 141006, "error_description": "No payment.", "possible_solution": "Add one."}
                    ]},
                    {"entity_type": "APP", "id": "3", "can_send_message": "LIMITED", "additional_info": ["Slow."]},
                ],
            },
            "webhook_configuration": {"application": "https://a.example/w", "phone_number": "https://n.example/w"},
        }),
        "1",
    )  # fmt: skip
    assert health.state == "BLOCKED"
    assert health.ailments == (
        Ailment("WABA", "BLOCKED", ("No payment.", "Add one."), 141006),
        Ailment("APP", "LIMITED", ("Slow.",), None),
    )
    assert health.webhook_urls == ("https://n.example/w", "https://a.example/w")


def asked_of(*answers: Answer) -> ScriptedServer:
    return ScriptedServer([Expected("GET", None, answer) for answer in answers])


def test_the_token_goes_into_the_query_whole_and_into_no_message() -> None:
    refusal = {"error": {"message": f"Malformed access token {TOKEN}", "code": 190, "fbtrace_id": "A1"}}
    with asked_of(Answer(401, refusal)) as server, Client(TOKEN, Settings(server.url)) as client:
        with pytest.raises(ApiRefused) as caught:
            inspect_token(client)
        assert server.requests[0].target == "/v25.0/debug_token?input_token=EAAG%2Bsecret%2Fwith%3Dsigns"
    assert TOKEN not in f"{caught.value} {caught.value.details} {caught.value.hint} {caught.value.message}"
    assert caught.value.details["fbtrace_id"] == "A1"


@pytest.mark.parametrize("answer", [Answer(200, "{", ending="close"), Answer(raw=b"HTTP/1.1 2", ending="reset")])
def test_no_problem_of_the_network_quotes_the_query(answer: Answer) -> None:
    with asked_of(answer) as server, Client(TOKEN, Settings(server.url)) as client:
        with pytest.raises(Problem) as caught:
            inspect_token(client)
        assert "EAAG" not in f"{caught.value} {caught.value.details} {caught.value.hint} {caught.value.message}"


@pytest.mark.parametrize(
    ("header", "at"),
    [
        ("Sun, 22 Nov 2026 05:00:00 GMT", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 05:00:00 -0000", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("yesterday", None),
    ],
)
def test_the_servers_clock_also_from_a_refusal(header: str, at: datetime | None) -> None:
    with asked_of(Answer(401, {}, {"Date": header})) as server, Client(TOKEN, Settings(server.url)) as client:
        assert server_clock(client) == at
