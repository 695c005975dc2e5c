"""One kind of notification that can be made up, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from wacli.domain.text import Text

from ..book import Scene
from ..templates import Template

Change: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Telling:
    """What one notification is about.

    `wamid` is the id of the message that it tells of, `about` that of an earlier one (reacted to, deleted, answered,
    delivered), `code` the error of a failure, `template` one of the account's.
    """

    scene: Scene
    at: datetime
    wamid: str
    about: str
    template: Template
    code: int = 131026


@dataclass(frozen=True, slots=True)
class Kind:
    """`build` gives one element of `changes`. `about`: whose earlier message it is about, ours or the contact's."""

    name: str
    sentence: Text
    build: Callable[[Telling], Change]
    about: str | None = None  # "ours", "theirs"
    uses_code: bool = False


def by_name(*kinds: Kind) -> Mapping[str, Kind]:
    """A chapter, in the order of its writing."""
    return {kind.name: kind for kind in kinds}
