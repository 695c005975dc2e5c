"""`expires=`: when a limited-time offer ends, as people write it, and never in the past.

Meta wants milliseconds (facts cloud-api.md section 4) and takes an offer that is over already: the customer would be
the first to notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wacli.domain.problem import Invalid
from wacli.domain.template import Template
from wacli.domain.template_slots import SlotKind, slots_of
from wacli.domain.text import t

from .instants import parse_duration, parse_instant
from .session import Session

_KEY = "expires"


def with_offer_end(session: Session, template: Template, values: Mapping[str, str]) -> Mapping[str, str]:
    """The values, with the end of the offer as an instant: `tomorrow 9pm`, `3d` (from now) or RFC 3339.

    Raises `Invalid`: `bad-instant` for anything else, `offer-over` for an instant that has passed.
    """
    typed = values.get(_KEY, "")
    if not typed.strip() or "{" in typed:  # with braces it is each recipient's own, and read when that is filled in
        return values
    if not any(slot.key == _KEY and slot.kind is SlotKind.INSTANT for slot in slots_of(template)):
        return values
    ends_at = _instant(typed, session)
    if ends_at <= session.now:
        raise Invalid(
            "offer-over",
            t("The offer would be over already: {key}={value}", key=_KEY, value=typed),
            t("Say when it ends: {key}=3d, {key}='tomorrow 9pm' or {key}=2026-12-01T18:00+07:00", key=_KEY),
        )
    return {**values, _KEY: ends_at.isoformat()}


def _instant(typed: str, session: Session) -> datetime:
    try:
        return session.now + parse_duration(typed)
    except Invalid:
        return parse_instant(typed, session.now, session.zone)
