"""Two more judges: pywa builds the same body for the kinds both know, and Meta's OpenAPI file accepts all of ours.

pywa is a test dependency only; it runs against a transport that records and never opens a socket. Meta's file refuses
most of its own examples, so it is relaxed as facts cloud-api.md section 10 says, in memory.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fixtures import fixtures_dir
from tests.support.openapi import message_validator
from wacli.cloudapi import outgoing as out
from wacli.domain import filled as f

PHONE = out.Address(phone="16505551234")
BSUID = out.Address(bsuid="ID.13491208655302741918")
FRAME = out.Frame("Isi pesan", "Kepala", "Kaki")
IMAGE = out.File("image", link="https://example.com/a.jpg")
CARDS = (out.CarouselCard(IMAGE, "Kopi", link=("Beli", "https://example.com")),) * 2
TEMPLATE = f.Filled(
    "order_ready",
    "id",
    (
        f.FilledPart("header", (f.MediaValue("image", link="https://example.com/a.jpg"),)),
        f.FilledPart("body", (f.TextValue("Sari", "nama"), f.TextValue("A-17", "pesanan"))),
        f.FilledPart("button", (f.TextValue("A-17"),), "url", 0),
        f.FilledPart("button", (f.PayloadValue("YES"),), "quick_reply", 1),
        f.FilledPart("button", (f.CouponValue("HEMAT"),), "copy_code", 2),
    ),
)
CONTENTS: dict[str, out.Content] = {
    "text": out.TextMessage("Halo", False),
    "image": out.MediaMessage(IMAGE, "foto"),
    "video": out.MediaMessage(out.File("video", "123"), "film"),
    "document": out.MediaMessage(out.File("document", link="https://example.com/a.pdf", filename="a.pdf"), "menu"),
    "audio": out.MediaMessage(out.File("audio", "123")),
    "voice": out.MediaMessage(out.File("audio", "123"), is_voice=True),
    "sticker": out.MediaMessage(out.File("sticker", "123")),
    "location": out.LocationMessage(-6.2, 106.8, "Kedai", "Jl. Sabang"),
    "contacts": out.ContactsMessage(
        (out.ContactCard(out.CardName("Sari Dewi", "Sari"), (out.CardPhone("+62812", "HOME", "62812"),)),)
    ),
    "reaction": out.ReactionMessage("wamid.A", "👍"),
    "buttons": out.ButtonsMessage(FRAME, (out.ReplyButton("y", "Ya"), out.ReplyButton("n", "Tidak"))),
    "list": out.ListMessage(
        FRAME, "Pilih", (out.Section("Menu", (out.Row("1", "Kopi", "panas"), out.Row("2", "Teh"))),)
    ),
    "link": out.LinkMessage(FRAME, "Buka", "https://example.com"),
    "location request": out.LocationRequest("Di mana?"),
    "phone request": out.PhoneRequest("Nomor Anda?"),
    "address request": out.AddressRequest(FRAME, "IN"),
    "call button": out.CallButton("Telepon kami", "Telepon", 60),
    "call permission": out.CallPermissionRequest("Boleh menelepon?"),
    "flow": out.FlowMessage(FRAME, "Isi", "99", token="t", screen="AWAL", values={"a": 1}),
    "carousel": out.CarouselMessage("Menu", CARDS),
    "product": out.ProductMessage("1", "sku", out.Frame("Isi", footer="Kaki")),
    "products": out.ProductListMessage(FRAME, "1", (out.ProductSection("Menu", ("a", "b")),)),
    "catalog": out.CatalogMessage(out.Frame("Isi", footer="Kaki"), "sku"),
    "order details": out.OrderDetailsMessage(
        out.Frame("Isi"),
        "ref",
        "digital-goods",
        "INR",
        out.Amount(1000),
        out.Order((out.OrderItem("1", "Kopi", out.Amount(1000), 1),), out.Amount(1000), out.Amount(0)),
        {"payment_type": "upi", "payment_configuration": "x"},
    ),
    "order status": out.OrderStatusMessage(out.Frame("Isi"), "ref", "processing"),
    "template": out.TemplateMessage(TEMPLATE),
    "template plain": out.TemplateMessage(f.Filled("hello_world", "en_US")),
    "template offer": out.TemplateMessage(
        f.Filled(
            "promo",
            "id",
            (
                f.FilledPart("limited_time_offer", (f.OfferValue(1796122800000),)),
                f.FilledPart("button", (f.ActionValue({"flow_token": "t"}),), "flow", 0),
                f.FilledPart("button", (f.ActionValue({"thumbnail_product_retailer_id": "a"}),), "catalog", 1),
                f.FilledCarousel(((f.FilledPart("header", (f.MediaValue("image", "9"),)),),) * 2),
            ),
        )
    ),
    "template location": out.TemplateMessage(
        f.Filled("place", "id", (f.FilledPart("header", (f.LocationValue(-6.2, 106.8, "Kedai", "Jl. Sabang"),)),))
    ),
    "template money": out.TemplateMessage(
        f.Filled(
            "old",
            "id",
            (f.FilledPart("body", (f.CurrencyValue("Rp1", "IDR", 1000), f.DateTimeValue("besok", {"year": 2026}))),),
        )
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_metas_own_description_accepts_it(name: str) -> None:
    pytest.importorskip("jsonschema", reason="jsonschema is not installed: no check against Meta's OpenAPI file")
    pytest.importorskip("yaml", reason="PyYAML is not installed: no check against Meta's OpenAPI file")
    validator = message_validator(fixtures_dir() / "openapi" / "business-messaging-api_v23.0.yaml")
    extras = out.Extras(reply_to=None if name == "reaction" else "wamid.B", callback="outbox-1")
    for address in (PHONE, BSUID):
        body = json.loads(json.dumps(out.body_of(CONTENTS[name], address, extras)))
        assert [fault.message for fault in validator.iter_errors(body)] == []


def test_the_relaxed_description_still_refuses_nonsense() -> None:
    pytest.importorskip("jsonschema", reason="jsonschema is not installed: no check against Meta's OpenAPI file")
    pytest.importorskip("yaml", reason="PyYAML is not installed: no check against Meta's OpenAPI file")
    validator = message_validator(fixtures_dir() / "openapi" / "business-messaging-api_v23.0.yaml")
    good = out.body_of(CONTENTS["template"], PHONE)
    assert validator.is_valid(good)
    assert validator.is_valid(out.read_body("wamid.A", is_typing=True))
    for wrong in (
        {key: value for key, value in good.items() if key != "to"},
        {key: value for key, value in good.items() if key != "messaging_product"},
        good | {"type": "telegram"},
        good | {"template": {"language": {"code": "id"}}},
        good | {"template": {"name": "x"}},
        good | {"type": "text", "text": {}},
    ):
        assert not validator.is_valid(wrong), wrong


class Recorder:
    """pywa with a transport that keeps the body of each send."""

    def __init__(self) -> None:
        httpx = pytest.importorskip("httpx", reason="pywa is not installed: its bodies cannot be compared")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pywa's own deprecations are not ours to fix
            self.pywa = pytest.importorskip("pywa", reason="pywa is not installed: its bodies cannot be compared")
        self.bodies: list[dict[str, Any]] = []

        def answer(request: Any) -> Any:
            self.bodies.append(json.loads(request.content))
            told = {"contacts": [{"input": "x", "wa_id": "16505551234"}], "messages": [{"id": "wamid.A"}]}
            return httpx.Response(200, json=told)

        self.session = httpx.Client(transport=httpx.MockTransport(answer))
        self.client = self.pywa.WhatsApp(phone_id="111", token="t", session=self.session)

    def body(self, call: Callable[[Any, Any], object]) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(self.client, self.pywa.types)
        self.session.close()
        return self.bodies[-1]


def spelled(body: Any) -> Any:
    """Both spellings of the same thing made one: indexes as text, kinds in lower case, pywa's empty extras dropped."""
    if isinstance(body, dict):
        made = {key: spelled(value) for key, value in body.items() if value is not None}
        if "sub_type" in made:
            made["sub_type"] = made["sub_type"].lower()
        if "index" in made:
            made["index"] = str(made["index"])
        if isinstance(made.get("type"), str):
            made["type"] = made["type"].lower()
        if "to" in made:
            made["to"] = made["to"].removeprefix("+")
        return made
    if isinstance(body, list):
        return [spelled(value) for value in body]
    return body


