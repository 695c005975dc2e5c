"""Who is meant by a campaign: `--to tag:vip` and `--where "window open and last message within 30 days"`.

The words of a condition, read into a tree (`audience`). What can be said:

| words | true for |
|---|---|
| `last message within 30 days`, `last message over 30 days ago`, `last message before 2026-11-01` | when they wrote |
| `last answer ...`, `added ...` | when we wrote to them; when they came into the address book |
| `never wrote`, `never answered` | nobody ever did |
| `window open`, `window closed`, `unanswered` | the 24 hours to answer; they wait for an answer |
| `opted in`, `opted out`, `opted in utility` | recorded permission, marketing where no category is named |
| `tag vip`, `market Indonesia` | short for `tag = vip`, `market = Indonesia` |
| `name = Sari`, `!=`, `contains`, `starts with`, `ends with`, `in (a, b)`, `is empty`, `is known` | comparisons |

joined by `and`, `or`, `not` and parentheses. Capital letters make no difference, except in tags. The language is ours;
the facts behind it are the contact's and the thread's own (design: HOUSE.md, "Words").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from .audience import All, Before, Compare, Fact, Field, Instant, Is, Known, Match, Never, Not, Said, Since, Some, Tree
from .category import Category
from .problem import Invalid
from .text import Text, t

_LONGEST = 4_000  # characters; what is longer was not typed by a person
_DEEPEST = 50
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_SHORT = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*'|“[^”]*”)|(?P<mark>!=|[=(),])|(?P<word>[^\s"'“”=!(),]+(?:'[^\s"'“”=!(),]+)*))"""
)
_RESERVED = frozenset({"and", "or", "not"})
_SPAN = re.compile(r"(\d{1,6})([mhdw])")


class _Token(NamedTuple):
    text: str
    is_quoted: bool
    place: int

    @property
    def small(self) -> str:
        """The word in small letters; empty for what stands in quotation marks, which is never a word of ours."""
        return "" if self.is_quoted else self.text.lower()


def parse_condition(text: str, now: datetime, zone: tzinfo) -> Tree:
    """The tree of a condition. `now` gives "within 30 days" its meaning, `zone` a date its midnight.

    Raises `Invalid` (code `bad-condition`) with the place and what would be understood there.
    """
    if len(text) > _LONGEST:
        raise _bad(t("it is longer than {limit} characters", limit=_LONGEST))
    parser = _Parser(_tokens(text), now, zone)
    tree = parser.either(0)
    if parser.rest is not None:
        raise parser.wrong("and, or")
    return tree


def _tokens(text: str) -> list[_Token]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad(t("“{rest}” cannot be read", rest=text[at:].strip()[:40]))
        quoted = match["quoted"]
        word = quoted[1:-1] if quoted is not None else match["mark"] or match["word"]
        found.append(_Token(word, quoted is not None, match.start(match.lastgroup or 0)))
        at = match.end()
    return found


