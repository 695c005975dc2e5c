"""`messages[]`: each kind of message gives one event with what a person would read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.payloads import (
    PHONE_NUMBER_ID,
    SARI_BSUID,
    SARI_PHONE,
    SHOP_PHONE,
    WABA_ID,
    messages,
    payload,
    payload_names,
    text,
)
from wacli.cloudapi.wire import parse
from wacli.domain.event import Media, MessageSeen, NoticeSeen, Number, Referral
from wacli.domain.identity import Party
from wacli.domain.message import is_known_kind

PHOTO = Media("405550000000001", "image/jpeg", "q83vEjRWeJA=", None)


def file_of(mime_type: str, filename: str | None = None) -> Media:
    return PHOTO._replace(mime_type=mime_type, filename=filename)


# payload -> what differs from an inbound message of Sari without text, answer, target, media and referral
KINDS: dict[str, dict[str, Any]] = {
    "text": {"kind": "text", "text": "Apakah masih ada ukuran M?", "raw": ""},
    "text-escaped": {"kind": "text", "text": "Terima kasih 🙏 https://toko.example/batik é", "raw": ""},
    "text-reply": {"kind": "text", "text": "Yang ini", "reply_to": "wamid.SHOP1=", "raw": ""},
    "text-forwarded": {"kind": "text", "text": "Baca ini"},
    "text-about-product": {"kind": "text", "text": "Masih ada?", "reply_to": "wamid.SHOP2="},
    "text-from-ad": {
        "kind": "text",
        "text": "Saya mau pesan",
        "referral": Referral("ad", "120200000000000001", "https://fb.me/TOKO1", "Chat dengan kami", "ARAk-test"),
    },
    "button-from-status-ad": {
        "kind": "button",
        "text": "Pesan",
        "referral": Referral("post", "120200000000000001", "https://fb.me/TOKO1", "Chat dengan kami", None),
    },
    "image": {"kind": "image", "text": "Bukti transfer", "media": PHOTO},
    "image-without-caption": {"kind": "image", "media": PHOTO},
    "video": {"kind": "video", "text": "Lihat videonya", "media": file_of("video/mp4")},
    "audio-voice": {"kind": "audio", "media": file_of("audio/ogg; codecs=opus")},
    "voice": {"kind": "voice", "media": file_of("audio/ogg; codecs=opus")},
    "document": {"kind": "document", "text": "Faktur 12.pdf", "media": file_of("application/pdf", "Faktur 12.pdf")},
    "document-with-caption": {
        "kind": "document",
        "text": "Faktur Oktober",
        "media": file_of("application/pdf", "Faktur 13.pdf"),
    },
    "sticker": {"kind": "sticker", "media": file_of("image/webp")},
    "location": {"kind": "location", "text": "-6.175392, 106.827153"},
    "location-named": {"kind": "location", "text": "Monas, Gambir, Jakarta Pusat"},
    "contacts": {"kind": "contacts", "text": "Budi Santoso, Ayu Lestari, +62 813-5550-0103"},
    "reaction": {"kind": "reaction", "text": "👍", "target": "wamid.SHOP1="},
    "reaction-removed": {"kind": "reaction", "target": "wamid.SHOP1="},
    "button": {"kind": "button", "text": "Ya, kirim", "reply_to": "wamid.SHOP3="},
    "interactive-button-reply": {"kind": "interactive", "text": "Batalkan", "reply_to": "wamid.SHOP4="},
    "interactive-list-reply": {"kind": "interactive", "text": "JNE Reguler"},
    "interactive-nfm-reply": {"kind": "interactive", "text": "flow"},
    "interactive-call-permission-reply": {"kind": "interactive", "text": "accept"},
    "interactive-payment-method": {"kind": "interactive", "text": "upi"},
    "order": {"kind": "order", "text": "2 items"},
    "order-with-text": {"kind": "order", "text": "Tolong dibungkus kado"},
    "edit": {"kind": "edit", "text": "Apakah masih ada ukuran L?", "target": "wamid.TEST0001="},
    "edit-caption": {
        "kind": "edit",
        "text": "Bukti transfer yang benar",
        "target": "wamid.TEST0008=",
        "media": PHOTO,
    },
    "revoke": {"kind": "revoke", "target": "wamid.TEST0001="},
    "unsupported": {"kind": "unsupported", "text": "Message type is currently not supported."},
    "unsupported-poll": {"kind": "unsupported", "text": "poll"},
    "unknown": {"kind": "unknown", "text": "Unsupported message type"},
    "request-welcome": {"kind": "request_welcome"},
    "ephemeral": {"kind": "ephemeral"},
    "group-invite": {"kind": "group_invite", "text": "Reseller Batik"},
    "group-text": {"kind": "text", "text": "Halo semua", "group_id": "R1JPVVA=", "raw": ""},
    "unknown-type": {"kind": "hologram", "text": "Halo dari 2030"},
    "without-type": {"kind": "text", "text": "Tanpa jenis"},
    "without-type-or-content": {"kind": "untyped"},
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_one_message(name: str) -> None:
    body = payload(f"messages/{name}")
    element = body["entry"][0]["changes"][0]["value"]["messages"][0]
    expected = MessageSeen(
        number=Number(PHONE_NUMBER_ID, SHOP_PHONE, WABA_ID),
        party=Party(SARI_PHONE, SARI_BSUID, name="Sari Dewi"),
        key=element["id"],
        direction="inbound",
        origin="api",
        kind="",
        at=int(element["timestamp"]),
        text=None,
        reply_to=None,
        group_id=None,
        target=None,
        media=None,
        referral=None,
        history_status=None,
        is_sample=False,
        raw=json.dumps(element, ensure_ascii=False, separators=(",", ":")),
    )
    assert parse(body) == [expected._replace(**KINDS[name])]


def test_every_payload_of_messages_is_expected_here() -> None:
    elsewhere = {"messages/errors-beside-nothing"}
    assert {f"messages/{name}" for name in KINDS} == set(payload_names("messages")) - elsewhere


def test_only_new_kinds_count_as_unknown() -> None:
    unknown = {name for name, fields in KINDS.items() if not is_known_kind(fields["kind"])}
    assert unknown == {"unknown-type", "without-type-or-content"}


def test_errors_beside_no_message_are_a_notice() -> None:
    (event,) = parse(payload("messages/errors-beside-nothing"))
    assert isinstance(event, NoticeSeen)
    assert (event.field, event.what, event.at) == ("errors", "131000", 1794900100)
    assert "Try again later" in event.raw


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("1794900001", 1794900001),
        (1794900001, 1794900001),
        (1794900001.0, 1794900001),
        ("1794900001000", 1794900001),  # milliseconds
        ("0", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("１７９４９０００００", None),  # digits, but no number that Meta writes
        (10**30, None),
        ("9" * 400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_timestamps_of_any_make(given: object, at: int | None) -> None:
    element = text("wamid.1=", 0) | {"timestamp": given}
    (event,) = parse(messages([element]))
    assert isinstance(event, MessageSeen)
    assert (event.at, event.text) == (at, "Halo")


def test_a_message_without_an_id_gets_one_that_stays_the_same() -> None:
    element = text("", 1794900001)
    del element["id"]
    other = element | {"text": {"body": "Hai"}}
    first, second = parse(messages([element, other]))
    (again,) = parse(messages([element]))
    assert isinstance(first, MessageSeen)
    assert isinstance(second, MessageSeen)
    assert isinstance(again, MessageSeen)
    assert first.key.startswith("sha256:")
    assert first.key == again.key != second.key
    from_budi = element | {"from": "6281355500102", "from_user_id": None}
    (of_budi,) = parse(messages([from_budi]))
    assert isinstance(of_budi, MessageSeen)
    assert of_budi.key != first.key


def test_what_a_plain_text_does_not_hold_stays_in_raw() -> None:
    plain = text("wamid.1=", 1794900001)
    for addition in ({"new": 1}, {"text": {"body": "Halo", "preview_url": True}}, {"context": {"id": "a", "new": 1}}):
        (event,) = parse(messages([plain | addition]))
        assert isinstance(event, MessageSeen)
        assert json.loads(event.raw) == plain | addition


def test_half_an_emoji_can_be_stored() -> None:
    (event,) = parse(payload("odd/half-an-emoji"))
    assert isinstance(event, MessageSeen)
    assert (event.text, event.party.name) == ("oops \ufffd", "Sari \ufffd")


def test_hostile_text_is_kept_as_it_is() -> None:
    (event,) = parse(payload("odd/hostile-text"))
    assert isinstance(event, MessageSeen)
    assert event.text == "\x1b]0;x\x07[red]x[/red] \u202eabc\x00"
    assert event.party.name == "[bold]\x1b[31mEve"
