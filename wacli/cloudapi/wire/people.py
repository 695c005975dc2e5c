"""Who an element of a change is about: its own identifiers, completed from the `contacts` beside it.

Rules and sources (facts: cloud-api.md section 9, "BSUID" and `contacts[]`):

- An element is matched with a `contacts` entry by BSUID first, then by `wa_id`. An entry that matches neither
  belongs to somebody else and lends nothing (recorded: an edit from one number beside the contact of another).
- A sole entry lends what it has to an element that names nobody; an entry that has a name but no identifier lends
  the name.
- Any of `wa_id`, `from`, `user_id`, `profile` may be missing, empty, or a placeholder; a BSUID may stand in `from`
  or `wa_id`, and is recognised there and never read as a number. `from` may be the business's own
  `phone_number_id`, which is no phone number at all.
"""

from __future__ import annotations

from wacli.domain.identity import Party, is_bsuid, is_parent_bsuid, match_key, wa_id_of

from .values import bsuid_of, members_of, text_of, written_phone_of

NOBODY = Party()
_NO_INDEX: dict[str, Party] = {}  # shared, never written to


class People:
    """The `contacts` of one change, found by identifier. Most changes have exactly one: it needs no index."""

    __slots__ = ("_by_bsuid", "_by_phone", "_own_id", "_own_phone", "_sole")

    def __init__(self, contacts: object, own_id: str | None, own_phone: str | None) -> None:
        """`own_id` is the business's `phone_number_id`, `own_phone` its number as displayed."""
        self._own_id = own_id
        self._own_phone = own_phone
        self._sole: Party | None = None
        self._by_phone: dict[str, Party] = _NO_INDEX  # by match key: Meta writes some numbers in two forms
        self._by_bsuid: dict[str, Party] = _NO_INDEX
        if type(contacts) is list:
            if len(contacts) == 1:
                self._sole = _contact_of(contacts[0])
            elif contacts:
                self._index(contacts)
        elif contacts is not None:
            self._sole = _contact_of(contacts)

    def _index(self, contacts: list[object]) -> None:
        self._by_phone, self._by_bsuid = {}, {}
        for contact in contacts:
            person = _contact_of(contact)
            if person.phone is not None:
                self._by_phone.setdefault(match_key(person.phone), person)
            if person.bsuid is not None:
                self._by_bsuid.setdefault(person.bsuid, person)

    def party(self, given_phone: object, given_bsuid: object, given_parent: object) -> Party:
        """The person behind an element's own three identifiers, each of which may be anything."""
        known = self._sole
        if known is None:
            if type(given_bsuid) is str:
                known = self._by_bsuid.get(given_bsuid)
            if known is None and type(given_phone) is str:
                known = self._by_phone.get(given_phone)
        if (
            known is not None
            and known[0] == given_phone
            and (given_bsuid is None or known[1] == given_bsuid)
            and (given_parent is None or known[2] == given_parent)
            and given_phone is not None
        ):
            return known
        phone, bsuid, parent = identifiers(given_phone, given_bsuid, given_parent)
        if phone is not None and phone == self._own_id:
            phone = None
        if self._sole is None and self._by_phone is _NO_INDEX:
            return Party(phone, bsuid, parent)
        return self._completed(phone, bsuid, parent)

    def is_own(self, given: object) -> bool:
        """True when a `from` or `to` field names the business itself."""
        digits = wa_id_of(given)
        if digits is None:
            return False
        own = written_phone_of(self._own_phone)
        return digits == self._own_id or (own is not None and match_key(digits) == match_key(own))

    def _completed(self, phone: str | None, bsuid: str | None, parent: str | None) -> Party:
        sole = self._sole
        if phone is None and bsuid is None:
            nobody = sole or NOBODY
            return nobody if parent is None else nobody._replace(parent_bsuid=parent)
        known = self._found(phone, bsuid)
        if known is not None:
            return Party(
                phone or known.phone, bsuid or known.bsuid, parent or known.parent_bsuid, known.username, known.name
            )
        if sole is not None and sole.is_nobody:
            return Party(phone, bsuid, parent, sole.username, sole.name)
        return Party(phone, bsuid, parent)

    def _found(self, phone: str | None, bsuid: str | None) -> Party | None:
        """The contact with this BSUID, else the one with this number unless it has another BSUID."""
        sole = self._sole
        if bsuid is not None:
            known = sole if sole is not None and sole.bsuid == bsuid else self._by_bsuid.get(bsuid)
            if known is not None:
                return known
        if phone is None:
            return None
        key = match_key(phone)
        known = self._by_phone.get(key)
        if sole is not None and sole.phone is not None and match_key(sole.phone) == key:
            known = sole
        return None if known is None or (bsuid is not None and known.bsuid is not None) else known


def identifiers(phone: object, bsuid: object, parent: object) -> tuple[str | None, str | None, str | None]:
    """Phone digits, BSUID and parent BSUID out of three fields, each put where it belongs."""
    digits = wa_id_of(phone) or None
    user = bsuid if type(bsuid) is str and is_bsuid(bsuid) else None
    above = parent if type(parent) is str and is_parent_bsuid(parent) else None
    if digits is None and user is None:
        user = bsuid_of(phone)
    if user is not None and is_parent_bsuid(user):
        above = above or user
    return digits, user, above


def username_of(value: object) -> str | None:
    """A username without its @."""
    name = text_of(value)
    return (name.lstrip("@") or None) if name is not None and name[0] == "@" else name


def person_of(entry: object) -> Party:
    """A person out of an object that carries its own identifiers and name."""
    person = _contact_of(entry)
    return person._replace(username=person.username or username_of(members_of(entry).get("username")))


def _contact_of(entry: object) -> Party:
    if type(entry) is not dict:
        return NOBODY
    get = entry.get
    phone, bsuid, parent = identifiers(get("wa_id"), get("user_id"), get("parent_user_id"))
    profile = get("profile")
    if type(profile) is not dict:
        return Party(phone, bsuid, parent)
    return Party(phone, bsuid, parent, username_of(profile.get("username")), text_of(profile.get("name")))
