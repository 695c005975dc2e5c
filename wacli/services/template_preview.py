"""A template as one contact will see it, filled from what was typed and from what is known of them.

`name=...` gives a value; `name={first_name}` takes a field of the contact, as `wacli send` does; a named place that is
called like a field is filled from it by itself. The command to type names every value, so that what is sent is what
was shown. Unlike a send, nothing is refused for being empty: the place stays visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wacli.domain.contact import Contact
from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_fill import command_for, missing_values
from wacli.domain.template_preview import preview
from wacli.domain.template_slots import slots_of, with_code_alias

from .contact_values import FIELDS, values_of

_BY_ITSELF = ("name", "first_name", "phone", "username")  # fields that mean the same in a template as in the book


class Preview(NamedTuple):
    """What they will see. `text` is somebody else's: sanitise it. `missing` places stay visible in it as `{{name}}`;
    `extra` values fit no place."""

    template: Template
    contact: Contact
    text: str
    values: Mapping[str, str]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    command: str


def preview_for(template: Template, contact: Contact, given: Mapping[str, str]) -> Preview:
    """Raises `Invalid` (`no-such-field`) for a `{field}` that contacts do not have."""
    values = {}
    for key, typed in given.items():
        value = _with_fields(key, typed, contact)
        if value:
            values[key] = value
    keys = {slot.key for slot in slots_of(template)}
    for key in missing_values(template, values):
        known = FIELDS[key](contact) if key in _BY_ITSELF and key not in given else None
        if known:
            values[key] = known
    extra = tuple(key for key in with_code_alias(template, values) if key not in keys)
    kept = {key: value for key, value in values.items() if key not in extra}
    typed_again = {key: value.replace("{", "{{").replace("}", "}}") for key, value in kept.items()}
    return Preview(
        template,
        contact,
        preview(template, kept),
        kept,
        missing_values(template, kept),
        extra,
        command_for(template, typed_again, f"#{contact.id}"),
    )


def _with_fields(key: str, typed: str, contact: Contact) -> str:
    """The value with its fields put in; empty where nothing is known of one of them."""
    try:
        return values_of({key: typed}, contact)[key]
    except Invalid as problem:
        if problem.code != "empty-field":
            raise
        return ""
