"""The `template` object of a send (facts: cloud-api.md section 4), written from the typed values of `domain.filled`.

`language.policy` is left out: Meta accepts it and no longer needs it. The index of a button is a string, as in Meta's
newer examples; both forms are accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from wacli.domain.filled import (
    ActionValue,
    CouponValue,
    CurrencyValue,
    DateTimeValue,
    Filled,
    FilledCarousel,
    FilledPart,
    LocationValue,
    MediaValue,
    OfferValue,
    PayloadValue,
    TextValue,
    Value,
)

from .envelope import Json
from .plain import File, LocationMessage


@dataclass(frozen=True)
class TemplateMessage:
    """A filled template."""

    kind: ClassVar[str] = "template"
    filled: Filled

    @property
    def needs_phone(self) -> bool:
        """True when it may not go to a BSUID."""
        return self.filled.needs_phone

    def payload(self) -> Json:
        """`{name, language: {code}, components?}`; components only where there are values. Not to be changed."""
        return self._payload

    @cached_property
    def _payload(self) -> Json:  # a message is judged when its run is checked and when its turn comes
        content: Json = {"name": self.filled.name, "language": {"code": self.filled.language}}
        if self.filled.parts:
            content["components"] = [_component(part) for part in self.filled.parts]
        return content


def _component(part: FilledPart | FilledCarousel) -> Json:
    if isinstance(part, FilledCarousel):
        cards = [
            {"card_index": number, "components": [_component(inner) for inner in card]}
            for number, card in enumerate(part.cards)
        ]
        return {"type": "carousel", "cards": cards}
    content: Json = {"type": part.kind}
    if part.sub_type is not None:
        content["sub_type"] = part.sub_type
    if part.index is not None:
        content["index"] = str(part.index)
    content["parameters"] = [_parameter(value) for value in part.values]
    return content


def _parameter(value: Value) -> Json:
    match value:
        case TextValue(text, name):
            return _named({"type": "text", "text": text}, name)
        case CurrencyValue(fallback, code, amount, name):
            amounts = {"fallback_value": fallback, "code": code, "amount_1000": amount}
            return _named({"type": "currency", "currency": amounts}, name)
        case DateTimeValue(fallback, parts, name):
            return _named({"type": "date_time", "date_time": {"fallback_value": fallback, **parts}}, name)
        case MediaValue(kind, media_id, link, filename):
            return {"type": kind, kind: File(kind, media_id, link, filename).reference()}
        case LocationValue(latitude, longitude, place, address):
            return {"type": "location", "location": LocationMessage(latitude, longitude, place, address).payload()}
        case PayloadValue(payload):
            return {"type": "payload", "payload": payload}
        case CouponValue(code):
            return {"type": "coupon_code", "coupon_code": code}
        case ActionValue(action):
            return {"type": "action", "action": dict(action)}
        case OfferValue(at):
            return {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": at}}


def _named(content: Json, name: str | None) -> Json:
    return content | {"parameter_name": name} if name is not None else content
