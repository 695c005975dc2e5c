"""WHO: from what a person typed to one contact.

A name, a phone number in any usual form, a BSUID, an @username, or a contact id (`12` or `#12`). A number that nobody
has yet is an answer of its own: sending a template to it makes the contact.
"""

from __future__ import annotations

import re
from datetime import datetime

from wacli.domain.contact import Contact
from wacli.domain.identity import IdentifierKind, display_phone, identifier_kind, parse_phone, wa_id_of
from wacli.domain.problem import Invalid, NotFound
from wacli.domain.text import Text, t
from wacli.store import contacts
from wacli.store.database import Store

_ID = re.compile(r"#?(\d{1,9})")


def find_contact(store: Store, who: str, country: str | None) -> Contact:
    """The one contact meant by WHO. Raises `NotFound`: nobody (`no-such-contact`), or several (`ambiguous`, with
    the `candidates` in its details)."""
    return _only(list_candidates(store, who, country), who)


def _only(found: list[Contact], who: str) -> Contact:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            "no-such-contact",
            t("There is no contact {who}", who=who),
            t("See them all: wacli contacts list; add one: wacli contacts add NAME --phone NUMBER"),
        )
    raise NotFound(
        "ambiguous",
        t("{who} can be {names}", who=who, names=_names(found)),
        t("Say which by id: {choices}", choices=", ".join(f"'#{contact.id}'" for contact in found[:5])),
        {"candidates": [_candidate(one) for one in found]},
    )


def _candidate(one: Contact) -> dict[str, object]:
    phone = None if one.phone is None else display_phone(one.phone)
    return {"contact_id": one.id, "name": one.label, "phone": phone, "bsuid": one.bsuid, "username": one.username}


def list_candidates(store: Store, who: str, country: str | None) -> list[Contact]:
    """Everybody who may be meant. Raises `Invalid` for a local number without a country."""
    kind = identifier_kind(who)
    one: Contact | None = None
    if kind is IdentifierKind.BSUID:
        one = contacts.find_by_bsuid(store, who)
    elif kind is IdentifierKind.USERNAME:
        return contacts.list_by_username(store, who)
    elif kind is IdentifierKind.PHONE:
        return _by_number(store, who, country)
    elif match := _ID.fullmatch(who):
        one = contacts.find(store, int(match[1]))
    else:
        return _nearest(contacts.list_by_name(store, who), who)
    return [] if one is None else [one]


def find_or_meet(store: Store, who: str, country: str | None, now: datetime) -> Contact:
    """The contact meant by WHO; a phone number or BSUID that nobody has yet is a stranger (id 0), not yet written down.

    See `introduce`. Raises what `find_contact` raises.
    """
    kind = identifier_kind(who)
    found = list_candidates(store, who, country)
    if found or kind not in (IdentifierKind.PHONE, IdentifierKind.BSUID):
        return _only(found, who)
    phone = parse_phone(who, country) if kind is IdentifierKind.PHONE else None
    return Contact(0, None, None, phone, who if phone is None else None, None, None, (), None, now)


def introduce(store: Store, contact: Contact, now: datetime) -> Contact:
    """The contact as the address book has it: a stranger is added, unless somebody has that identifier by now."""
    if contact.id:
        return contact
    found = None
    if contact.phone is not None:
        found = contacts.find_by_phone(store, contact.phone)
    elif contact.bsuid is not None:
        found = contacts.find_by_bsuid(store, contact.bsuid)
    return found or contacts.add(store, contacts.ContactChange(phone=contact.phone, bsuid=contact.bsuid), now)


def _by_number(store: Store, who: str, country: str | None) -> list[Contact]:
    digits = wa_id_of(who)  # as Meta and the phone's address book write it, country code first
    if digits is not None and not who.startswith("0"):
        exact = contacts.find_by_phone(store, digits)
        if exact is not None:
            return [exact]
    try:
        one = contacts.find_by_phone(store, parse_phone(who, country))
    except Invalid:
        # Seven digits may be an id, and a name may be all digits; only then is it a malformed number.
        match = _ID.fullmatch(who)
        one = contacts.find(store, int(match[1])) if match else None
        found = [one] if one is not None else contacts.list_by_name(store, who)
        if not found:
            raise
        return found
    return [] if one is None else [one]


def _nearest(found: list[Contact], who: str) -> list[Contact]:
    """Those who have the words as words of their name, else as the beginning of some, else all: Sari is not Hapsari."""
    wanted = who.casefold().split()
    for is_near in (str.__eq__, str.startswith):
        near = [
            contact
            for contact in found
            if all(
                any(
                    is_near(word, part)
                    for name in (contact.name, contact.profile_name)
                    if name
                    for word in name.casefold().split()
                )
                for part in wanted
            )
        ]
        if near:
            return near
    return found


def _names(found: list[Contact]) -> Text:
    shown = [f"{one.label} ({display_phone(one.phone) if one.phone else f'#{one.id}'})" for one in found[:5]]
    names = ", ".join(shown)
    return t("{names} or others", names=names) if len(found) > len(shown) else t("{names}", names=names)
