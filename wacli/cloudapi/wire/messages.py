"""`messages[]`: what contacts wrote. Also the one reader of a message element, for echoes and history too.

Source: facts cloud-api.md section 9. A plain text takes the short way: it is most of the traffic, and its `raw`
stays empty because the columns hold all of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import MessageSeen, Referral
from wacli.domain.identity import Party
from wacli.domain.message import Direction, Origin

from .contacts import identity_changed
from .content import content_of, kind_of
from .scene import SAMPLE_MESSAGE_ID, Scene
from .values import instant_of, made_up_key, members_of, raw_of, text_of, word_of

_INBOUND = Direction.INBOUND.value
_PLAIN_TEXT = frozenset(
    {"from", "from_user_id", "from_parent_user_id", "to", "to_user_id", "to_parent_user_id"}
    | {"id", "timestamp", "type", "text", "group_id"}
)


def read_messages(value: object, scene: Scene) -> None:
    """Reads the messages of one change; those in a `history` change are old, the others are live."""
    origin = Origin.HISTORY.value if scene.field == "history" else Origin.API.value
    out, people = scene.out, scene.people
    for element in scene.objects("messages", value):
        get = element.get
        party = people.party(get("from"), get("from_user_id"), get("from_parent_user_id"))
        changed = identity_changed(element, scene, party) if get("system") is not None else None
        if changed is not None and party.is_nobody:
            party = changed.after
        out.append(message_seen(element, scene, party, _INBOUND, origin))
        if changed is not None:
            out.append(changed)


def message_seen(element: Mapping[str, object], scene: Scene, party: Party, direction: str, origin: str) -> MessageSeen:
    """One message element as an event; `party` is the contact, whoever wrote it."""
    get = element.get
    stamp, context = get("timestamp"), get("context")
    at = int(stamp) if type(stamp) is str and len(stamp) == 10 and _is_number(stamp) else instant_of(stamp)
    key = get("id")
    if type(key) is not str or not key or key[0] == "<" or not key.isascii():
        key = word_of(key) or made_up_key(element, scene.number.phone_number_id, party.phone, party.bsuid)
    number, is_sample = scene.number, scene.is_sample or key == SAMPLE_MESSAGE_ID
    if get("type") == "text" and context is None and at is not None and _PLAIN_TEXT.issuperset(element):
        body = get("text")
        if type(body) is dict and len(body) == 1 and (text := text_of(body.get("body"))) is not None:
            return MessageSeen(
                number, party, key, direction, origin, "text", at, text,
                None, text_of(get("group_id")), None, None, None, None, is_sample, "",
            )  # fmt: skip
    kind = kind_of(element) or "unknown"
    content = content_of(kind, element)
    return MessageSeen(
        number=number,
        party=party,
        key=key,
        direction=direction,
        origin=origin,
        kind=kind,
        at=at,
        text=content.text,
        reply_to=word_of(members_of(context).get("id")),
        group_id=word_of(get("group_id")),
        target=content.target,
        media=content.media,
        referral=_referral(get("referral")),
        history_status=word_of(members_of(get("history_context")).get("status")),
        is_sample=is_sample,
        raw=raw_of(element),
    )


def _is_number(stamp: str) -> bool:
    return stamp.isascii() and stamp.isdigit()


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