URL = "https://example.com/a.jpg"
TO = "16505551234"
BY_PYWA: dict[str, Callable[[Any, Any], object]] = {
    "text": lambda wa, _: wa.send_message(TO, "Halo"),
    "image": lambda wa, _: wa.send_image(TO, URL, caption="foto"),
    "video": lambda wa, _: wa.send_video(TO, "123", caption="film"),
    "document": lambda wa, _: wa.send_document(TO, "https://example.com/a.pdf", filename="a.pdf", caption="menu"),
    "sticker": lambda wa, _: wa.send_sticker(TO, "123"),
    "voice": lambda wa, _: wa.send_voice(TO, "123"),
    "location": lambda wa, _: wa.send_location(TO, latitude=-6.2, longitude=106.8, name="Kedai", address="Jl. Sabang"),
    "location request": lambda wa, _: wa.request_location(TO, "Di mana?"),
    "phone request": lambda wa, _: wa.request_contact_info(TO, "Nomor Anda?"),
    "reaction": lambda wa, _: wa.send_reaction(TO, "👍", "wamid.A"),
    "buttons": lambda wa, types: wa.send_message(
        TO,
        "Isi pesan",
        header="Kepala",
        footer="Kaki",
        buttons=[types.Button("Ya", callback_data="y"), types.Button("Tidak", callback_data="n")],
    ),
    "list": lambda wa, types: wa.send_message(
        TO,
        "Isi pesan",
        header="Kepala",
        footer="Kaki",
        buttons=types.SectionList(
            "Pilih",
            [
                types.Section(
                    "Menu",
                    [
                        types.SectionRow("Kopi", callback_data="1", description="panas"),
                        types.SectionRow("Teh", callback_data="2"),
                    ],
                )
            ],
        ),
    ),
    "link": lambda wa, types: wa.send_message(
        TO, "Isi pesan", header="Kepala", footer="Kaki", buttons=types.URLButton("Buka", "https://example.com")
    ),
    "call button": lambda wa, types: wa.send_message(TO, "Telepon kami", buttons=types.VoiceCallButton("Telepon", 60)),
    "call permission": lambda wa, types: wa.send_message(
        TO, "Boleh menelepon?", buttons=types.CallPermissionRequestButton()
    ),
    "product": lambda wa, _: wa.send_product(TO, catalog_id="1", sku="sku", body="Isi", footer="Kaki"),
    "products": lambda wa, types: wa.send_products(
        TO,
        catalog_id="1",
        product_sections=[types.ProductsSection("Menu", ["a", "b"])],
        title="Kepala",
        body="Isi pesan",
        footer="Kaki",
    ),
    "catalog": lambda wa, _: wa.send_catalog(TO, "Isi", footer="Kaki", thumbnail_product_sku="sku"),
    "carousel": lambda wa, types: wa.send_carousel(
        TO,
        body="Menu",
        cards=[
            types.ImageCarouselCard(image=URL, body="Kopi", buttons=types.URLButton("Beli", "https://example.com"))
            for _ in range(2)
        ],
    ),
}


