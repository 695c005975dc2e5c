"""Templates: created, reviewed, listed page by page, edited, deleted, and matched when sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.loopback import Caller, Receiver, body_values, template_to
from tests.support.fixtures import json_under
from wacli.sandbox.failures import Refusal
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.shape import Fields

SARI = "+6281234567890"


def body(text: str, *examples: str, **named: str) -> dict[str, object]:
    made: dict[str, object] = {"type": "BODY", "text": text}
    if examples:
        made["example"] = {"body_text": [list(examples)]}
    if named:
        pairs = [{"param_name": key, "example": value} for key, value in named.items()]
        made["example"] = {"body_text_named_params": pairs}
    return made


def new(name: str, *components: object, **more: object) -> dict[str, object]:
    return {"name": name, "language": "id", "category": "UTILITY", "components": list(components), **more}


def create(sandbox: Sandbox, asked: dict[str, object]) -> None:
    sandbox.create_template(sandbox.account, Fields(asked))


def with_buttons(*buttons: object) -> dict[str, object]:
    return new("a", body("x"), {"type": "BUTTONS", "buttons": list(buttons)})


def path_of(sandbox: Sandbox) -> str:
    return f"/v25.0/{sandbox.account.waba_id}/message_templates"


def test_a_new_template_is_reviewed_and_told(still: Sandbox, receiver: Receiver, caller: Caller) -> None:
    made = caller.call("POST", path_of(still), new("resi", body("Resi {{1}} sudah dikirim.", "JNE1"))).json
    assert made["status"] == "PENDING"
    assert made["category"] == "UTILITY"
    assert caller.send(template_to(SARI, "resi", "id", body_values("JNE1"))).code == 132001
    still.advance(timedelta(seconds=30))
    told = receiver.wait_for(1)[0]["entry"][0]["changes"][0]
    assert told["field"] == "message_template_status_update"
    assert told["value"]["event"] == "APPROVED"
    assert told["value"]["message_template_id"] == int(made["id"])
    assert caller.call("GET", f"/v25.0/{made['id']}?fields=name,status").json["status"] == "APPROVED"


def test_pages(still: Sandbox, caller: Caller) -> None:
    for number in range(7):
        create(still, new(f"t{number}", body(f"Isi nomor {number}.")))
    url, names, pages = f"{path_of(still)}?limit=4&fields=name", [], 0
    while url:
        page = caller.call("GET", url).json
        names += [one["name"] for one in page["data"]]
        assert all(set(one) == {"id", "name"} for one in page["data"])
        url, pages = page["paging"].get("next"), pages + 1
    assert names == ["order_ready", "promo_weekend", "login_code", *(f"t{number}" for number in range(7))]
    assert pages == 3
    first = caller.call("GET", f"{path_of(still)}?limit=4").json["paging"]
    second = caller.call("GET", f"{path_of(still)}?limit=4&after={first['cursors']['after']}").json["paging"]
    assert [one["name"] for one in caller.call("GET", second["previous"]).json["data"]] == names[:4]
    assert caller.call("GET", f"{path_of(still)}?after=nonsense").code == 100
    assert caller.call("GET", f"{path_of(still)}?limit=0").code == 100
    assert caller.call("GET", f"{path_of(still)}?name=nothing").json == {"data": []}


@pytest.mark.parametrize(
    ("query", "names"),
    [("status=PENDING", ["baru"]), ("category=MARKETING", ["promo_weekend"]), ("name=order", ["order_ready"]),
     ("language=en_US", []), ("name_or_content=diskon", ["promo_weekend"]), ("quality_score=UNKNOWN", ["baru"])],
)  # fmt: skip
def test_filters(still: Sandbox, caller: Caller, query: str, names: list[str]) -> None:
    create(still, new("baru", body("Isi yang baru.")))
    assert [one["name"] for one in caller.call("GET", f"{path_of(still)}?{query}").json["data"]] == names


BROKEN = [
    (new("Besar", body("x")), None),
    (new("a", body("x"), language="indonesian"), None),
    (new("a", body("x"), category="TRANSACTIONAL"), None),
    (new("a"), 2388072),
    (new("a", body("x"), body("y")), 2388072),
    (new("a", body("x" * 1025)), 2388040),
    (new("a", body("Halo {{1}} ya")), 2388072),
    (new("a", body("Halo {{2}} ya", "x")), 2388072),
    (new("a", body("{{1}} halo", "x")), 2388299),
    (new("a", body("Halo {{1}}", "x")), 2388299),
    (new("a", body("Halo {{Nama}} ya", Nama="x"), parameter_format="NAMED"), 2388072),
    (new("a", body("x"), {"type": "FOOTER", "text": "f" * 61}), 2388040),
    (new("a", body("x"), {"type": "FOOTER", "text": "f {{1}} f"}), 2388073),
    (new("a", body("x"), {"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"}), 2388047),
    (new("a", body("x"), {"type": "HEADER", "format": "IMAGE", "example": {}}), 2388047),
    (with_buttons({"type": "URL", "text": "b", "url": "https://a/{{1}}/b"}), None),
    (with_buttons(*[{"type": "URL", "text": "b", "url": "https://a/"}] * 3), None),
    (with_buttons({"type": "QUICK_REPLY", "text": "b" * 26}), None),
    (new("a", body("x"), message_send_ttl_seconds=5), None),
    (new("a", body("x"), allow_category_change=True), None),
    (new("order_ready", body("x")), 2388024),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "subcode"), BROKEN)
def test_broken_rules(still: Sandbox, asked: dict[str, object], subcode: int | None) -> None:
    with pytest.raises(Refusal) as caught:
        create(still, asked)
    assert caught.value.code in (100, 131009)
    assert caught.value.subcode == subcode


def test_the_same_words_twice_and_a_hundred_in_an_hour(still: Sandbox) -> None:
    create(still, new("satu", body("Sama saja.")))
    with pytest.raises(Refusal, match="same as in template satu"):
        create(still, new("dua", body("Sama saja.")))
    for number in range(99):
        create(still, new(f"t{number}", body(f"Isi nomor {number}.")))
    with pytest.raises(Refusal, match="80007"):
        create(still, new("terlalu", body("Terlalu banyak.")))
    still.advance(timedelta(hours=1))
    create(still, new("lagi", body("Satu jam kemudian.")))


def test_editing_and_deleting(still: Sandbox, caller: Caller) -> None:
    template = still.account.templates.find("promo_weekend", "id")
    assert template is not None
    path = f"/v25.0/{template.id}"
    assert caller.call("POST", path, {"category": "UTILITY"}).code == 100
    assert caller.call("POST", path, {"components": [body("Promo baru!")]}).json == {"success": True}
    assert caller.call("POST", path, {"components": [body("Lagi!")]}).code == 100  # in review
    still.advance(timedelta(minutes=1))
    assert caller.call("POST", path, {"components": [body("Lagi!")]}).code == 100  # once in 24 hours
    still.advance(timedelta(hours=24))
    assert caller.call("POST", path, {"components": [body("Lagi!")]}).json == {"success": True}
    assert caller.call("DELETE", f"{path_of(still)}?name=promo_weekend").json == {"success": True}
    assert caller.call("DELETE", f"{path_of(still)}?name=promo_weekend").status == 404
    assert caller.call("DELETE", path_of(still)).code == 100


TEXT = {"type": "text", "text": "x"}
SENDS: list[tuple[tuple[object, ...], int]] = [
    ((), 132000),
    ((body_values(name="Sari"),), 132000),
    ((body_values("Sari", "A-1"),), 132012),
    ((body_values(name="Sari", ordr="A-1"),), 132012),
    ((body_values(name="Sari", order=""),), 131008),
    ((body_values(name="Sari", order="x" * 1024),), 132005),
    ((body_values(name="Sari", order="A-1"), {"type": "header", "parameters": [TEXT]}), 132000),
    ((body_values(name="Sari", order="A-1"), {"type": "button", "sub_type": "url", "index": 0,
      "parameters": [{"type": "text", "text": "x"}]}), 132018),
    ((body_values(name="Sari", order="A-1"), {"type": "button", "sub_type": "quick_reply", "index": 7,
      "parameters": [{"type": "payload", "payload": "x"}]}), 132018),
    (({"type": "body", "parameters": [{"type": "text", "txet": "x"}, {"type": "text", "text": "y"}]},), 132012),
    ((body_values(name="Sari", order="A-1"), {"type": "boddy"}), 100),
]  # fmt: skip


@pytest.mark.parametrize(("components", "code"), SENDS)
def test_a_send_that_does_not_fit(still: Sandbox, sari: Puppet, components: tuple[object, ...], code: int) -> None:
    with pytest.raises(Refusal) as caught:
        still.post_message(template_to(SARI, "order_ready", "id", *components))
    assert caught.value.code == code


def test_a_send_that_fits_and_its_tap(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    tap = {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "0",
        "parameters": [{"type": "payload", "payload": "OK-1"}],
    }
    answer = still.post_message(template_to(SARI, "order_ready", "id", body_values(order="A-1", name="Sari"), tap))
    still.advance(timedelta(minutes=1))
    sari.taps("Saya ambil")
    sari.taps("Antar saja")
    still.drain()
    (sent,) = sari.received()
    assert sent.text == "Halo Sari, pesanan A-1 Anda sudah siap diambil di toko kami."
    taps = [one for one in receiver.messages if one["type"] == "button"]
    assert [one["button"]["payload"] for one in taps] == ["OK-1", "Antar saja"]
    assert {one["context"]["id"] for one in taps} == {answer["messages"][0]["id"]}  # type: ignore[index]


def test_buttons_and_headers_with_values(still: Sandbox, sari: Puppet) -> None:
    still.account.templates.add("kupon", "id", "MARKETING", [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
        body("Kupon untuk Anda."),
        {"type": "BUTTONS", "buttons": [
            {"type": "COPY_CODE", "example": "MAWAR20"},
            {"type": "URL", "text": "Lihat", "url": "https://example.com/{{1}}", "example": ["https://example.com/a"]},
        ]},
    ])  # fmt: skip
    header = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/a.jpg"}}]}
    code = {"type": "button", "sub_type": "copy_code", "index": "0",
            "parameters": [{"type": "coupon_code", "coupon_code": "MAWAR20"}]}  # fmt: skip
    link = {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "buket"}]}

    def code_of(*components: object) -> int:
        with pytest.raises(Refusal) as caught:
            still.post_message(template_to(SARI, "kupon", "id", *components))
        return caught.value.code

    assert code_of(header, code) == 131008
    assert code_of(header, link) == 131008
    assert code_of(code, link) == 132012
    video = {"type": "header", "parameters": [{"type": "video", "video": {"link": "https://example.com/a.mp4"}}]}
    assert code_of(video, code, link) == 132012
    assert code_of(header, code, link, link) == 132018
    long = {**code, "parameters": [{"type": "coupon_code", "coupon_code": "x" * 21}]}
    assert code_of(header, long, link) == 131009
    assert still.post_message(template_to(SARI, "kupon", "id", header, code, link))["messages"]


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
def test_templates_that_may_not_be_sent(
    still: Sandbox, sari: Puppet, receiver: Receiver, status: str, code: int
) -> None:
    template = still.account.templates.find("promo_weekend", "id")
    assert template is not None
    still.set_template_status(template, status, "QUALITY")
    with pytest.raises(Refusal) as caught:
        still.post_message(template_to(SARI, "promo_weekend", "id", body_values("Sari", "20%")))
    assert caught.value.code == code
    still.drain()
    assert receiver.values[-1]["event"] == status


def test_a_category_change_is_told(still: Sandbox, receiver: Receiver) -> None:
    template = still.account.templates.find("order_ready", "id")
    assert template is not None
    still.recategorise(template, "marketing")
    still.drain()
    value: dict[str, Any] = receiver.values[-1]
    assert (value["previous_category"], value["new_category"]) == ("UTILITY", "MARKETING")


def test_held_for_quality_assessment(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    template = still.account.templates.find("promo_weekend", "id")
    assert template is not None
    template.is_held = True
    send = template_to(SARI, "promo_weekend", "id", body_values("Sari", "20%"))
    told = [still.post_message(send)["messages"][0]["message_status"] for _ in range(2)]  # type: ignore[index]
    assert told == ["held_for_quality_assessment"] * 2
    still.drain()
    assert receiver.statuses == []
    assert still.release_held() == 2
    still.post_message(send)
    assert still.release_held(is_dropped=True) == 1
    still.drain()
    assert [one["status"] for one in receiver.statuses] == ["sent", "sent", "failed"]
    assert receiver.statuses[-1]["errors"][0]["code"] == 132015


def test_templates_published_by_others_can_be_created() -> None:
    refused: dict[str, int | None] = {}
    bodies = {name: one for source in ("facebook-openapi", "whatsapp-business-java-api")
              for name, one in json_under("templates", source, "create").items()}  # fmt: skip
    for name, one in bodies.items():
        asked = one | ({"name": "placeholder"} if one["name"].startswith("<") else {})
        try:
            create(Sandbox(seed=1), asked)
        except Refusal as refusal:
            refused[name] = refusal.subcode
    assert len(bodies) == 19
    # 1, 2 and 4 carry a category, TRANSACTIONAL, that ended in 2023; the words of 7 end with a variable.
    assert refused == {"expectedTemplate1.json": None, "expectedTemplate2.json": None, "expectedTemplate4.json": None,
                       "expectedTemplate7.json": 2388299}  # fmt: skip
