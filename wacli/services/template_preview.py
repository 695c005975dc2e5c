"""A template as one contact will see it, filled from what was typed and from what is known of them.

`name=...` gives a value; `name={first_name}` takes a field of the contact; a named place that is called like a field
is filled from it by itself. The command to type names every value, so that what is sent is what was shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wacli.domain.contact import Contact
from wacli.domain.identity import display_phone
from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_fill import command_for, missing_values
from wacli.domain.template_preview import preview
from wacli.domain.template_slots import slots_of, with_code_alias
from wacli.domain.text import t

_FIELD = re.compile(r"\{([a-z_]+)\}")
FIELDS = ("name", "first_name", "phone", "username", "bsuid")


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
    fields = contact_fields(contact)
    values = {}
    for key, typed in given.items():
        value = _with_fields(key, typed, fields)
        if value:
            values[key] = value
    keys = {slot.key for slot in slots_of(template)}
    for key in missing_values(template, values):
        if fields.get(key):
            values[key] = fields[key]
    extra = tuple(key for key in with_code_alias(template, values) if key not in keys)
    kept = {key: value for key, value in values.items() if key not in extra}
    return Preview(
        template,
        contact,
        preview(template, kept),
        kept,
        missing_values(template, kept),
        extra,
        command_for(template, kept, f"#{contact.id}"),
    )


def contact_fields(contact: Contact) -> dict[str, str]:
    """What a value may take from a contact; a field nothing is known of is empty."""
    name = contact.name or contact.profile_name or ""
    return {
        "name": name,
        "first_name": name.split()[0] if name.split() else "",
        "phone": "" if contact.phone is None else display_phone(contact.phone),
        "username": contact.username or "",
        "bsuid": contact.bsuid or "",
    }


def _with_fields(key: str, typed: str, fields: Mapping[str, str]) -> str:
    """The value with its fields put in; empty where one of them is not known."""
    for name in _FIELD.findall(typed):
        if name not in fields:
            raise Invalid(
                "no-such-field",
                t("{key}={value}: contacts have no field {name}", key=key, value=typed, name=name),
                t("Fields: {fields}", fields=", ".join(FIELDS)),
            )
        if not fields[name]:
            return ""
    return _FIELD.sub(lambda match: fields[match[1]], typed)
