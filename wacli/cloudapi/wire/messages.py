"""`messages[]`: what contacts wrote. Also the one reader of a message element, for echoes and history too.

Source: facts cloud-api.md section 9. A plain text takes the short way: it is most of the traffic, and its `raw`
stays empty because the columns hold all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wacli.domain.event import MessageSeen, Referral
from wacli.domain.identity import Party
from wacli.domain.message import Direction, Origin

from .contacts import identity_changed
from .content import content_of, kind_of
from .scene import SAMPLE_MESSAGE_ID, Scene
from .values import instant_of, made_up_key, members_of, raw_of, text_of, word_of


class Way(NamedTuple):
    """Which way a message went, and how it came to be known."""

    direction: str
    origin: str


_LIVE = Way(Direction.INBOUND.value, Origin.API.value)
_PAST = Way(Direction.INBOUND.value, Origin.HISTORY.value)
_PLAIN_TEXT = frozenset(
    {"from", "from_user_id", "from_parent_user_id", "to", "to_user_id", "to_parent_user_id"}
    | {"id", "timestamp", "type", "text", "group_id", "context", "history_context"}
)
_PLAIN_CONTEXT = frozenset({"from", "id"})
_PLAIN_HISTORY = frozenset({"status", "from_me"})
_NOTHING: Mapping[str, object] = {}
UNTYPED = "untyped"  # no `type` and no content to tell it by; not one of the known kinds, so it is counted


def read_messages(value: object, scene: Scene) -> None:
    """Reads the messages of one change; those in a `history` change are old, the others are live."""
    way = _PAST if scene.field == "history" else _LIVE
    out, people = scene.out, scene.people
    for element in scene.objects("messages", value):
        get = element.get
        party = people.party(get("from"), get("from_user_id"), get("from_parent_user_id"))
        changed = identity_changed(element, scene, party) if get("system") is not None else None
        if changed is not None and party.is_nobody:
            party = changed.after
        see_message(element, scene, party, way)
        if changed is not None:
            out.append(changed)


def see_message(element: Mapping[str, object], scene: Scene, party: Party, way: Way) -> None:
    """Adds one message element to the events; `party` is the contact, whoever wrote it.

    An element that has neither an id nor anybody it belongs to is no message of any thread.
    """
    get = element.get
    key = get("id")
    if type(key) is not str or not key or key[0] == "<" or not key.isascii():
        given = word_of(key)
        if given is None and party.is_nobody:
            scene.refuse("messages", "a message without an id and without a contact", element)
            return
        key = given or made_up_key(element, scene.number.phone_number_id, party.phone, party.bsuid)
    seen = _plain_text(element, scene, party, way, key)
    scene.out.append(_message_seen(element, scene, party, way, key) if seen is None else seen)


def _plain_text(element: Mapping[str, object], scene: Scene, party: Party, way: Way, key: str) -> MessageSeen | None:
    """A text of which the event holds everything, or None: then it is for the long way."""
    get = element.get
    if get("type") != "text" or not _PLAIN_TEXT.issuperset(element):
        return None
    stamp, body = get("timestamp"), get("text")
    if type(stamp) is not str or len(stamp) != 10 or not (stamp.isascii() and stamp.isdigit()):
        return None
    if type(body) is not dict or len(body) != 1 or (text := text_of(body.get("body"))) is None:
        return None
    context, history = get("context", _NOTHING), get("history_context", _NOTHING)
    if type(context) is not dict or not _PLAIN_CONTEXT.issuperset(context):
        return None
    if type(history) is not dict or not _PLAIN_HISTORY.issuperset(history):
        return None
    reply_to = word_of(context["id"]) if "id" in context else None
    history_status = word_of(history["status"]) if "status" in history else None
    group_id = word_of(element["group_id"]) if "group_id" in element else None
    is_sample = scene.is_sample or key == SAMPLE_MESSAGE_ID
    return MessageSeen(
        scene.number, party, key, *way, "text", int(stamp), text,
        reply_to, group_id, None, None, None, history_status, is_sample, "",
    )  # fmt: skip


def _message_seen(element: Mapping[str, object], scene: Scene, party: Party, way: Way, key: str) -> MessageSeen:
    get = element.get
    kind = kind_of(element) or UNTYPED
    content = content_of(kind, element)
    return MessageSeen(
        number=scene.number,
        party=party,
        key=key,
        direction=way.direction,
        origin=way.origin,
        kind=kind,
        at=instant_of(get("timestamp")),
        text=content.text,
        reply_to=word_of(members_of(get("context")).get("id")),
        group_id=word_of(get("group_id")),
        target=content.target,
        media=content.media,
        referral=_referral(get("referral")),
        history_status=word_of(members_of(get("history_context")).get("status")),
        is_sample=scene.is_sample or key == SAMPLE_MESSAGE_ID,
        raw=raw_of(element),
    )


def _referral(value: object) -> Referral | None:
    if type(value) is not dict:
        return None
    get = value.get
    return Referral(
        word_of(get("source_type")),
        word_of(get("source_id")),
        text_of(get("source_url")),
        text_of(get("headline")),
        word_of(get("ctwa_clid")),
    )
