"""`statuses[]`: what became of messages sent by the business, and of calls it placed.

Rules and sources: facts cloud-api.md section 9 (`statuses[]`, `conversation`, `pricing`), pricing.md section 10.1.
Failed statuses come without `contacts`. A status of `type: "call"` is about a call and not about a message; other
types (payments) say `failed` of something that is no message, and are kept unread. Status words that nobody has
listed yet make a status like the others and are counted as unrecognised besides.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import StatusSeen
from wacli.domain.identity import Party

from .calls import read_call_status
from .content import failure_of
from .scene import SAMPLE_MESSAGE_ID, Scene
from .values import flag_of, instant_of, members_of, raw_of, text_of, word_of

_KNOWN_WORDS = frozenset({"sent", "delivered", "read", "played", "failed", "deleted", "warning"})
_PLAIN = frozenset(
    {"id", "status", "timestamp", "recipient_id", "recipient_user_id", "recipient_parent_user_id"}
    | {"biz_opaque_callback_data", "conversation", "pricing"}
)
_PLAIN_PRICING = frozenset({"billable", "pricing_model", "type", "category"})
_PLAIN_CONVERSATION = frozenset({"id", "origin", "expiration_timestamp"})
_NOTHING: Mapping[str, object] = {}


def read_statuses(value: object, scene: Scene) -> None:
    """Reads the statuses of one change."""
    out = scene.out
    for element in scene.objects("statuses", value):
        subject = element.get("type")
        if subject == "call":
            read_call_status(element, scene)
        elif subject is not None and subject != "message":
            scene.refuse("statuses", f"a status of type {word_of(subject)}", element)
        else:
            seen = _status_seen(element, scene)
            if seen is None:
                scene.refuse("statuses", "a status without a message or a word", element)
            else:
                out.append(seen)
                if seen.status not in _KNOWN_WORDS:
                    scene.refuse("statuses", f"unknown status {seen.status}", element)


def _status_seen(element: dict[str, object], scene: Scene) -> StatusSeen | None:
    get = element.get
    key, status = word_of(get("id")), word_of(get("status"))
    if key is None or status is None:
        return None
    if status not in _KNOWN_WORDS:
        status = status.lower()
    stamp = get("timestamp")
    at = int(stamp) if type(stamp) is str and len(stamp) == 10 and stamp.isascii() and stamp.isdigit() else None
    pricing, conversation = get("pricing"), get("conversation")
    price = pricing if type(pricing) is dict else _NOTHING
    talk = conversation if type(conversation) is dict else _NOTHING
    code, words = failure_of(get("errors")) if "errors" in element else (None, None)
    is_plain = at is not None and _PLAIN.issuperset(element)
    is_plain_price = _PLAIN_PRICING.issuperset(price)
    is_plain = is_plain and is_plain_price and _PLAIN_CONVERSATION.issuperset(talk)
    return StatusSeen(
        scene.number,
        _recipient(element, scene),
        key,
        status,
        at if at is not None else instant_of(stamp),
        text_of(get("biz_opaque_callback_data")),
        text_of(talk.get("id")),
        text_of(members_of(talk.get("origin")).get("type")),
        instant_of(talk.get("expiration_timestamp")),
        text_of(price.get("pricing_model")),
        text_of(price.get("type")),
        text_of(price.get("category")),
        flag_of(price.get("billable")),
        code,
        words,
        word_of(get("recipient_id")) if get("recipient_type") == "group" else None,
        scene.is_sample or key == SAMPLE_MESSAGE_ID,
        "" if is_plain else raw_of(element),
        "" if is_plain_price else raw_of(price),
    )


def _recipient(element: dict[str, object], scene: Scene) -> Party:
    """The contact; in a group it is the participant, and `recipient_id` names the group."""
    get = element.get
    phone = get("recipient_id") if get("recipient_type") != "group" else get("recipient_participant_id")
    return scene.people.party(phone, get("recipient_user_id"), get("recipient_parent_user_id"))
