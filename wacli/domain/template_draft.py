"""A template as somebody wants it: what is handed in to Meta, and what is compared with what Meta has.

Rules and sources (facts: cloud-api.md section 4):

- Create: name, language, category, `parameter_format` (NAMED or POSITIONAL, the default), components, and a time to
  live. Edit: components (all replaced), category (not of an approved one) or time to live.
- Components are kept as the JSON they are: Meta adds kinds and keys faster than anybody can name them, and a file that
  loses one of them is no source of truth. What they mean is `wacli.domain.template`'s question.
- A sample of a header is a *handle* (`4::aW1h...`, from the Resumable Upload API) when it is handed in; Meta lists it
  back as a link that expires. So samples are left out of every comparison.
- The words of a one-time password template are WhatsApp's own, and listed back although nobody handed them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from .template import places

Json: TypeAlias = Mapping[str, object]

_HANDLE = re.compile(r"\d+:[^/\\.\s]*:\S")
_ORDER = ("HEADER", "LIMITED_TIME_OFFER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL")
_WORDS = ("type", "format", "otp_type")  # enumerations, which Meta reads in any case
_NOTHING: Json = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """One template in one language, to be. `category` is upper case; `components` are Meta's JSON objects.

    `extras` are further keys of Meta's create call, passed on as they are. `ttl_seconds` None: Meta's default.
    """

    name: str
    language: str
    category: str
    components: tuple[Json, ...]
    parameter_format: str | None = None
    ttl_seconds: int | None = None
    extras: Json = field(default_factory=lambda: _NOTHING)

    @property
    def create_body(self) -> dict[str, object]:
        """The body that creates it."""
        body: dict[str, object] = {"name": self.name, "language": self.language, "category": self.category}
        form = self.parameter_format or ("NAMED" if self._speaks_in_names() else None)
        if form is not None:
            body["parameter_format"] = form
        if self.ttl_seconds is not None:
            body["message_send_ttl_seconds"] = self.ttl_seconds
        return {**body, **self.extras, "components": [dict(part) for part in self.components]}

    def edit_body(self, *, with_category: bool) -> dict[str, object]:
        """The body that replaces an existing one; Meta refuses a category for an approved template."""
        body: dict[str, object] = {"components": [dict(part) for part in self.components]}
        if with_category:
            body["category"] = self.category
        if self.ttl_seconds is not None:
            body["message_send_ttl_seconds"] = self.ttl_seconds
        return body

    @property
    def samples(self) -> tuple[str, ...]:
        """The samples of media headers (also on cards) that are not handles yet: paths or links, each once."""
        return tuple(dict.fromkeys(one for one in _samples(self.components) if not _HANDLE.match(one)))

    def with_handles(self, handles: Mapping[str, str]) -> TemplateDraft:
        """The same with these samples replaced by their handles."""
        put = _put_handles(list(self.components), handles)
        assert isinstance(put, list)
        return replace(self, components=tuple(put))

    def _speaks_in_names(self) -> bool:
        texts = (part.get("text") for part in self.components if _word(part.get("type")) in ("HEADER", "BODY"))
        return any(not name.isdigit() for text in texts if isinstance(text, str) for name in places(text))


def comparable(draft: TemplateDraft) -> TemplateDraft:
    """The draft without what differs between a file and Meta's answer although it is the same template."""
    is_password = draft.category == "AUTHENTICATION"
    parts = [_plain(part) for part in draft.components]
    if is_password:
        parts = [_password(part) for part in parts]
    parts.sort(key=lambda part: _ORDER.index(str(part.get("type"))) if part.get("type") in _ORDER else len(_ORDER))
    return replace(draft, components=tuple(parts), parameter_format=None, extras=_NOTHING)


def _plain(part: Json) -> dict[str, object]:
    made: dict[str, object] = {}
    for key in sorted(part):
        value = part[key]
        if value is None or value is False:
            continue
        if key in _WORDS:
            made[key] = _word(value)
        elif key == "example":
            example = _code(value) if part.get("type") == "COPY_CODE" else _example(value)
            if example:
                made[key] = example
        elif isinstance(value, list):
            made[key] = [_plain(one) if isinstance(one, Mapping) else one for one in value]
        elif isinstance(value, Mapping):
            made[key] = _plain(value)
        else:
            made[key] = value
    return made


def _code(value: object) -> object:
    """A code to copy is created with its example as text and answered with a list of it: those two are one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _example(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: value[key] for key in sorted(value) if key not in ("header_handle", "header_url")}
    return value if isinstance(value, list) else [value]


def _password(part: dict[str, object]) -> dict[str, object]:
    if part.get("type") in ("BODY", "FOOTER"):
        return {key: value for key, value in part.items() if key not in ("text", "example")}
    buttons = part.get("buttons")
    if part.get("type") != "BUTTONS" or not isinstance(buttons, list):
        return part
    kept = [
        {"type": "OTP", **{key: value for key, value in button.items() if key not in ("type", "url", "example")}}
        for button in buttons
        if isinstance(button, dict)
    ]
    return {**part, "buttons": kept}


def _word(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _samples(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "header_handle" and isinstance(inner, list):
                yield from (one for one in inner if isinstance(one, str))
            else:
                yield from _samples(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _samples(inner)


def _put_handles(value: object, handles: Mapping[str, str]) -> object:
    if isinstance(value, Mapping):
        return {
            key: [handles.get(one, one) if isinstance(one, str) else one for one in inner]
            if key == "header_handle" and isinstance(inner, list)
            else _put_handles(inner, handles)
            for key, inner in value.items()
        }
    return [_put_handles(inner, handles) for inner in value] if isinstance(value, list) else value
