"""`calls[]`, and the statuses that are about calls.

Which of them open the customer service window (facts: pricing.md section 8.1): a call by the contact, accepted or
not, and the contact accepting a call by the business. Meta's `connect` of a business call only says that the line
is being set up: `ACCEPTED`, or a `terminate` that says when it was picked up, proves the answer. Where `direction`
is missing, whoever is not the business called; failing that, Meta offers the session of the contact's calls and
answers that of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import CallSeen
from wacli.domain.message import Direction

from .scene import Scene
from .values import instant_of, made_up_key, members_of, raw_of, whole_of, word_of

_ACCEPTED = frozenset({"accept", "accepted"})


def read_calls(value: object, scene: Scene) -> None:
    """Reads the calls of one change."""
    for element in scene.objects("calls", value):
        event = word_of(element.get("event"))
        if event is None:
            scene.refuse("calls", "a call without an event", element)
        else:
            scene.out.append(_call_seen(element, scene, event.lower()))


def read_call_status(element: Mapping[str, object], scene: Scene) -> None:
    """Reads a status of `type: "call"`: they are only sent for calls by the business."""
    get = element.get
    status = word_of(get("status"))
    if status is None:
        scene.refuse("statuses", "a call status without a word", element)
        return
    party = scene.people.party(get("recipient_id"), get("recipient_user_id"), get("recipient_parent_user_id"))
    event = status.lower()
    scene.out.append(
        CallSeen(
            number=scene.number,
            party=party,
            key=_key(element, scene),
            event=event,
            direction=Direction.OUTBOUND.value,
            at=instant_of(get("timestamp")),
            opens_window=event in _ACCEPTED,
            raw=raw_of(element),
        )
    )


def _call_seen(element: Mapping[str, object], scene: Scene, event: str) -> CallSeen:
    get = element.get
    is_inbound = _is_inbound(element, scene)
    other = "from" if is_inbound else "to"
    if scene.people.is_own(get(other)):
        other = "to" if is_inbound else "from"  # one of Meta's samples has the two the wrong way round
    party = scene.people.party(get(other), get(f"{other}_user_id"), get(f"{other}_parent_user_id"))
    at, answered_at = instant_of(get("timestamp")), None
    if event == "terminate":
        answered_at = _answered_at(element, at)
    return CallSeen(
        number=scene.number,
        party=party,
        key=_key(element, scene),
        event=event,
        direction=(Direction.INBOUND if is_inbound else Direction.OUTBOUND).value,
        at=at if answered_at is None else answered_at,
        opens_window=is_inbound or event in _ACCEPTED or answered_at is not None,
        raw=raw_of(element),
    )


def _is_inbound(element: Mapping[str, object], scene: Scene) -> bool:
    get = element.get
    direction = word_of(get("direction"))
    if direction is not None:
        return direction.upper() == "USER_INITIATED"
    session = members_of(get("session")).get("sdp_type")
    if session in ("offer", "answer"):
        return session == "offer"
    if scene.people.is_own(get("from")):
        return False
    return not scene.people.party(get("from"), get("from_user_id"), None).is_nobody


def _answered_at(element: Mapping[str, object], ended_at: int | None) -> int | None:
    started_at = instant_of(element.get("start_time"))
    if started_at is not None and started_at > 0:
        return started_at
    lasted_for = whole_of(element.get("duration"))
    if lasted_for is None or lasted_for <= 0 or ended_at is None:
        return None
    return max(ended_at - lasted_for, 0)


def _key(element: Mapping[str, object], scene: Scene) -> str:
    return word_of(element.get("id")) or made_up_key(element, scene.number.phone_number_id)