class _Parser:
    """Recursive descent; `or` binds loosest, then `and`, then `not`."""

    def __init__(self, tokens: list[_Token], now: datetime, zone: tzinfo) -> None:
        self._tokens, self._at, self._now, self._zone = tokens, 0, now, zone
        self._starts: dict[str, Callable[[], Tree]] = {
            "last": self._last,
            "added": lambda: self._when(Instant.ADDED),
            "never": self._never,
            "window": self._window,
            "unanswered": lambda: Is(Fact.UNANSWERED),
            "opted": self._opted,
        }

    @property
    def rest(self) -> _Token | None:
        """The next token, None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def wrong(self, wanted: Text | str) -> Invalid:
        """What stands here, and what would be understood."""
        here = self.rest
        if here is None:
            return _bad(t("it ends too early; expected: {wanted}", wanted=wanted))
        return _bad(
            t("“{word}” at character {place}; expected: {wanted}", word=here.text, place=here.place + 1, wanted=wanted)
        )

    def either(self, depth: int) -> Tree:
        """One or more conditions joined by `or`."""
        if depth > _DEEPEST:
            raise _bad(t("its parentheses are nested too deeply"))
        parts = [self._both(depth)]
        while self._took("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self, depth: int) -> Tree:
        parts = [self._one(depth)]
        while self._took("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, depth: int) -> Tree:
        if self._took("not"):
            if depth > _DEEPEST:
                raise _bad(t("its parentheses are nested too deeply"))
            return Not(self._one(depth + 1))
        if self._took("("):
            inner = self.either(depth + 1)
            self._need(")")
            return inner
        here = self.rest
        start = None if here is None else self._starts.get(here.small)
        if start is not None:
            self._at += 1
            return start()
        return self._compared()

    def _took(self, *words: str) -> bool:
        """Takes these words if they come next."""
        ahead = self._tokens[self._at : self._at + len(words)]
        if [one.small for one in ahead] != list(words):
            return False
        self._at += len(words)
        return True

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise self.wrong(word)

    def _word(self, wanted: Text) -> str:
        here = self.rest
        if here is None or (not here.is_quoted and (here.text in "(),=!=" or here.small in _RESERVED)):
            raise self.wrong(wanted)
        self._at += 1
        return here.text

    def _last(self) -> Tree:
        for word, what in (("message", Instant.MESSAGE), ("answer", Instant.ANSWER)):
            if self._took(word):
                return self._when(what)
        raise self.wrong("message, answer")

    def _never(self) -> Tree:
        for word, what in (("wrote", Instant.MESSAGE), ("answered", Instant.ANSWER)):
            if self._took(word):
                return Never(what)
        raise self.wrong("wrote, answered")

    def _window(self) -> Tree:
        if self._took("open"):
            return Is(Fact.WINDOW_OPEN)
        if self._took("closed"):
            return Not(Is(Fact.WINDOW_OPEN))
        raise self.wrong("open, closed")

    def _opted(self) -> Tree:
        if self._took("in"):
            state = "opted-in"
        elif self._took("out"):
            state = "opted-out"
        else:
            raise self.wrong("in, out")
        for category in Category:
            if self._took(category.value):
                return Said(state, category.value)
        return Said(state, Category.MARKETING.value)

    def _when(self, what: Instant) -> Tree:
        if self._took("within"):
            return Since(what, self._now - self._span())
        for words in (("over",), ("more", "than")):
            if self._took(*words):
                at = self._now - self._span()
                self._took("ago")
                return Before(what, at)
        if self._took("before"):
            return Before(what, self._day())
        for word in ("since", "after"):
            if self._took(word):
                return Since(what, self._day())
        raise self.wrong("within 30 days, over 30 days ago, before 2026-11-01, since 2026-11-01")

    def _span(self) -> timedelta:
        wanted = t("a length of time such as 30 days")
        text = self._word(wanted).lower()
        short = _SPAN.fullmatch(text)
        if short:
            return _UNITS[_SHORT[short[2]]] * int(short[1])
        if text.isascii() and text.isdigit() and len(text) <= 6:
            here = self.rest
            unit = None if here is None else _UNITS.get(here.small.removesuffix("s"))
            if unit is not None:
                self._at += 1
                return unit * int(text)
            raise self.wrong("minutes, hours, days, weeks, months, years")
        self._at -= 1
        raise self.wrong(wanted)

    def _day(self) -> datetime:
        wanted = t("a date such as 2026-11-01")
        text = self._word(wanted)
        try:
            return datetime.combine(date.fromisoformat(text), time(), self._zone).astimezone(UTC)
        except ValueError:
            self._at -= 1
            raise self.wrong(wanted) from None

    def _compared(self) -> Tree:
        here = self.rest
        if here is None or here.small not in set(Field):
            raise self.wrong("last message, window open, opted in, tag, name, market ...")
        field = Field(here.small)
        self._at += 1
        if self._took("is"):
            negative = self._took("not")
            if self._took("empty"):
                return Known(field) if negative else Not(Known(field))
            if self._took("known"):
                return Not(Known(field)) if negative else Known(field)
            raise self.wrong("empty, known")
        return self._matched(field)

    def _matched(self, field: Field) -> Tree:
        words_wanted = t("a word, or several in “...”")
        if self._took("in"):
            self._need("(")
            words = [self._word(words_wanted)]
            while self._took(","):
                words.append(self._word(words_wanted))
            self._need(")")
            return Compare(field, Match.EQUALS, tuple(words))
        if self._took("!="):
            return Not(Compare(field, Match.EQUALS, (self._value(),)))
        for match in (Match.CONTAINS, Match.STARTS, Match.ENDS):
            if self._took(*match.value.split()):
                return Compare(field, match, (self._value(),))
        if not self._took("=") and field not in (Field.TAG, Field.MARKET):
            raise self.wrong("=, !=, contains, starts with, ends with, in (...), is empty, is known")
        return Compare(field, Match.EQUALS, (self._value(),))

    def _value(self) -> str:
        """One word; several without quotation marks are one value too, as far as they are no words of ours."""
        words = [self._word(t("a word, or several in “...”"))]
        while (here := self.rest) is not None and not here.is_quoted:
            if here.text in ("(", ")", ",", "=", "!=") or here.small in _RESERVED:
                break
            words.append(self._word(t("a word")))
        return " ".join(words)


def _bad(why: Text) -> Invalid:
    return Invalid(
        "bad-condition",
        t("The condition cannot be understood: {why}", why=why),
        t(
            "Write it like “{example}”. All that can be said: wacli help conditions",
            example="last message within 30 days and not tag wholesale",
        ),
    )
