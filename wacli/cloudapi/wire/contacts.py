"""What is said about contacts themselves: new numbers and BSUIDs, preferences, the owner's address book.

Sources: facts cloud-api.md section 9 (`system`, `user_preferences`, `smb_app_state_sync`, BSUID), pricing.md
section 11. A number change comes as a `system` message; `user_id_update` is no real field (Meta's correction of
2026-08-11) though samples have it, so it is read as well. The identifiers are taken from their own fields only: the
sentence in `body` holds the contact's display name, in which anybody may write anybody's identifier.
"""

from __future__ import annotations

from collections.abc import Mapping

from wacli.domain.event import ContactSynced, IdentityChanged, PreferenceStated
from wacli.domain.identity import Party

from .people import identifiers, person_of, username_of
from .scene import Scene
from .values import instant_of, members_of, raw_of, text_of, word_of, written_phone_of

_MOVES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})


def identity_changed(element: Mapping[str, object], scene: Scene, sender: Party) -> IdentityChanged | None:
    """The move that a `system` message reports, or None when it reports something else."""
    system = members_of(element.get("system"))
    get = system.get
    has_previous = get("previous_user_id") is not None or get("previous_parent_user_id") is not None
    kind = word_of(get("type"))
    if kind not in _MOVES and not has_previous:
        return None
    user, above = _current(get("user_id")), _current(get("parent_user_id"))
    phone, bsuid, parent = identifiers(get("wa_id") or get("new_wa_id"), user, above)
    after = Party(phone, bsuid, parent, username_of(get("username")))
    if after.is_nobody:
        return None
    _, old_bsuid, old_parent = identifiers(
        None,
        get("previous_user_id") or _previous(get("user_id")),
        get("previous_parent_user_id") or _previous(get("parent_user_id")),
    )
    old_phone = sender.phone or identifiers(get("customer"), None, None)[0]
    if old_bsuid is None and sender.bsuid != bsuid:
        old_bsuid, old_parent = sender.bsuid, old_parent or sender.parent_bsuid
    if old_phone == phone and kind != "user_changed_user_id":
        old_phone = None
    before = Party(old_phone, old_bsuid, old_parent, sender.username, sender.name)
    return IdentityChanged(scene.number, before, after, instant_of(element.get("timestamp")), raw_of(element))


def read_identity_updates(value: object, scene: Scene) -> None:
    """Reads `user_id_update[]`: `user_id` and `parent_user_id` are pairs of `previous` and `current`."""
    for element in scene.objects("user_id_update", value):
        get = element.get
        phone = get("wa_id")
        after = scene.people.party(phone, _current(get("user_id")), _current(get("parent_user_id")))
        old_phone, old_bsuid, old_parent = identifiers(
            phone, _previous(get("user_id")), _previous(get("parent_user_id"))
        )
        before = Party(old_phone, old_bsuid, old_parent, after.username, after.name)
        if after.bsuid is None or before.is_nobody:
            scene.refuse("user_id_update", "an update without identifiers", element)
        else:
            at = instant_of(get("timestamp"))
            scene.out.append(IdentityChanged(scene.number, before, after, at, raw_of(element)))


def read_preferences(value: object, scene: Scene) -> None:
    """Reads `user_preferences[]`. `marketing_messages` is the category marketing."""
    for element in scene.objects("user_preferences", value):
        get = element.get
        category, stated = word_of(get("category")), word_of(get("value"))
        if category is None or stated is None:
            scene.refuse("user_preferences", "a preference without a category or a value", element)
            continue
        scene.out.append(
            PreferenceStated(
                number=scene.number,
                party=scene.people.party(get("wa_id"), get("user_id"), get("parent_user_id")),
                category=category.removesuffix("_messages"),
                value=stated,
                detail=text_of(get("detail")),
                at=_instant(get("timestamp"), scene),
                raw=raw_of(element),
            )
        )


def read_synced_contacts(value: object, scene: Scene) -> None:
    """Reads `state_sync[]`: entries of the owner's address book, added, edited or removed."""
    for element in scene.objects("state_sync", value):
        contact = members_of(element.get("contact"))
        person = person_of(contact)
        phone = written_phone_of(contact.get("phone_number")) or person.phone
        name = text_of(contact.get("full_name")) or text_of(contact.get("first_name")) or person.name
        party = person._replace(phone=phone, name=name)
        if party.is_nobody or element.get("type") not in ("contact", None):
            scene.refuse("state_sync", "no contact in it", element)
            continue
        stamp = members_of(element.get("metadata")).get("timestamp") or element.get("timestamp")
        is_removed = element.get("action") == "remove"
        scene.out.append(ContactSynced(scene.number, party, is_removed, _instant(stamp, scene), raw_of(element)))


def _instant(stamp: object, scene: Scene) -> int | None:
    at = instant_of(stamp)
    return scene.at if at is None else at


def _current(value: object) -> object:
    return value.get("current") if type(value) is dict else value


def _previous(value: object) -> object:
    return value.get("previous") if type(value) is dict else None
