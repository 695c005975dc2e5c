"""`expires=`: when a limited-time offer ends, as people write it, and never in the past.

Meta wants milliseconds (facts cloud-api.md section 4) and takes an offer that is over already: the customer would be
the first to notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_slots import SlotKind, slots_of
from wacli.domain.text import t

from .instants import parse_duration, parse_instant
from .session import Session

if TYPE_CHECKING:
    from wacli.services.campaign_people import PeopleFile, PersonLine, Reject

_KEY = "expires"


def with_offer_end(session: Session, template: Template, values: Mapping[str, str]) -> Mapping[str, str]:
    """The values, with the end of the offer as an instant: `tomorrow 9pm`, `3d` (from now) or RFC 3339.

    Raises `Invalid`: `bad-instant` for anything else, `offer-over` for an instant that has passed.
    """
    typed = values.get(_KEY, "")
    if not typed.strip() or "{" in typed:  # with braces it is each recipient's own, and read when that is filled in
        return values
    return {**values, _KEY: _end(session, typed)} if _takes_end(template) else values


def with_offer_ends(
    session: Session, template: Template, given: Mapping[str, str], people: PeopleFile
) -> tuple[Mapping[str, str], PeopleFile]:
    """The values for everybody and the people of a file, where the file says when each one's offer ends: in a column
    `expires`, or in those that `expires={day} 9pm` names. A line whose words are no end of an offer is no recipient."""
    from wacli.services.campaign_values import field_names

    typed = given.get(_KEY, f"{{{_KEY}}}")
    names = field_names(typed)
    known = (_KEY,) if people.columns is None else people.columns
    if not names or not set(names) <= set(known) or not _takes_end(template):
        return given, people
    columns = None if people.columns is None else tuple(dict.fromkeys((*people.columns, _KEY)))
    lines = _lines_with_ends(session, typed, names, people.lines)
    return {key: value for key, value in given.items() if key != _KEY}, people._replace(columns=columns, lines=lines)


def _lines_with_ends(
    session: Session, typed: str, names: list[str], lines: Iterator[PersonLine | Reject]
) -> Iterator[PersonLine | Reject]:
    from wacli.domain.campaign import Exclusion
    from wacli.services.campaign_people import PersonLine, Reject
    from wacli.services.campaign_values import put_values

    for line in lines:
        if not isinstance(line, PersonLine):
            yield line
        elif not all(line.values.get(name, "").strip() for name in names):  # the plan says what is missing
            yield line._replace(values={key: value for key, value in line.values.items() if key != _KEY})
        else:
            try:
                ends = _end(session, put_values(typed, line.values))
            except Invalid:
                yield Reject(line.number, line.who, Exclusion.BAD_VALUE)
            else:
                yield line._replace(values={**line.values, _KEY: ends})


def _takes_end(template: Template) -> bool:
    return any(slot.key == _KEY and slot.kind is SlotKind.INSTANT for slot in slots_of(template))


def _end(session: Session, typed: str) -> str:
    ends_at = _instant(typed, session)
    if ends_at <= session.now:
        raise Invalid(
            "offer-over",
            t("The offer would be over already: {key}={value}", key=_KEY, value=typed),
            t("Say when it ends: {key}=3d, {key}='tomorrow 9pm' or {key}=2026-12-01T18:00+07:00", key=_KEY),
        )
    return ends_at.isoformat()


def _instant(typed: str, session: Session) -> datetime:
    try:
        return session.now + parse_duration(typed)
    except Invalid:
        return parse_instant(typed, session.now, session.zone)
