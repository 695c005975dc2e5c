"""A template: approved text with places for values, as Meta keeps it.

Rules and sources (facts: cloud-api.md section 4):

- A template is known by its name *and* its language; it may be sent only while its status is APPROVED. Statuses,
  header formats and button kinds are open sets: new words are kept as they come, never refused.
- Places are `{{1}}`, `{{2}}` ... (POSITIONAL, the default) or `{{lower_snake}}` (NAMED).
- `previous_category` tells that Meta moved the template to another category; the price follows `category`.
- One-tap, zero-tap and copy-code authentication templates need a phone number: error 131062 for a BSUID (section 2).

What a template is *sent* with is `wacli.domain.filled`; filling it in and previewing it is
`wacli.domain.template_fill`; reading Meta's JSON is `wacli.cloudapi.templates`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from .category import Category, category_of

_PLACE = re.compile(r"\{\{\s*(\d+|[a-z_][a-z0-9_]*)\s*\}\}")
_PHONE_ONLY_OTP = frozenset({"COPY_CODE", "ONE_TAP", "ZERO_TAP"})


class ParameterFormat(StrEnum):
    """How the places of a template are called; Meta's default is POSITIONAL."""

    POSITIONAL = "POSITIONAL"
    NAMED = "NAMED"


class ButtonKind(StrEnum):
    """The button kinds that wacli knows how to fill. A template may have others: `Button.kind` is plain text."""

    QUICK_REPLY = "QUICK_REPLY"
    URL = "URL"
    PHONE_NUMBER = "PHONE_NUMBER"
    COPY_CODE = "COPY_CODE"
    OTP = "OTP"
    FLOW = "FLOW"
    CATALOG = "CATALOG"
    MPM = "MPM"
    SPM = "SPM"
    VOICE_CALL = "VOICE_CALL"
    REQUEST_CONTACT_INFO = "REQUEST_CONTACT_INFO"


MEDIA_HEADERS = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})


@dataclass(frozen=True, slots=True)
class Header:
    """The top of a template: TEXT with at most one place, IMAGE, VIDEO, DOCUMENT, LOCATION, or a format new to us."""

    format: str
    text: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The text. Authentication templates have none of their own: WhatsApp writes it, and `text` may be missing."""

    text: str | None = None
    examples: tuple[str, ...] = ()
    adds_security_recommendation: bool = False


@dataclass(frozen=True, slots=True)
class Footer:
    """The small print; for authentication templates it may be made from `code_expiration_minutes`."""

    text: str | None = None
    code_expiration_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """One button. `kind` is upper case as Meta lists it; `otp_type` only for OTP; `url` may end in a place."""

    kind: str
    text: str | None = None
    url: str | None = None
    phone_number: str | None = None
    otp_type: str | None = None
    flow_id: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a carousel: its own header, body and buttons."""

    header: Header | None = None
    body: Body | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Carousel:
    """Cards that the reader swipes through; the number of cards is fixed when the template is made."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class LimitedTimeOffer:
    """A banner with a countdown; without `has_expiration` nothing needs to be given."""

    text: str
    has_expiration: bool = True


@dataclass(frozen=True, slots=True)
class UnknownComponent:
    """A component newer than wacli: its name is kept, it is sent without values."""

    kind: str


Component = Header | Body | Footer | Button | Carousel | LimitedTimeOffer | UnknownComponent


@dataclass(frozen=True)
class Template:
    """One template in one language.

    `category` is the approved one, as Meta spells it (`MARKETING`); `previous_category` and `requested_category` tell
    of a move. `quality` is GREEN, YELLOW, RED or UNKNOWN. Buttons are listed one by one among `components`, in the
    order in which Meta numbers them. `source` is the JSON it was read from, so that nothing new is lost.
    """

    name: str
    language: str
    status: str
    category: str
    components: tuple[Component, ...] = ()
    parameter_format: ParameterFormat = ParameterFormat.POSITIONAL
    id: str | None = None
    previous_category: str | None = None
    requested_category: str | None = None
    quality: str | None = None
    rejected_reason: str | None = None
    source: str | None = field(default=None, compare=False, repr=False)

    # One template is sent to thousands, and what is worked out of it is looked up for each of them.
    def __hash__(self) -> int:
        return hash((self.name, self.language))

    @property
    def is_approved(self) -> bool:
        """True when Meta lets it be sent."""
        return self.status == "APPROVED"

    @cached_property
    def price_category(self) -> Category | None:
        """What it is to the price list; None for a category that wacli does not know."""
        return category_of(self.category)

    @cached_property
    def header(self) -> Header | None:
        """The header, if it has one."""
        return next((part for part in self.components if isinstance(part, Header)), None)

    @cached_property
    def body(self) -> Body | None:
        """The body; every sendable template has one."""
        return next((part for part in self.components if isinstance(part, Body)), None)

    @cached_property
    def footer(self) -> Footer | None:
        """The footer, if it has one."""
        return next((part for part in self.components if isinstance(part, Footer)), None)

    @cached_property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons in the order in which Meta numbers them, from 0."""
        return tuple(part for part in self.components if isinstance(part, Button))

    @cached_property
    def carousel(self) -> Carousel | None:
        """The carousel, if it has one."""
        return next((part for part in self.components if isinstance(part, Carousel)), None)

    @cached_property
    def limited_time_offer(self) -> LimitedTimeOffer | None:
        """The offer banner, if it has one."""
        return next((part for part in self.components if isinstance(part, LimitedTimeOffer)), None)

    @cached_property
    def needs_phone(self) -> bool:
        """True for one-time-password templates that WhatsApp delivers to phone numbers only, never to a BSUID."""
        if self.price_category is not Category.AUTHENTICATION:
            return False
        return any(
            button.kind == ButtonKind.COPY_CODE
            or (button.kind == ButtonKind.OTP and (button.otp_type or "").upper() in _PHONE_ONLY_OTP)
            # Meta's answers sometimes list a password button as the URL button that it is when sent.
            or (button.kind == ButtonKind.URL and places(button.url or "") != ())
            for button in self.buttons
        )


def places(text: str) -> tuple[str, ...]:
    """The names of the places in a text, each once, in the order of their first use: `("1", "2")` or `("name",)`."""
    return tuple(dict.fromkeys(match.group(1) for match in _PLACE.finditer(text)))


def put_values(text: str, values: Mapping[str, str]) -> str:
    """The text with its places replaced; a place without a value stays visible as it is. Values are not re-read."""
    return _PLACE.sub(lambda match: values.get(match.group(1), match.group(0)), text)
