"""The hashes of contacts' identity keys, where the business has switched the identity check on.

Source: facts cloud-api.md section 9: `contacts[].identity_key_hash`, and the `identity.hash` of a system message of
type `customer_identity_changed`. A card carries no time of its own: what stands beside it tells when.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import Event, IdentityKeySeen, MessageSeen, StatusSeen
from wacli.domain.identity import Party

from .people import person_of
from .scene import Scene
from .values import instant_of, members_of, text_of


def read_identity_keys(value: Mapping[str, object], scene: Scene, said: list[Event]) -> None:
    """Adds the keys that the change tells of; `said` are the events it has given so far."""
    contacts = value.get("contacts")
    for card in contacts if type(contacts) is list else (contacts,):
        if type(card) is dict and "identity_key_hash" in card:
            _add(scene, person_of(card)._replace(name=None, username=None), card["identity_key_hash"], _latest(said))
    messages = value.get("messages")
    for element in messages if type(messages) is list else ():
        if type(element) is dict and "identity" in element:
            party = scene.people.party(element.get("from"), element.get("from_user_id"), None)
            key_hash = members_of(element["identity"]).get("hash")
            _add(scene, party._replace(name=None, username=None), key_hash, instant_of(element.get("timestamp")))


def _add(scene: Scene, party: Party, key_hash: object, at: int | None) -> None:
    told = text_of(key_hash)
    if told is not None and not party.is_nobody and not scene.is_sample:
        scene.out.append(IdentityKeySeen(scene.number, party, told, at))


def _latest(said: list[Event]) -> int | None:
    dated = [event.at for event in said if isinstance(event, (MessageSeen, StatusSeen)) and event.at is not None]
    return max(dated, default=None)
