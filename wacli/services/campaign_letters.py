"""The letters of a campaign: one template, the same values for everybody but those that are each recipient's own.

Filling a template costs more than judging and posting it, and for a campaign it is the same work again and again. So
it is filled once, with marks where a recipient's own words belong, and the words are put in their places. That is
exact for values that are words in a text; where an own value is anything else (the end of a link, a code, a place on
the map) every letter is filled by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_slots import SlotKind, slots_of
from wacli.domain.text import t

from .campaign_values import put_values, reason_of_values
from .letters import Letter, template_letter

# Private-use characters: nobody's value holds them, as `Letters.of` makes sure.
_MARK, _END = "\ue0f0", "\ue0f1"
_MARKS = re.compile(f"{_MARK}(\\d+){_END}")


@dataclass(frozen=True, slots=True)
class ReadyTemplate:
    """A filled template whose payload is written already."""

    kind: ClassVar[str] = "template"
    content: dict[str, object]
    needs_phone: bool

    def payload(self) -> dict[str, object]:
        """The `template` object of the request."""
        return self.content


class Letters:
    """Made once for a campaign; `of` for each recipient."""

    def __init__(self, template: Template, given: Mapping[str, str], fields: Sequence[str]) -> None:
        self._template, self._given, self._fields = template, given, tuple(fields)
        self._model: Letter | None = None
        self._payload = ""
        kinds = {slot.key: slot.kind for slot in slots_of(template)}
        marked = {name: f"{_MARK}{place}{_END}" for place, name in enumerate(fields)}
        filled = {key: put_values(text, marked) for key, text in given.items()}
        own = [key for key, text in filled.items() if _MARK in text]
        if all(kinds.get(key) is SlotKind.TEXT for key in own):
            self._model = template_letter(template, filled)
            self._payload = json.dumps(self._model.content.payload(), ensure_ascii=False, separators=(",", ":"))

    def of(self, own: Sequence[str | None]) -> Letter:
        """The letter with these values. Raises `Invalid` (`missing-value`, `bad-value`, or what the filling says)."""
        reason = reason_of_values(own) if len(own) == len(self._fields) else None
        if reason is not None or len(own) != len(self._fields):
            code = "missing-value" if reason is None else reason.value
            raise Invalid(code, t("a value of the template is missing or cannot be used"))
        values = [value or "" for value in own]
        model = self._model
        if model is None or any(_MARK in value or _END in value for value in values):
            named = dict(zip(self._fields, values, strict=True))
            return template_letter(self._template, {key: put_values(text, named) for key, text in self._given.items()})
        if not values:
            return model
        payload = _MARKS.sub(lambda mark: json.dumps(values[int(mark[1])], ensure_ascii=False)[1:-1], self._payload)
        text = _MARKS.sub(lambda mark: values[int(mark[1])], model.text)
        content = ReadyTemplate(json.loads(payload), getattr(model.content, "needs_phone", False))
        return Letter(content, text, self._template)
