"""Each rule of the template check, at both sides of its edge."""

from __future__ import annotations

import pytest

from tests.support.fixtures import json_under
from wacli.cloudapi.templates import parse_template
from wacli.domain.template import (
    Body,
    Button,
    Card,
    Carousel,
    Component,
    Footer,
    Header,
    LimitedTimeOffer,
    Template,
)
from wacli.domain.template_lint import Severity, lint

GOOD = Body("Halo {{1}}, pesanan {{2}} siap.", ("Sari", "A-1"))
REPLY = Button("QUICK_REPLY", "Ya")
LINK = Button("URL", "Lacak", url="https://a.b/{{1}}", examples=("https://a.b/1",))


def template(*components: Component, category: str = "UTILITY", name: str = "order_ready") -> Template:
    return Template(name, "id", "DRAFT", category, components)


def codes(*components: Component, category: str = "UTILITY") -> list[tuple[str, str, int | None]]:
    return [(one.code, one.where, one.meta_code) for one in lint(template(*components, category=category))]


@pytest.mark.parametrize(
    "components",
    [
        (GOOD,),
        (Header("TEXT", "h" * 60), Body("b" * 1024), Footer("f" * 60)),
        (Header("TEXT", "Pesanan {{1}}", ("A-1",)), GOOD),
        (
            Header("IMAGE", examples=("4::a",)),
            GOOD,
            REPLY,
            REPLY,
            LINK,
            LINK,
            Button("PHONE_NUMBER", "Telepon", phone_number="+6281"),
        ),
        (GOOD, LINK, REPLY, REPLY),
        (Body("Halo {{nama}}, pesanan {{pesanan}} siap.", ("Sari", "A-1")),),
        (Body("b" * 600), LimitedTimeOffer("x")),
        (GOOD, Button("COPY_CODE", examples=("c" * 20,))),
        (GOOD, Carousel((Card(Header("IMAGE", examples=("4::a",)), Body("x"), (REPLY,)),) * 2)),
        (Body("10 {pieces of} cake { and } more"),),
    ],
)
def test_nothing_to_say(components: tuple[Component, ...]) -> None:
    assert codes(*components) == []


@pytest.mark.parametrize(
    ("components", "finding"),
    [
        ((), ("wrong-count", "body", 100)),
        ((GOOD, GOOD), ("wrong-count", "body", 100)),
        ((Header("IMAGE"), Header("IMAGE"), GOOD), ("wrong-count", "header", 100)),
        ((GOOD, Footer("a"), Footer("b")), ("wrong-count", "footer", 100)),
        ((Header("TEXT", "h" * 61), GOOD), ("too-long", "header", 2388040)),
        ((Header("TEXT", ""), GOOD), ("empty-text", "header", 2388047)),
        ((Header("TEXT", "a {{1}} {{2}}", ("x", "y")), GOOD), ("too-many-places", "header", 2388047)),
        ((Body("b" * 1025),), ("too-long", "body", 2388040)),
        ((Body("b" * 601), LimitedTimeOffer("x")), ("too-long", "body", 2388040)),
        ((GOOD, Footer("f" * 61)), ("too-long", "footer", 2388040)),
        ((GOOD, Footer("{{1}} kedai")), ("too-many-places", "footer", 2388073)),
        ((Body("{{1}} siap.", ("A",)),), ("place-at-edge", "body", 2388299)),
        ((Body("Halo {{1}} ", ("A",)),), ("place-at-edge", "body", 2388299)),
        ((Body("Halo {{1}}, {{3}} siap.", ("a", "b")),), ("gap-in-numbers", "body", 2388072)),
        ((Body("Halo {{2}}, siap.", ("a",)),), ("gap-in-numbers", "body", 2388072)),
        ((Body("Halo {{1}}, {{nama}} siap.", ("a", "b")),), ("mixed-places", "body", 100)),
        ((Body("Halo {{Nama}} siap."),), ("bad-place", "body", 2388072)),
        ((Body("Halo {nama} siap."),), ("bad-place", "body", 2388072)),
        ((Body("Halo {{}} siap."),), ("bad-place", "body", 2388072)),
        ((Body("Halo {{1}}, {{2}} siap.", ("a",)),), ("missing-example", "body", 100)),
        ((GOOD, Button("QUICK_REPLY", "t" * 26)), ("too-long", "button.1", 2388040)),
        ((GOOD, REPLY, Button("URL", "x", url="a.b")), ("bad-link", "button.2", 100)),
        ((GOOD, Button("URL", "x", url="https://" + "a" * 1993)), ("bad-link", "button.1", 100)),
        ((GOOD, Button("URL", "x", url="https://a.b/{{1}}/c", examples=("x",))), ("place-in-link", "button.1", 100)),
        ((GOOD, Button("URL", "x", url="https://a.b/{{1}}")), ("missing-example", "button.1", 100)),
        ((GOOD, LINK, LINK, LINK), ("wrong-count", "buttons", 100)),
        ((GOOD, *(Button("PHONE_NUMBER", "x"),) * 2), ("wrong-count", "buttons", 100)),
        ((GOOD, *(REPLY,) * 11), ("wrong-count", "buttons", 100)),
        ((GOOD, REPLY, LINK, REPLY), ("scattered-replies", "buttons", 100)),
        ((GOOD, Button("COPY_CODE", examples=("c" * 21,))), ("too-long", "button.1", 2388040)),
        ((GOOD, Carousel((Card(),))), ("wrong-count", "carousel", 100)),
        ((GOOD, Carousel((Card(body=Body("{{1}} x", ("a",))),) * 2)), ("place-at-edge", "card.1.body", 2388299)),
    ],
)
def test_what_meta_refuses(components: tuple[Component, ...], finding: tuple[str, str, int | None]) -> None:
    assert finding in codes(*components)


