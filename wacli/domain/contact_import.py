"""What an address book of another program says of one person, and what became of it.

Rules (issue 8): a person is known by any of their identifiers, in whatever form; the owner's own words are added to and
never overwritten unless the owner says so; a row whose numbers belong to several contacts is left to the owner.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of one row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SEVERAL = "several-contacts"  # its numbers belong to several contacts: nothing was changed
    REJECTED = "rejected"  # it could not be read


class GivenPerson(NamedTuple):
    """One row of an address book; several numbers in one row are one person's. A million are made in seconds."""

    row: int
    name: str | None
    phones: tuple[str, ...]  # digits, country code first; the first is the one to write to
    bsuids: tuple[str, ...]
    username: str | None  # without @; WhatsApp gives a person one
    tags: tuple[str, ...]
    note: str | None


class Placed(NamedTuple):
    """What became of a person: the contact they are now, or those that their numbers belong to."""

    outcome: Outcome
    contact_id: int
    others: tuple[int, ...] = ()


class ImportWishes(NamedTuple):
    """What the owner wants done with every row. `opt_in_evidence`: record that they agreed to marketing, and how."""

    overwrite: bool = False
    tags: tuple[str, ...] = ()
    opt_in_evidence: str | None = None
