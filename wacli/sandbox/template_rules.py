"""What a template may look like when it is created or edited.

Rules and numbers: facts cloud-api.md section 4; creation errors (2388xxx): section 6. A refusal names its rule in
`error_user_msg`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from .failures import Refusal
from .shape import Fields

CATEGORIES = ("authentication", "marketing", "utility")
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")

_NAME = re.compile(r"[a-z0-9_]{1,512}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,4})?\Z")
_NAMED = re.compile(r"[a-z][a-z0-9_]*\Z")
_BODY_MOST = 1024
_OFFER_BODY_MOST = 600
_TTL = {"authentication": (30, 900), "utility": (30, 43_200), "marketing": (43_200, 2_592_000)}
_HEADER_FORMATS = ("text", "image", "video", "document", "location", "gif")
_COMPONENTS = ("header", "body", "footer", "buttons", "carousel", "limited_time_offer")
_BUTTON_MOST = {"quick_reply": 10, "url": 2, "phone_number": 1, "copy_code": 1}
_BUTTONS = (
    "quick_reply", "url", "phone_number", "copy_code", "otp", "flow", "catalog", "mpm", "spm", "voice_call",
    "request_contact_info",
)  # fmt: skip


def check_name(name: str) -> None:
    """Lower case, digits and underscores, at most 512."""
    if not _NAME.match(name):
        raise Refusal(100, "Param name may only have lower-case letters, digits and underscores, at most 512.")


def check_language(language: str) -> None:
    """A code such as id or en_US."""
    if not _LANGUAGE.match(language):
        raise Refusal(100, f"Param language {language!r} is not a language code such as id or en_US.")


def check_ttl(seconds: int | None, category: str) -> None:
    """`message_send_ttl_seconds` by category; -1 is 30 days except for marketing."""
    if seconds is None or (seconds == -1 and category != "marketing"):
        return
    least, most = _TTL[category]
    if not least <= seconds <= most:
        raise Refusal(100, f"Param message_send_ttl_seconds must be {least} to {most} for {category}.")


def placeholders(text: str) -> list[str]:
    """The variables of a text in the order in which they stand, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def check_components(components: Sequence[Fields], category: str, is_named: bool) -> None:
    """Each kind at most once, exactly one body, and every component by its own rules."""
    kinds = [component.choice("type", _COMPONENTS) for component in components]
    for kind in set(kinds):
        if kinds.count(kind) > 1:
            raise Refusal(100, f"Component {kind.upper()} may stand only once.", subcode=2388072)
    if "body" not in kinds:
        raise Refusal(100, "A BODY component is required.", subcode=2388072)
    most = _OFFER_BODY_MOST if "limited_time_offer" in kinds else _BODY_MOST
    for kind, component in zip(kinds, components, strict=True):
        if kind == "header":
            _check_header(component, is_named)
        elif kind == "body":
            _check_body(component, category, is_named, most)
        elif kind == "footer":
            _check_footer(component, category)
        elif kind == "buttons":
            _check_buttons(component)
        elif kind == "carousel":
            cards = component.list_of_fields("cards", least=2, most=10)
            for card in cards:
                check_card(card, is_named)


def check_card(card: Fields, is_named: bool) -> None:
    """One card of a carousel: a picture or film on top, words, buttons."""
    for component in card.list_of_fields("components", least=1):
        kind = component.choice("type", ("header", "body", "buttons"))
        if kind == "header":
            component.choice("format", ("image", "video", "product"))
        elif kind == "body":
            _check_text(component, "text", component.text("text", 160), is_named, 2388072)
        else:
            _check_buttons(component)


def _check_header(header: Fields, is_named: bool) -> None:
    form = header.choice("format", _HEADER_FORMATS)
    if form == "text":
        text = header.text("text")
        if len(text) > 60:
            raise Refusal(100, "A header has at most 60 characters.", subcode=2388040)
        if len(placeholders(text)) > 1:
            raise Refusal(100, "A header has at most one variable.", subcode=2388047)
        _check_text(header, "text", text, is_named, 2388047, edges_are_free=True)
    elif form in ("image", "video", "document", "gif"):
        handles = header.fields("example").raw("header_handle")
        if not isinstance(handles, list) or not handles:
            raise Refusal(100, "A media header needs example.header_handle.", subcode=2388047)


