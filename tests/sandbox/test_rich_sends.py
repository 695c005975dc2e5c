"""Carousels, offers, codes, flows and products: the kinds with parts inside parts."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.loopback import Caller, Receiver, body_values, template_to, text_to
from wacli.sandbox.failures import Refusal
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.shape import Fields

SARI = "+6281234567890"
PICTURE = {"link": "https://example.com/a.jpg"}


def interactive(kind: str, action: object, **more: object) -> dict[str, Any]:
    content = {"type": kind, "body": {"text": "Lihat"}, "action": action, **more}
    return {"messaging_product": "whatsapp", "to": SARI, "type": "interactive", "interactive": content}


def code_of(sandbox: Sandbox, body: object) -> int:
    with pytest.raises(Refusal) as caught:
        sandbox.post_message(body)
    return caught.value.code


def card(place: int, form: str = "image", words: str = "Mawar") -> dict[str, Any]:
    link = {"display_text": "Beli", "url": "https://example.com"}
    return {
        "card_index": place,
        "type": "cta_url",
        "header": {"type": form, form: PICTURE},
        "body": {"text": words},
        "action": {"name": "cta_url", "parameters": link},
    }


def test_an_interactive_carousel(still: Sandbox, sari: Puppet) -> None:
    assert still.post_message(interactive("carousel", {"cards": [card(0), card(1)]}))["messages"]
    wrong = [
        interactive("carousel", {"cards": [card(0)]}),
        interactive("carousel", {"cards": [card(0), card(2)]}),
        interactive("carousel", {"cards": [card(0), card(1, "video")]}),
        interactive("carousel", {"cards": [card(0), card(1, words="x" * 161)]}),
        interactive("carousel", {"cards": [card(0), card(1)]}, footer={"text": "no"}),
        interactive("carousel", {"cards": [card(place) for place in range(11)]}),
    ]
    assert [code_of(still, one) for one in wrong] == [131009] * len(wrong)


def test_flows_products_and_links(still: Sandbox, sari: Puppet) -> None:
    flow = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Isi", "flow_action_payload": {"screen": "A"}}

    def flows(**more: object) -> dict[str, Any]:
        return interactive("flow", {"name": "flow", "parameters": {**flow, **more}})

    assert still.post_message(flows())["messages"]
    assert code_of(still, flows(flow_name="both")) == 131008
    assert code_of(still, flows(flow_message_version="2")) == 131009
    assert code_of(still, flows(flow_message_version=None)) == 131008
    product = interactive("product", {"catalog_id": "1", "product_retailer_id": "2"})
    del product["interactive"]["body"]
    assert still.post_message(product)["messages"]
    product["interactive"]["header"] = {"type": "text", "text": "no"}
    assert code_of(still, product) == 131009
    assert code_of(still, interactive("product_list", {"catalog_id": "1", "sections": []})) == 131009
    nameless = {"button": "Lihat", "sections": [{"rows": [{"id": str(n), "title": "a"}]} for n in range(2)]}
    assert code_of(still, interactive("list", nameless)) == 131008
    twice = {"button": "Lihat", "sections": [{"rows": [{"id": "1", "title": "a"}, {"id": "1", "title": "b"}]}]}
    assert code_of(still, interactive("list", twice)) == 131009
    bodiless = interactive("location_request_message", {"name": "send_location"})
    del bodiless["interactive"]["body"]
    assert code_of(still, bodiless) == 131008


def test_a_row_of_a_list_can_be_tapped(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    row = {"id": "r1", "title": "Mawar", "description": "Merah"}
    still.post_message(interactive("list", {"button": "Lihat", "sections": [{"rows": [row]}]}))
    still.advance(timedelta(minutes=1))
    sari.taps("Mawar")
    still.drain()
    assert receiver.messages[-1]["interactive"] == {"type": "list_reply", "list_reply": row}


def test_a_carousel_template(still: Sandbox, sari: Puppet) -> None:
    link = {"type": "URL", "text": "Beli", "url": "https://example.com/{{1}}", "example": ["https://example.com/a"]}
    inner = [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
        {"type": "BODY", "text": "Hanya {{1}} rupiah", "example": {"body_text": [["9000"]]}},
        {"type": "BUTTONS", "buttons": [link]},
    ]
    body = {"type": "BODY", "text": "Promo untuk {{1}} ya", "example": {"body_text": [["Sari"]]}}
    still.account.templates.add(
        "kartu", "id", "MARKETING", [body, {"type": "CAROUSEL", "cards": [{"components": inner}] * 2}]
    )

    def sent_card(place: int) -> dict[str, Any]:
        parts = [
            {"type": "header", "parameters": [{"type": "image", "image": PICTURE}]},
            body_values("9000"),
            {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "a"}]},
        ]
        return {"card_index": place, "components": parts}

    cards = [sent_card(0), sent_card(1)]
    good = template_to(SARI, "kartu", "id", body_values("Sari"), {"type": "carousel", "cards": cards})
    assert still.post_message(good)["messages"]
    assert next(reversed(still.book.sent.values())).text == "Promo untuk Sari ya"
    assert code_of(still, template_to(SARI, "kartu", "id", body_values("Sari"))) == 132000
    one_card = template_to(SARI, "kartu", "id", body_values("Sari"), {"type": "carousel", "cards": cards[:1]})
    assert code_of(still, one_card) == 132000
    swapped = copy.deepcopy(good)
    swapped["template"]["components"][1]["cards"][0]["card_index"] = 1  # type: ignore[index]
    assert code_of(still, swapped) == 132018
    bare = copy.deepcopy(good)
    bare["template"]["components"][1]["cards"][1]["components"].pop()  # type: ignore[index]
    assert code_of(still, bare) == 131008


def test_a_limited_time_offer_and_a_place_on_top(still: Sandbox, sari: Puppet) -> None:
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Cepat", "has_expiration": True}}
    still.account.templates.add("cepat", "id", "MARKETING", [offer, {"type": "BODY", "text": "Diskon hari ini."}])
    ends = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1795000000000}}
    given = {"type": "limited_time_offer", "parameters": [ends]}
    assert still.post_message(template_to(SARI, "cepat", "id", given))["messages"]
    assert code_of(still, template_to(SARI, "cepat", "id")) == 132000
    endless = {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer", "limited_time_offer": {}}]}
    assert code_of(still, template_to(SARI, "cepat", "id", endless)) == 131008
    place = {"type": "HEADER", "format": "LOCATION"}
    still.account.templates.add("di_mana", "id", "UTILITY", [place, {"type": "BODY", "text": "Kami di sini."}])
    here = {
        "type": "location",
        "location": {"latitude": "-6.2", "longitude": "106.8", "name": "Toko", "address": "Jl. A"},
    }
    assert still.post_message(template_to(SARI, "di_mana", "id", {"type": "header", "parameters": [here]}))["messages"]


def test_values_may_be_money_and_dates(still: Sandbox, sari: Puppet) -> None:
    money = {"type": "currency", "currency": {"fallback_value": "Rp 75.000", "code": "IDR", "amount_1000": 75000000}}
    date = {"type": "date_time", "date_time": {"fallback_value": "besok"}}
    still.post_message(template_to(SARI, "promo_weekend", "id", {"type": "body", "parameters": [date, money]}))
    assert "besok" in next(iter(still.book.sent.values())).text
    assert "Rp 75.000" in next(iter(still.book.sent.values())).text


def test_templates_inside_templates_have_rules_too(still: Sandbox) -> None:
    def refused(*components: object, **more: object) -> str:
        asked = {"name": "x", "language": "id", "category": "MARKETING", "components": list(components), **more}
        with pytest.raises(Refusal) as caught:
            still.create_template(still.account, Fields(asked))
        return caught.value.details

    body = {"type": "BODY", "text": "Promo."}
    buttons = [{"type": "QUICK_REPLY", "text": "a"}, {"type": "PHONE_NUMBER", "text": "b", "phone_number": "62811"}]
    mixed = {"type": "BUTTONS", "buttons": [*buttons, {"type": "QUICK_REPLY", "text": "c"}]}
    assert "stand together" in refused(body, mixed)
    assert "20 characters" in refused(
        body, {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "x" * 21}]}
    )
    headless = {"type": "CAROUSEL", "cards": [{"components": []}] * 2}
    assert "at least 1" in refused(body, headless)
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x"}}
    assert "at most 600" in refused({"type": "BODY", "text": "x" * 601}, offer)
    assert "43200 to 2592000" in refused(body, message_send_ttl_seconds=-1)


def test_parent_ids_travel_with_the_others(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    sari.customer.parent_bsuid = "ID.ENT.9"
    sari.says("halo lagi")
    answer = still.post_message(text_to("+6281234567890") | {"to": None, "recipient": "ID.ENT.9"})
    assert answer["contacts"] == [{"input": "ID.ENT.9", "user_id": "ID.ENT.9"}]
    still.drain()
    assert receiver.messages[-1]["from_parent_user_id"] == "ID.ENT.9"
    assert receiver.values[-2]["contacts"][0]["parent_user_id"] == "ID.ENT.9"
    assert receiver.statuses[-1]["recipient_parent_user_id"] == "ID.ENT.9"
    nobody = {"messaging_product": "whatsapp", "recipient": "ID.404", "text": {"body": "x"}}
    still.post_message(nobody)
    still.drain()
    assert receiver.statuses[-1]["recipient_user_id"] == "ID.404"
    assert code_of(still, nobody | {"recipient": "not one"}) == 131009


def test_bodies_stay_below_three_megabytes(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.drain()
    still.courier.switches.batch = 1000
    for _ in range(900):
        sari.says("ß" * 4000)
    assert still.drain().failed == 0
    assert len(receiver.messages) == 901
    assert 2 < len(receiver.bodies) < 20
    assert max(len(body) for body in receiver.bodies) <= 3 * 1024 * 1024


def test_holding_and_blocking_by_control(still: Sandbox, sari: Puppet, receiver: Receiver, caller: Caller) -> None:
    held = {"name": "promo_weekend", "language": "id", "is_held": True, "category": "UTILITY"}
    assert caller.call("POST", "/_sandbox/template", held).json["previous_category"] == "MARKETING"
    caller.send(template_to(SARI, "promo_weekend", "id", body_values("Sari", "20%")))
    assert caller.call("POST", "/_sandbox/release", {"is_dropped": True}).json == {"released": 1}
    caller.call("POST", "/_sandbox/customers/Sari/block")
    caller.send(text_to(SARI))
    still.drain()
    assert [one["errors"][0]["code"] for one in receiver.statuses] == [132015, 131026]
    assert caller.call("POST", "/_sandbox/template", {"name": "no", "language": "id"}).status == 404
    assert caller.call("POST", "/_sandbox/customers/Sari/tap", {"title": "x", "message_id": "y"}).code == 100
