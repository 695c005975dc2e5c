"""Every notification that can be made up: read by wacli's own parser as its kind, and shaped like recordings of it.

Facts cloud-api.md section 9. The fixtures of others are compared where they are there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.fixtures import fixtures_dir
from wacli.cloudapi.wire import parse
from wacli.domain.event import (
    CallSeen,
    ContactSynced,
    Event,
    IdentityChanged,
    IdentityKeySeen,
    MessageSeen,
    NoticeSeen,
    PreferenceStated,
    StatusSeen,
    TemplateChanged,
    Unrecognised,
)
from wacli.sandbox.catalogue.changes import apply, read_setting
from wacli.sandbox.catalogue.everything import body_for, find_kind, kinds, made_up_wamid
from wacli.sandbox.catalogue.kind import Kind, Telling
from wacli.sandbox.catalogue.stage import account_of, customer_of, scene_of
from wacli.sandbox.failures import known_codes

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
PHONE = "6281234567890"
NAMES = [kind.name for _, kind in kinds()]

# What wacli's parser makes of each: the class of event and, for messages, statuses and the like, its kind.
READ_AS: dict[str, list[tuple[type, str | None]]] = {
    **{name: [(MessageSeen, "text")] for name in (
        "text", "reply", "forwarded", "product", "ad", "status-ad", "post", "bsuid-only", "group-text", "standby",
        "echo", "dashboard-test")},
    **{name: [(MessageSeen, name)] for name in (
        "image", "video", "audio", "sticker", "document", "location", "contacts", "button", "order", "reaction", "edit",
        "revoke", "unsupported")},
    **{name: [(MessageSeen, "interactive")] for name in (
        "button-reply", "list-reply", "flow-reply", "payment-method", "call-permission")},
    "voice": [(MessageSeen, "audio")], "reaction-removed": [(MessageSeen, "reaction")],
    "unknown-type": [(MessageSeen, "something_new")],
    "echo-image": [(MessageSeen, "image")], "echo-edit": [(MessageSeen, "edit")],
    "echo-revoke": [(MessageSeen, "revoke")],
    "call": [(CallSeen, "connect")], "call-ended": [(CallSeen, "terminate")], "missed-call": [(CallSeen, "terminate")],
    "our-call-accepted": [(CallSeen, "accepted")], "our-call-rejected": [(CallSeen, "rejected")],
    "group-invite": [(MessageSeen, "group_invite")], "welcome": [(MessageSeen, "request_welcome")],
    "ephemeral": [(MessageSeen, "ephemeral")],
    "number-change": [(MessageSeen, "system"), (IdentityChanged, None)],
    "user-id-change": [(MessageSeen, "system"), (IdentityChanged, None)],
    "identity-change": [(MessageSeen, "system"), (IdentityKeySeen, None)],
    "opt-out": [(PreferenceStated, "stop")], "opt-in": [(PreferenceStated, "resume")],
    **{name: [(StatusSeen, name)] for name in ("sent", "delivered", "read", "played", "failed", "deleted", "warning")},
    "sent-billed": [(StatusSeen, "sent")], "sent-free": [(StatusSeen, "sent")], "payment": [(Unrecognised, None)],
    "unknown-status": [(StatusSeen, "something_new"), (Unrecognised, None)],
    "contact-added": [(ContactSynced, None)], "contact-removed": [(ContactSynced, None)],
    "history": [*[(MessageSeen, "text")] * 3, (NoticeSeen, "0/1/55")], "history-file": [(MessageSeen, "image")],
    "history-declined": [(NoticeSeen, "2593109")],
    **{f"template-{word}": [(TemplateChanged, "status")] for word in ("approved", "rejected", "paused", "disabled")},
    "template-category-announced": [(TemplateChanged, "category-announced")],
    "template-category": [(TemplateChanged, "category")], "template-quality": [(TemplateChanged, "quality")],
    "template-components": [(TemplateChanged, "components")],
    "number-quality": [(NoticeSeen, "FLAGGED")], "number-limit": [(NoticeSeen, "UPGRADE")],
    "number-throughput": [(NoticeSeen, "THROUGHPUT_UPGRADE")], "number-name": [(NoticeSeen, "APPROVED")],
    "capability": [(NoticeSeen, None)], "account-verified": [(NoticeSeen, "VERIFIED_ACCOUNT")],
    "account-violation": [(NoticeSeen, "ACCOUNT_VIOLATION")],
    "account-restricted": [(NoticeSeen, "ACCOUNT_RESTRICTION")], "account-banned": [(NoticeSeen, "DISABLED_UPDATE")],
    "account-review": [(NoticeSeen, "APPROVED")],
    "account-alert": [(NoticeSeen, "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED")],
    "volume-tier": [(NoticeSeen, "VOLUME_BASED_PRICING_TIER_UPDATE")],
    "international-rate": [(NoticeSeen, "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE")],
    "security": [(NoticeSeen, "PIN_CHANGED")], "payment-configuration": [(NoticeSeen, "Active")],
    "business-username": [(NoticeSeen, "approved")], "group": [(NoticeSeen, "group_create")],
    "group-joined": [(NoticeSeen, "group_participants_add")],
    "group-settings": [(NoticeSeen, "group_settings_update")], "group-suspended": [(NoticeSeen, "group_suspend")],
    "flow-status": [(NoticeSeen, "FLOW_STATUS_CHANGE")], "automatic-event": [(NoticeSeen, None)],
    "partner-solution": [(NoticeSeen, "SOLUTION_CREATED")],
    "errors": [(NoticeSeen, "131026")], "unknown-field": [(Unrecognised, None)],
}  # fmt: skip


def telling(**more: Any) -> Telling:
    account = account_of(None, None, None, UTC)
    scene = scene_of(account, customer_of("Sari", PHONE), hides_phone=False, now=NOW)
    return Telling(scene, NOW, "wamid.NEW", "wamid.OLD", next(iter(account.templates)), **more)


def made(name: str, **more: Any) -> Any:
    return json.loads(body_for(find_kind(name), telling(**more)))


def said(event: Event) -> tuple[type, str | None]:
    word = getattr(event, "kind", None) or getattr(event, "status", None) or getattr(event, "what", None)
    return type(event), word or getattr(event, "event", None) or getattr(event, "value", None)


@pytest.mark.parametrize("name", NAMES)
def test_wacli_reads_each_as_its_kind(name: str) -> None:
    events = parse(made(name))
    assert [said(event) for event in events] == READ_AS[name]


def test_no_event_is_read_as_something_it_is_not() -> None:
    assert set(READ_AS) == set(NAMES)
    assert len(NAMES) == len(set(NAMES)) == 98
    odd = [name for name in NAMES if any(isinstance(one, Unrecognised) for one in parse(made(name)))]
    assert odd == ["unknown-status", "payment", "unknown-field"]


def test_the_particular_ones_say_what_they_are_about() -> None:
    (free,) = parse(made("sent-free"))
    assert isinstance(free, StatusSeen)
    assert (free.pricing_type, free.expires_at) == ("free_entry_point", int(NOW.timestamp()) + 7 * 86_400)
    (ad,) = parse(made("ad"))
    assert isinstance(ad, MessageSeen)
    assert ad.referral is not None
    assert (ad.referral.source_type, ad.referral.click_id is not None) == ("ad", True)
    (hidden,) = parse(made("bsuid-only"))
    assert isinstance(hidden, MessageSeen)
    assert (hidden.party.phone, hidden.party.bsuid) == (None, telling().scene.customer.bsuid)
    (edit,) = parse(made("edit"))
    assert isinstance(edit, MessageSeen)
    assert (edit.target, edit.key) == ("wamid.OLD", "wamid.NEW")
    (sample,) = parse(made("dashboard-test"))
    assert isinstance(sample, MessageSeen)
    assert sample.is_sample
    _, moved = parse(made("number-change"))
    assert isinstance(moved, IdentityChanged)
    assert (moved.before.phone, moved.after.phone) == (PHONE, "628123456789001")
    (taken,) = parse(made("our-call-accepted"))
    assert isinstance(taken, CallSeen)
    assert taken.opens_window


@pytest.mark.parametrize("code", known_codes())
def test_every_error_code_can_fail_a_message(code: int) -> None:
    (event,) = parse(made("failed", code=code))
    assert isinstance(event, StatusSeen)
    assert (event.status, event.error_code) == ("failed", code)


def test_codes_of_the_facts_are_all_there() -> None:
    listed = {131000, 131005, 131008, 131009, 131016, 131021, 131026, 131030, 131031, 131037, 131042, 131045, 131047,
              131048, 131049, 131050, 131051, 131052, 131053, 131056, 131057, 131062, 131063, 131064, 132000, 132001,
              132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069, 133004, 133010, 134101, 135000,
              137000, 139102, 130429, 130472, 130497, 368, 190, 0, 1, 2, 3, 4, 10, 33, 100, 200, 80007, 2494100,
              2593109, 2388299}  # fmt: skip
    assert listed <= set(known_codes())
    (event,) = parse(made("failed", code=999999))
    assert isinstance(event, StatusSeen)
    assert event.error_code == 999999


def test_ids_are_never_given_twice() -> None:
    assert len({made_up_wamid() for _ in range(2000)}) == 2000


# Which of the recordings of others shows which event.
RECORDED = {
    "text": ["facebook-openapi/text-message", "whatsapp-business-java-api/textMessage",
             "vercel-chat-adapter/01-text-message"],
    "image": ["facebook-openapi/image-message", "vercel-chat-adapter/02-image-message",
              "whatsapp-business-java-api/imageMessage"],
    "video": ["whatsapp-business-java-api/videoMessage"], "voice": ["whatsapp-business-java-api/audioMessage"],
    "sticker": ["whatsapp-business-java-api/stickerMessage"],
    "document": ["whatsapp-business-java-api/documentMessage"],
    "location": ["facebook-openapi/location-message", "whatsapp-business-java-api/locationMessage"],
    "contacts": ["whatsapp-business-java-api/contactMessage", "facebook-openapi/contact-sharing-message"],
    "button": ["facebook-openapi/button-message", "whatsapp-business-java-api/buttonMessage"],
    "button-reply": ["facebook-openapi/interactive-button-reply-message"],
    "list-reply": ["facebook-openapi/interactive-list-reply-message"],
    "order": ["facebook-openapi/order-message"], "ad": ["facebook-openapi/text-message-from-click-to-whatsapp-ad"],
    "product": ["facebook-openapi/text-message-with-context-product-inquiry"],
    "reaction": ["facebook-openapi/reaction-message", "vercel-chat-adapter/03-reaction"],
    "revoke": ["pywa-part/deleted_message#revoke"], "edit": ["pywa-part/edited_message#image"],
    "number-change": ["facebook-openapi/system-message", "vercel-chat-adapter/06-system-message-user-changed-number"],
    "user-id-change": ["vercel-chat-adapter/07-system-message-user-changed-user-id"],
    "identity-change": ["pywa-part/system#identity_change"],
    "unsupported": ["facebook-openapi/unsupported-message"],
    "group": ["facebook-openapi/group-create-message"],
    "group-settings": ["facebook-openapi/group-settings-update"],
    "echo": ["pywa-part/outgoing_message#text"], "echo-revoke": ["pywa-part/outgoing_message#delete"],
    "echo-edit": ["pywa-part/outgoing_message#edit"],
    "opt-in": ["pywa-part/user_marketing_preferences#resume"],
    "template-quality": ["pywa-part/template_quality_update#yellow"],
    "template-category": ["pywa-part/template_category_update#marketing"],
    "template-rejected": ["whatsapp-business-java-api/rejectedTemplate"],
    "template-disabled": ["whatsapp-business-java-api/templateSchedulingForDisabling"],
    "failed": ["whatsapp-business-java-api/reEngagementMessageError", "whatsapp-business-java-api/mediaUploadError"],
    "account-banned": ["whatsapp-business-java-api/accountBanned"],
    "account-restricted": ["whatsapp-business-java-api/accountRestricted"],
    "account-review": ["whatsapp-business-java-api/accountReview"],
    "account-verified": ["whatsapp-business-java-api/verifiedAccount"],
    "number-name": ["whatsapp-business-java-api/phoneNumberNameUpdate"],
    "number-quality": ["whatsapp-business-java-api/qualityUpdate"],
}  # fmt: skip
# Parts of recordings that are somebody's own content and no part of the shape, or that only one of several has.
NOT_SHAPE = frozenset(
    {
        "org", "company", "parent_user_id", "to_parent_user_id", "description", "added_participants", "input",
        "phone_number", "caption", "profile_picture", "image_url", "welcome_message", "href", "url",
    }
)  # fmt: skip


def recording(name: str) -> Any:
    file, _, part = name.partition("#")
    read = json.loads((fixtures_dir() / "webhooks" / f"{file}.json").read_text("utf-8"))
    return read[part] if part else read


def shape(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path with the JSON type at its end; places in lists are one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_SHAPE:
                yield from shape(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shape(inner, f"{path}[]")
    elif value is not None and not str(value).startswith("<"):  # placeholders of documentation say nothing
        yield path, "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, files in RECORDED.items() for file in files])
def test_each_has_the_shape_of_its_recordings(name: str, file: str) -> None:
    ours = dict(shape(made(name)["entry"][0]["changes"]))
    theirs = dict(shape(recording(file)["entry"][0]["changes"]))
    # They edit a picture, we a text; contacts beside system messages: the facts have none (section 9).
    skipped = ".edit.message." if name == "edit" else ".contacts[]" if name == "identity-change" else "-"
    missing = {path for path in theirs if path not in ours and skipped not in path}
    assert not missing
    assert {path: ours[path] for path in theirs if path in ours} == {p: v for p, v in theirs.items() if p in ours}


def change_of(body: object) -> Any:
    assert isinstance(body, dict)
    return body["entry"][0]["changes"][0]


def setting(name: str, *texts: str) -> Any:
    return change_of(apply(made(name), [read_setting(text) for text in texts], name))


def test_short_and_whole_paths_lead_to_the_same_place() -> None:
    for path in ("entry.0.changes.0.value.messages.0.text.body", "value.messages.0.text.body", "message.text.body",
                 "text.body", "change.value.messages.0.text.body"):  # fmt: skip
        assert setting("text", f"{path}=Hai = ya")["value"]["messages"][0]["text"]["body"] == "Hai = ya"


def test_a_value_takes_the_type_of_what_stands_there() -> None:
    message = setting("text", "timestamp=1795000000", "group_id=G1", "forwarded=true", 'list=["a"]')["value"][
        "messages"
    ][0]
    assert message["timestamp"] == "1795000000"
    assert (message["group_id"], message["forwarded"], message["list"]) == ("G1", True, ["a"])
    assert setting("number-limit", "event=DOWNGRADE")["value"]["event"] == "DOWNGRADE"
    assert setting("failed", "status.errors.0.code=131000")["value"]["statuses"][0]["errors"][0]["code"] == 131000
    assert setting("text", "field=history")["field"] == "messages"  # a new part of the message, not the change's own
    assert setting("text", "change.field=history")["field"] == "history"


def test_parts_can_be_added_and_left_out() -> None:
    from wacli.sandbox.catalogue.changes import Setting

    body = apply(made("text"), [Setting("value.contacts", None), Setting("message.from", None)], "text")
    value = change_of(body)["value"]
    assert "contacts" not in value
    assert "from" not in value["messages"][0]
    added = apply(made("order"), [read_setting('order.product_items.2={"quantity": 3}')], "order")
    assert len(change_of(added)["value"]["messages"][0]["order"]["product_items"]) == 3


def test_shapes_do_not_depend_on_chance() -> None:
    counted = Counter(body_for(find_kind(name), telling()) == body_for(find_kind(name), telling()) for name in NAMES)
    assert counted == {True: len(NAMES)}


def test_a_kind_is_found_by_any_spelling() -> None:
    kind: Kind = find_kind(" Opt_Out ")
    assert kind.name == "opt-out"