def test_the_words_of_a_password_are_whatsapps_own() -> None:
    parts = (Body(None), Footer(None, 10), Button("OTP", otp_type="COPY_CODE"))
    assert codes(*parts, category="AUTHENTICATION") == []
    assert ("empty-text", "body", 2388072) in codes(*parts, category="UTILITY")
    assert ("bad-otp-type", "button.1", 100) in codes(Body(None), Button("OTP"), category="AUTHENTICATION")


@pytest.mark.parametrize(
    ("category", "seconds", "is_good"),
    [
        ("UTILITY", 29, False), ("UTILITY", 30, True), ("UTILITY", 43_200, True), ("UTILITY", 43_201, False),
        ("UTILITY", -1, True), ("AUTHENTICATION", 900, True), ("AUTHENTICATION", 901, False),
        ("MARKETING", -1, False), ("MARKETING", 43_199, False), ("MARKETING", 43_200, True), ("UTILITY", None, True),
    ],
)  # fmt: skip
def test_times_to_live(category: str, seconds: int | None, is_good: bool) -> None:
    found = [one.code for one in lint(template(GOOD, category=category), ttl_seconds=seconds)]
    assert found == ([] if is_good else ["bad-ttl"])


@pytest.mark.parametrize(
    ("components", "finding"),
    [
        ((Header("IMAGE"), GOOD), ("missing-sample", "header", 2388047)),
        ((Header("TEXT", "Kabar *baru*"), GOOD), ("decorated", "header", 2388047)),
        ((Header("TEXT", "Kabar\nbaru"), GOOD), ("decorated", "header", 2388047)),
        ((Header("TEXT", "Kabar 🌹"), GOOD), ("decorated", "header", 2388047)),
        ((GOOD, Footer("satu\ndua")), ("decorated", "footer", 2388073)),
        ((Body("Halo {{1}}{{2}} siap.", ("a", "b")),), ("places-touch", "body", None)),
        ((Body("Halo {{1}} siap.", ("a", "b")),), ("extra-example", "body", 100)),
        ((GOOD, Button("PHONE_NUMBER", "Telepon")), ("bad-phone", "button.1", 100)),
        ((GOOD, Button("PHONE_NUMBER", "Telepon", phone_number="1" * 21)), ("bad-phone", "button.1", 100)),
        ((GOOD, Button("QUICK_REPLY")), ("empty-text", "button.1", 100)),
        ((GOOD, Button("COPY_CODE")), ("missing-example", "button.1", 100)),
        ((GOOD, Carousel((Card(body=Body("b" * 161)),) * 2)), ("too-long", "card.1.body", 2388040)),
        ((GOOD, Carousel((Card(Header("VIDEO")),) * 2)), ("missing-sample", "card.2.header", 2388047)),
        ((GOOD, Carousel((Card(buttons=(REPLY, LINK, REPLY)),) * 2)), ("scattered-replies", "card.1.buttons", 100)),
    ],
)
def test_what_else_meta_refuses_or_judges(
    components: tuple[Component, ...], finding: tuple[str, str, int | None]
) -> None:
    assert finding in codes(*components)


