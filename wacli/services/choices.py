"""The things to tap under a message, as a person types them: `"Yes|No"`, `"Our menu: Roses = red or white | Tulips"`.

A list that does not fit on one line is a JSON file with Meta's own keys (facts: cloud-api.md section 2):
`{"button": "Our menu", "sections": [{"title": "Flowers", "rows": [{"id": "r1", "title": "Roses"}]}]}`.
"""

from __future__ import annotations

import json
from typing import NamedTuple, NoReturn

from wacli.cloudapi.outgoing import Row, Section
from wacli.domain.problem import Invalid
from wacli.domain.text import Text, t


class Choices(NamedTuple):
    """What a list message offers: the button that opens it, and its sections."""

    button: str
    sections: tuple[Section, ...]


def titles_of(typed: str) -> list[str]:
    """The titles of buttons, separated by a vertical bar; empty ones fall out."""
    return [title for part in typed.split("|") if (title := part.strip())]


def inline_choices(typed: str) -> Choices:
    """A list on one line: `BUTTON: ROW [= DESCRIPTION] | ROW ...`. Raises `Invalid` (`bad-list`)."""
    button, colon, rest = typed.partition(":")
    rows = []
    for part in titles_of(rest):
        title, _, description = (piece.strip() for piece in part.partition("="))
        rows.append(Row(title, title, description or None))
    if not colon or not button.strip() or not rows:
        _refuse(t("{text} is no list of choices", text=typed))
    return Choices(button.strip(), (Section(None, tuple(rows)),))


def choices_of_json(text: str) -> Choices:
    """The same from a JSON file. Raises `Invalid` (`bad-list`) naming the place that is wrong."""
    try:
        read = json.loads(text)
    except ValueError as error:
        _refuse(t("The list is not valid JSON: {reason}", reason=str(error)))
    if not isinstance(read, dict) or not isinstance(read.get("sections"), list):
        _refuse(t("The list needs a button and sections"))
    sections = []
    for number, section in enumerate(read["sections"], 1):
        rows = section.get("rows") if isinstance(section, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            _refuse(t("Section {number} of the list has no rows", number=number))
        title = _words(section, "title", number)
        sections.append(Section(title, tuple(_row(row, number) for row in rows)))
    return Choices(_words(read, "button", 0) or "", tuple(sections))


def _row(row: dict[str, object], section: int) -> Row:
    title = _words(row, "title", section) or ""
    return Row(_words(row, "id", section) or title, title, _words(row, "description", section))


def _words(place: dict[str, object], key: str, section: int) -> str | None:
    value = place.get(key)
    if value is not None and not isinstance(value, str):
        _refuse(t("{key} in section {number} of the list is not text", key=key, number=section))
    return value or None


def _refuse(why: Text) -> NoReturn:
    raise Invalid("bad-list", why, t("Write it like “Our menu: Roses = red or white | Tulips”, or give a JSON file"))
