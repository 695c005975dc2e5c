"""Sentences that do not belong to a language yet.

Rules and refusals are written where they are decided, in English, with their values beside them and not inside
them. One function turns a `Text` into words (`wacli.render.words.say`), so that a language, a time zone and the
way money is written are chosen once, at the front door. `t` and `tn` are also the keywords by which the
catalogues find the sentences.

Values may be numbers, strings, `datetime`, `timedelta`, `Money` or another `Text`; the words decide how each looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Text(NamedTuple):
    """One sentence: its English form (also its key in the catalogues), its plural, and its values."""

    one: str
    many: str | None
    number: int
    values: Mapping[str, object]

    def __str__(self) -> str:
        """The English sentence with plain values: for logs and tests; people get `render.words.say`."""
        template = self.one if self.many is None or self.number == 1 else self.many
        return template.format_map({key: str(value) for key, value in self.values.items()} | {"count": self.number})


class Quantity(int):
    """A number of things, written with the language's separators; other whole numbers (codes, ids) stay as they are."""

    __slots__ = ()


def t(sentence: str, /, **values: object) -> Text:
    """A sentence with named values: `t("{name} wrote", name="Sari")`."""
    return Text(sentence, None, 1, values)


def tn(one: str, many: str, count: int, /, **values: object) -> Text:
    """A sentence that counts something; `{count}` is one of its values."""
    return Text(one, many, count, values)


def mark(sentence: str, /) -> str:
    """Marks a sentence for the catalogues and returns it as it is: for help texts, translated when they are shown."""
    return sentence
