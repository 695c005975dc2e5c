"""A template send against the template itself: are all values there, none too many, each of the right kind?

Facts cloud-api.md section 4 (send object) and section 6: count 132000, missing or unknown 131008, named against
positional or the wrong kind of value 132012, buttons 132018, too long when filled 132005.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .content import Surroundings, check_location, check_media
from .failures import Refusal
from .shape import Fields
from .template_rules import PLACEHOLDER, placeholders
from .templates import Template

FILLED_BODY_MOST = 1024
_OTP_BODY = "*{{1}}* is your verification code."  # Meta supplies the words of authentication templates
_MEDIA_HEADERS = ("image", "video", "document", "gif")
_COMPONENTS = ("header", "body", "button", "carousel", "limited_time_offer", "order_status")


class Filled(NamedTuple):
    """What the customer will read, and the payloads behind the quick replies by their title."""

    text: str
    payloads: Mapping[str, str]


def needs_phone_number(template: Template) -> bool:
    """One-tap, zero-tap and copy-code authentication templates cannot go to a BSUID (131062)."""
    return template.category == "AUTHENTICATION" and any(
        _kind(button) == "otp" for button in _buttons(template.component)
    )


def match(template: Template, sent: Fields, around: Surroundings) -> Filled:
    """Reads `template.components` of a send strictly against the template. Raises Refusal."""
    parts = sent.list_of_fields("components")
    return _match_parts(template.components, parts, template.is_named, around)


def _match_parts(
    components: Sequence[Mapping[str, object]], parts: Sequence[Fields], is_named: bool, around: Surroundings
) -> Filled:
    header = body = offer = None
    buttons: dict[int, tuple[str, Fields]] = {}
    cards: list[Fields] = []
    for part in parts:
        kind = part.choice("type", _COMPONENTS)
        if kind == "button":
            index = part.maybe_whole("index")
            if index is None:
                raise part.missing("index")
            if index in buttons:
                raise Refusal(132018, f"Button index {index} stands twice.")
            buttons[index] = (part.text("sub_type").lower(), part)
        elif kind == "header":
            header = _once(header, part)
        elif kind == "body":
            body = _once(body, part)
        elif kind == "limited_time_offer":
            offer = _once(offer, part)
        elif kind == "carousel":
            cards = part.list_of_fields("cards", least=1)
    _match_header(_component(components, "header"), header, is_named, around)
    text = _match_body(_component(components, "body"), body, is_named)
    _match_offer(_component(components, "limited_time_offer"), offer)
    payloads = _match_buttons(_buttons(lambda kind: _component(components, kind)), buttons)
    _match_cards(_component(components, "carousel"), cards, is_named, around)
    for part in parts:
        part.done()
    return Filled(text, payloads)


def _once(before: Fields | None, part: Fields) -> Fields:
    if before is not None:
        raise Refusal(132018, f"{part.place} repeats a component.")
    return part


def _match_header(
    header: Mapping[str, object] | None, part: Fields | None, is_named: bool, around: Surroundings
) -> None:
    form = "" if header is None else str(header.get("format", "")).lower()
    given = [] if part is None else part.list_of_fields("parameters")
    if form == "text" or form == "":
        names = placeholders(str(header.get("text", ""))) if header is not None else []
        _match_values("header", names, given, is_named)
        return
    if len(given) != 1:
        raise Refusal(132012, f"header: Format mismatch, expected {form.upper()}, received {len(given)} parameters.")
    kind = given[0].text("type").lower()
    wanted = "video" if form == "gif" and kind == "video" else form
    if kind != wanted:
        raise Refusal(132012, f"header: Format mismatch, expected {form.upper()}, received {kind.upper()}.")
    if form in _MEDIA_HEADERS:
        check_media("video" if form == "gif" else form, given[0].fields(kind), around)
    else:
        check_location(given[0].fields("location"))
    given[0].done()


def _match_body(body: Mapping[str, object] | None, part: Fields | None, is_named: bool) -> str:
    text = str(body.get("text") or _OTP_BODY) if body is not None else ""
    names = placeholders(text)
    given = [] if part is None else part.list_of_fields("parameters")
    values = _match_values("body", names, given, is_named)
    filled = PLACEHOLDER.sub(lambda found: values[found.group(1)], text)
    if len(filled) > FILLED_BODY_MOST:
        raise Refusal(132005, f"The filled body has {len(filled)} characters, at most {FILLED_BODY_MOST} are allowed.")
    return filled


def _match_values(place: str, names: list[str], given: Sequence[Fields], is_named: bool) -> dict[str, str]:
    if len(given) != len(names):
        raise Refusal(
            132000,
            f"{place}: number of localizable_params ({len(given)}) does not match the expected number of params "
            f"({len(names)})",
        )
    values: dict[str, str] = {}
    for index, parameter in enumerate(given):
        name = parameter.maybe_text("parameter_name")
        if is_named and name is None:
            raise Refusal(132012, f"{place}: the template has named variables, parameter {index + 1} has no name.")
        if not is_named and name is not None:
            raise Refusal(132012, f"{place}: the template has numbered variables, parameter {name!r} has a name.")
        key = name if name is not None else str(index + 1)
        if key not in names or key in values:
            raise Refusal(132012, f"{place}: the template has no further variable {key!r}; it has {', '.join(names)}.")
        values[key] = _value_of(parameter)
        parameter.done()
    return values


def _value_of(parameter: Fields) -> str:
    kind = parameter.choice("type", ("text", "currency", "date_time"), code=132012)
    if kind == "text":
        if parameter.raw("text") == "":
            raise Refusal(131008, f"{parameter.place}: parameter of type text is missing text value.")
        return parameter.text("text")
    detail = parameter.fields(kind)
    return detail.text("fallback_value")


def _match_offer(offer: Mapping[str, object] | None, part: Fields | None) -> None:
    wants = offer is not None and bool(_at(offer, "limited_time_offer", "has_expiration"))
    given = [] if part is None else part.list_of_fields("parameters")
    if wants != (len(given) == 1):
        raise Refusal(132000, f"limited_time_offer: expected {int(wants)} parameters, received {len(given)}.")
    for parameter in given:
        parameter.choice("type", ("limited_time_offer",))
        inner = parameter.fields("limited_time_offer")
        if inner.maybe_whole("expiration_time_ms") is None:
            raise inner.missing("expiration_time_ms")


def _match_buttons(buttons: Sequence[Mapping[str, object]], given: Mapping[int, tuple[str, Fields]]) -> dict[str, str]:
    payloads: dict[str, str] = {}
    beyond = [index for index in given if index >= len(buttons)]
    if beyond:
        raise Refusal(132018, f"buttons: the template has no button at index {beyond[0]}.")
    for index, button in enumerate(buttons):
        kind = _kind(button)
        if index not in given:
            if _needs_value(kind, button):
                raise Refusal(131008, f"buttons: Button at index {index} of type {kind} requires a parameter")
            continue
        sub_type, part = given[index]
        if sub_type != ("url" if kind == "otp" else kind):  # codes travel as the end of a link
            raise Refusal(132018, f"buttons: button {index} is of type {kind}, the send says {sub_type}.")
        payload = _match_button(kind, button, part, index)
        if payload is not None:
            payloads[str(button.get("text", ""))] = payload
    return payloads


def _needs_value(kind: str, button: Mapping[str, object]) -> bool:
    return kind in ("otp", "copy_code", "mpm") or (kind == "url" and bool(placeholders(str(button.get("url", "")))))


def _match_button(kind: str, button: Mapping[str, object], part: Fields, index: int) -> str | None:
    values = part.list_of_fields("parameters", least=1, most=1)
    value = values[0]
    if kind == "url" and not _needs_value(kind, button):
        raise Refusal(132018, f"buttons: the link of button {index} has no variable.")
    kinds = {"quick_reply": "payload", "url": "text", "otp": "text", "copy_code": "coupon_code"}
    wanted = kinds.get(kind, "action")
    value.choice("type", (wanted,), code=132018)
    if wanted == "action":
        value.fields("action")
        value.done()
        return None
    text = value.text(wanted, 20 if kind == "copy_code" else None)
    value.done()
    return text if wanted == "payload" else None


def _match_cards(
    carousel: Mapping[str, object] | None, given: Sequence[Fields], is_named: bool, around: Surroundings
) -> None:
    cards = [] if carousel is None else carousel.get("cards")
    if not isinstance(cards, list) or len(cards) != len(given):
        count = len(cards) if isinstance(cards, list) else 0
        raise Refusal(132000, f"carousel: expected {count} cards, received {len(given)}.")
    for place, (card, part) in enumerate(zip(cards, given, strict=True)):
        if part.maybe_whole("card_index") != place:
            raise Refusal(132018, f"Param {part.named('card_index')} must be {place}.")
        _match_parts(card["components"], part.list_of_fields("components"), is_named, around)
        part.done()


def _component(components: Sequence[Mapping[str, object]], kind: str) -> Mapping[str, object] | None:
    return next((one for one in components if _kind(one) == kind), None)


def _buttons(component: Callable[[str], Mapping[str, object] | None]) -> list[Mapping[str, object]]:
    found = component("buttons")
    buttons = [] if found is None else found.get("buttons")
    return buttons if isinstance(buttons, list) else []


def _kind(thing: Mapping[str, object]) -> str:
    return str(thing.get("type", "")).lower()


def _at(thing: Mapping[str, object], *keys: str) -> object:
    value: object = thing
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