def test_a_header_may_hold_an_underscore_inside_a_word() -> None:
    assert codes(Header("TEXT", "Pesanan no_1 {{nama_depan}}", ("Sari",)), GOOD) == []


@pytest.mark.parametrize("language", ["ID", "english", "en-US", "", "en_us"])
def test_languages(language: str) -> None:
    (finding,) = lint(Template("a", language, "DRAFT", "UTILITY", (GOOD,)))
    assert (finding.code, finding.where) == ("bad-language", "language")


def test_categories() -> None:
    assert [one.code for one in lint(template(GOOD, category="TRANSACTIONAL"))] == ["bad-category"]


def test_every_promotional_word_of_a_part_is_named_once() -> None:
    found = lint(template(Body("Diskon! diskon GRATIS ongkir, hurry"), Button("QUICK_REPLY", "Beli sekarang")))
    assert [(one.where, dict(one.message.values)["words"]) for one in found] == [
        ("body", "diskon, GRATIS, hurry"),
        ("button.1", "Beli sekarang"),
    ]


@pytest.mark.parametrize("name", ["Order", "order-ready", "", "o" * 513, "pesanan siap"])
def test_names(name: str) -> None:
    (finding,) = lint(template(GOOD, name=name))
    assert (finding.code, finding.where) == ("bad-name", "name")


@pytest.mark.parametrize(
    "words",
    [
        "Pesanan A-104 sudah siap diambil di toko kami.", "Your order has shipped and arrives on Monday.",
        "Jadwal Anda besok pukul 10.00.", "Kode verifikasi Anda 1234.", "Pembayaran Rp 150.000 sudah kami terima.",
        "Your appointment is confirmed.",
    ],
)  # fmt: skip
def test_plain_news_is_no_advertising(words: str) -> None:
    assert lint(template(Body(words))) == ()


@pytest.mark.parametrize("words", ["Diskon hari ini", "25% OFF today", "Gratis ongkir", "Buy now!", "Promoção de hoje"])
def test_promotional_words_warn_in_utility_templates_only(words: str) -> None:
    (finding,) = lint(template(Body(words)))
    assert (finding.code, finding.severity) == ("promotional-words", Severity.WARNING)
    assert lint(template(Body(words), category="MARKETING")) == ()


def test_the_same_text_twice() -> None:
    mine, other = template(GOOD, name="a"), template(GOOD, name="b")
    assert [one.code for one in lint(mine, [mine, other])] == ["same-text"]
    assert lint(template(GOOD, Footer("x"), name="a"), [other]) == ()


def test_published_templates_have_no_faults_but_their_real_ones() -> None:
    found = {}
    for name, told in json_under("templates").items():
        for number, one in enumerate(told.get("data", [told])):
            read = parse_template(one)
            errors = [fault.code for fault in lint(read) if fault.severity is Severity.ERROR] if read else []
            if errors:
                found[f"{name}#{number}"] = errors
    flows = {
        f"facebook-openapi/create/create-flow-template-message-by-{way}.json#0" for way in ("flow-json", "id", "name")
    }
    assert found == {
        **{name: ["bad-name"] for name in flows},  # the placeholder <TEMPLATE_NAME>
        "whatsapp-business-java-api/create/expectedTemplate7.json#0": ["place-at-edge"],  # it ends in R${{1}}
        # TRANSACTIONAL is one of the categories that utility replaced.
        **{f"whatsapp-business-java-api/create/expectedTemplate{n}.json#0": ["bad-category"] for n in (1, 2, 4)},
    }
