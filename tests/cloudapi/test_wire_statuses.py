"""`statuses[]` and `calls[]`: what became of what the business sent, and who called whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.payloads import (
    PHONE_NUMBER_ID,
    RINA_BSUID,
    SARI_BSUID,
    SARI_PHONE,
    SHOP_PHONE,
    WABA_ID,
    notification,
    payload,
    payload_names,
    status,
)
from wacli.cloudapi.wire import parse
from wacli.domain.event import CallSeen, Number, StatusSeen, Unrecognised
from wacli.domain.identity import Party

SARI = Party(SARI_PHONE, SARI_BSUID, name="Sari Dewi")
WHOLE = "more in it than the event holds"
REGULAR = {"pricing_model": "PMP", "pricing_type": "regular", "pricing_category": "marketing", "billable": True}

# payload -> what differs from a plain status of a message to Sari
PAID_EXEMPT = '{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing","subtype":"paid_exempt"}'
STATUSES: dict[str, dict[str, Any]] = {
    "sent": {"status": "sent", "callback_data": "wacli:0001", **REGULAR},
    "sent-in-free-entry-point": {
        "status": "sent",
        "conversation_id": "c0ffee01",
        "conversation_origin": "referral_conversion",
        "expires_at": 1795500000,
        "pricing_model": "PMP",
        "pricing_type": "free_entry_point",
        "pricing_category": "referral_conversion",
        "billable": False,
    },
    "sent-expiry-as-number": {
        "status": "sent",
        "conversation_id": "c0ffee02",
        "conversation_origin": "referral_conversion",
        "expires_at": 1795500000,
    },
    "sent-cbp": {
        "status": "sent",
        "conversation_id": "c0ffee03",
        "conversation_origin": "service",
        "expires_at": 1795500000,
        "pricing_model": "CBP",
        "pricing_category": "service",
        "billable": True,
    },
    "paid-exempt": {"status": "sent", "raw": WHOLE, "pricing_raw": PAID_EXEMPT, **REGULAR},
    "delivered": {
        "status": "delivered",
        "pricing_model": "PMP",
        "pricing_type": "free_customer_service",
        "pricing_category": "service",
        "billable": False,
    },
    "read": {"status": "read"},
    "played": {"status": "played"},
    "deleted": {"status": "deleted"},
    "warning": {"status": "warning"},
    "failed": {
        "status": "failed",
        "party": SARI._replace(name=None),
        "callback_data": "wacli:0002",
        "error_code": 131047,
        "error_text": "More than 24 hours have passed since the recipient last replied.",
        "raw": WHOLE,
    },
    "failed-error-data-as-text": {
        "status": "failed",
        "party": Party(SARI_PHONE),
        "error_code": 131026,
        "error_text": "Not on WhatsApp",
        "raw": WHOLE,
    },
    "failed-without-recipient": {
        "status": "failed",
        "party": Party(),
        "error_code": 130429,
        "error_text": "Rate limit hit",
        "raw": WHOLE,
    },
    "bsuid-only": {
        "status": "delivered",
        "party": Party(None, RINA_BSUID, "ID.ENT.9100000000000000202", "rina.batik", "Rina"),
    },
    "group": {"status": "read", "group_id": "R1JPVVA=", "raw": WHOLE},
}


@pytest.mark.parametrize("name", STATUSES)
def test_each_status(name: str) -> None:
    body = payload(f"statuses/{name}")
    element = body["entry"][0]["changes"][0]["value"]["statuses"][0]
    expected = StatusSeen(
        number=Number(PHONE_NUMBER_ID, SHOP_PHONE, WABA_ID),
        party=SARI,
        key=element["id"],
        status="",
        at=int(element["timestamp"]),
        callback_data=None,
        conversation_id=None,
        conversation_origin=None,
        expires_at=None,
        pricing_model=None,
        pricing_type=None,
        pricing_category=None,
        billable=None,
        error_code=None,
        error_text=None,
        group_id=None,
        is_sample=False,
        raw="",
    )
    expected = expected._replace(**STATUSES[name])
    if expected.raw == WHOLE:
        expected = expected._replace(raw=json.dumps(element, ensure_ascii=False, separators=(",", ":")))
    assert parse(body) == [expected]


def test_a_new_word_is_a_status_and_counted() -> None:
    seen, unknown = parse(payload("statuses/unknown-word"))
    assert isinstance(seen, StatusSeen)
    assert isinstance(unknown, Unrecognised)
    assert (seen.status, seen.party, unknown.field) == ("in_orbit", SARI, "statuses")


def test_the_status_of_a_payment_is_not_one_of_a_message() -> None:
    (event,) = parse(payload("statuses/payment"))
    assert isinstance(event, Unrecognised)
    assert '"reference_id":"ref-1"' in event.raw


def test_every_payload_of_statuses_is_expected_here() -> None:
    assert {f"statuses/{name}" for name in (*STATUSES, "unknown-word", "payment")} == set(payload_names("statuses"))


@pytest.mark.parametrize("broken", [{"id": None}, {"id": ""}, {"status": None}, {"status": 5.5}, {"id": ["a"]}])
def test_a_status_of_nothing_hides_no_other(broken: dict[str, Any]) -> None:
    good = status("wamid.2=", "read", 1794910000)
    events = parse(notification("messages", statuses=[good | broken, good]))
    assert [type(event) for event in events] == [Unrecognised, StatusSeen]


def test_capitals_are_the_same_word() -> None:
    (event,) = parse(notification("messages", statuses=[status("wamid.2=", "DELIVERED", 1794910000)]))
    assert isinstance(event, StatusSeen)
    assert event.status == "delivered"


# payload -> event, direction, at, opens the window
CALLS: dict[str, tuple[str, str, int, bool]] = {
    "user-connect": ("connect", "inbound", 1794920000, True),
    "user-connect-without-direction": ("connect", "inbound", 1794920000, True),
    "user-terminate-missed": ("terminate", "inbound", 1794920030, True),
    "user-terminate-answered": ("terminate", "inbound", 1794920010, True),
    "business-connect": ("connect", "outbound", 1794920000, False),
    "business-ringing": ("ringing", "outbound", 1794920002, False),
    "business-accepted": ("accepted", "outbound", 1794920005, True),
    "business-rejected": ("rejected", "outbound", 1794920005, False),
    "business-terminate-answered": ("terminate", "outbound", 1794920005, True),
    "business-terminate-unanswered": ("terminate", "outbound", 1794920065, False),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_call_event(name: str) -> None:
    (event,) = parse(payload(f"calls/{name}"))
    assert isinstance(event, CallSeen)
    assert (event.event, event.direction, event.at, event.opens_window) == CALLS[name]
    assert event.party.phone == SARI_PHONE
    assert event.key == ("wacid.TEST01" if event.direction == "inbound" else "wacid.TEST02")


def test_every_payload_of_calls_is_expected_here() -> None:
    assert {f"calls/{name}" for name in CALLS} == set(payload_names("calls"))


def test_a_call_of_nobody_without_a_direction_opens_nothing() -> None:
    events = parse(notification("calls", calls=[{"id": "wacid.1", "event": "connect"}, {"id": "wacid.2"}]))
    assert isinstance(events[0], CallSeen)
    assert (events[0].direction, events[0].opens_window) == ("outbound", False)
    assert isinstance(events[1], Unrecognised)


def test_without_a_direction_whoever_is_not_the_business_called() -> None:
    calls = [
        {"id": "wacid.1", "event": "connect", "from": SARI_PHONE, "to": SHOP_PHONE, "timestamp": "1"},
        {"id": "wacid.2", "event": "connect", "from": SHOP_PHONE, "to": SARI_PHONE, "timestamp": "1"},
    ]
    first, second = parse(notification("calls", calls=calls))
    assert isinstance(first, CallSeen)
    assert isinstance(second, CallSeen)
    assert (first.direction, first.party.phone, first.opens_window) == ("inbound", SARI_PHONE, True)
    assert (second.direction, second.party.phone, second.opens_window) == ("outbound", SARI_PHONE, False)
