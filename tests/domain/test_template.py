"""Templates: what they ask for, what is missing, what goes out, what the reader sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.filled import (
    ActionValue,
    CouponValue,
    Filled,
    FilledCarousel,
    FilledPart,
    LocationValue,
    MediaValue,
    OfferValue,
    PayloadValue,
    TextValue,
)
from wacli.domain.problem import Invalid, Refused
from wacli.domain.template import (
    Body,
    Button,
    Card,
    Carousel,
    Component,
    Footer,
    Header,
    LimitedTimeOffer,
    ParameterFormat,
    Template,
    UnknownComponent,
    places,
    put_values,
)
from wacli.domain.template_fill import command_for, fill, missing_values
from wacli.domain.template_preview import preview
from wacli.domain.template_slots import slots_of


def template(*components: Component, named: bool = False, category: str = "UTILITY") -> Template:
    style = ParameterFormat.NAMED if named else ParameterFormat.POSITIONAL
    return Template("order_ready", "id", "APPROVED", category, components, style)


READY = template(
    Header("TEXT", "Pesanan {{1}}", ("A-1",)),
    Body("Halo {{1}}, pesanan {{2}} sudah siap.", ("Sari", "A-1")),
    Footer("Kedai Sabang"),
    Button("URL", "Lacak", url="https://kedai.id/p/{{1}}"),
    Button("QUICK_REPLY", "Terima kasih"),
    Button("PHONE_NUMBER", "Telepon", phone_number="+62215550100"),
)
VALUES = {"header": "A-17", "1": "Sari", "2": "A-17", "button.1": "A-17"}


def keys(found: Template) -> list[str]:
    return [slot.key for slot in slots_of(found)]


def test_the_values_in_reading_order() -> None:
    assert keys(READY) == ["header", "1", "2", "button.1", "button.2"]
    assert [slot.key for slot in slots_of(READY) if slot.is_required] == ["header", "1", "2", "button.1"]


def test_a_filled_template() -> None:
    assert fill(READY, VALUES) == Filled(
        "order_ready",
        "id",
        (
            FilledPart("header", (TextValue("A-17"),)),
            FilledPart("body", (TextValue("Sari"), TextValue("A-17"))),
            FilledPart("button", (TextValue("A-17"),), "url", 0),
        ),
    )


def test_named_places_carry_their_names_in_header_and_body() -> None:
    named = template(Header("TEXT", "Halo {{nama}}"), Body("{{nama}}, {{pesanan}} siap."), named=True)
    assert keys(named) == ["nama", "pesanan"]
    assert fill(named, {"pesanan": "A-1", "nama": "Sari"}).parts == (
        FilledPart("header", (TextValue("Sari", "nama"),)),
        FilledPart("body", (TextValue("Sari", "nama"), TextValue("A-1", "pesanan"))),
    )


def test_numbered_places_go_out_by_number_however_the_text_orders_them() -> None:
    swapped = template(Body("{{2}} untuk {{1}}, lagi {{2}}"))
    parts = fill(swapped, {"1": "satu", "2": "dua"}).parts
    assert parts == (FilledPart("body", (TextValue("satu"), TextValue("dua"))),)


def test_everything_wrong_is_named_at_once_with_the_command_to_type() -> None:
    with pytest.raises(Invalid) as caught:
        fill(READY, {"1": "Sari Dewi", "2": "  ", "warna": "merah"})
    problem = caught.value
    assert problem.code == "template-values"
    assert problem.details == {"missing": ["header", "button.1"], "empty": ["2"], "extra": ["warna"]}
    message = str(problem.message)
    assert "missing: header, button.1" in message
    assert "empty: 2" in message
    assert "not in the template: warna" in message
    assert "wacli send order_ready WHO header=... '1=Sari Dewi'" in str(problem.hint)


def test_missing_values_alone() -> None:
    assert missing_values(READY, {"1": "x"}) == ("header", "2", "button.1")
    assert missing_values(READY, VALUES) == ()


def test_the_command_quotes_what_a_shell_would_split() -> None:
    assert command_for(READY, {"1": "it's"}).startswith("wacli send order_ready WHO header=... '1=it'\"'\"'s' 2=...")


def test_a_template_without_places_takes_nothing() -> None:
    plain = template(Body("Toko buka pukul 8."), Button("URL", "Peta", url="https://kedai.id"))
    assert fill(plain, {}) == Filled("order_ready", "id")
    with pytest.raises(Invalid):
        fill(plain, {"1": "x"})


@pytest.mark.parametrize("value", ["two\nlines", "a\ttab", "five     spaces", "cr\rhere"])
def test_values_that_whatsapp_refuses(value: str) -> None:
    with pytest.raises(Invalid) as caught:
        fill(template(Body("Halo {{1}}!")), {"1": value})
    assert caught.value.code == "template-value"
    assert caught.value.details["key"] == "1"


def test_four_spaces_are_fine() -> None:
    assert fill(template(Body("Halo {{1}}!")), {"1": "a    b"}).parts == (FilledPart("body", (TextValue("a    b"),)),)


def test_the_whole_address_may_be_typed_for_the_end_of_a_link() -> None:
    parts = fill(READY, VALUES | {"button.1": "https://kedai.id/p/A-17"}).parts
    assert parts[-1] == FilledPart("button", (TextValue("A-17"),), "url", 0)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("https://kedai.id/menu.pdf", MediaValue("document", link="https://kedai.id/menu.pdf", filename="menu.pdf")),
        ("123456", MediaValue("document", id="123456", filename="menu.pdf")),
    ],
)
def test_a_document_header(typed: str, value: MediaValue) -> None:
    document = template(Header("DOCUMENT"), Body("Menu terlampir."))
    assert keys(document) == ["header", "header.filename"]
    filled = fill(document, {"header": typed, "header.filename": "menu.pdf"})
    assert filled.parts == (FilledPart("header", (value,)),)


def test_a_media_header_needs_a_link_or_an_id() -> None:
    with pytest.raises(Invalid):
        fill(template(Header("IMAGE"), Body("x")), {"header": "foto.jpg"})


def test_a_location_header() -> None:
    place = template(Header("LOCATION"), Body("Ambil di sini."))
    filled = fill(place, {"header": "-6.2, 106.8, Kedai, Jl. Sabang 1, Jakarta"})
    assert filled.parts == (FilledPart("header", (LocationValue(-6.2, 106.8, "Kedai", "Jl. Sabang 1, Jakarta"),)),)
    for wrong in ("Jakarta", "106.8,-6.2e9", "91,0", "0,180.5", "1"):
        with pytest.raises(Invalid):
            fill(place, {"header": wrong})


def test_a_header_newer_than_wacli_is_refused_in_words() -> None:
    with pytest.raises(Refused) as caught:
        fill(template(Header("HOLOGRAM"), Body("x")), {})
    assert caught.value.code == "template-unknown-header"


def test_an_unknown_component_needs_nothing() -> None:
    assert fill(template(Body("x"), UnknownComponent("SPARKLES"), Button("SPARKLE", "y")), {}).parts == ()


def test_optional_buttons_are_sent_only_when_given() -> None:
    buttons = template(
        Body("x"), Button("QUICK_REPLY", "Ya"), Button("FLOW", "Isi", flow_id="1"), Button("CATALOG", "Lihat")
    )
    assert fill(buttons, {}).parts == ()
    filled = fill(buttons, {"button.1": "YES", "button.2": "token", "button.3": "sku1"})
    assert filled.parts == (
        FilledPart("button", (PayloadValue("YES"),), "quick_reply", 0),
        FilledPart("button", (ActionValue({"flow_token": "token"}),), "flow", 1),
        FilledPart("button", (ActionValue({"thumbnail_product_retailer_id": "sku1"}),), "catalog", 2),
    )


def test_a_list_of_products() -> None:
    filled = fill(template(Body("x"), Button("MPM", "Menu")), {"button.1": "sku1, sku2"})
    items = [{"product_retailer_id": "sku1"}, {"product_retailer_id": "sku2"}]
    action = {"thumbnail_product_retailer_id": "sku1", "sections": [{"title": "Menu", "product_items": items}]}
    assert filled.parts == (FilledPart("button", (ActionValue(action),), "mpm", 0),)
    with pytest.raises(Invalid):
        fill(template(Body("x"), Button("MPM", "Menu")), {"button.1": " , "})


def test_a_coupon_and_an_offer_that_ends() -> None:
    offer = template(
        LimitedTimeOffer("Diskon!", True),
        Body("Halo {{1}}, pakai {{2}} ya"),
        Button("COPY_CODE", examples=("HEMAT10",)),
        category="MARKETING",
    )
    assert keys(offer) == ["expires", "1", "2", "code"]
    given_values = {"expires": "2026-12-01T18:00+07:00", "1": "Sari", "2": "HEMAT", "code": "HEMAT10"}
    filled = fill(offer, given_values)
    assert filled.parts[0] == FilledPart("limited_time_offer", (OfferValue(1796122800000),))
    assert filled.parts[2] == FilledPart("button", (CouponValue("HEMAT10"),), "copy_code", 0)
    assert not filled.needs_phone
    for wrong in ({"expires": "2026-12-01T18:00"}, {"expires": "besok"}, {"code": "X" * 21}):
        with pytest.raises(Invalid):
            fill(offer, given_values | wrong)


OTP = template(
    Body(None, adds_security_recommendation=True),
    Footer(code_expiration_minutes=10),
    Button("OTP", "Salin", otp_type="COPY_CODE"),
    category="AUTHENTICATION",
)


@pytest.mark.parametrize("key", ["code", "1"])
def test_a_one_time_password_is_given_once_and_sent_twice(key: str) -> None:
    filled = fill(OTP, {key: "845122"})
    assert filled.parts == (
        FilledPart("body", (TextValue("845122"),)),
        FilledPart("button", (TextValue("845122"),), "url", 0),
    )
    assert filled.needs_phone
    assert "845122" in preview(OTP, {key: "845122"})


def test_what_needs_a_phone_number() -> None:
    assert OTP.price_category is Category.AUTHENTICATION
    assert not READY.needs_phone
    assert not template(Body("x"), category="AUTHENTICATION").needs_phone


def test_a_carousel() -> None:
    card = Card(Header("IMAGE"), Body("Kopi {{1}}"), (Button("URL", "Beli", url="https://kedai.id/{{1}}"),))
    carousel = template(Body("Halo {{1}}"), Carousel((card, card)), category="MARKETING")
    assert keys(carousel) == [
        "1",
        "card.1.header",
        "card.1.1",
        "card.1.button.1",
        "card.2.header",
        "card.2.1",
        "card.2.button.1",
    ]
    values = {"1": "Sari"}
    for number, coffee in ((1, "susu"), (2, "hitam")):
        values |= {
            f"card.{number}.header": "https://kedai.id/k.jpg",
            f"card.{number}.1": coffee,
            f"card.{number}.button.1": coffee,
        }
    parts = fill(carousel, values).parts
    assert isinstance(parts[1], FilledCarousel)
    assert parts[1].cards[1] == (
        FilledPart("header", (MediaValue("image", link="https://kedai.id/k.jpg"),)),
        FilledPart("body", (TextValue("hitam"),)),
        FilledPart("button", (TextValue("hitam"),), "url", 0),
    )
    assert preview(carousel, values).splitlines()[1:5] == [
        "--- 1 ---",
        "[image: https://kedai.id/k.jpg]",
        "Kopi susu",
        "[ Beli ] https://kedai.id/susu",
    ]


def test_the_preview_is_what_the_reader_sees() -> None:
    assert preview(READY, VALUES) == "\n".join(
        [
            "Pesanan A-17",
            "Halo Sari, pesanan A-17 sudah siap.",
            "Kedai Sabang",
            "[ Lacak ] https://kedai.id/p/A-17",
            "[ Terima kasih ]",
            "[ Telepon ] +62215550100",
        ]
    )


def test_the_preview_leaves_open_places_visible() -> None:
    lines = preview(READY, {"1": "Sari"}).splitlines()
    assert lines[:2] == ["Pesanan {{1}}", "Halo Sari, pesanan {{2}} sudah siap."]
    assert lines[3] == "[ Lacak ] https://kedai.id/p/{{1}}"


def test_places_and_their_odd_spellings() -> None:
    assert places("{{1}} {{ 2 }} {{1}} {{Nama}} {{nama_1}} {3} {{}}") == ("1", "2", "nama_1")


def test_a_value_that_looks_like_a_place_is_not_read_again() -> None:
    assert put_values("{{1}} {{2}}", {"1": "{{2}}", "2": "x"}) == "{{2}} x"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\t "), min_size=1), min_size=1, max_size=9)
)
def test_every_value_arrives_whole_and_in_order(values: list[str]) -> None:
    text = " ".join(f"x {{{{{number}}}}}" for number in range(1, len(values) + 1)) + " x"
    numbered = template(Body(text))
    given_values = {str(number): value for number, value in enumerate(values, 1)}
    clean = {key: value for key, value in given_values.items() if value.strip()}
    if clean != given_values:
        with pytest.raises(Invalid):
            fill(numbered, given_values)
        return
    (part,) = fill(numbered, given_values).parts
    assert isinstance(part, FilledPart)
    assert [value.text for value in part.values if isinstance(value, TextValue)] == values
    assert preview(numbered, given_values) == " ".join(f"x {value}" for value in values) + " x"