def _check_body(body: Fields, category: str, is_named: bool, most: int) -> None:
    if category == "authentication" and not body.has("text"):
        body.maybe_flag("add_security_recommendation")  # Meta supplies the words itself
        return
    text = body.text("text")
    if len(text) > most:
        raise Refusal(100, f"A body has at most {most} characters, it has {len(text)}.", subcode=2388040)
    _check_text(body, "text", text, is_named, 2388072)


def _check_footer(footer: Fields, category: str) -> None:
    if category == "authentication" and footer.has("code_expiration_minutes"):
        footer.maybe_whole("code_expiration_minutes")
        return
    text = footer.text("text")
    if len(text) > 60:
        raise Refusal(100, "A footer has at most 60 characters.", subcode=2388040)
    if placeholders(text):
        raise Refusal(100, "A footer has no variables.", subcode=2388073)


def _check_text(
    component: Fields, key: str, text: str, is_named: bool, subcode: int, *, edges_are_free: bool = False
) -> None:
    names = placeholders(text)
    if not names:
        return
    if is_named:
        wrong = [name for name in names if not _NAMED.match(name)]
        if wrong:
            raise Refusal(100, f"Variable {wrong[0]!r} must be lower_snake_case.", subcode=subcode)
    elif sorted(names, key=lambda name: (len(name), name)) != [str(place + 1) for place in range(len(names))]:
        raise Refusal(100, "Variables must be numbered {{1}}, {{2}} ... without gaps.", subcode=subcode)
    bare = text.strip()
    if not edges_are_free and (PLACEHOLDER.match(bare) or re.search(PLACEHOLDER.pattern + r"\Z", bare)):
        raise Refusal(100, f"{component.named(key)} may not begin or end with a variable.", subcode=2388299)
    _check_examples(component, names, is_named, subcode)


def _check_examples(component: Fields, names: list[str], is_named: bool, subcode: int) -> None:
    example = component.raw("example")
    given: object = None
    if isinstance(example, Mapping):
        for key in ("body_text_named_params", "header_text_named_params") if is_named else ("body_text", "header_text"):
            given = example.get(key, given)
    if is_named and isinstance(given, list):
        told = {entry.get("param_name") for entry in given if isinstance(entry, Mapping)}
        if told == set(names):
            return
    elif isinstance(given, list) and given:
        row = given[0] if isinstance(given[0], list) else given
        if len(row) == len(names):
            return
    raise Refusal(100, f"Each variable needs an example: {', '.join(names)}.", subcode=subcode)


def _check_buttons(component: Fields) -> None:
    buttons = component.list_of_fields("buttons", least=1, most=10)
    kinds = [button.choice("type", _BUTTONS) for button in buttons]
    for kind, most in _BUTTON_MOST.items():
        if kinds.count(kind) > most:
            raise Refusal(100, f"At most {most} buttons of type {kind.upper()}.")
    changes = sum(1 for a, b in pairwise(kinds) if (a == "quick_reply") != (b == "quick_reply"))
    if changes > 1:
        raise Refusal(100, "Quick replies must stand together.")
    for kind, button in zip(kinds, buttons, strict=True):
        if kind not in ("copy_code", "otp"):
            button.text("text", 25)
        if kind == "url":
            url = button.text("url", 2000)
            found = list(PLACEHOLDER.finditer(url))
            if len(found) > 1 or (found and found[0].end() != len(url)):
                raise Refusal(100, f"Param {button.named('url')} may have one variable, at its end.")
            if found and not button.raw("example"):
                raise button.missing("example")
        elif kind == "phone_number":
            button.text("phone_number", 20)
        elif kind == "copy_code":
            _check_code_example(button)
        elif kind == "otp":
            button.choice("otp_type", ("copy_code", "one_tap", "zero_tap"))


def _check_code_example(button: Fields) -> None:
    example = button.raw("example")
    code = example[0] if isinstance(example, list) and example else example
    if not isinstance(code, str) or not 1 <= len(code) <= 20:
        raise Refusal(100, f"Param {button.named('example')} must be a code of 1 to 20 characters.")
