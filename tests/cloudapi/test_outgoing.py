"""Bodies: the envelope, the limits, and the kinds that no published example covers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wacli.cloudapi import outgoing as out
from wacli.domain import filled as f
from wacli.domain.problem import Invalid, Refused

PHONE = out.Address(phone="6281234567890")
BSUID = out.Address(bsuid="ID.13491208655302741918")


def said(content: out.Content) -> Any:
    """The content of the body, as JSON would carry it."""
    body = json.loads(json.dumps(out.body_of(content, PHONE)))
    return body[body["type"]]


def code_of(content: out.Content) -> str:
    with pytest.raises(Invalid) as caught:
        out.body_of(content, PHONE)
    return caught.value.code


def test_the_envelope() -> None:
    extras = out.Extras(reply_to="wamid.A", callback="outbox-7", identity_hash="h")
    assert out.body_of(out.TextMessage("Halo"), PHONE, extras) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+6281234567890",
        "type": "text",
        "text": {"body": "Halo"},
        "context": {"message_id": "wamid.A"},
        "biz_opaque_callback_data": "outbox-7",
        "recipient_identity_key_hash": "h",
    }


def test_to_a_user_id_only_when_there_is_no_number() -> None:
    both = out.Address(phone="6281234567890", bsuid="ID.13491208655302741918")
    assert "recipient" not in out.body_of(out.TextMessage("x"), both)
    body = out.body_of(out.TextMessage("x"), BSUID)
    assert body["recipient"] == "ID.13491208655302741918"
    assert "to" not in body


def test_to_a_group() -> None:
    body = out.body_of(out.TextMessage("x"), out.Address(group_id="Y2FwaV9ncm91cDo"))
    assert (body["recipient_type"], body["to"]) == ("group", "Y2FwaV9ncm91cDo")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "no-address"),
        ({"phone": "ID.1349"}, "bad-phone"),
        ({"phone": "0812 34"}, "bad-phone"),
        ({"bsuid": "62812"}, "bad-bsuid"),
    ],
)
def test_an_address_that_is_none(fields: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        out.Address(**fields)
    assert caught.value.code == code


def test_one_time_passwords_need_a_number() -> None:
    password = out.TemplateMessage(f.Filled("otp", "id", needs_phone=True))
    assert out.body_of(password, PHONE)["type"] == "template"
    with pytest.raises(Refused) as caught:
        out.body_of(password, BSUID)
    assert caught.value.code == "needs-phone"


def test_a_reaction_takes_no_context() -> None:
    body = out.body_of(out.ReactionMessage("wamid.A", ""), PHONE, out.Extras(reply_to="wamid.B"))
    assert "context" not in body
    assert body["reaction"] == {"message_id": "wamid.A", "emoji": ""}


@pytest.mark.parametrize("length", [1, 4096])
def test_texts_that_fit(length: int) -> None:
    assert said(out.TextMessage("x" * length)) == {"body": "x" * length}


def test_a_text_that_is_too_long_says_how_long_it_is() -> None:
    with pytest.raises(Invalid) as caught:
        out.body_of(out.TextMessage("x" * 4097), PHONE)
    assert "4097" in str(caught.value.message)
    assert "4096" in str(caught.value.message)
    assert "--split" in str(caught.value.hint)


def test_callback_data_has_room_for_512_characters() -> None:
    out.body_of(out.TextMessage("x"), PHONE, out.Extras(callback="k" * 512))
    with pytest.raises(Invalid):
        out.body_of(out.TextMessage("x"), PHONE, out.Extras(callback="k" * 513))


def button(number: int = 1, title: str = "Ya") -> out.ReplyButton:
    return out.ReplyButton(f"id{number}", title)


def rows(count: int) -> tuple[out.Row, ...]:
    return tuple(out.Row(f"r{number}", "Baris") for number in range(count))


FRAME = out.Frame("Isi")
IMAGE = out.File("image", link="https://kedai.id/a.jpg")
CARD = out.CarouselCard(IMAGE, "Kopi", link=("Beli", "https://kedai.id"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (out.TextMessage(" \n"), "empty-text"),
        (out.MediaMessage(out.File("image", "1"), "c" * 1025), "too-long"),
        (out.MediaMessage(out.File("audio", "1"), "c"), "bad-media"),
        (out.MediaMessage(out.File("video", "1"), is_voice=True), "bad-media"),
        (out.MediaMessage(out.File("image")), "bad-media"),
        (out.MediaMessage(out.File("image", "1", "https://a.b")), "bad-media"),
        (out.MediaMessage(out.File("image", "1", filename="a.jpg")), "bad-media"),
        (out.LocationMessage(91, 0), "bad-location"),
        (out.LocationMessage(float("nan"), 0), "bad-location"),
        (out.ContactsMessage(()), "bad-contact-card"),
        (out.ContactsMessage((out.ContactCard(out.CardName(" ")),)), "bad-contact-card"),
        (out.ButtonsMessage(FRAME, ()), "wrong-count"),
        (out.ButtonsMessage(FRAME, tuple(button(n) for n in range(4))), "wrong-count"),
        (out.ButtonsMessage(FRAME, (button(), button())), "same-id-twice"),
        (out.ButtonsMessage(FRAME, (button(title="t" * 21),)), "too-long"),
        (out.ButtonsMessage(FRAME, (out.ReplyButton("i" * 257, "t"),)), "too-long"),
        (out.ButtonsMessage(out.Frame(None), (button(),)), "empty-text"),
        (out.ButtonsMessage(out.Frame("b" * 1025), (button(),)), "too-long"),
        (out.ButtonsMessage(out.Frame("b", header="h" * 61), (button(),)), "too-long"),
        (out.ButtonsMessage(out.Frame("b", footer="f" * 61), (button(),)), "too-long"),
        (out.ButtonsMessage(out.Frame("b", header=out.File("audio", "1")), (button(),)), "bad-media"),
        (out.ListMessage(FRAME, "Pilih", (out.Section("S", rows(11)),)), "wrong-count"),
        (out.ListMessage(FRAME, "Pilih", ()), "wrong-count"),
        (out.ListMessage(FRAME, "Pilih", (out.Section("S", (rows(1) * 2)),)), "same-id-twice"),
        (out.ListMessage(FRAME, "P" * 21, (out.Section("S", rows(1)),)), "too-long"),
        (
            out.ListMessage(FRAME, "P", (out.Section(None, rows(1)), out.Section("S", (out.Row("z", "z"),)))),
            "empty-text",
        ),
        (out.ListMessage(out.Frame("b", header=IMAGE), "P", (out.Section("S", rows(1)),)), "bad-media"),
        (out.ListMessage(out.Frame("b" * 4097), "P", (out.Section("S", rows(1)),)), "too-long"),
        (out.LinkMessage(FRAME, "Buka", "kedai.id"), "bad-link"),
        (out.CallButton("b", minutes=43_201), "wrong-count"),
        (out.FlowMessage(FRAME, "Isi"), "bad-flow"),
        (out.FlowMessage(FRAME, "Isi", "1", "name"), "bad-flow"),
        (out.CarouselMessage("b", (CARD,)), "wrong-count"),
        (out.CarouselMessage("b", (CARD,) * 11), "wrong-count"),
        (out.CarouselMessage("b", (CARD, out.CarouselCard(IMAGE, buttons=(button(),)))), "uneven-cards"),
        (out.CarouselMessage("b", (out.CarouselCard(IMAGE), out.CarouselCard(IMAGE))), "uneven-cards"),
        (out.CarouselMessage("b", (CARD, out.CarouselCard(IMAGE, "c" * 161, CARD.link))), "too-long"),
        (out.ProductListMessage(FRAME, "1", (out.ProductSection("S", ("a",)),)), "empty-text"),
        (out.ProductListMessage(out.Frame("b", "h"), "1", (out.ProductSection("S", ("a",) * 31),)), "wrong-count"),
    ],
)
def test_what_meta_would_refuse_is_refused_here(content: out.Content, code: str) -> None:
    assert code_of(content) == code


def test_the_edges_of_a_list_fit() -> None:
    full = out.ListMessage(
        out.Frame("b" * 4096, "h" * 60, "f" * 60),
        "P" * 20,
        (out.Section("S" * 24, (out.Row("i" * 200, "t" * 24, "d" * 72), *rows(9))),),
    )
    assert len(said(full)["action"]["sections"][0]["rows"]) == 10


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (
            out.LinkMessage(out.Frame("b", footer="f"), "Buka", "https://kedai.id"),
            {
                "type": "cta_url",
                "body": {"text": "b"},
                "footer": {"text": "f"},
                "action": {"name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://kedai.id"}},
            },
        ),
        (
            out.LocationRequest("Di mana?"),
            {"type": "location_request_message", "body": {"text": "Di mana?"}, "action": {"name": "send_location"}},
        ),
        (
            out.PhoneRequest("Nomor Anda?"),
            {
                "type": "request_contact_info",
                "body": {"text": "Nomor Anda?"},
                "action": {"name": "request_contact_info"},
            },
        ),
        (
            out.AddressRequest(FRAME, "IN", {"values": {"city": "Pune"}}),
            {
                "type": "address_message",
                "body": {"text": "Isi"},
                "action": {"name": "address_message", "parameters": {"country": "IN", "values": {"city": "Pune"}}},
            },
        ),
        (
            out.CallButton("b", "Telepon", 60, "src"),
            {
                "type": "voice_call",
                "body": {"text": "b"},
                "action": {
                    "name": "voice_call",
                    "parameters": {"display_text": "Telepon", "ttl_minutes": 60, "payload": "src"},
                },
            },
        ),
        (
            out.CallPermissionRequest(),
            {"type": "call_permission_request", "action": {"name": "call_permission_request"}},
        ),
        (
            out.CarouselMessage("b", (CARD, CARD)),
            {
                "type": "carousel",
                "body": {"text": "b"},
                "action": {
                    "cards": [
                        {
                            "card_index": number,
                            "type": "cta_url",
                            "header": {"type": "image", "image": {"link": "https://kedai.id/a.jpg"}},
                            "body": {"text": "Kopi"},
                            "action": {
                                "name": "cta_url",
                                "parameters": {"display_text": "Beli", "url": "https://kedai.id"},
                            },
                        }
                        for number in (0, 1)
                    ]
                },
            },
        ),
        (out.MediaMessage(out.File("audio", "1"), is_voice=True), {"id": "1", "voice": True}),
        (
            out.TemplateMessage(
                f.Filled(
                    "promo",
                    "id",
                    (
                        f.FilledPart("limited_time_offer", (f.OfferValue(1796122800000),)),
                        f.FilledPart("body", (f.TextValue("Sari", "nama"),)),
                        f.FilledPart("button", (f.CouponValue("HEMAT"),), "copy_code", 1),
                        f.FilledCarousel(((f.FilledPart("header", (f.MediaValue("image", "9"),)),),)),
                    ),
                )
            ),
            {
                "name": "promo",
                "language": {"code": "id"},
                "components": [
                    {
                        "type": "limited_time_offer",
                        "parameters": [
                            {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1796122800000}}
                        ],
                    },
                    {"type": "body", "parameters": [{"type": "text", "text": "Sari", "parameter_name": "nama"}]},
                    {
                        "type": "button",
                        "sub_type": "copy_code",
                        "index": "1",
                        "parameters": [{"type": "coupon_code", "coupon_code": "HEMAT"}],
                    },
                    {
                        "type": "carousel",
                        "cards": [
                            {
                                "card_index": 0,
                                "components": [
                                    {"type": "header", "parameters": [{"type": "image", "image": {"id": "9"}}]}
                                ],
                            }
                        ],
                    },
                ],
            },
        ),
    ],
)
def test_kinds_without_a_published_example(content: out.Content, wanted: dict[str, Any]) -> None:
    assert said(content) == wanted


def test_marking_as_read() -> None:
    plain = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"}
    assert out.read_body("wamid.A") == plain
    assert out.read_body("wamid.A", is_typing=True) == plain | {"typing_indicator": {"type": "text"}}
