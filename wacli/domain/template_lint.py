"""What Meta would refuse or recategorise, said before a template is handed in.

Each rule names the Meta error that it avoids. Sources: facts cloud-api.md section 4 (component rules) and section 6
(creation errors 2388xxx); limits of 2388293 (too many places for the length) are not published, so that rule is not
guessed at. Promotional words are our own list: Meta publishes none, and it only ever warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from .category import Category
from .template import Body, Button, ButtonKind, Card, Component, Footer, Header, Template, places
from .text import Text, t, tn

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_BRACES = re.compile(r"\{\{[^{}]*\}\}|(?<!\{)\{[A-Za-z0-9_]+\}(?!\})")
_GOOD_PLACE = re.compile(r"\{\{(?:[1-9]\d*|[a-z_][a-z0-9_]*)\}\}")
_EDGE = re.compile(r"^\s*\{\{[^{}]*\}\}|\{\{[^{}]*\}\}\s*$")
_HEADER, _BODY, _OFFER_BODY, _FOOTER = 60, 1024, 600, 60
_BUTTONS, _BUTTON_TEXT, _URL, _CODE = 10, 25, 2000, 20
_MOST = {ButtonKind.URL: 2, ButtonKind.PHONE_NUMBER: 1, ButtonKind.COPY_CODE: 1}
_PROMOTIONAL = re.compile(
    r"\b(?:discounts?|sale|promo(?:tion)?s?|coupons?|vouchers?|offers?|deals?|free gift|limited time|buy now|shop now"
    r"|diskon|promosi|kupon|gratis|cashback|potongan harga|beli sekarang|penawaran"
    r"|descuentos?|ofertas?|cup[oó]n|rebajas?|descontos?|promo[cç][aã]o|promoci[oó]n)\b|\d+\s?%\s?off",
    re.IGNORECASE,
)


class Severity(StrEnum):
    """`error`: Meta refuses it. `warning`: it is accepted, but may cost more or be judged differently."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what it is, what to do, and Meta's error (None where there is none)."""

    code: str
    severity: Severity
    where: str  # name, header, body, footer, buttons, button.2, card.1.body, ...
    message: Text
    hint: Text
    meta_code: int | None = None


def lint(template: Template, others: Iterable[Template] = ()) -> tuple[Finding, ...]:
    """Every fault, in reading order. `others` are the account's templates: the same text twice is refused."""
    found = [*_name(template), *_parts(template), *_words(template), *_twins(template, others)]
    return tuple(found)


def _error(code: str, where: str, message: Text, hint: Text, meta_code: int | None = 100) -> Finding:
    return Finding(code, Severity.ERROR, where, message, hint, meta_code)


def _name(template: Template) -> Iterator[Finding]:
    if not _NAME.fullmatch(template.name):
        yield _error(
            "bad-name",
            "name",
            t("The name {name} is not allowed", name=template.name),
            t("Use small letters, digits and underscores, 512 at most"),
        )


def _parts(template: Template) -> Iterator[Finding]:
    yield from _counts(template)
    is_offer = template.limited_time_offer is not None
    button_number = 0
    for component in template.components:
        if isinstance(component, Button):
            button_number += 1
            yield from _button(component, f"button.{button_number}")
        else:
            yield from _block(component, "", _OFFER_BODY if is_offer else _BODY)
    yield from _button_counts(template.buttons, "buttons")
    if template.carousel is not None:
        cards = template.carousel.cards
        if not 2 <= len(cards) <= 10:
            yield _error("wrong-count", "carousel", t("A carousel has 2 to 10 cards"), t("Add or remove cards"))
        for number, card in enumerate(cards, 1):
            yield from _card(card, f"card.{number}.")


def _counts(template: Template) -> Iterator[Finding]:
    bodies = sum(isinstance(part, Body) for part in template.components)
    if bodies != 1:
        yield _error("wrong-count", "body", t("A template has exactly one body"), t("Give one body"))
    for kind, where in ((Header, "header"), (Footer, "footer")):
        if sum(isinstance(part, kind) for part in template.components) > 1:
            yield _error("wrong-count", where, t("There can be only one {part}", part=where), t("Remove the others"))


def _card(card: Card, prefix: str) -> Iterator[Finding]:
    for part in (card.header, card.body):
        if part is not None:
            yield from _block(part, prefix, _BODY)
    for number, button in enumerate(card.buttons, 1):
        yield from _button(button, f"{prefix}button.{number}")


def _block(component: Component, prefix: str, body_limit: int) -> Iterator[Finding]:
    match component:
        case Header(format="TEXT", text=text, examples=examples):
            yield from _text(text or "", _HEADER, prefix + "header", 2388047)
            if len(places(text or "")) > 1:
                yield _error(
                    "too-many-places",
                    prefix + "header",
                    t("A header takes one place at most"),
                    t("Move the others into the body"),
                    2388047,
                )
            yield from _places(text or "", examples, prefix + "header", 2388047)
        case Body(text=str(text), examples=examples):
            yield from _text(text, body_limit, prefix + "body", 2388040)
            yield from _places(text, examples, prefix + "body", 2388072)
            if _EDGE.search(text):
                yield _error(
                    "place-at-edge",
                    prefix + "body",
                    t("The body begins or ends with a place"),
                    t("Put fixed words before the first and after the last place"),
                    2388299,
                )
        case Footer(text=str(text)):
            yield from _text(text, _FOOTER, prefix + "footer", 2388073)
            if places(text):
                yield _error(
                    "too-many-places", prefix + "footer", t("A footer takes no places"), t("Write it out"), 2388073
                )
        case _:
            pass


