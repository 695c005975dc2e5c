"""QR codes, block lists, profiles, resumable uploads, marketing messages, analytics: facts cloud-api.md section 5."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import Caller, body_values, template_to, text_to
from tests.support.fixtures import fixtures_dir
from wacli.sandbox.block_list import BLOCKED_MOST
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.qr_codes import CODES_MOST
from wacli.sandbox.sandbox import Sandbox

SARI = "+6281234567890"
PROMO = template_to(SARI, "promo_weekend", "id", body_values("Sari", "20%"))
UTILITY = template_to(SARI, "order_ready", "id", body_values(name="Sari", order="A-1"))


def recorded(name: str) -> Any:
    return json.loads((fixtures_dir() / "responses" / "facebook-openapi" / f"{name}.json").read_text("utf-8"))


def codes(caller: Caller, rest: str = "") -> str:
    return f"/v25.0/{caller.sandbox.number.id}/message_qrdls{rest}"


def test_a_qr_code_lives(caller: Caller) -> None:
    made = caller.call("POST", codes(caller), {"prefilled_message": "Halo", "generate_qr_image": "SVG"}).json
    assert set(made) == set(recorded("message_qrdls/post-200-created-qr-code-with-image"))
    assert made["deep_link_url"] == f"https://wa.me/message/{made['code']}"
    assert len(made["code"]) == 14
    picture = caller.call("GET", made["qr_image_url"])
    assert (picture.headers["content-type"], picture.body[:5]) == ("image/svg+xml", b"<?xml")
    changed = caller.call("POST", codes(caller), {"code": made["code"], "prefilled_message": "Hai"}).json
    assert changed == {key: made[key] for key in ("code", "deep_link_url")} | {"prefilled_message": "Hai"}
    assert caller.call("GET", codes(caller, f"/{made['code']}")).json == {"data": [changed]}
    assert (
        caller.call("GET", codes(caller, "?fields=code,qr_image_url.format(PNG)"))
        .json["data"][0]["qr_image_url"]
        .endswith(".png")
    )
    assert caller.call("DELETE", codes(caller, f"/{made['code']}")).json == {"success": True}
    gone = caller.call("DELETE", codes(caller, f"/{made['code']}"))
    assert (gone.status, gone.code) == (404, 803)
    assert caller.call("GET", codes(caller)).json == recorded("message_qrdls/get-200-empty-response")
    assert caller.call("GET", "/_qr/NOTHERE.svg").status == 404


def test_qr_codes_come_newest_first_in_pages_of_25(caller: Caller) -> None:
    for place in range(60):
        caller.call("POST", codes(caller), {"prefilled_message": f"pesan {place}"})
        caller.sandbox.clock.advance(timedelta(seconds=1))
    page, seen = caller.call("GET", codes(caller)).json, []
    while True:
        seen += [one["prefilled_message"] for one in page["data"]]
        if "next" not in page.get("paging", {}):
            break
        assert len(page["data"]) == 25
        page = caller.call("GET", page["paging"]["next"]).json
    assert seen == [f"pesan {place}" for place in reversed(range(60))]
    assert caller.call("GET", codes(caller, "?limit=26")).code == 100


@pytest.mark.parametrize(
    "body", [{}, {"prefilled_message": ""}, {"prefilled_message": "x" * 141}, {"prefilled_message": "x", "more": 1},
             {"prefilled_message": "x", "generate_qr_image": "GIF"}]
)  # fmt: skip
def test_a_qr_code_that_cannot_be(caller: Caller, body: dict[str, object]) -> None:
    assert caller.call("POST", codes(caller), body).status == 400
    assert caller.call("POST", codes(caller), {"prefilled_message": "x", "code": "ABCDEFGHIJKLM1"}).code == 803


def test_a_number_has_so_many_codes_and_no_more(still: Sandbox) -> None:
    from wacli.sandbox.failures import Refusal
    from wacli.sandbox.shape import Fields

    for place in range(CODES_MOST):
        still.qr_codes.write("n", Fields({"prefilled_message": str(place)}), "", NOON)
    with pytest.raises(Refusal, match="2000"):
        still.qr_codes.write("n", Fields({"prefilled_message": "one more"}), "", NOON)


def blocks(caller: Caller, method: str, *users: str) -> Any:
    body = {"messaging_product": "whatsapp", "block_users": [{"user": user} for user in users]}
    return caller.call(method, f"/v25.0/{caller.sandbox.number.id}/block_users", body)


def test_a_blocked_user_is_not_heard(caller: Caller, sari: Puppet) -> None:
    answer = blocks(caller, "POST", SARI)
    assert answer.json == {"messaging_product": "whatsapp",
                           "block_users": {"added_users": [{"input": SARI, "wa_id": "6281234567890"}]}}  # fmt: skip
    assert set(answer.json) == set(recorded("components/blockusersresponse-block-user-s"))
    caller.sandbox.courier.take()
    sari.says("halo?")
    sari.calls()
    assert caller.sandbox.courier.take() == []
    listed = caller.call("GET", f"/v25.0/{caller.sandbox.number.id}/block_users").json
    assert listed["data"] == [{"messaging_product": "whatsapp", "wa_id": "6281234567890"}]
    assert set(listed["data"][0]) == set(recorded("components/getblockedusersresponse-get-blocked-users")["data"][0])
    assert "removed_users" in blocks(caller, "DELETE", sari.customer.bsuid).json["block_users"]
    sari.says("halo lagi")
    assert len(caller.sandbox.courier.take()) == 1


def test_blocking_fails_in_part_and_says_what_did_not(caller: Caller, sari: Puppet) -> None:
    budi = caller.sandbox.add_customer("Budi", "+62 813 1111 2222")
    answer = blocks(caller, "POST", SARI, budi.customer.wa_id, "+62 899 0000 1111", "ID.ENT.77")
    assert (answer.status, answer.code) == (400, 139100)
    lists = answer.json["block_users"]
    assert [one["input"] for one in lists["added_users"]] == [SARI]
    assert len(lists["failed_users"]) == 3
    assert lists["failed_users"][0]["errors"][0]["code"] == 139103  # never wrote
    caller.sandbox.book.blocked[caller.sandbox.number.id] = {str(place): True for place in range(BLOCKED_MOST)}
    assert blocks(caller, "POST", SARI).json["block_users"]["failed_users"][0]["errors"][0]["code"] == 139101
    caller.sandbox.book.blocked.clear()
    caller.sandbox.advance(timedelta(hours=24))
    assert blocks(caller, "POST", SARI).code == 139100


def test_a_business_profile_is_kept(caller: Caller) -> None:
    page = f"/v25.0/{caller.sandbox.number.id}/whatsapp_business_profile"
    given = {"messaging_product": "whatsapp", "about": "Bunga segar", "websites": ["https://toko.example"],
             "vertical": "RETAIL"}  # fmt: skip
    assert caller.call("POST", page, given).json == {"success": True}
    shown = caller.call("GET", f"{page}?fields=about,websites,vertical").json
    assert shown == {"data": [given]}
    assert caller.call("GET", page).json == {"data": [{"messaging_product": "whatsapp", "about": "Bunga segar"}]}
    for wrong in ({"about": "x" * 140}, {"websites": ["a", "b", "c"]}, {"vertical": "CIRCUS"}, {"colour": "red"}):
        assert caller.call("POST", page, {"messaging_product": "whatsapp", **wrong}).status == 400


def test_a_sample_comes_in_pieces(caller: Caller) -> None:
    app = caller.sandbox.account.app_id
    begun = caller.call("POST", f"/v25.0/{app}/uploads?file_name=a.png&file_length=10&file_type=image/png").json
    oauth = {"Authorization": f"OAuth {caller.token}"}
    path = f"/v25.0/{begun['id']}"
    first = caller.call("POST", path, b"01234", headers=oauth | {"file_offset": "0"})
    assert first.json["file_offset"] == 5
    assert caller.call("POST", path, b"0123", headers=oauth | {"file_offset": "0"}).code == 100
    assert caller.call("POST", path, b"0123456", headers=oauth | {"file_offset": "5"}).code == 100
    assert caller.call("GET", path, headers=oauth).json == {"id": begun["id"], "file_offset": 5}
    done = caller.call("POST", path, b"56789", headers=oauth | {"file_offset": "5"}).json
    assert done["h"] in caller.sandbox.uploads.handles
    for wrong in ("file_length=0&file_type=image/png", "file_length=9&file_type=text/html", "file_type=image/png"):
        assert caller.call("POST", f"/v25.0/{app}/uploads?{wrong}").code == 100
    assert caller.call("POST", "/v25.0/123/uploads?file_length=9&file_type=image/png").code == 100


def test_marketing_messages_take_marketing_templates_only(caller: Caller, sari: Puppet) -> None:
    where = f"/v25.0/{caller.sandbox.number.id}/marketing_messages"
    answer = caller.call("POST", where, PROMO | {"product_policy": "STRICT", "message_activity_sharing": True}).json
    caller.sandbox.advance(timedelta(minutes=1))
    (charge,) = caller.sandbox.book.charges
    assert charge.message_id == answer["messages"][0]["id"]
    assert (charge.category, charge.rate_category, charge.amount_micro) == ("marketing_lite", "marketing", 41_100)
    assert caller.call("POST", where, UTILITY).code == 134100
    assert caller.call("POST", where, text_to(SARI)).code == 134100
    assert caller.call("POST", where, PROMO | {"recipient": "ID.777"}).code == 100
    assert caller.call("POST", where, PROMO | {"product_policy": "MAYBE"}).code == 100
    sari.stops_marketing()
    caller.call("POST", where, PROMO)
    assert list(caller.sandbox.book.sent.values())[-1].events[-1].error_code == 131050


def analytics(caller: Caller, field: str) -> Any:
    return caller.call("GET", f"/v25.0/{caller.sandbox.account.waba_id}?fields={field}")


def test_pricing_analytics_tell_the_ledger(caller: Caller, sari: Puppet) -> None:
    sandbox = caller.sandbox
    for body in (PROMO, PROMO, UTILITY, text_to(SARI)):
        sandbox.post_message(body)
    sandbox.advance(timedelta(minutes=1))
    start, end = int(NOON.timestamp()) - 86_400, int(NOON.timestamp()) + 86_400
    span = f"pricing_analytics.start({start}).end({end})"
    answer = analytics(caller, f"{span}.granularity(DAILY).dimensions(PRICING_CATEGORY,PRICING_TYPE,COUNTRY,TIER)").json
    points = answer["pricing_analytics"]["data"][0]["data_points"]
    by_category = {point["pricing_category"]: point for point in points}
    midnight = int(NOON.replace(hour=0).timestamp()) - 7 * 3600  # in Jakarta
    assert by_category["MARKETING"] == {
        "start": midnight, "end": midnight + 86_400, "country": "ID", "tier": "0:MAX", "pricing_type": "REGULAR",
        "pricing_category": "MARKETING", "volume": 2, "cost": 0.0822,
    }  # fmt: skip
    assert by_category["SERVICE"]["cost"] == 0
    assert "tier" not in by_category["SERVICE"]  # free ones do not count toward tiers
    assert answer["id"] == sandbox.account.waba_id
    whole = analytics(caller, f"{span}.granularity(MONTHLY)").json["pricing_analytics"]["data"][0]["data_points"]
    assert [(point["volume"], point["cost"]) for point in whole] == [(4, 0.1072)]
    only = (
        f"{span}.granularity(HALF_HOUR).pricing_types([REGULAR]).pricing_categories(%22UTILITY%22).metric_types(VOLUME)"
    )
    (point,) = analytics(caller, only).json["pricing_analytics"]["data"][0]["data_points"]
    assert (point["volume"], point["end"] - point["start"], "cost" in point) == (1, 1800, False)
    edge = f"/v25.0/{sandbox.account.waba_id}/pricing_analytics?start={start}&end={end}&granularity=MONTHLY"
    assert caller.call("GET", edge).json["data"][0]["data_points"] == whole
    assert analytics(caller, f"{span}.granularity(MONTHLY).country_codes(US)").json["pricing_analytics"]["data"][0] == {
        "data_points": []
    }


@pytest.mark.parametrize(
    "field",
    ["pricing_analytics", "pricing_analytics.start(1).end(2)", "pricing_analytics.start(2).end(1).granularity(DAILY)",
     "pricing_analytics.start(1).end(2).granularity(DAY)", "analytics.start(1).end(2).granularity(DAILY)",
     "pricing_analytics.start(1).end(2).granularity(DAILY).dimensions(COLOUR)", "pricing_analytics.start(x).end(2)"],
)  # fmt: skip
def test_analytics_that_cannot_be_asked(caller: Caller, field: str) -> None:
    assert analytics(caller, field).code == 100


def test_messages_and_conversations_are_counted(caller: Caller, sari: Puppet) -> None:
    caller.sandbox.post_message(text_to(SARI))
    caller.sandbox.advance(timedelta(minutes=1))
    start, end = int(NOON.timestamp()) - 86_400, int(NOON.timestamp()) + 86_400
    told = analytics(caller, f"analytics.start({start}).end({end}).granularity(DAY)").json["analytics"]
    assert [(point["sent"], point["delivered"]) for point in told["data_points"]] == [(1, 1)]
    assert told["phone_numbers"] == [caller.sandbox.number.digits]
    field = f"conversation_analytics.start({start}).end({end}).granularity(DAILY)"
    assert analytics(caller, field).json["conversation_analytics"]["data"] == [{"data_points": []}]


def test_template_analytics_after_the_opt_in(caller: Caller, sari: Puppet) -> None:
    template = caller.sandbox.account.templates.find("promo_weekend", "id")
    assert template is not None
    caller.sandbox.post_message(PROMO)
    caller.sandbox.advance(timedelta(minutes=1))
    start, waba = int(NOON.timestamp()) - 86_400, caller.sandbox.account.waba_id
    span = f"start={start}&end={start + 2 * 86_400}&granularity=DAILY"
    asked = f"/v25.0/{waba}/template_analytics?{span}&template_ids=[{template.id}]"
    assert caller.call("GET", asked).code == 200005
    assert caller.call("POST", f"/v25.0/{waba}?is_enabled_for_insights=true").json == {"id": waba}
    (row,) = caller.call("GET", asked).json["data"]
    (point,) = row["data_points"]
    assert (point["template_id"], point["sent"], point["delivered"], point["read"]) == (template.id, 1, 1, 1)
    assert point["cost"][0] == {"type": "amount_spent", "value": 0.0411}
    assert caller.call("GET", asked.replace(f"[{template.id}]", "")).code == 100


def test_a_number_change_is_told_and_the_thread_goes_along(still: Sandbox, sari: Puppet) -> None:
    still.courier.take()
    before = sari.customer.bsuid
    closes_at = still.book.thread(still.number, sari.customer).closes_at()
    sari.moves_to("+62 811 2222 3333")
    (update,) = still.courier.take()
    value: Any = update.change["value"]
    assert value["messages"][0]["system"]["wa_id"] == "6281122223333"
    assert value["messages"][0]["system"]["previous_user_id"] == before
    assert "contacts" not in value
    assert still.book.thread(still.number, sari.customer).closes_at() == closes_at
    still.post_message(text_to("+6281122223333"))
    still.advance(timedelta(minutes=1))
    assert len(sari.received()) == 1


def test_edits_deletions_and_old_messages(still: Sandbox, sari: Puppet) -> None:
    still.advance(timedelta(hours=23))
    still.courier.take()
    wamid = sari.last_said()
    sari.edits(wamid, "Halo, ukuran L?")
    sari.revokes(wamid)
    old = sari.shares_history((False, "Pagi", NOON - timedelta(days=20)), (True, "Pagi kak", NOON - timedelta(days=19)))
    told: list[Any] = [update.change for update in still.courier.take()]
    assert [one["field"] for one in told] == ["messages", "messages", "history"]
    assert [one["value"]["messages"][0]["type"] for one in told[:2]] == ["edit", "revoke"]
    assert [m["id"] for m in told[2]["value"]["history"][0]["threads"][0]["messages"]] == old
    still.advance(timedelta(hours=1))
    assert not still.book.thread(still.number, sari.customer).is_open(
        still.clock.now()
    )  # none of it renewed the window
