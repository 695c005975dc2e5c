"""Lengths and counts that Meta enforces, checked before anything leaves (facts: cloud-api.md sections 2 and 7).

Meta answers a breach with error 100 or 131009 and rarely says which field; here the sentence names the field, what
it has and what fits. Lengths are counted in characters (code points).
"""

from __future__ import annotations

from collections.abc import Sequence

from wacli.domain.problem import Invalid
from wacli.domain.text import Quantity, Text, t, tn

TEXT = 4096
CAPTION = 1024
INTERACTIVE_BODY = 1024
LIST_BODY = 4096
CARD_BODY = 160
HEADER = 60
FOOTER = 60
BUTTON_TITLE = 20
BUTTON_ID = 256
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
SECTIONS = 10
ROWS = 10
CALLBACK = 512


def check_length(text: str, limit: int, field: Text, hint: Text | None = None) -> str:
    """The text itself. Raises `Invalid` `too-long` (says how long it is) or `empty-text` (nothing but blanks)."""
    if len(text) > limit:
        message = tn(
            "{field} has {count} character, {limit} fit",
            "{field} has {count} characters, {limit} fit",
            len(text),
            field=field,
            limit=Quantity(limit),
        )
        raise Invalid("too-long", message, hint or t("Shorten it"), {"length": len(text), "limit": limit})
    if not text.strip():
        raise Invalid("empty-text", t("{field} is empty", field=field), t("Write at least one character"))
    return text


def check_count(things: Sequence[object], least: int, most: int, field: Text) -> None:
    """Raises `Invalid` `wrong-count` unless there are `least` to `most` of them."""
    if not least <= len(things) <= most:
        raise Invalid(
            "wrong-count",
            t("{field}: {given} given, {least} to {most} fit", field=field, given=len(things), least=least, most=most),
            t("Give {least} to {most}", least=least, most=most),
        )


def check_distinct(ids: Sequence[str], field: Text) -> None:
    """Raises `Invalid` `same-id-twice`: an answer must say which button or row was chosen."""
    if len(set(ids)) != len(ids):
        raise Invalid("same-id-twice", t("{field}: the same id is given twice", field=field), t("Give each its own id"))
