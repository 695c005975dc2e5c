"""Filling a template: every missing, unknown or empty value is named before anything is sent.

Source: facts cloud-api.md sections 4 and 6: a wrong count is 132000, a wrong format 132012, a bad value 132018. All
three are refusals by Meta after the fact; here they are one sentence and the command to type.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import datetime

from .filled import (
    ActionValue,
    CouponValue,
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
from .problem import Invalid
from .template import Template
from .template_slots import CarouselRecipe, Recipe, Slot, SlotKind, link_end, recipes_of, slots_of, with_code_alias
from .text import Text, t, tn

_BROKEN_TEXT = re.compile(r"[\n\r\t]| {5,}")
_MAX_COUPON = 20  # since 2025-12-03 (section 4)


def fill(template: Template, values: Mapping[str, str]) -> Filled:
    """The template with these values, ready for the body builders.

    Raises `Invalid`: `template-values` when values are missing, unknown or empty (all named at once, in the message
    and in `details`), `template-value` when one cannot be understood. Whether it *may* be sent is not asked here.
    """
    given = with_code_alias(template, values)
    _check(template, given)
    parts: list[FilledPart | FilledCarousel] = []
    for recipe in recipes_of(template):
        if isinstance(recipe, CarouselRecipe):
            cards = (tuple(_parts(card, given)) for card in recipe.cards)
            parts.append(FilledCarousel(tuple(cards)))
        else:
            parts.extend(_parts((recipe,), given))
    return Filled(template.name, template.language, tuple(parts), template.needs_phone)


def missing_values(template: Template, values: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that must still be given, in reading order; for a verdict that only wants to name them."""
    given = with_code_alias(template, values)
    return tuple(slot.key for slot in slots_of(template) if slot.is_required and slot.key not in given)


def is_broken(text: str) -> bool:
    """True for words that WhatsApp takes in no template: a line break, a tab, a run of more than four spaces."""
    return _BROKEN_TEXT.search(text) is not None


def command_for(template: Template, values: Mapping[str, str], who: str = "WHO") -> str:
    """The command line that sends this template: given values kept, missing ones as `key=...`."""
    typed = []
    for slot in slots_of(template):
        value = values.get(slot.key)
        if value:
            typed.append(shlex.quote(f"{slot.key}={value}"))
        elif slot.is_required:
            typed.append(f"{slot.key}=...")
    return " ".join(["wacli send", shlex.quote(template.name), shlex.quote(who), *typed])


def check_values(template: Template, values: Mapping[str, str]) -> None:
    """Raises `Invalid` (`template-values`) as `fill` does; for values that `fill` will not see as they were typed."""
    _check(template, with_code_alias(template, values))


def _check(template: Template, values: Mapping[str, str]) -> None:
    slots = slots_of(template)
    known = {slot.key for slot in slots}
    missing = [slot.key for slot in slots if slot.is_required and slot.key not in values]
    empty = [key for key, value in values.items() if key in known and not value.strip()]
    extra = [key for key in values if key not in known]
    faults: list[Text] = []
    if missing:
        faults.append(tn("missing: {keys}", "missing: {keys}", len(missing), keys=", ".join(missing)))
    if empty:
        faults.append(tn("empty: {keys}", "empty: {keys}", len(empty), keys=", ".join(empty)))
    if extra:
        faults.append(
            tn("not in the template: {keys}", "not in the template: {keys}", len(extra), keys=", ".join(extra))
        )
    if not faults:
        return
    joined = faults[0]
    for fault in faults[1:]:
        joined = t("{first}; {next}", first=joined, next=fault)
    raise Invalid(
        "template-values",
        t("The values for the template {name} do not fit: {faults}", name=template.name, faults=joined),
        t("Type: {command}", command=command_for(template, values)),
        {"missing": missing, "empty": empty, "extra": extra},
    )


