"""Fields about templates, the account, its numbers and groups."""

from __future__ import annotations

import json

import pytest

from tests.support.payloads import SHOP_PHONE, WABA_ID, payload, payload_names
from wacli.cloudapi.wire import parse
from wacli.domain.event import NoticeSeen, Number, TemplateChanged

TEMPLATES: dict[str, tuple[str, str | None, str | None, str | None]] = {  # what, before, after, reason
    "status-approved": ("status", None, "APPROVED", None),
    "status-rejected": ("status", None, "REJECTED", "INVALID_FORMAT"),
    "status-paused": ("status", None, "PAUSED", "FIRST_PAUSE"),
    "status-disabled": ("status", None, "FLAGGED", None),
    "quality": ("quality", "GREEN", "YELLOW", None),
    "quality-under-status-field": ("quality", "YELLOW", "RED", None),
    "category-announced": ("category-announced", "UTILITY", "MARKETING", None),
    "category-changed": ("category", "UTILITY", "MARKETING", None),
    "components": ("components", None, None, None),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates(name: str) -> None:
    body = payload(f"templates/{name}")
    (event,) = parse(body)
    assert isinstance(event, TemplateChanged)
    assert (event.template_id, event.name, event.language) == ("605550000000001", "pesanan_dikirim", "id")
    assert (event.what, event.before, event.after, event.reason) == TEMPLATES[name]
    assert (event.number, event.at) == (Number(None, None, WABA_ID), body["entry"][0]["time"])
    assert json.loads(event.raw) == body["entry"][0]["changes"][0]["value"]


NOTICES: dict[str, str | None] = {
    "account/quality-upgrade": "UPGRADE",
    "account/throughput-upgrade": "THROUGHPUT_UPGRADE",
    "account/capability-number": None,
    "account/capability-tier": None,
    "account/volume-tier": "VOLUME_BASED_PRICING_TIER_UPDATE",
    "account/restriction": "ACCOUNT_RESTRICTION",
    "account/violation": "ACCOUNT_VIOLATION",
    "account/disabled": "DISABLED_UPDATE",
    "account/review": "APPROVED",
    "account/alert": "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED",
    "account/name": "APPROVED",
    "account/security": "PIN_CHANGED",
    "account/payment-configuration": "Active",
    "account/username": "approved",
    "account/partner-solution": "SOLUTION_CREATED",
    "account/flow": "FLOW_STATUS_CHANGE",
    "account/automatic-event": None,
    "groups/lifecycle": "group_create",
    "groups/participants": "group_participants_add",
    "groups/settings": "group_settings_update",
    "groups/status": "group_suspend",
}


@pytest.mark.parametrize("name", NOTICES)
def test_notices(name: str) -> None:
    body = payload(name)
    change = body["entry"][0]["changes"][0]
    (event,) = parse(body)
    assert isinstance(event, NoticeSeen)
    assert (event.field, event.what, event.at) == (change["field"], NOTICES[name], body["entry"][0]["time"])
    assert json.loads(event.raw) == change["value"]


def test_the_number_of_a_notice_is_known() -> None:
    (event,) = parse(payload("account/quality-upgrade"))
    assert event.number == Number(None, SHOP_PHONE, WABA_ID)


def test_every_payload_is_expected_here() -> None:
    assert {f"templates/{name}" for name in TEMPLATES} == set(payload_names("templates"))
    assert set(NOTICES) == set(payload_names("account")) | set(payload_names("groups"))