@pytest.mark.parametrize("name", BY_PYWA)
def test_pywa_builds_the_same_body(name: str) -> None:
    theirs = Recorder().body(BY_PYWA[name])
    assert spelled(theirs) == spelled(out.body_of(CONTENTS[name], PHONE))


def test_pywa_builds_the_same_template() -> None:
    recorder = Recorder()
    t = pytest.importorskip("pywa.types.templates")
    params = [
        t.HeaderImage.params(image=URL),
        t.BodyText.params(nama="Sari", pesanan="A-17"),
        t.URLButton.params(url_variable="A-17", index=0),
        t.QuickReplyButton.params(callback_data="YES", index=1),
        t.CopyCodeButton.params(coupon_code="HEMAT", index=2),
    ]
    theirs = recorder.body(
        lambda wa, _: wa.send_template(TO, "order_ready", t.TemplateLanguage.INDONESIAN, params, tracker="outbox-1")
    )
    ours = out.body_of(CONTENTS["template"], PHONE, out.Extras(callback="outbox-1"))
    assert spelled(theirs) == spelled(ours)


def test_pywa_routes_a_user_id_the_same_way() -> None:
    theirs = Recorder().body(lambda wa, _: wa.send_message("ID.13491208655302741918", "Halo"))
    assert spelled(theirs) == spelled(out.body_of(CONTENTS["text"], BSUID))
