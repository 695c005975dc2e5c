"""The values that a template asks for, and what a person types to give them.

| typed | fills |
|---|---|
| `1=`, `2=` or `name=` | the places of the body (and of a named text header) |
| `header=` | the place of a text header; a link or media id of a file; `lat,long[,name[,address]]` for a place |
| `header.filename=` | the name a document arrives under |
| `button.1=` | button 1, 2 ... counted from 1: the end of a web address, a reply's payload, a flow's token, a product |
| `code=` | the code of a copy-code button, or of a one-time password (body and button at once) |
| `expires=` | when a limited-time offer ends, an instant with its time zone |
| `card.1.1=`, `card.2.header=`, `card.1.button.1=` | the same inside the cards of a carousel |

Whether a place is named is read from the place itself: `parameter_format` is missing in many recorded answers.

Source: facts cloud-api.md section 4 (send object). The names of the keys are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from .problem import Refused
from .template import (
    MEDIA_HEADERS,
    Body,
    Button,
    ButtonKind,
    Card,
    Carousel,
    Header,
    LimitedTimeOffer,
    Template,
    places,
)
from .text import t

_KEPT = 64  # one template is filled for thousands: what it asks for is worked out once


class SlotKind(Enum):
    """What a value is, which decides how it is read and how it is sent."""

    TEXT = auto()
    MEDIA = auto()
    FILENAME = auto()
    LOCATION = auto()
    LINK_END = auto()
    CODE = auto()
    COUPON = auto()
    PAYLOAD = auto()
    FLOW_TOKEN = auto()
    PRODUCT = auto()
    PRODUCTS = auto()
    INSTANT = auto()


@dataclass(frozen=True, slots=True)
class Slot:
    """One value to give: `key` is typed before the `=`. `place` is its name inside the template's text, if any."""

    key: str
    kind: SlotKind
    is_required: bool = True
    place: str | None = None
    medium: str | None = None  # image, video or document
    link: str | None = None  # the web address whose end is given
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One component of a send and the slots that fill it."""

    kind: str
    slots: tuple[Slot, ...]
    sub_type: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class CarouselRecipe:
    """The recipes of each card of a carousel."""

    cards: tuple[tuple[Recipe, ...], ...]


@lru_cache(maxsize=_KEPT)
def slots_of(template: Template) -> tuple[Slot, ...]:
    """Every value the template takes, each key once, in the order in which a reader meets them."""
    found: dict[str, Slot] = {}
    for recipe in recipes_of(template):
        parts = (recipe,) if isinstance(recipe, Recipe) else tuple(part for card in recipe.cards for part in card)
        for part in parts:
            for slot in part.slots:
                found.setdefault(slot.key, slot)
    return tuple(found.values())


@lru_cache(maxsize=_KEPT)
def recipes_of(template: Template) -> tuple[Recipe | CarouselRecipe, ...]:
    """How to build the send of a template. Raises `Refused` (`template-unknown-header`) for a header new to wacli."""
    has_password = any(button.kind == ButtonKind.OTP for button in template.buttons)
    recipes: list[Recipe | CarouselRecipe] = []
    number = 0
    for component in template.components:
        match component:
            case Header():
                recipes.extend(_header(component, ""))
            case Body() if has_password:
                recipes.append(_password_body(component))
            case Body():
                recipes.extend(_body(component, ""))
            case Button():
                recipes.extend(_button(component, number, ""))
                number += 1
            case LimitedTimeOffer() if component.has_expiration:
                recipes.append(Recipe("limited_time_offer", (Slot("expires", SlotKind.INSTANT),)))
            case Carousel():
                cards = (tuple(_card(card, at)) for at, card in enumerate(component.cards, 1))
                recipes.append(CarouselRecipe(tuple(cards)))
            case _:
                pass
    return tuple(recipes)


def with_code_alias(template: Template, values: Mapping[str, str]) -> Mapping[str, str]:
    """`1=` is taken for `code=` where the template asks for a one-time password: its text shows `{{1}}`."""
    if "1" in values and "code" not in values:
        keys = {slot.key for slot in slots_of(template)}
        if "code" in keys and "1" not in keys:
            return {("code" if key == "1" else key): value for key, value in values.items()}
    return values


def link_end(link: str, typed: str) -> str:
    """What goes out for a web address with a place at its end; whoever types the whole address means the same."""
    fixed = link.split("{{", 1)[0]
    end = typed.strip()
    return end[len(fixed) :] if fixed and end.startswith(fixed) else end


def _card(card: Card, number: int) -> Iterator[Recipe]:
    prefix = f"card.{number}."
    if card.header is not None:
        yield from _header(card.header, prefix)
    if card.body is not None:
        yield from _body(card.body, prefix)
    for index, button in enumerate(card.buttons):
        yield from _button(button, index, prefix)


def _header(header: Header, prefix: str) -> Iterator[Recipe]:
    key = prefix + "header"
    if header.format in MEDIA_HEADERS:
        medium = header.format.lower()
        slots = [Slot(key, SlotKind.MEDIA, medium=medium)]
        if medium == "document":
            slots.append(Slot(key + ".filename", SlotKind.FILENAME, is_required=False))
        yield Recipe("header", tuple(slots))
    elif header.format == "LOCATION":
        yield Recipe("header", (Slot(key, SlotKind.LOCATION),))
    elif header.format == "TEXT":
        names = places(header.text or "")
        if names:
            typed = [key if name.isdigit() else prefix + name for name in names]
            yield Recipe("header", _texts(zip(typed, names, strict=True), header.examples))
    else:
        raise Refused(
            "template-unknown-header",
            t("wacli does not know how to fill a header of the kind {format}", format=header.format),
            t("Send this template from WhatsApp Manager, or ask for a newer wacli"),
        )


def _body(body: Body, prefix: str) -> Iterator[Recipe]:
    names = places(body.text or "")
    if not names:
        return
    if all(name.isdigit() for name in names):
        names = tuple(sorted(names, key=int))
    yield Recipe("body", _texts(((prefix + name, name) for name in names), body.examples))


def _password_body(body: Body) -> Recipe:
    place = (places(body.text or "") or ("1",))[0]
    return Recipe("body", (Slot("code", SlotKind.CODE, place=place),))


def _texts(pairs: Iterable[tuple[str, str]], examples: tuple[str, ...]) -> tuple[Slot, ...]:
    return tuple(
        Slot(key, SlotKind.TEXT, place=place, example=examples[at] if at < len(examples) else None)
        for at, (key, place) in enumerate(pairs)
    )


_OPTIONAL_BUTTONS = {
    ButtonKind.QUICK_REPLY: (SlotKind.PAYLOAD, "quick_reply"),
    ButtonKind.FLOW: (SlotKind.FLOW_TOKEN, "flow"),
    ButtonKind.CATALOG: (SlotKind.PRODUCT, "catalog"),
}


def _button(button: Button, index: int, prefix: str) -> Iterator[Recipe]:
    key = f"{prefix}button.{index + 1}"
    example = button.examples[0] if button.examples else None
    kind = button.kind
    if kind == ButtonKind.URL and places(button.url or ""):
        slot = Slot(key, SlotKind.LINK_END, link=button.url, example=example)
        yield Recipe("button", (slot,), "url", index)
    elif kind == ButtonKind.OTP:
        # WhatsApp sends every one-time password button as a URL button that carries the code (section 4).
        yield Recipe("button", (Slot("code", SlotKind.CODE),), "url", index)
    elif kind == ButtonKind.COPY_CODE:
        yield Recipe("button", (Slot(prefix + "code", SlotKind.COUPON, example=example),), "copy_code", index)
    elif kind == ButtonKind.MPM:
        yield Recipe("button", (Slot(key, SlotKind.PRODUCTS, example=button.text),), "mpm", index)
    else:
        slot_kind, sub_type = next(
            (found for known, found in _OPTIONAL_BUTTONS.items() if known == kind), (None, kind.lower())
        )
        if slot_kind is not None:
            yield Recipe("button", (Slot(key, slot_kind, is_required=False),), sub_type, index)
