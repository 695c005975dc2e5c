"""A condition as SQL: the tree of `domain.audience` as one expression with bound values.

It is put into a SELECT over `contacts c` with the contact's thread on the business number as `t` (which may be
missing) and the places of numbers as `p` (see `campaign_selection`). Every word that was typed is a parameter. Only
the ASCII letters of SQLite's NOCASE and LIKE are folded; a word with others is compared through `fold`, which knows
them all and costs more. Tags are compared exactly, through their index.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from ..domain.audience import (
    All,
    Before,
    Compare,
    Fact,
    Field,
    Instant,
    Is,
    Known,
    Match,
    Never,
    Not,
    Said,
    Since,
    Some,
    Tree,
)
from .instants import seconds

NAME = "coalesce(nullif(coalesce(c.name, c.book_name), ''), c.profile_name)"
_INSTANTS = {
    Instant.MESSAGE: "t.last_inbound_at",
    Instant.ANSWER: "t.last_outbound_at",
    Instant.ADDED: "coalesce(min(c.added_at, c.first_seen_at), c.added_at, c.first_seen_at)",
}
_FACTS = {Fact.WINDOW_OPEN: "coalesce(t.closes_at > :now, 0)", Fact.UNANSWERED: "(t.waiting_since IS NOT NULL)"}
_FIELDS = {
    Field.NAME: NAME,
    Field.PHONE: "c.phone",
    Field.BSUID: "c.bsuid",
    Field.USERNAME: "ltrim(c.username, '@')",
    Field.NOTE: "c.note",
    Field.MARKET: "p.market",
    Field.ID: "c.id",
}
_NOT_DIGITS = str.maketrans("", "", "+ -().")


class Compiled:
    """The expression and its values. `needs_thread`, `needs_place`: which of the joins it reads."""

    def __init__(self, tree: Tree) -> None:
        self.values: dict[str, object] = {}
        self.needs_thread = self.needs_place = self.needs_fold = False
        self._names: Iterator[int] = count()
        self.sql = self._of(tree)

    def _bind(self, value: object) -> str:
        name = f"w{next(self._names)}"
        self.values[name] = value
        return ":" + name

    def _of(self, tree: Tree) -> str:
        match tree:
            case All(parts):
                return "(" + " AND ".join(map(self._of, parts)) + ")" if parts else "1"
            case Some(parts):
                return "(" + " OR ".join(map(self._of, parts)) + ")"
            case Not(part):
                return f"(NOT {self._of(part)})"
            case Since(what, at):
                return f"coalesce({self._instant(what)} >= {self._bind(seconds(at))}, 0)"
            case Before(what, at):
                return f"coalesce({self._instant(what)} < {self._bind(seconds(at))}, 0)"
            case Never(what):
                return f"({self._instant(what)} IS NULL)"
            case Is(fact):
                self.needs_thread = True
                return _FACTS[fact]
            case Said(state, category):
                return f"(coalesce({said_sql('c.id', self._bind(category))}, '') = {self._bind(state)})"
            case Known(field):
                return self._known(field)
            case Compare(field, how, words):
                return "(" + " OR ".join(self._compare(field, how, word) for word in words) + ")"

    def _instant(self, what: Instant) -> str:
        self.needs_thread = self.needs_thread or what is not Instant.ADDED
        return _INSTANTS[what]

    def _known(self, field: Field) -> str:
        if field is Field.TAG:
            return "EXISTS (SELECT 1 FROM tags g WHERE g.contact_id = c.id)"
        self.needs_place = self.needs_place or field is Field.MARKET
        return f"(coalesce({_FIELDS[field]}, '') <> '')"

    def _compare(self, field: Field, how: Match, word: str) -> str:
        if field is Field.TAG:
            if how is Match.EQUALS:
                return f"c.id IN (SELECT g.contact_id FROM tags g WHERE g.tag = {self._bind(word)})"
            text = "EXISTS (SELECT 1 FROM tags g WHERE g.contact_id = c.id AND {})"
            return text.format(self._words("g.tag", how, word))
        if field is Field.ID:
            plain = word.removeprefix("#")
            is_id = plain.isascii() and plain.isdigit() and len(plain) <= 18
            return f"c.id = {self._bind(int(plain) if is_id else -1)}"
        if field is Field.PHONE:
            word = word.translate(_NOT_DIGITS)
        elif field is Field.USERNAME:
            word = word.removeprefix("@")
        self.needs_place = self.needs_place or field is Field.MARKET
        return self._words(_FIELDS[field], how, word)

    def _words(self, column: str, how: Match, word: str) -> str:
        if not word.isascii():
            self.needs_fold = True
            column, word = f"fold({column})", word.casefold()
        if how is Match.EQUALS:
            return f"coalesce({column} = {self._bind(word)} COLLATE NOCASE, 0)"
        pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = ("" if how is Match.STARTS else "%") + pattern + ("" if how is Match.ENDS else "%")
        return f"coalesce({column} LIKE {self._bind(pattern)} ESCAPE '\\', 0)"


def said_sql(contact: str, category: str, *, has_restarts: bool = True) -> str:
    """The state of the ledger for a category as one expression over the covering index: the latest word that is not
    START. For whose ledger holds a START, what the domain makes of it stands in `temp.restarted`."""
    latest = (
        f"(SELECT k.state FROM consents k WHERE k.category = {category} AND k.contact_id = {contact} "
        "AND k.source <> 'start-word' AND k.state IN ('opted-in', 'opted-out') "
        "ORDER BY k.at DESC, k.state DESC LIMIT 1)"
    )
    if not has_restarts:
        return latest
    restarted = f"(SELECT r.state FROM temp.restarted r WHERE r.contact_id = {contact} AND r.category = {category})"
    return f"coalesce({restarted}, {latest})"
