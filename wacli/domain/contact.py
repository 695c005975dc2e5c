"""A contact: a person we may message. The internal id is the only key that never changes.

Phone, BSUID, parent BSUID and username are separate and may each be missing (facts: cloud-api.md section 0.2).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .identity import display_phone


class Contact(NamedTuple):
    """One row of the address book. `phone` is digits, as first given; `name` is the owner's, `profile_name` theirs."""

    id: int
    name: str | None
    profile_name: str | None
    phone: str | None
    bsuid: str | None
    parent_bsuid: str | None
    username: str | None
    tags: tuple[str, ...]
    note: str | None
    created_at: datetime

    @property
    def label(self) -> str:
        """What to call them: the owner's name for them, their own, a username, a number, an id. Never empty."""
        return label_of(self.id, self.name or self.profile_name, self.username, self.phone, self.bsuid)


def label_of(contact_id: int, name: str | None, username: str | None, phone: str | None, bsuid: str | None) -> str:
    """The first of name, @username, phone, BSUID that there is; else `#id`. Somebody else's text: sanitise to show."""
    if name:
        return name
    if username:
        return username if username.startswith("@") else "@" + username
    if phone:
        return display_phone(phone)
    return bsuid or f"#{contact_id}"
