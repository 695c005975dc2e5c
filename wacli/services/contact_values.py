"""Template values from the address book: `name={name}` becomes what this contact is called.

The fields are those that a shop keeps of a person. One that is empty for somebody is named, with the person, before
anything is sent: a template that says "Halo ," is worse than none. `{{` and `}}` stand for the braces themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from wacli.domain.contact import Contact
from wacli.domain.identity import display_phone
from wacli.domain.problem import Invalid
from wacli.domain.text import t

FIELDS: Final[Mapping[str, Callable[[Contact], str | None]]] = {
    "name": lambda contact: contact.name or contact.profile_name,
    "first_name": lambda contact: (contact.name or contact.profile_name or "").partition(" ")[0],
    "phone": lambda contact: None if contact.phone is None else display_phone(contact.phone),
    "username": lambda contact: contact.username,
    "bsuid": lambda contact: contact.bsuid,
    "tags": lambda contact: ", ".join(contact.tags),
    "note": lambda contact: contact.note,
    "id": lambda contact: str(contact.id) if contact.id else None,
}

_BRACES = re.compile(r"\{\{|\}\}|\{([A-Za-z_]+)\}")


def values_of(typed: Mapping[str, str], contact: Contact) -> dict[str, str]:
    """The values with the contact's fields put in.

    Raises `Invalid`: `no-such-field` for a field that no contact has, `empty-field` naming those that this one lacks.
    """
    missing: list[str] = []
    values = {key: _filled(text, contact, missing) for key, text in typed.items()}
    _refuse(missing, contact)
    return values


def fill_in(text: str, contact: Contact) -> str:
    """One text with the contact's fields put in. Raises what `values_of` raises."""
    return values_of({"": text}, contact)[""]


def check_fields(text: str) -> None:
    """Raises `Invalid` (`no-such-field`) for a field that no contact has."""
    for match in _BRACES.finditer(text):
        if match[1] is not None and match[1] not in FIELDS:
            raise _no_such_field(match[1])


def _filled(text: str, contact: Contact, missing: list[str]) -> str:
    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        if name not in FIELDS:
            raise _no_such_field(name)
        value = FIELDS[name](contact)
        if not value:
            missing.append(name)
        return value or ""

    return _BRACES.sub(put, text)


def _no_such_field(name: str) -> Invalid:
    return Invalid(
        "no-such-field",
        t("A contact has no field {name}", name=f"{{{name}}}"),
        t("Fields: {fields}. For a brace itself write it twice", fields=", ".join(FIELDS)),
    )


def _refuse(missing: list[str], contact: Contact) -> None:
    if missing:
        fields = ", ".join(dict.fromkeys(missing))
        raise Invalid(
            "empty-field",
            t("{who} has no {fields}", who=contact.label, fields=fields),
            t("Give the value itself, or fill the contact in: wacli contacts edit {who}", who=f"'#{contact.id}'"),
            {"fields": list(dict.fromkeys(missing))},
        )
