"""The values of a campaign: what was typed for everybody, with places for what is each recipient's own.

`1={first_name}` takes the field from the address book, `1={order}` the column of a file. The words of the fields are
frozen with the plan; they are put in when the letter is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wacli.domain.campaign import Exclusion
from wacli.domain.problem import Invalid, Refused
from wacli.domain.template import Template
from wacli.domain.template_fill import is_broken
from wacli.domain.template_slots import SlotKind, slots_of, with_code_alias
from wacli.domain.text import t

from .contact_values import FIELDS
from .letters import template_letter

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
_PLAUSIBLE = {SlotKind.MEDIA: "1", SlotKind.LOCATION: "0,0", SlotKind.INSTANT: "2030-01-01T00:00+00:00"}


class Values(NamedTuple):
    """`given` as it is kept; `fields`: the names of what is each recipient's own; `columns`: those of them that a file
    gives, in the order of its cells."""

    given: Mapping[str, str]
    fields: tuple[str, ...]
    columns: tuple[str, ...]


def values_of(template: Template, typed: Mapping[str, str], file_columns: tuple[str, ...] | None) -> Values:
    """The values of a plan. `file_columns`: names in a file of people, empty where its lines may name anything, None
    without a file.

    A column that is called like a value of the template is that value, unless one was typed for everybody. Raises
    `Invalid`: `no-such-field`, and what the template says of values that would fit nobody.
    """
    given = dict(with_code_alias(template, typed))
    columns: tuple[str, ...] = ()
    if file_columns is not None:
        wanted = [slot for slot in slots_of(template) if slot.key not in given]
        columns = file_columns or tuple(slot.key for slot in wanted if slot.is_required)
        given.update({slot.key: f"{{{slot.key}}}" for slot in wanted if slot.key in columns})
    fields = tuple(dict.fromkeys(name for text in given.values() for name in field_names(text)))
    for name in fields:
        if name not in FIELDS and name not in columns:
            raise Invalid(
                "no-such-field",
                t("A contact has no field {name}", name=f"{{{name}}}"),
                t("Fields: {fields}. For a brace itself write it twice", fields=", ".join((*columns, *FIELDS))),
            )
    _try_out(template, given)
    return Values(given, fields, tuple(column for column in columns if column in fields))


def field_names(text: str) -> list[str]:
    """The fields that a typed value names."""
    return [match[1] for match in _FIELD.finditer(text) if match[1] is not None]


def put_values(text: str, own: Mapping[str, str]) -> str:
    """The typed value with what is this recipient's own; `{{` and `}}` stand for the braces themselves."""
    return _FIELD.sub(lambda match: match[0][0] if match[1] is None else own[match[1]], text)


def reason_of_values(own: Sequence[str | None]) -> Exclusion | None:
    """Why nothing can be sent with these words of theirs; None: they are good."""
    if any(value is None or not value.strip() for value in own):
        return Exclusion.MISSING_VALUE
    return Exclusion.BAD_VALUE if any(is_broken(value) for value in own if value is not None) else None


def _try_out(template: Template, given: Mapping[str, str]) -> None:
    """Fills the template once, with something plausible where each recipient has their own: what is wrong for
    everybody is told before anybody is looked at."""
    kinds = {slot.key: slot.kind for slot in slots_of(template)}
    tried = {
        key: _PLAUSIBLE.get(kinds.get(key, SlotKind.TEXT), "x") if field_names(text) else put_values(text, {})
        for key, text in given.items()
    }
    try:
        letter = template_letter(template, tried)
    except Invalid as wrong:
        missing = [f"{slot.key}=..." for slot in slots_of(template) if slot.is_required]
        hint = t("Give every value, for example {values}", values=" ".join(missing) if missing else "-")
        raise Invalid(wrong.code, wrong.message, hint, wrong.details) from None
    if letter.files:
        raise Refused(
            "local-file",
            t("A campaign sends no files from this computer: {files}", files=", ".join(f.name for f in letter.files)),
            t("Give a link that starts with https://, or the media id of an uploaded file"),
        )
