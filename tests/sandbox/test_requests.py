"""What `POST /messages` accepts and refuses, and with which code: facts cloud-api.md sections 2, 6 and 7."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.loopback import Caller, template_to, text_to
from wacli.sandbox.customers import digits_of, is_bsuid, spellings
from wacli.sandbox.failures import Refusal
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox

SARI = "+6281234567890"


def button(title: str = "Ya", key: str = "1") -> dict[str, object]:
    return {"type": "reply", "reply": {"id": key, "title": title}}


def buttons(*given: object, **more: object) -> dict[str, object]:
    return {"type": "button", "body": {"text": "Pilih"}, "action": {"buttons": list(given)}, **more}


def rows(count: int, **more: object) -> dict[str, object]:
    section = {"title": "Bunga", "rows": [{"id": str(n), "title": f"Mawar {n}"} for n in range(count)]}
    return {"type": "list", "body": {"text": "Pilih"}, "action": {"button": "Lihat", "sections": [section]}, **more}


def message(kind: str, content: object, **more: object) -> dict[str, object]:
    return {"messaging_product": "whatsapp", "to": SARI, "type": kind, kind: content, **more}


def refusal_of(sandbox: Sandbox, body: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        sandbox.post_message(body)
    assert not sandbox.book.sent
    return caught.value


ACCEPTED = [
    message("text", {"body": "x" * 4096, "preview_url": True}),
    message("text", {"body": "hai"}, context={"message_id": "wamid.gone"}, recipient_type="individual"),
    message("text", {"body": "hai"}, biz_opaque_callback_data="k" * 512),
    {"messaging_product": "whatsapp", "to": SARI, "text": {"body": "type may be absent"}},
    message("image", {"link": "https://example.com/a.jpg", "caption": "c" * 1024}),
    message("document", {"link": "http://example.com/a.pdf", "filename": "a.pdf"}),
    message("audio", {"link": "https://example.com/a.ogg", "voice": True}),
    message("sticker", {"link": "https://example.com/a.webp"}),
    message("location", {"latitude": -6.2, "longitude": "106.8", "name": "Toko"}),
    message("contacts", [{"name": {"formatted_name": "Ani", "first_name": "Ani"}, "phones": [{"phone": "+62 812"}]}]),
    message("interactive", buttons(button(), button("Tidak", "2"), footer={"text": "f" * 60})),
    message("interactive", buttons(button("x" * 20, "i" * 256), header={"type": "text", "text": "h" * 60})),
    message("interactive", rows(10)),
    message("interactive", rows(1, body={"text": "b" * 4096})),
    message("interactive", {"type": "cta_url", "body": {"text": "Lihat"}, "action": {
        "name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://example.com"}}}),
    message("interactive", {"type": "location_request_message", "body": {"text": "Di mana?"},
                            "action": {"name": "send_location"}}),
]  # fmt: skip


@pytest.mark.parametrize("body", ACCEPTED, ids=lambda body: str(body.get("type")))
def test_a_good_message_is_accepted_and_booked(still: Sandbox, sari: Puppet, body: dict[str, object]) -> None:
    answer = still.post_message(body)
    assert answer["contacts"] == [{"input": SARI, "wa_id": "6281234567890"}]
    assert [one.body for one in still.book.sent.values()] == [body]
    assert still.book.sent[answer["messages"][0]["id"]].status == "sent"  # type: ignore[index]


REFUSED = [
    ({}, 100),
    ([], 100),
    ({"messaging_product": "sms", "to": SARI, "text": {"body": "x"}}, 100),
    ({"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}, 100),
    (text_to(""), 131009),
    (text_to("ID.1349"), 131009),
    (text_to("12ab34567"), 131009),
    (text_to("1234"), 131009),
    (text_to("+62 811-1000-200"), 131021),
    (message("text", {}), 131008),
    (message("text", {"body": ""}), 131009),
    (message("text", {"body": 5}), 100),
    (message("text", {"body": "x" * 4097}), 131009),
    (message("text", {"body": "x", "preview": True}), 100),
    (message("text", {"body": "x"}, txet=1), 100),
    (message("text", {"body": "x"}, recipient_type="group"), 131009),
    (message("text", {"body": "x"}, biz_opaque_callback_data="k" * 513), 131009),
    (message("text", {"body": "x"}, ttl_seconds=60), 100),
    (message("text", {"body": "x"}, context={}), 131008),
    (message("poll", {"name": "x"}), 131051),
    ({"messaging_product": "whatsapp", "to": SARI, "type": "image", "text": {"body": "x"}}, 131008),
    (message("image", {}), 131008),
    (message("image", {"id": "1", "link": "https://example.com/a.jpg"}), 131009),
    (message("image", {"id": "1"}), 131009),
    (message("image", {"link": "a.jpg"}), 131009),
    (message("image", {"link": "https://example.com/a.jpg", "caption": "c" * 1025}), 131009),
    (message("audio", {"link": "https://example.com/a.ogg", "caption": "none"}), 100),
    (message("location", {"latitude": 91, "longitude": 0}), 131009),
    (message("location", {"latitude": 1}), 131008),
    (message("contacts", []), 131009),
    (message("contacts", [{"name": {"formatted_name": "Ani"}}]), 131008),
    (message("contacts", [{"name": {"formatted_name": "A", "first_name": "A"}, "birthday": "1.1.2000"}]), 131009),
    (message("reaction", {"message_id": "wamid.x"}), 131008),
    (message("reaction", {"message_id": "wamid.x", "emoji": "bagus"}), 131009),
    (message("interactive", buttons()), 131009),
    (message("interactive", buttons(*(button(str(n), str(n)) for n in range(4)))), 131009),
    (message("interactive", buttons(button("x" * 21))), 131009),
    (message("interactive", buttons(button("A"), button("A", "2"))), 131009),
    (message("interactive", buttons(button(), body={"text": "b" * 1025})), 131009),
    (message("interactive", buttons(button(), footer={"text": "f" * 61})), 131009),
    (message("interactive", rows(11)), 131009),
    (message("interactive", rows(1, header={"type": "image", "image": {"link": "https://example.com/a.png"}})), 131009),
    (message("interactive", {"type": "quiz", "body": {"text": "?"}, "action": {}}), 100),
    (template_to(SARI, "no_such", "id"), 132001),
    (template_to(SARI, "order_ready", "en_US"), 132001),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_a_bad_message_is_refused_with_its_code(still: Sandbox, sari: Puppet, body: object, code: int) -> None:
    assert refusal_of(still, body).code == code


def test_the_answer_to_a_bad_request_is_metas(caller: Caller, sari: Puppet) -> None:
    got = caller.send(message("text", {"body": "x" * 4097}))
    error = got.json["error"]
    assert got.status == 400
    assert error["message"] == "(#131009) Parameter value is not valid"
    assert error["type"] == "OAuthException"
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert "4096" in got.details
    assert "4097" in got.details
    assert len(error["fbtrace_id"]) == 23
    assert caller.call("POST", f"/v25.0/{caller.sandbox.number.id}/messages", b"{").code == 100


def test_a_bsuid_is_answered_with_user_id_and_to_wins(still: Sandbox, sari: Puppet) -> None:
    by_bsuid = {"messaging_product": "whatsapp", "recipient": "ID.777", "type": "text", "text": {"body": "hai"}}
    assert still.post_message(by_bsuid)["contacts"] == [{"input": "ID.777", "user_id": "ID.777"}]
    assert still.post_message(by_bsuid | {"to": SARI})["contacts"] == [{"input": SARI, "wa_id": "6281234567890"}]


def test_code_buttons_need_a_phone_number(still: Sandbox, sari: Puppet) -> None:
    link = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]}
    body = {"type": "body", "parameters": [{"type": "text", "text": "123456"}]}
    send = template_to(SARI, "login_code", "id", body, link)
    by_bsuid = {key: value for key, value in send.items() if key != "to"} | {"recipient": "ID.777"}
    assert refusal_of(still, by_bsuid).code == 131062
    assert still.post_message(send)["messages"][0]["message_status"] == "accepted"  # type: ignore[index]


def test_a_closed_window_fails_by_webhook_or_at_once(still: Sandbox, sari: Puppet) -> None:
    still.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert _last_status(still, text_to(SARI)) == ("sent", None)
    still.advance(timedelta(seconds=1))
    assert _last_status(still, text_to(SARI)) == ("failed", 131047)
    still.exchange.refuse_at_once = frozenset({131047})
    with pytest.raises(Refusal, match="131047"):
        still.post_message(text_to(SARI))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("is_on_whatsapp", False, 131026), ("has_blocked", True, 131026), ("has_stopped_marketing", True, 131050),
     ("is_spared_by_meta", True, 131049)],
)  # fmt: skip
def test_what_the_customer_is_decides_delivery(
    still: Sandbox, sari: Puppet, field: str, value: bool, code: int
) -> None:
    still.advance(timedelta(days=2))
    setattr(sari.customer, field, value)
    promo = template_to(SARI, "promo_weekend", "id", {"type": "body", "parameters": [
        {"type": "text", "text": "Sari"}, {"type": "text", "text": "20%"}]})  # fmt: skip
    assert _last_status(still, promo) == ("failed", code)


def test_nobody_there_is_131026_and_a_test_number_knows_its_recipients(still: Sandbox, sari: Puppet) -> None:
    assert _last_status(still, text_to("+62 899 000 111")) == ("failed", 131026)
    still.number.allowed = frozenset({"628990000222"})
    with pytest.raises(Refusal, match="131030"):
        still.post_message(text_to(SARI))


def test_throughput_and_pair_limit(still: Sandbox, sari: Puppet) -> None:
    for _ in range(45):
        still.post_message(text_to(SARI))
    with pytest.raises(Refusal, match="131056"):
        still.post_message(text_to(SARI))
    still.advance(timedelta(seconds=6))
    still.post_message(text_to(SARI))
    still.limits.pair_burst = None
    for _ in range(79):
        still.post_message(text_to(SARI))
    with pytest.raises(Refusal, match="130429"):
        still.post_message(text_to(SARI))
    still.advance(timedelta(seconds=1))
    still.post_message(text_to(SARI))


def test_mark_read_and_typing(still: Sandbox, sari: Puppet) -> None:
    wamid = sari.says("ada orang?")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert still.post_message(mark | {"typing_indicator": {"type": "text"}}) == {"success": True}
    assert wamid in still.book.read_marks
    assert still.book.typing == [wamid]
    assert refusal_of(still, mark | {"message_id": "wamid.never"}).code == 131009


def test_reactions(still: Sandbox, sari: Puppet) -> None:
    wamid = sari.says("terima kasih")
    assert _last_status(still, message("reaction", {"message_id": wamid, "emoji": "👍🏽"})) == ("sent", None)
    assert _last_status(still, message("reaction", {"message_id": wamid, "emoji": ""})) == ("sent", None)
    assert _last_status(still, message("reaction", {"message_id": "wamid.x", "emoji": "👍"})) == ("failed", 131009)
    still.advance(timedelta(minutes=5))
    assert not still.book.charges  # a reaction is only ever sent


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("5511987654321", "551187654321"), ("525512345678", "5215512345678"), ("541112345678", "5491112345678")],
)
def test_three_countries_write_a_number_in_two_ways(still: Sandbox, typed: str, kept: str) -> None:
    still.add_customer("Ana", kept).says("oi")
    assert still.post_message(text_to(typed))["contacts"] == [{"input": typed, "wa_id": kept}]


@given(st.integers(10_000, 10**16).map(str))
def test_spellings_find_each_other(digits: str) -> None:
    for other in spellings(digits):
        assert digits in spellings(other) or len(spellings(other)) == 1


@given(st.text(max_size=40))
def test_no_bsuid_is_ever_a_phone_number(text: str) -> None:
    for typed in (text, "ID." + text):
        try:
            digits_of(typed)
        except Refusal:
            continue
        assert not is_bsuid(typed)
        assert not any(char.isalpha() for char in typed)


def _last_status(sandbox: Sandbox, body: object) -> tuple[str, int | None]:
    answer = sandbox.post_message(body)
    event = sandbox.book.sent[answer["messages"][0]["id"]].events[-1]  # type: ignore[index]
    return event.status, event.error_code
