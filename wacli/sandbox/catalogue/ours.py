"""What becomes of the business's own messages, and what the phone app tells: statuses, echoes, history, contacts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from wacli.domain.text import t

from ..book import SentMessage, StatusEvent
from ..failures import is_known
from ..payloads import contents, people
from ..payloads.contents import Content
from ..payloads.envelope import change, messages_value, unix
from ..payloads.statuses import status_value
from ..pricing import Pricing
from ..windows import entry_point_for
from .kind import Change, Kind, Telling, by_name

_SERVICE = Pricing("PMP", "free_customer_service", "service")
_UTILITY = Pricing("PMP", "regular", "utility")


def _status(
    word: str, pricing: Pricing | None = None, *, is_failure: bool = False
) -> Callable[[Telling], Change]:  # fmt: skip
    def build(telling: Telling) -> Change:
        event = StatusEvent("1", word, telling.at)
        if is_failure:
            event.error_code = telling.code
            event.error_text = "A failure that somebody asked for" + ("." if is_known(telling.code) else ", unknown.")
        return change("messages", status_value(_message(telling, pricing), event, with_pricing=pricing is not None))

    return build


def _message(telling: Telling, pricing: Pricing | None) -> SentMessage:
    scene = telling.scene
    return SentMessage(
        telling.about, "1", scene.number, scene.account, scene.customer, "text", {}, telling.at, pricing=pricing
    )


def _in_entry_point(telling: Telling) -> Change:
    length = entry_point_for(telling.at.astimezone(telling.scene.account.zone).date())
    pricing = Pricing("PMP", "free_entry_point", "referral_conversion", "c0ffee01", telling.at + length)
    return _status("sent", pricing)(telling)


def _payment(telling: Telling) -> Change:
    told = _status("captured")(telling)
    value = told["value"]
    assert isinstance(value, dict)
    value["statuses"] = [one | {"type": "payment", "payment": {"reference_id": "ref-1"}} for one in value["statuses"]]
    return told


def _echo(make: Callable[[Telling], Content]) -> Callable[[Telling], Change]:
    def build(telling: Telling) -> Change:
        return change("smb_message_echoes", people.echo(telling.scene, telling.wamid, make(telling), telling.at))

    return build


def _book(action: str) -> Callable[[Telling], Change]:
    return lambda telling: change("smb_app_state_sync", people.address_book(telling.scene, action, telling.at))


def _history(telling: Telling) -> Change:
    old, key = telling.at - timedelta(days=30), telling.wamid.removeprefix("wamid.")
    told = [
        (f"wamid.H1{key}", False, "Pagi, masih buka?", old, "READ"),
        (f"wamid.H2{key}", True, "Masih kak", old + timedelta(minutes=3), "DELIVERED"),
        (f"wamid.H3{key}", False, "Siap", old + timedelta(minutes=4), "READ"),
    ]
    return change("history", people.history(telling.scene, 55, told))


def _history_declined(telling: Telling) -> Change:
    title = "History sync is turned off by the business from the WhatsApp Business App"
    details = "History sharing is turned off by the business"
    error = {"code": 2593109, "title": title, "message": title, "error_data": {"details": details}}
    return change("history", messages_value(telling.scene.number) | {"history": [{"errors": [error]}]})


def _history_file(telling: Telling) -> Change:
    content = contents.file("image", "405550000000002", caption="Foto lama")
    message = {
        "from": telling.scene.customer.wa_id,
        "id": telling.wamid,
        "timestamp": str(unix(telling.at - timedelta(days=30))),
        **content,
        "history_context": {"status": "READ"},
    }
    return change("history", messages_value(telling.scene.number) | {"messages": [message]})


OURS = by_name(
    Kind("sent", t("your message has left"), _status("sent", _SERVICE), about="ours"),
    Kind("sent-billed", t("a template of yours has left, with its price"), _status("sent", _UTILITY), about="ours"),
    Kind("sent-free", t("a message inside a free entry point has left, and when that ends"), _in_entry_point,
         about="ours"),
    Kind("delivered", t("your message has arrived"), _status("delivered", _SERVICE), about="ours"),
    Kind("read", t("your message was read"), _status("read"), about="ours"),
    Kind("played", t("your voice note was listened to"), _status("played"), about="ours"),
    Kind("failed", t("your message failed, with any error code: --code 131047"), _status("failed", is_failure=True),
         about="ours", uses_code=True),
    Kind("deleted", t("your message was deleted"), _status("deleted"), about="ours"),
    Kind("warning", t("a warning about your message"), _status("warning"), about="ours"),
    Kind("unknown-status", t("a status that nobody knows yet"), _status("something_new"), about="ours"),
    Kind("payment", t("a payment that you asked for has come"), _payment, about="ours"),
    Kind("echo", t("you typed a message in the phone app"), _echo(lambda _: contents.text("Barangnya sudah dikirim"))),
    Kind("echo-image", t("you sent a picture from the phone app"),
         _echo(lambda _: contents.file("image", "405550000000003", caption="Resi"))),
    Kind("echo-edit", t("you changed a message in the phone app"),
         _echo(lambda telling: contents.edit(telling.about, contents.text("Besok dikirim"))), about="ours"),
    Kind("echo-revoke", t("you deleted a message in the phone app"),
         _echo(lambda telling: contents.revoke(telling.about)), about="ours"),
    Kind("contact-added", t("somebody new in the phone's address book"), _book("add")),
    Kind("contact-removed", t("somebody taken out of the phone's address book"), _book("remove")),
    Kind("history", t("a piece of the phone's old messages"), _history),
    Kind("history-file", t("a file that belongs to an old message"), _history_file),
    Kind("history-declined", t("the phone keeps its old messages to itself"), _history_declined),
)  # fmt: skip