def _parts(recipes: tuple[Recipe, ...], given: Mapping[str, str]) -> list[FilledPart]:
    parts = []
    for recipe in recipes:
        values = tuple(
            _value(slot, given) for slot in recipe.slots if slot.key in given and slot.kind is not SlotKind.FILENAME
        )
        if values:
            parts.append(FilledPart(recipe.kind, values, recipe.sub_type, recipe.index))
    return parts


def _value(slot: Slot, given: Mapping[str, str]) -> Value:
    typed = given[slot.key]
    match slot.kind:
        case SlotKind.TEXT:
            return TextValue(_clean(slot, typed), None if slot.place is None or slot.place.isdigit() else slot.place)
        case SlotKind.LINK_END:
            return TextValue(link_end(slot.link or "", typed))
        case SlotKind.MEDIA:
            return _medium(slot, typed.strip(), given.get(slot.key + ".filename"))
        case SlotKind.LOCATION:
            return _location(slot, typed)
        case SlotKind.COUPON:
            return _coupon(slot, typed.strip())
        case SlotKind.PAYLOAD:
            return PayloadValue(typed)
        case SlotKind.FLOW_TOKEN:
            return ActionValue({"flow_token": typed})
        case SlotKind.PRODUCT:
            return ActionValue({"thumbnail_product_retailer_id": typed.strip()})
        case SlotKind.PRODUCTS:
            return _products(slot, typed)
        case SlotKind.INSTANT:
            return _instant(slot, typed.strip())
        case _:
            return TextValue(_clean(slot, typed.strip()))


def _wrong(slot: Slot, typed: str, why: Text, hint: Text) -> Invalid:
    return Invalid(
        "template-value",
        t("{key}={value} cannot be used: {why}", key=slot.key, value=typed, why=why),
        hint,
        {"key": slot.key},
    )


def _clean(slot: Slot, typed: str) -> str:
    if is_broken(typed):
        raise _wrong(
            slot,
            typed,
            t("WhatsApp takes no line break, no tab and no run of more than four spaces in a template value"),
            t("Write it on one line; line breaks belong into the template itself"),
        )
    return typed


def _medium(slot: Slot, typed: str, filename: str | None) -> MediaValue:
    kind = slot.medium or "image"
    if typed.startswith(("https://", "http://")):
        return MediaValue(kind, link=typed, filename=filename)
    if typed.isascii() and typed.isdigit():
        return MediaValue(kind, id=typed, filename=filename)
    raise _wrong(
        slot,
        typed,
        t("it is no file, no link and no media id"),
        t("Name a file ({kind}), a link that starts with https://, or a media id", kind=kind),
    )


def _location(slot: Slot, typed: str) -> LocationValue:
    parts = [part.strip() for part in typed.split(",", 3)]
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        latitude = longitude = 360.0
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise _wrong(
            slot,
            typed,
            t("it is not a place on the map"),
            t("Write latitude,longitude,name,address: -6.2,106.8,Kedai,Jl. Sabang 1"),
        )
    return LocationValue(latitude, longitude, *(part or None for part in parts[2:4]))


def _coupon(slot: Slot, typed: str) -> CouponValue:
    if len(typed) > _MAX_COUPON:
        raise _wrong(
            slot,
            typed,
            tn("{count} character; {limit} fit", "{count} characters; {limit} fit", len(typed), limit=_MAX_COUPON),
            t("Use a shorter code"),
        )
    return CouponValue(typed)


def _products(slot: Slot, typed: str) -> ActionValue:
    ids = [part.strip() for part in typed.split(",") if part.strip()]
    if not ids:
        raise _wrong(slot, typed, t("it names no product"), t("Write product ids of the catalogue with commas between"))
    items = [{"product_retailer_id": product} for product in ids]
    section = {"title": (slot.example or ids[0])[:24], "product_items": items}
    return ActionValue({"thumbnail_product_retailer_id": ids[0], "sections": [section]})


def _instant(slot: Slot, typed: str) -> OfferValue:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _wrong(slot, typed, t("it is not an instant with a time zone"), t("Write it like 2026-12-01T18:00+07:00"))
    return OfferValue(round(at.timestamp() * 1000))
