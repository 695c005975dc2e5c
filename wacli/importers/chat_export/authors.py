"""Whether the words before the first colon are somebody's name.

Facts: cloud-api.md section 13. Names of people who are not in the phone's address book begin with `~` and a
narrow space on iOS; that sign is not part of the name. Announcements quote group names (`created group "Promo:
Lebaran"`): a colon inside quotation marks ends no name. A name with a colon and a space in it cannot be told
from a shorter name: the first colon followed by a space ends it, in every message alike.
"""

from __future__ import annotations

from .shapes import LEFT_TO_RIGHT

_LONGEST_NAME = 100  # characters; group subjects may have as many
_REMEMBERED = 10_000


class Authors:
    """Cleans names and remembers the answers: a chat has few of them, a million times."""

    def __init__(self) -> None:
        self.known: dict[str | None, str | None] = {None: None}

    def learn(self, names: set[str | None]) -> None:
        """Makes sure that `known` holds all of `names`."""
        if len(self.known) > _REMEMBERED:
            self.known.clear()
            self.known[None] = None
        for raw in names.difference(self.known):
            self.known[raw] = clean_name(raw or "")


def clean_name(raw: str) -> str | None:
    """The name as people know it, or None when these words are part of an announcement."""
    name = raw.replace(LEFT_TO_RIGHT, "").strip()
    if name[:1] == "~":
        name = name[1:].strip() or name
    if not name or len(name) > _LONGEST_NAME or _breaks_a_quotation(name):
        return None
    return name


def _breaks_a_quotation(name: str) -> bool:
    return name.count('"') % 2 == 1 or any(name.count(a) != name.count(b) for a, b in ("“”", "«»", "「」") if a in name)
