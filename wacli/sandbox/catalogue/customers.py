"""What a customer can do: every type of section 9 of the facts (cloud-api.md) that comes in `messages`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from wacli.domain.text import t

from ..payloads import contents, people
from ..payloads.contents import Ad, Content
from ..payloads.envelope import change
from .kind import Change, Kind, Telling, by_name

_MEDIA_ID = "405550000000001"
_LONGEST = 15  # digits of an international number (E.164); countries use fewer
_GROUP = "Y2FwaV9ncm91cDpzYW5kYm94"


def _says(make: Callable[[Telling], Content]) -> Callable[[Telling], Change]:
    return lambda telling: change("messages", people.said(telling.scene, telling.wamid, make(telling), telling.at))


def _about(telling: Telling) -> Content:
    return contents.context(telling.scene.number.digits, telling.about)


def _choice(kind: str, **chosen: object) -> Callable[[Telling], Content]:
    return lambda telling: contents.choice(_about(telling), kind, chosen)


def _ad(telling: Telling, ad: Ad) -> Content:
    return contents.from_ad(contents.text("Halo, saya lihat iklannya"), ad, telling.scene.customer.bsuid)


def _product(telling: Telling) -> Content:
    product = {"catalog_id": "305550000000001", "product_retailer_id": "mawar-01"}
    return contents.text("Ini masih ada?", reply_to=_about(telling) | {"referred_product": product})


def _unnumbered(telling: Telling) -> Change:
    """Somebody with a username whose number the business has not seen for 30 days."""
    hidden = replace(telling.scene.customer, username=telling.scene.customer.username or "pelanggan.baru")
    hidden.known_by_phone_at = {}
    scene = replace(telling.scene, customer=hidden)
    return change("messages", people.said(scene, telling.wamid, contents.text("Halo"), telling.at))


def _number_change(telling: Telling) -> Content:
    old = telling.scene.customer
    new = _nobodys(old.wa_id)
    body = f"User {old.name} changed from {old.wa_id} to {new}"
    return contents.system("user_changed_number", body, wa_id=new, user_id=_next(old.bsuid), previous_user_id=old.bsuid)


def _user_id_change(telling: Telling) -> Change:
    old = telling.scene.customer
    body = f"User {old.name} changed from {old.bsuid} to {_next(old.bsuid)}"
    content = contents.system("user_changed_user_id", body, user_id=_next(old.bsuid), previous_user_id=old.bsuid)
    message = {"id": telling.wamid, "timestamp": str(int(telling.at.timestamp())), **content}
    value = people.said(telling.scene, telling.wamid, content, telling.at)
    return change("messages", value | {"messages": [message]})


def _identity_change(telling: Telling) -> Content:
    seen = str(int(telling.at.timestamp()))
    identity = {"acknowledged": True, "created_timestamp": seen, "hash": "c2FuZGJveA"}
    return contents.system("customer_identity_changed", "User identity changed") | {"identity": identity}


def _nobodys(wa_id: str) -> str:
    """Another number of the same country, longer than any that is given out: the next one up would be a neighbour's,
    and an answer must reach nobody."""
    return wa_id[: _LONGEST - 1].ljust(_LONGEST - 1, "0") + str((int(wa_id[-1]) + 1) % 10)


def _next(bsuid: str) -> str:
    """Another ID, of nobody else: a sandbox counts its customers up from 13..., so the neighbour's would be taken."""
    country, _, rest = bsuid.partition(".")
    return f"{country}.9{rest[1:-1]}{(int(rest[-1], 36) + 1) % 10}"


def _call(event: str, lasted: timedelta | None) -> Callable[[Telling], Change]:
    def build(telling: Telling) -> Change:
        more: Content = {"session": {"sdp_type": "offer", "sdp": "v=0"}}
        at = telling.at
        if event == "terminate":
            more, at = people.call_ended(telling.at, lasted), telling.at + (lasted or timedelta(seconds=30))
        return change("calls", people.call_event(telling.scene, _call_id(telling), event, at, more))

    return build


def _call_id(telling: Telling) -> str:
    return "wacid." + telling.wamid.removeprefix("wamid.")


def _our_call(status: str) -> Callable[[Telling], Change]:
    return lambda telling: change("calls", people.our_call(telling.scene, _call_id(telling), status, telling.at))


def _preference(value: str) -> Callable[[Telling], Change]:
    return lambda telling: change("user_preferences", people.preference(telling.scene, value, telling.at))


def _standby(telling: Telling) -> Change:
    value = people.said(telling.scene, telling.wamid, contents.text("Dijawab agen"), telling.at)
    return change("standby", value)


