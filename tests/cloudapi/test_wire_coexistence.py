"""Echoes of the owner's phone, the past it hands over, and copies while Meta's agent answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.payloads import RINA_BSUID, SARI_BSUID, SARI_PHONE, SHOP_PHONE, notification, payload, payload_names
from wacli.cloudapi.wire import parse
from wacli.domain.event import MessageSeen, NoticeSeen
from wacli.domain.identity import Party

SARI = Party(SARI_PHONE, SARI_BSUID, name="Sari Dewi")
RINA = Party(None, RINA_BSUID, username="rina.batik")

ECHOES: dict[str, tuple[Party, str, str | None, str | None]] = {  # party, kind, text, target
    "text": (SARI, "text", "Barangnya sudah dikirim", None),
    "image": (SARI, "image", "Resi", None),
    "edit": (SARI, "edit", "Besok dikirim", "wamid.APP1="),
    "revoke": (SARI, "revoke", None, "wamid.APP1="),
    "bsuid-only": (Party(None, RINA_BSUID, "ID.ENT.9100000000000000202"), "text", "Halo Rina", None),
    "wrong-way-round": (SARI, "revoke", None, "wamid.APP1="),
}


@pytest.mark.parametrize("name", ECHOES)
def test_an_echo_is_outbound_from_the_app(name: str) -> None:
    (event,) = parse(payload(f"echoes/{name}"))
    assert isinstance(event, MessageSeen)
    assert (event.direction, event.origin) == ("outbound", "app")
    assert (event.party, event.kind, event.text, event.target) == ECHOES[name]


def test_every_payload_of_echoes_is_expected_here() -> None:
    assert {f"echoes/{name}" for name in ECHOES} == set(payload_names("echoes"))


def test_a_chunk_of_history_has_both_sides() -> None:
    events = parse(payload("history/chunk"))
    told = [
        (event.party, event.direction, event.kind, event.text, event.history_status)
        for event in events
        if isinstance(event, MessageSeen)
    ]
    sari, budi = Party(SARI_PHONE), Party("6281355500102")
    assert told == [
        (sari, "inbound", "text", "Pagi", "READ"),
        (sari, "outbound", "text", "Pagi juga", "DELIVERED"),
        (sari, "outbound", "text", "Ada stok", "PLAYED"),
        (budi, "inbound", "text", "Berapa?", "PENDING"),
        (budi, "inbound", "media_placeholder", None, "READ"),
        (RINA, "inbound", "text", "Hai", "READ"),
        (RINA, "outbound", "text", "Hai Rina", "ERROR"),
    ]
    assert all(event.origin == "history" for event in events if isinstance(event, MessageSeen))
    chunks = [event for event in events if isinstance(event, NoticeSeen)]
    assert [(chunk.field, chunk.what, chunk.at) for chunk in chunks] == [
        ("history", "0/1/55", 1794950000),
        ("history", "0/2/100", 1794950000),
    ]
    assert "Pagi" not in chunks[0].raw


def test_the_owner_declined_to_share_the_past() -> None:
    (event,) = parse(payload("history/declined"))
    assert isinstance(event, NoticeSeen)
    assert (event.field, event.what) == ("history", "2593109")


def test_files_of_the_past_follow_alone() -> None:
    (event,) = parse(payload("history/media"))
    assert isinstance(event, MessageSeen)
    assert (event.party, event.direction, event.origin, event.kind) == (SARI, "inbound", "history", "image")
    assert event.media is not None


def test_our_number_is_known_however_it_is_written() -> None:
    message, _ = parse(payload("history/formatted-number"))
    assert isinstance(message, MessageSeen)
    assert (message.direction, message.party.phone) == ("outbound", SARI_PHONE)


@pytest.mark.parametrize(
    ("element", "direction"),
    [
        ({"from": SARI_PHONE}, "inbound"),
        ({"from": SHOP_PHONE}, "outbound"),
        ({"from": "6281299990000", "to": SARI_PHONE}, "outbound"),
        ({"to": SARI_PHONE}, "outbound"),
        ({"from": "<BUSINESS>", "history_context": {"from_me": True}}, "outbound"),
        ({}, "inbound"),
    ],
)
def test_the_direction_of_an_old_message(element: dict[str, Any], direction: str) -> None:
    old = {"id": "wamid.1=", "timestamp": "1", "type": "text", "text": {"body": "Pagi"}, **element}
    events = parse(notification("history", history=[{"threads": [{"id": SARI_PHONE, "messages": [old]}]}]))
    assert isinstance(events[0], MessageSeen)
    assert (events[0].direction, events[0].party.phone) == (direction, SARI_PHONE)


def test_standby_copies_are_messages_like_others() -> None:
    (event,) = parse(payload("standby/text"))
    assert isinstance(event, MessageSeen)
    assert (event.direction, event.origin, event.text, event.party) == ("inbound", "api", "Dijawab agen", SARI)
