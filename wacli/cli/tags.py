"""Tags as people type them."""

from __future__ import annotations

from wacli.domain.problem import Invalid
from wacli.domain.text import t


def tag_of(word: str) -> str:
    """A tag as it is kept. Raises `Invalid` (code `bad-tag`)."""
    tag = word.removeprefix("#").strip()
    if not tag or "," in tag or any(char.isspace() or not char.isprintable() for char in tag):
        raise Invalid("bad-tag", t("{text} cannot be a tag", text=word), t("Use one word, without a comma"))
    return tag
