"""A number that lives in the WhatsApp Business app as well: echoes of what the owner typed, and the past.

Rules and sources (facts: cloud-api.md section 9, `smb_message_echoes` and `history`; Meta's reference of both
fields): echoes are outbound, come with edits and revokes, and open no window. A history thread is named by the
contact's number; a message in it whose `from` is the business's number was sent by the business. One body can hold
thousands of messages; chunks come out of order; a file follows later as a message of the `history` field.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import NoticeSeen
from wacli.domain.identity import Party
from wacli.domain.message import Direction, Origin

from .content import failure_of
from .messages import Way, see_message
from .people import person_of
from .scene import Scene
from .values import members_of, raw_of, whole_of

_ECHOED = Way(Direction.OUTBOUND.value, Origin.APP.value)
_SENT_BEFORE = Way(Direction.OUTBOUND.value, Origin.HISTORY.value)
_RECEIVED_BEFORE = Way(Direction.INBOUND.value, Origin.HISTORY.value)


def read_echoes(value: object, scene: Scene) -> None:
    """Reads the echoes of one change. The contact is in `to`; a recorded echo has it the wrong way round."""
    people = scene.people
    for element in scene.objects("message_echoes", value):
        get = element.get
        other = "from" if people.is_own(get("to")) else "to"
        party = people.party(get(other), get(f"{other}_user_id"), get(f"{other}_parent_user_id"))
        see_message(element, scene, party, _ECHOED)


def read_history(value: object, scene: Scene) -> None:
    """Reads every thread of every chunk; each chunk also leaves a notice with its place in the whole."""
    for chunk in scene.objects("history", value):
        for thread in scene.objects("history.threads", chunk.get("threads")):
            contact = _contact_of(thread, scene)
            for element in scene.objects("history.threads.messages", thread.get("messages")):
                _see_old_message(element, scene, contact)
        scene.out.append(_chunk_notice(chunk, scene))


def _contact_of(thread: Mapping[str, object], scene: Scene) -> Party:
    given = person_of(members_of(thread.get("context")))
    own = person_of(thread)
    party = scene.people.party(thread.get("id"), given.bsuid or own.bsuid, given.parent_bsuid or own.parent_bsuid)
    return Party(
        party.phone or given.phone or own.phone,
        party.bsuid,
        party.parent_bsuid,
        party.username or given.username or own.username,
        party.name or given.name or own.name,
    )


def _see_old_message(element: Mapping[str, object], scene: Scene, contact: Party) -> None:
    get = element.get
    is_outbound = _is_outbound(element, scene, contact)
    other = "to" if is_outbound else "from"
    named = scene.people.party(get(other), get(f"{other}_user_id"), get(f"{other}_parent_user_id"))
    party = named if contact.is_nobody else contact
    see_message(element, scene, party, _SENT_BEFORE if is_outbound else _RECEIVED_BEFORE)


def _is_outbound(element: Mapping[str, object], scene: Scene, contact: Party) -> bool:
    if members_of(element.get("history_context")).get("from_me") is True:
        return True
    writer = element.get("from")
    if contact.phone is not None and writer == contact.phone:
        return False
    return scene.people.is_own(writer) or element.get("to") is not None


def _chunk_notice(chunk: Mapping[str, object], scene: Scene) -> NoticeSeen:
    """`what` is the error code when the owner declined, else the chunk's phase, order and progress."""
    metadata = members_of(chunk.get("metadata"))
    code, _ = failure_of(chunk.get("errors"))
    parts = [whole_of(metadata.get(key)) for key in ("phase", "chunk_order", "progress")]
    place = "/".join("?" if part is None else str(part) for part in parts)
    kept = {key: part for key, part in chunk.items() if key != "threads"}
    what = str(code) if code is not None else place if metadata else None
    return NoticeSeen(scene.number, "history", what, scene.at, raw_of(kept))