CUSTOMERS = by_name(
    Kind("text", t("a customer writes"), _says(lambda _: contents.text("Halo, masih ada?"))),
    Kind("reply", t("a customer answers one of your messages"),
         _says(lambda telling: contents.text("Yang ini", reply_to=_about(telling))), about="ours"),
    Kind("forwarded", t("a customer forwards a text"),
         _says(lambda _: contents.text("Promo dari teman", reply_to={"forwarded": True}))),
    Kind("image", t("a picture with a caption"),
         _says(lambda _: contents.file("image", _MEDIA_ID, caption="Bukti transfer"))),
    Kind("video", t("a video"), _says(lambda _: contents.file("video", _MEDIA_ID))),
    Kind("audio", t("a sound file"), _says(lambda _: contents.file("audio", _MEDIA_ID))),
    Kind("voice", t("a voice note"), _says(lambda _: contents.file("voice", _MEDIA_ID))),
    Kind("sticker", t("a sticker"), _says(lambda _: contents.file("sticker", _MEDIA_ID))),
    Kind("document", t("a document"), _says(lambda _: contents.file("document", _MEDIA_ID, filename="Faktur 12.pdf"))),
    Kind("location", t("a place"),
         _says(lambda _: contents.location(-6.175392, 106.827153, "Monas", "Gambir, Jakarta Pusat"))),
    Kind("contacts", t("a card out of the address book"),
         _says(lambda _: contents.contacts("Budi", "Santoso", "+62 813-5550-0102"))),
    Kind("button", t("a tap on a quick reply of a template"),
         _says(lambda telling: contents.button(_about(telling), "AMBIL", "Saya ambil")), about="ours"),
    Kind("button-reply", t("a tap on a reply button"),
         _says(_choice("button_reply", id="ya", title="Ya, kirim")), about="ours"),
    Kind("list-reply", t("a row chosen from a list"),
         _says(_choice("list_reply", id="jne", title="JNE Reguler", description="2-3 hari")), about="ours"),
    Kind("flow-reply", t("a flow that was filled in"),
         _says(lambda telling: contents.flow_reply(_about(telling), {"flow_token": "t", "tanggal": "2026-12-01"})),
         about="ours"),
    Kind("order", t("a basket out of the catalogue"),
         _says(lambda _: contents.order("305550000000001", [("mawar-01", 2, 150000), ("vas-02", 1, 99000)], "IDR"))),
    Kind("product", t("a question about a product of the catalogue"), _says(_product), about="ours"),
    Kind("payment-method", t("the answer to a payment request"),
         _says(_choice("payment_method", payment_method="upi", payment_timestamp=1794900000, reference_id="ref-1")),
         about="ours"),
    Kind("ad", t("a first message that came through an ad"), _says(lambda telling: _ad(telling, Ad()))),
    Kind("status-ad", t("the same from an ad in Status, without a click id"),
         _says(lambda telling: _ad(telling, Ad(has_click_id=False)))),
    Kind("post", t("a first message that came through a post"),
         _says(lambda telling: _ad(telling, Ad(source_type="post", has_click_id=False)))),
    Kind("reaction", t("a reaction to one of your messages"),
         _says(lambda telling: contents.reaction(telling.about, "👍")), about="ours"),
    Kind("reaction-removed", t("a reaction taken back"),
         _says(lambda telling: contents.reaction(telling.about, None)), about="ours"),
    Kind("edit", t("a customer changes a text within 15 minutes"),
         _says(lambda telling: contents.edit(telling.about, contents.text("Halo, ukuran L masih ada?"))),
         about="theirs"),
    Kind("revoke", t("a customer deletes a message"),
         _says(lambda telling: contents.revoke(telling.about)), about="theirs"),
    Kind("call", t("a call begins"), _call("connect", None)),
    Kind("call-ended", t("a call that was answered ends"), _call("terminate", timedelta(minutes=5))),
    Kind("missed-call", t("a call that nobody answered ends"), _call("terminate", None)),
    Kind("our-call-accepted", t("a customer takes your call: their window opens"), _our_call("ACCEPTED")),
    Kind("our-call-rejected", t("a customer turns your call down"), _our_call("REJECTED")),
    Kind("call-permission", t("a customer allows you to call"),
         _says(_choice("call_permission_reply", response="accept", is_permanent=False,
                       expiration_timestamp=1795500000, response_source="user_action")), about="ours"),
    Kind("number-change", t("a customer moves to another number"), _says(_number_change)),
    Kind("user-id-change", t("a customer gets another user ID"), _user_id_change),
    Kind("identity-change", t("a customer's security code changes"), _says(_identity_change)),
    Kind("bsuid-only", t("somebody with a username writes: no phone number"), _unnumbered),
    Kind("group-text", t("a text in a group"), _says(lambda _: contents.text("Halo semua") | {"group_id": _GROUP})),
    Kind("group-invite", t("an invitation to a group"), _says(
        lambda _: {"type": "group_invite", "group_invite": {"group_id": _GROUP, "name": "Reseller"}})),
    Kind("welcome", t("somebody opens the chat for the first time"), _says(lambda _: {"type": "request_welcome"})),
    Kind("ephemeral", t("a message that vanishes, and is not handed over"), _says(lambda _: {"type": "ephemeral"})),
    Kind("opt-out", t("a customer stops marketing in WhatsApp"), _preference("stop")),
    Kind("opt-in", t("a customer resumes marketing in WhatsApp"), _preference("resume")),
    Kind("unsupported", t("a poll: something that WhatsApp does not hand over"),
         _says(lambda _: contents.unsupported("poll"))),
    Kind("unknown-type", t("a type of message that nobody knows yet"),
         _says(lambda _: {"type": "something_new", "something_new": {"id": "1", "caption": "Halo dari 2030"}})),
    Kind("standby", t("a message while Meta's agent answers"), _standby),
)  # fmt: skip
