"""Webhooks as they arrive: signature over raw bytes, shapes, batches, disorder, retries, loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.conftest import NOON
from tests.sandbox.loopback import Caller, Receiver, listening, text_to
from wacli.sandbox.clock import Clock
from wacli.sandbox.failures import Refusal
from wacli.sandbox.nodes import shake_hands
from wacli.sandbox.payloads.contents import Ad
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox

SARI = "+6281234567890"


def test_an_inbound_text_is_signed_and_escaped_as_meta_does(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.drain()
    sari.says("Rp 5/tangkai 🌹 @toko", reply_to="wamid.before")
    done = still.drain()
    assert (done.delivered, done.failed) == (1, 0)  # the receiver checked the signature over these very bytes
    body = receiver.bodies[-1]
    assert rb"Rp 5\/tangkai \ud83c\udf39 @toko" in body
    assert body.isascii()
    assert receiver.told[-1]["object"] == "whatsapp_business_account"
    assert receiver.values[-1] == {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "628111000200", "phone_number_id": still.number.id},
        "contacts": [{"profile": {"name": "Sari"}, "wa_id": "6281234567890", "user_id": "ID.777"}],
        "messages": [
            {
                "from": "6281234567890",
                "from_user_id": "ID.777",
                "id": list(still.book.heard)[-1],
                "timestamp": str(int(NOON.timestamp())),
                "context": {"from": "628111000200", "id": "wamid.before"},
                "text": {"body": "Rp 5/tangkai 🌹 @toko"},
                "type": "text",
            }
        ],
    }


def test_a_message_is_sent_delivered_and_read(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.post_message(text_to(SARI, biz_opaque_callback_data="row-17"))
    still.advance(timedelta(minutes=1))
    still.drain()
    statuses = receiver.statuses
    assert [one["status"] for one in statuses] == ["sent", "delivered", "read"]
    assert [int(one["timestamp"]) - int(NOON.timestamp()) for one in statuses] == [0, 1, 5]
    assert {one["biz_opaque_callback_data"] for one in statuses} == {"row-17"}
    assert {(one["recipient_id"], one["recipient_user_id"]) for one in statuses} == {("6281234567890", "ID.777")}
    free = {"billable": False, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"}
    assert [one.get("pricing") for one in statuses] == [free, free, None]
    assert not any("conversation" in one for one in statuses)


def test_a_failed_status_has_errors_and_no_contacts(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.advance(timedelta(hours=25))
    still.post_message(text_to(SARI))
    still.drain()
    value = receiver.values[-1]
    assert "contacts" not in value
    (status,) = value["statuses"]
    assert status["status"] == "failed"
    assert "pricing" not in status
    assert [error["code"] for error in status["errors"]] == [131047]
    assert set(status["errors"][0]) == {"code", "title", "message", "error_data", "href"}


def test_reading_at_once_skips_delivered_and_a_voice_note_is_played(
    still: Sandbox, sari: Puppet, receiver: Receiver
) -> None:
    sari.customer.read_after = timedelta(0)
    voice = {"link": "https://example.com/a.ogg", "voice": True}
    still.post_message({"messaging_product": "whatsapp", "to": SARI, "type": "audio", "audio": voice})
    still.advance(timedelta(minutes=1))
    still.drain()
    assert [one["status"] for one in receiver.statuses] == ["sent", "read", "played"]
    assert "pricing" in receiver.statuses[1]
    assert len(still.book.charges) == 1


def test_a_phone_that_is_off_gets_nothing_and_costs_nothing(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    sari.customer.delivered_after = None
    still.post_message(text_to(SARI))
    still.advance(timedelta(days=2))
    still.drain()
    assert [one["status"] for one in receiver.statuses] == ["sent"]
    assert not still.book.charges


def test_a_username_hides_the_number_until_it_is_used(still: Sandbox, receiver: Receiver) -> None:
    dewi = still.add_customer("Dewi", "+62 819 0000 1111", username="dewi")
    dewi.says("halo")
    still.drain()
    message = receiver.messages[-1]
    card = receiver.values[-1]["contacts"][0]
    assert "from" not in message
    assert "wa_id" not in card
    assert card["profile"] == {"name": "Dewi", "username": "dewi"}
    assert message["from_user_id"] == card["user_id"] == dewi.customer.bsuid
    still.post_message(text_to("+62 819 0000 1111"))
    dewi.says("lagi")
    still.drain()
    assert receiver.messages[-1]["from"] == "6281900001111"
    still.advance(timedelta(days=30))
    dewi.says("sebulan kemudian")
    still.drain()
    assert "from" not in receiver.messages[-1]


def test_before_april_2026_nobody_had_a_bsuid(receiver: Receiver) -> None:
    sandbox = Sandbox(clock=Clock(datetime(2026, 3, 31, 12, tzinfo=UTC), speed=0), callback_url=receiver.url)
    sandbox.add_customer("Sari", SARI).says("halo")
    sandbox.drain()
    assert "user_id" not in receiver.bodies[-1].decode()


def test_ads_calls_taps_reactions_and_opt_outs(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    sari.clicks_ad("Berapa?", ad=Ad(headline="Buket", has_click_id=False))
    sari.calls(lasted=timedelta(minutes=2))
    reply = {"type": "reply", "reply": {"id": "b1", "title": "Ya"}}
    interactive = {"type": "button", "body": {"text": "Jadi?"}, "action": {"buttons": [reply]}}
    sent = still.post_message(
        {"messaging_product": "whatsapp", "to": SARI, "type": "interactive", "interactive": interactive}
    )
    still.advance(timedelta(minutes=5))
    sari.taps("Ya")
    sari.reacts("wamid.x", None)
    sari.stops_marketing()
    still.drain()
    referral = next(one["referral"] for one in receiver.messages if "referral" in one)
    assert referral["source_type"] == "ad"
    assert referral["headline"] == "Buket"
    assert "ctwa_clid" not in referral
    calls = [call for value in receiver.values for call in value.get("calls", [])]
    assert [(one["event"], one.get("duration")) for one in calls] == [("connect", None), ("terminate", 120)]
    tap = next(one for one in receiver.messages if one["type"] == "interactive")
    assert tap["interactive"] == {"type": "button_reply", "button_reply": {"id": "b1", "title": "Ya"}}
    assert tap["context"]["id"] == sent["messages"][0]["id"]  # type: ignore[index]
    reaction = next(one for one in receiver.messages if one["type"] == "reaction")
    assert reaction["reaction"] == {"message_id": "wamid.x"}
    preference = receiver.values[-1]["user_preferences"][0]
    assert (preference["value"], preference["category"]) == ("stop", "marketing_messages")
    assert isinstance(preference["timestamp"], int)
    with pytest.raises(ValueError, match="nothing to tap"):
        sari.taps("Tidak ada")


def test_a_reaction_opens_no_window_but_a_call_does(still: Sandbox) -> None:
    rina = still.add_customer("Rina", "+62 857 1122 3344")
    rina.reacts("wamid.x", "👍")
    thread = still.book.thread(still.number, rina.customer)
    assert not thread.is_open(NOON)
    rina.calls()
    assert thread.is_open(NOON + timedelta(hours=24) - timedelta(microseconds=1))
    assert not thread.is_open(NOON + timedelta(hours=24))


def test_what_the_owner_types_on_the_phone_is_an_echo(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    thread = still.book.thread(still.number, sari.customer)
    still.advance(timedelta(hours=23))
    wamid = sari.hears_from_app("Dibalas dari HP")
    still.drain()
    assert receiver.told[-1]["entry"][0]["changes"][0]["field"] == "smb_message_echoes"
    (echo,) = receiver.values[-1]["message_echoes"]
    assert (echo["from"], echo["to"], echo["to_user_id"]) == ("628111000200", "6281234567890", "ID.777")
    assert (echo["id"], echo["text"]) == (wamid, {"body": "Dibalas dari HP"})
    assert thread.closes_at() == NOON + timedelta(hours=24)
    assert not still.book.charges


def test_batches_carry_everything_once(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.courier.switches.batch = 50
    for number in range(8):
        sari.says(f"pesan {number}")
        still.post_message(text_to(SARI))
    still.advance(timedelta(minutes=1))
    still.drain()
    (body,) = receiver.told
    assert len(body["entry"]) == 2
    assert any(len(value.get("statuses", [])) > 1 for value in receiver.values)
    assert sorted(one["id"] for one in receiver.messages) == sorted(still.book.heard)
    wanted = sorted((one.id, event.status) for one in still.book.sent.values() for event in one.events)
    assert sorted((one["id"], one["status"]) for one in receiver.statuses) == wanted


def test_duplicates_and_disorder(still: Sandbox, sari: Puppet, receiver: Receiver) -> None:
    still.drain()
    still.courier.switches.copies = 2
    still.courier.switches.is_shuffled = True
    texts = [f"pesan {number}" for number in range(12)]
    for text in texts:
        sari.says(text)
    still.drain()
    heard = [one["text"]["body"] for one in receiver.messages[1:]]
    assert sorted(heard) == sorted(texts * 2)
    assert heard[::2] == heard[1::2]
    assert heard[::2] != texts


def test_a_refused_webhook_is_tried_again_and_given_up_at_last(
    still: Sandbox, sari: Puppet, receiver: Receiver
) -> None:
    receiver.refuses = 2
    assert still.drain().delivered == 1
    assert receiver.refused == 2
    receiver.refuses = 99
    sari.says("hilang")
    done = still.drain()
    assert (done.delivered, done.failed) == (0, 1)
    assert still.courier.notifications[-1].attempts == 5
    assert still.courier.notifications[-1].last_answer == "503"
    still.account.callback_url = "http://127.0.0.1:1/nobody"
    sari.says("tak ada orang")
    assert still.drain().failed == 1


def test_the_worker_delivers_by_itself(still: Sandbox, sari: Puppet, receiver: Receiver, caller: Caller) -> None:
    caller.send(text_to(SARI))
    receiver.wait_for(2)
    still.advance(timedelta(seconds=10))
    receiver.wait_for(4)
    assert sorted(one["status"] for one in receiver.statuses) == ["delivered", "read", "sent"]


def test_message_history_tells_what_a_lost_webhook_would_have(
    still: Sandbox, sari: Puppet, receiver: Receiver, caller: Caller
) -> None:
    receiver.wait_for(1)
    still.courier.switches.is_lost = True
    wamid = caller.send(text_to(SARI)).json["messages"][0]["id"]
    still.advance(timedelta(minutes=1))
    still.drain()
    assert receiver.statuses == []
    (row,) = caller.call("GET", f"/v25.0/{still.number.id}/message_history?message_id={wamid}").json["data"]
    events = caller.call("GET", f"/v25.0/{row['id']}/events?limit=2").json
    assert row["message_id"] == wamid
    assert [one["delivery_status"] for one in row["events"]["data"]] == ["SENT", "DELIVERED", "READ"]
    assert {one["webhook_update_state"] for one in row["events"]["data"]} == {"FAILED"}
    rest = caller.call("GET", events["paging"]["next"]).json
    assert [one["delivery_status"] for one in events["data"] + rest["data"]] == ["SENT", "DELIVERED", "READ"]
    assert caller.call("GET", f"/v25.0/{still.number.id}/message_history?message_id=wamid.no").json == {"data": []}


def test_webhooks_wait_for_an_address_and_stop_without_subscription(
    still: Sandbox, sari: Puppet, caller: Caller, receiver: Receiver
) -> None:
    receiver.wait_for(1)
    assert caller.call("DELETE", f"/v25.0/{still.account.waba_id}/subscribed_apps").json == {"success": True}
    assert caller.call("GET", f"/v25.0/{still.account.waba_id}/subscribed_apps").json == {"data": []}
    sari.says("siapa dengar?")
    assert still.drain().waiting == 1
    path = f"/v25.0/{still.account.waba_id}/subscribed_apps"
    wrong = {"override_callback_uri": receiver.url, "verify_token": "wrong"}
    assert caller.call("POST", path, wrong).code == 100
    right = wrong | {"verify_token": "sandbox-verify"}
    assert caller.call("POST", path, right).json["data"][0]["override_callback_uri"] == receiver.url
    receiver.wait_for(2)


def test_the_handshake_wants_its_challenge_back(receiver: Receiver) -> None:
    shake_hands(receiver.url + "?shop=1", "sandbox-verify", "77")
    with pytest.raises(Refusal, match="403"):
        shake_hands(receiver.url, "other", "77")
    with pytest.raises(Refusal, match="could not be validated"):
        shake_hands("http://127.0.0.1:1/", "x", "77")


def test_a_patient_courier_waits_for_a_receiver_that_is_not_there_yet(still: Sandbox, sari: Puppet) -> None:
    still.courier.switches.is_patient = True
    still.account.callback_url = "http://127.0.0.1:1/hook"
    for _ in range(8):
        assert still.drain().failed == 0
    sari.says("masih di sana?")
    still.drain()
    assert {one.state for one in still.courier.notifications} == {"PENDING", "RETRYING"}
    with listening(Receiver()) as receiver:
        for one in still.courier.notifications:
            one.url = receiver.url  # it has come up where it was expected
        assert still.drain().delivered == 2
        assert [message["text"]["body"] for message in receiver.messages] == ["halo", "masih di sana?"]
    assert not any(one.body for one in still.courier.notifications)  # nothing is hoarded
