"""Who is meant by a campaign, as a tree of conditions.

The words that it is typed in are read by `audience_words`; the store turns the tree into SQL with bound values, so
nothing that was typed ever becomes a statement (`wacli.store.audience_sql`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Instant(StrEnum):
    """An instant of a contact that a condition may ask about."""

    MESSAGE = "message"  # their last
    ANSWER = "answer"  # our last
    ADDED = "added"


class Fact(StrEnum):
    """What is either so or not."""

    WINDOW_OPEN = "window open"
    UNANSWERED = "unanswered"


class Field(StrEnum):
    """What can be compared with words."""

    NAME = "name"
    PHONE = "phone"
    BSUID = "bsuid"
    USERNAME = "username"
    NOTE = "note"
    TAG = "tag"
    MARKET = "market"
    ID = "id"


class Match(StrEnum):
    """How words are compared; capital letters make no difference, except in tags."""

    EQUALS = "="
    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"


class All(NamedTuple):
    """Every one of these holds; of none, everybody."""

    parts: tuple[Tree, ...] = ()


class Some(NamedTuple):
    """At least one of these holds."""

    parts: tuple[Tree, ...]


class Not(NamedTuple):
    """This does not hold."""

    part: Tree


class Since(NamedTuple):
    """It happened at or after `at` (aware, UTC). Of what never happened nothing is true but its `Not`."""

    what: Instant
    at: datetime


class Before(NamedTuple):
    """It happened before `at`."""

    what: Instant
    at: datetime


class Never(NamedTuple):
    """It never happened."""

    what: Instant


class Is(NamedTuple):
    """The fact is so."""

    fact: Fact


class Said(NamedTuple):
    """The ledger of consents comes to this state for this category."""

    state: str  # opted-in or opted-out
    category: str


class Compare(NamedTuple):
    """The field matches one of the words."""

    field: Field
    match: Match
    words: tuple[str, ...]


class Known(NamedTuple):
    """The field is not empty."""

    field: Field


Tree: TypeAlias = All | Some | Not | Since | Before | Never | Is | Said | Compare | Known

EVERYBODY = All()


def joined(*parts: Tree) -> Tree:
    """All of these at once."""
    flat = [one for part in parts for one in (part.parts if isinstance(part, All) else (part,))]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def tagged(*tags: str) -> Tree:
    """Whoever has at least one of the tags."""
    return Compare(Field.TAG, Match.EQUALS, tags)
