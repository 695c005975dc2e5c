"""What surrounds the elements of one change: whose number, which people, whether it is only a sample."""

from __future__ import annotations

from typing import NamedTuple

from wacli.domain.event import Event, Number

from .people import People
from .values import unread

# The test button of Meta's app dashboard (facts: cloud-api.md section 8): account 0, a number id that is nobody's,
# and one message id that no real message has. Any one of them is enough.
SAMPLE_WABA_ID = "0"
SAMPLE_PHONE_NUMBER_ID = "123456123"
SAMPLE_MESSAGE_ID = "ABGGFlA5Fpa"


class Scene(NamedTuple):
    """One change while it is read; `out` collects its events in the order of the payload."""

    number: Number
    people: People
    field: str
    at: int | None  # the entry's own time, for elements that carry none
    is_sample: bool
    out: list[Event]

    def refuse(self, where: str, why: str, value: object) -> None:
        """Keeps an element that cannot be read."""
        self.out.append(unread(self.number, where, why, value))

    def objects(self, where: str, value: object) -> list[dict[str, object]]:
        """The objects of a list (or a lone object); anything else beside them is kept as unrecognised."""
        if type(value) is dict:
            return [value]
        if value is None:
            return []
        if type(value) is not list:
            self.refuse(where, "not a list", value)
            return []
        found = []
        for element in value:
            if type(element) is dict:
                found.append(element)
            else:
                self.refuse(where, "not an object", element)
        return found


def is_sample(number: Number) -> bool:
    """True for what the dashboard's test button sends."""
    return number.waba_id == SAMPLE_WABA_ID or number.phone_number_id == SAMPLE_PHONE_NUMBER_ID