def _text(text: str, limit: int, where: str, meta_code: int) -> Iterator[Finding]:
    if not text.strip():
        yield _error(
            "empty-text", where, t("The {part} is empty", part=where), t("Write it or leave it out"), meta_code
        )
    if len(text) > limit:
        message = tn(
            "The {part} has {count} character, {limit} fit",
            "The {part} has {count} characters, {limit} fit",
            len(text),
            part=where,
            limit=limit,
        )
        yield _error("too-long", where, message, t("Shorten it"), 2388040)


def _places(text: str, examples: tuple[str, ...], where: str, meta_code: int) -> Iterator[Finding]:
    for odd in (match.group(0) for match in _BRACES.finditer(text)):
        if not _GOOD_PLACE.fullmatch(odd):
            yield _error(
                "bad-place",
                where,
                t("{place} is not a place WhatsApp knows", place=odd),
                t("Write {example}", example="{{1}} / {{order_number}}"),
                meta_code,
            )
    names = places(text)
    numbers = sorted(int(name) for name in names if name.isdigit())
    if numbers and len(numbers) != len(names):
        yield _error(
            "mixed-places", where, t("Numbered and named places are mixed"), t("Use one kind for the whole template")
        )
    elif numbers != list(range(1, len(numbers) + 1)):
        listed = ", ".join(str(number) for number in numbers)
        yield _error(
            "gap-in-numbers",
            where,
            t("The places are numbered {numbers}", numbers=listed),
            t("Number them 1, 2, 3 without gaps"),
            meta_code,
        )
    if len(examples) < len(names):
        missing = ", ".join(names[len(examples) :])
        yield _error(
            "missing-example",
            where,
            t("There is no example for {places}", places=missing),
            t("Give one example for each place; Meta's reviewers read them"),
        )


def _button(button: Button, where: str) -> Iterator[Finding]:
    label = button.text or ""
    if len(label) > _BUTTON_TEXT:
        message = tn(
            "The {part} has {count} character, {limit} fit",
            "The {part} has {count} characters, {limit} fit",
            len(label),
            part=where,
            limit=_BUTTON_TEXT,
        )
        yield _error("too-long", where, message, t("Shorten it"), 2388040)
    if button.kind == ButtonKind.URL:
        yield from _link(button, where)
    if button.kind == ButtonKind.COPY_CODE and any(len(example) > _CODE for example in button.examples):
        yield _error("too-long", where, t("A code has 20 characters at most"), t("Use a shorter code"), 2388040)


def _link(button: Button, where: str) -> Iterator[Finding]:
    url = button.url or ""
    names = places(url)
    if not url.startswith(("https://", "http://")) or len(url) > _URL:
        yield _error(
            "bad-link",
            where,
            t("The web address is missing, too long or not an address"),
            t("Start it with https://, 2,000 characters at most"),
        )
    if len(names) > 1 or (names and not url.endswith("}}")):
        yield _error(
            "place-in-link", where, t("A web address takes one place, at its end"), t("Move the place to the end")
        )
    if names and not button.examples:
        yield _error(
            "missing-example", where, t("There is no example for {places}", places=names[0]), t("Give a full address")
        )


def _button_counts(buttons: tuple[Button, ...], where: str) -> Iterator[Finding]:
    if len(buttons) > _BUTTONS:
        yield _error("wrong-count", where, t("A template takes 10 buttons at most"), t("Remove some"))
    for kind, most in _MOST.items():
        if sum(button.kind == kind for button in buttons) > most:
            yield _error(
                "wrong-count",
                where,
                t("There can be {most} buttons of the kind {kind} at most", most=most, kind=kind.value),
                t("Remove some"),
            )
    kinds = [button.kind == ButtonKind.QUICK_REPLY for button in buttons]
    changes = sum(before != after for before, after in pairwise(kinds))
    if changes > 1:
        yield _error(
            "scattered-replies",
            where,
            t("Quick replies and other buttons are mixed up"),
            t("Put all quick replies together, before or after the others"),
        )


def _words(template: Template) -> Iterator[Finding]:
    if template.price_category is not Category.UTILITY:
        return
    for component in template.components:
        if isinstance(component, (Header, Body, Footer)) and component.text:
            match = _PROMOTIONAL.search(component.text)
            if match is not None:
                yield Finding(
                    "promotional-words",
                    Severity.WARNING,
                    type(component).__name__.lower(),
                    t("«{words}» sounds like advertising in a utility template", words=match.group(0)),
                    t("Meta may move it to marketing, which costs more: keep to the order or appointment itself"),
                )


def _twins(template: Template, others: Iterable[Template]) -> Iterator[Finding]:
    if template.price_category is Category.AUTHENTICATION:
        return
    mine = _wording(template)
    for other in others:
        if (other.name, other.language) != (template.name, template.language) and _wording(other) == mine:
            yield _error(
                "same-text",
                "body",
                t("The template {name} ({language}) has the same text", name=other.name, language=other.language),
                t("Use that one, or change the words"),
            )


def _wording(template: Template) -> tuple[str | None, str | None]:
    body, footer = template.body, template.footer
    return (body.text if body else None, footer.text if footer else None)
