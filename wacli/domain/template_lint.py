"""What Meta would refuse or recategorise, said before a template is handed in.

Each rule names the Meta error that it avoids. Sources: facts cloud-api.md section 4 (component rules, times to live)
and section 6 (creation errors 2388xxx); that headers of text take no line break, no formatting and no emoji, and
footers no line break, is what Meta's texts for 2388047 and 2388073 say. The limits of 2388293 (too many places for the
length) are not published, so that rule is not guessed at. Promotional words are our own list, in English and
Indonesian (and the commonest Spanish and Portuguese ones): Meta publishes none, and it only ever warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .category import Category
from .template import MEDIA_HEADERS, Body, Button, ButtonKind, Card, Component, Footer, Header, Template, places
from .template_buttons import button_findings, count_findings
from .template_finding import Finding, Severity, error, warning
from .text import Quantity, Text, t, tn

__all__ = ["Finding", "Severity", "lint"]

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2,4})?")
_CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_TTL = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}  # seconds
_BRACES = re.compile(r"\{\{[^{}]*\}\}|(?<!\{)\{[A-Za-z0-9_]+\}(?!\})")
_GOOD_PLACE = re.compile(r"\{\{(?:[1-9]\d*|[a-z_][a-z0-9_]*)\}\}")
_EDGE = re.compile(r"^\s*\{\{[^{}]*\}\}|\{\{[^{}]*\}\}\s*$")
_TOUCHING = re.compile(r"\}\}\s*\{\{")
_HEADER, _BODY, _OFFER_BODY, _FOOTER, _CARD_BODY = 60, 1024, 600, 60, 160
_FORMATTING = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")
_EMOJI = re.compile(r"[\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
_PROMOTIONAL = re.compile(
    r"\b(?:discounts?|sale|promo(?:tion)?(?:s|al)?|coupons?|vouchers?|offers?|deals?|cash\s?back|bonus|giveaways?"
    r"|free (?:gifts?|shipping|delivery|trial|samples?)|limited[ -]time|buy now|shop now|order now|best price"
    r"|don.t miss|hurry|while (?:stocks?|supplies) lasts?|exclusive|special price|buy (?:one|1) get (?:one|1)"
    r"|diskon|promosi|kupon|gratis|potongan(?: harga)?|beli (?:sekarang|1|satu)|belanja sekarang|pesan sekarang"
    r"|penawaran|obral|cuci gudang|hadiah|murah|termurah|hemat|harga (?:spesial|khusus|miring)|bebas ongkir"
    r"|jangan lewatkan|buruan|waktu terbatas|stok terbatas|undian"
    r"|descuentos?|ofertas?|cup[oó]n|rebajas?|descontos?|promo[cç][aã]o|promoci[oó]n)\b|\d+\s?%\s?off",
    re.IGNORECASE,
)


def lint(template: Template, others: Iterable[Template] = (), *, ttl_seconds: int | None = None) -> tuple[Finding, ...]:
    """Every fault, in reading order. `others` are the account's templates: the same text twice is refused.
    `ttl_seconds`: the time to live that a file asks for."""
    found = [
        *_head(template),
        *_time_to_live(template, ttl_seconds),
        *_parts(template),
        *_words(template),
        *_twins(template, others),
    ]
    return tuple(found)


def _head(template: Template) -> Iterator[Finding]:
    if not _NAME.fullmatch(template.name):
        yield error(
            "bad-name",
            "name",
            t("The name {name} is not allowed", name=template.name),
            t("Use small letters, digits and underscores, 512 at most"),
        )
    if not _LANGUAGE.fullmatch(template.language):
        yield error(
            "bad-language",
            "language",
            t("{code} is not a language code of Meta's", code=template.language),
            t("Write it like id, en or en_US"),
        )
    if template.category not in _CATEGORIES:
        yield error(
            "bad-category",
            "category",
            t("There is no category {name}", name=template.category.lower()),
            t("Choose one of {choices}", choices=", ".join(_CATEGORIES).lower()),
        )


def _time_to_live(template: Template, seconds: int | None) -> Iterator[Finding]:
    least, most = _TTL.get(template.category, (30, 2_592_000))
    if seconds is None or (seconds == -1 and template.category != "MARKETING") or least <= seconds <= most:
        return
    yield error(
        "bad-ttl",
        "message_send_ttl_seconds",
        t("A {category} template cannot live for {seconds} s", category=template.category.lower(), seconds=seconds),
        t("Give {least} to {most} seconds", least=least, most=most),
    )


def _parts(template: Template) -> Iterator[Finding]:
    yield from _counts(template)
    is_offer = template.limited_time_offer is not None
    # The words of a one-time password are WhatsApp's own, with their place where WhatsApp wants it.
    is_password = template.price_category is Category.AUTHENTICATION and any(
        button.kind == ButtonKind.OTP for button in template.buttons
    )
    button_number = 0
    for component in template.components:
        if isinstance(component, Button):
            button_number += 1
            yield from button_findings(component, f"button.{button_number}")
        elif not (is_password and isinstance(component, (Body, Footer))):
            yield from _block(component, "", _OFFER_BODY if is_offer else _BODY)
    yield from count_findings(template.buttons, "buttons")
    if template.carousel is not None:
        cards = template.carousel.cards
        if not 2 <= len(cards) <= 10:
            yield error("wrong-count", "carousel", t("A carousel has 2 to 10 cards"), t("Add or remove cards"))
        for number, card in enumerate(cards, 1):
            yield from _card(card, f"card.{number}.")


def _counts(template: Template) -> Iterator[Finding]:
    bodies = sum(isinstance(part, Body) for part in template.components)
    if bodies != 1:
        yield error("wrong-count", "body", t("A template has exactly one body"), t("Give one body"))
    for kind, where in ((Header, "header"), (Footer, "footer")):
        if sum(isinstance(part, kind) for part in template.components) > 1:
            yield error("wrong-count", where, t("There can be only one {part}", part=where), t("Remove the others"))
    body = template.body
    if body is not None and body.text is None and template.price_category is not Category.AUTHENTICATION:
        yield _empty("body", 2388072)


def _card(card: Card, prefix: str) -> Iterator[Finding]:
    for part in (card.header, card.body):
        if part is not None:
            yield from _block(part, prefix, _CARD_BODY)
    for number, button in enumerate(card.buttons, 1):
        yield from button_findings(button, f"{prefix}button.{number}")
    yield from count_findings(card.buttons, f"{prefix}buttons")


def _block(component: Component, prefix: str, body_limit: int) -> Iterator[Finding]:
    match component:
        case Header(format="TEXT", text=text, examples=examples):
            yield from _header(text or "", examples, prefix + "header")
        case Header(format=form, examples=()) if form in MEDIA_HEADERS:
            yield error(
                "missing-sample",
                prefix + "header",
                t("The {kind} on top has no sample", kind=form.lower()),
                t("Name a file for Meta's reviewers: header: {example}", example=f"{{{form.lower()}: FILE}}"),
                2388047,
            )
        case Body(text=str(text), examples=examples):
            yield from _text(text, body_limit, prefix + "body", 2388072)
            yield from _places(text, examples, prefix + "body", 2388072)
            yield from _edges(text, prefix + "body")
        case Footer(text=text, code_expiration_minutes=None):
            yield from _footer(text or "", prefix + "footer")
        case _:
            pass


def _header(text: str, examples: tuple[str, ...], where: str) -> Iterator[Finding]:
    yield from _text(text, _HEADER, where, 2388047)
    if len(places(text)) > 1:
        yield error(
            "too-many-places",
            where,
            t("A header takes one place at most"),
            t("Move the others into the body"),
            2388047,
        )
    yield from _places(text, examples, where, 2388047)
    bare = _BRACES.sub("", text)
    if "\n" in bare or _FORMATTING.search(bare) or _EMOJI.search(bare):
        yield error(
            "decorated",
            where,
            t("A header takes no line break, no formatting sign and no emoji"),
            t("Move them into the body"),
            2388047,
        )


def _footer(text: str, where: str) -> Iterator[Finding]:
    yield from _text(text, _FOOTER, where, 2388073)
    if places(text):
        yield error("too-many-places", where, t("A footer takes no places"), t("Write it out"), 2388073)
    if "\n" in text:
        yield error("decorated", where, t("A footer takes no line break"), t("Write it on one line"), 2388073)


def _edges(text: str, where: str) -> Iterator[Finding]:
    if _EDGE.search(text):
        yield error(
            "place-at-edge",
            where,
            t("The body begins or ends with a place"),
            t("Put fixed words before the first and after the last place"),
            2388299,
        )
    if _TOUCHING.search(text):
        yield warning(
            "places-touch",
            where,
            t("Two places stand next to each other"),
            t("Put words between them: reviewers refuse what they cannot read"),
        )


def _empty(where: str, meta_code: int) -> Finding:
    return error("empty-text", where, t("The {part} is empty", part=where), t("Write it or leave it out"), meta_code)


def _text(text: str, limit: int, where: str, meta_code: int) -> Iterator[Finding]:
    if not text.strip():
        yield _empty(where, meta_code)
    if len(text) > limit:
        message = tn(
            "The {part} has {count} character, {limit} fit",
            "The {part} has {count} characters, {limit} fit",
            len(text),
            part=where,
            limit=Quantity(limit),
        )
        yield error("too-long", where, message, t("Shorten it"), 2388040)


def _places(text: str, examples: tuple[str, ...], where: str, meta_code: int) -> Iterator[Finding]:
    for odd in (match.group(0) for match in _BRACES.finditer(text)):
        if not _GOOD_PLACE.fullmatch(odd):
            yield error(
                "bad-place",
                where,
                t("{place} is not a place WhatsApp knows", place=odd),
                t("Write {example}", example="{{1}} / {{order_number}}"),
                meta_code,
            )
    names = places(text)
    numbers = sorted(int(name) for name in names if name.isdigit())
    if numbers and len(numbers) != len(names):
        yield error(
            "mixed-places", where, t("Numbered and named places are mixed"), t("Use one kind for the whole template")
        )
    elif numbers != list(range(1, len(numbers) + 1)):
        listed = ", ".join(str(number) for number in numbers)
        yield error(
            "gap-in-numbers",
            where,
            t("The places are numbered {numbers}", numbers=listed),
            t("Number them 1, 2, 3 without gaps"),
            meta_code,
        )
    yield from _examples(names, examples, where)


def _examples(names: tuple[str, ...], examples: tuple[str, ...], where: str) -> Iterator[Finding]:
    hint = t("Give one example for each place; Meta's reviewers read them")
    if len(examples) < len(names):
        missing = ", ".join(names[len(examples) :])
        yield error("missing-example", where, t("There is no example for {places}", places=missing), hint)
    elif names and len(examples) > len(names):
        yield error("extra-example", where, _too_many(len(examples), len(names)), hint)


def _too_many(given: int, wanted: int) -> Text:
    return t("There are {given} examples for {wanted} places", given=given, wanted=wanted)


def _words(template: Template) -> Iterator[Finding]:
    if template.price_category is not Category.UTILITY:
        return
    number = 0
    for component in template.components:
        where = type(component).__name__.lower()
        if isinstance(component, Button):
            number += 1
            where = f"button.{number}"
        if isinstance(component, (Header, Body, Footer, Button)) and component.text:
            found = {match.group(0).casefold(): match.group(0) for match in _PROMOTIONAL.finditer(component.text)}
            if found:
                yield warning(
                    "promotional-words",
                    where,
                    t("“{words}” sounds like advertising in a utility template", words=", ".join(found.values())),
                    t("Meta may move it to marketing, which costs more: keep to the order or appointment itself"),
                )


def _twins(template: Template, others: Iterable[Template]) -> Iterator[Finding]:
    if template.price_category is Category.AUTHENTICATION:
        return
    mine = _wording(template)
    for other in others:
        if other.name != template.name and other.language == template.language and _wording(other) == mine:
            yield error(
                "same-text",
                "body",
                t("The template {name} ({language}) has the same text", name=other.name, language=other.language),
                t("Use that one, or change the words"),
            )


def _wording(template: Template) -> tuple[str | None, str | None]:
    body, footer = template.body, template.footer
    return (body.text if body else None, footer.text if footer else None)
