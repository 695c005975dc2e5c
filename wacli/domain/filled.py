"""What a template is sent with: the values, typed, in the shape of a send (facts: cloud-api.md section 4).

`wacli.domain.template_fill.fill` makes these from what a person typed; `wacli.cloudapi.outgoing` writes them as JSON.
They can also be made directly, for values that cannot be typed on one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TextValue:
    """Words for one place; `name` only where the template's places are named."""

    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CurrencyValue:
    """An amount in thousandths of the currency, shown by the phone in its own way; `fallback` where it cannot."""

    fallback: str
    code: str
    amount_1000: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class DateTimeValue:
    """A date; WhatsApp shows `fallback`. `parts` are the older numeric fields (year, month, day_of_month, ...)."""

    fallback: str
    parts: Mapping[str, object] = field(default_factory=dict)
    name: str | None = None


@dataclass(frozen=True, slots=True)
class MediaValue:
    """A file for a header: exactly one of Meta's media `id` and a public `link`; `filename` for documents."""

    kind: str  # image, video, document
    id: str | None = None
    link: str | None = None
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class LocationValue:
    """A place on the map for a LOCATION header."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class PayloadValue:
    """What a quick reply sends back when it is tapped."""

    payload: str


@dataclass(frozen=True, slots=True)
class CouponValue:
    """The code that a copy-code button puts on the clipboard."""

    code: str


@dataclass(frozen=True, slots=True)
class ActionValue:
    """The `action` of a flow, catalogue or product-list button, as Meta names its keys."""

    action: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OfferValue:
    """When a limited-time offer ends: milliseconds since 1970 (UTC)."""

    expires_at_ms: int


Value = (
    TextValue
    | CurrencyValue
    | DateTimeValue
    | MediaValue
    | LocationValue
    | PayloadValue
    | CouponValue
    | ActionValue
    | OfferValue
)


@dataclass(frozen=True, slots=True)
class FilledPart:
    """One component of a send: `header`, `body`, `limited_time_offer`, or a `button` with its kind and its index."""

    kind: str
    values: tuple[Value, ...]
    sub_type: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class FilledCarousel:
    """The cards of a carousel in order, each with its own parts."""

    cards: tuple[tuple[FilledPart, ...], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A template ready to send. `needs_phone`: WhatsApp refuses it to a contact without a phone number."""

    name: str
    language: str
    parts: tuple[FilledPart | FilledCarousel, ...] = ()
    needs_phone: bool = False
