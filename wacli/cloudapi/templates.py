"""Templates of an account: the list, page after page, and Meta's JSON read into `domain.template.Template`.

Source: facts cloud-api.md section 4; `correct_category` and `message_send_ttl_seconds` are fields of the live API that
pywa 4.5 asks for as well. Tolerant: unknown components, formats, statuses and buttons are kept by name.
Handing templates in, and the samples of their headers, is `wacli.cloudapi.template_calls`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wacli.domain.template import (
    Body,
    Button,
    Card,
    Carousel,
    Component,
    Footer,
    Header,
    LimitedTimeOffer,
    ParameterFormat,
    Template,
    UnknownComponent,
)

if TYPE_CHECKING:
    from .client import Client

_FIELDS = (
    "id,name,status,category,sub_category,previous_category,language,parameter_format,components,"
    "quality_score,rejected_reason,correct_category,message_send_ttl_seconds"
)


def list_templates(client: Client, waba_id: str, page_size: int = 100) -> Iterator[Template]:
    """Every template of the account, in every language, whatever its status."""
    from .client import segment  # what only reads a stored template needs no client

    query = {"fields": _FIELDS, "limit": str(page_size)}
    for told in client.pages(f"{segment(waba_id)}/message_templates", query):
        template = parse_template(told)
        if template is not None:
            yield template


def find_template(client: Client, waba_id: str, name: str, language: str) -> Template | None:
    """One template by its name and language, or None. Meta's filter finds every name that contains the one asked for,
    so the pages are looked through."""
    from .client import segment

    query = {"fields": _FIELDS, "limit": "100", "name": name}
    for told in client.pages(f"{segment(waba_id)}/message_templates", query):
        if told.get("name") == name and told.get("language") == language:
            return parse_template(told)
    return None


def get_template(client: Client, template_id: str) -> Template | None:
    """One template by its id; None when the answer holds no template."""
    from .client import segment

    return parse_template(client.get(segment(template_id), {"fields": _FIELDS}))


def template_from_source(source: str, *, status: str | None = None, category: str | None = None) -> Template | None:
    """A template from the JSON it was read from, as the store keeps it; `status` and `category` where they changed."""
    told = json.loads(source)
    template = parse_template(told) if isinstance(told, dict) else None
    if template is None:
        return None
    return replace(
        template,
        status=template.status if status is None else status,
        category=template.category if category is None else category,
    )


def parse_template(told: dict[str, Any]) -> Template | None:
    """A template from Meta's JSON; None without a name and a language."""
    name, language = _text(told, "name"), _text(told, "language")
    if name is None or language is None:
        return None
    listed = told.get("components")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    quality = told.get("quality_score")
    is_named = (_text(told, "parameter_format") or "").upper() == "NAMED"
    return Template(
        name,
        language,
        (_text(told, "status") or "UNKNOWN").upper(),
        (_text(told, "category") or "UNKNOWN").upper(),
        tuple(component for part in parts for component in _components(part)),
        ParameterFormat.NAMED if is_named else ParameterFormat.POSITIONAL,
        _text(told, "id"),
        _text(told, "previous_category"),
        None,
        _text(quality, "score") if isinstance(quality, dict) else None,
        _text(told, "rejected_reason"),
        json.dumps(told, ensure_ascii=False, separators=(",", ":")),
    )


def _components(part: dict[str, Any]) -> Iterator[Component]:
    kind = (_text(part, "type") or "").upper()
    if kind == "HEADER":
        yield _header(part)
    elif kind == "BODY":
        yield Body(_text(part, "text"), _examples(part, "body_text"), part.get("add_security_recommendation") is True)
    elif kind == "FOOTER":
        minutes = part.get("code_expiration_minutes")
        yield Footer(_text(part, "text"), minutes if isinstance(minutes, int) else None)
    elif kind == "BUTTONS":
        yield from _buttons(part)
    elif kind == "CAROUSEL":
        cards = part.get("cards")
        yield Carousel(
            tuple(_card(card) for card in cards if isinstance(card, dict)) if isinstance(cards, list) else ()
        )
    elif kind == "LIMITED_TIME_OFFER":
        offer = part.get("limited_time_offer")
        offer = offer if isinstance(offer, dict) else {}
        yield LimitedTimeOffer(_text(offer, "text") or "", offer.get("has_expiration") is True)
    else:
        yield UnknownComponent(kind or "?")


def _header(part: dict[str, Any]) -> Header:
    form = (_text(part, "format") or "TEXT").upper()
    return Header(form, _text(part, "text"), _examples(part, "header_text" if form == "TEXT" else "header_handle"))


def _buttons(part: dict[str, Any]) -> Iterator[Button]:
    listed = part.get("buttons")
    for told in listed if isinstance(listed, list) else ():
        if isinstance(told, dict):
            example = told.get("example")
            examples = example if isinstance(example, list) else [example]
            yield Button(
                (_text(told, "type") or "?").upper(),
                _text(told, "text"),
                _text(told, "url"),
                _text(told, "phone_number"),
                _text(told, "otp_type"),
                _text(told, "flow_id"),
                tuple(one for one in examples if isinstance(one, str)),
            )


def _card(told: dict[str, Any]) -> Card:
    listed = told.get("components")
    inside = [
        component
        for part in (listed if isinstance(listed, list) else ())
        if isinstance(part, dict)
        for component in _components(part)
    ]
    return Card(
        next((part for part in inside if isinstance(part, Header)), None),
        next((part for part in inside if isinstance(part, Body)), None),
        tuple(part for part in inside if isinstance(part, Button)),
    )


def _examples(part: dict[str, Any], key: str) -> tuple[str, ...]:
    """`header_text: [..]`, `body_text: [[..]]`, or `..._named_params: [{param_name, example}]` in their order."""
    example = part.get("example")
    if not isinstance(example, dict):
        return ()
    listed = example.get(key)
    if isinstance(listed, list):
        flat = listed[0] if listed and isinstance(listed[0], list) else listed
        return tuple(one for one in flat if isinstance(one, str))
    named = example.get(f"{key}_named_params")
    pairs = [one for one in named if isinstance(one, dict)] if isinstance(named, list) else []
    return tuple(one["example"] for one in pairs if isinstance(one.get("example"), str))


def _text(told: dict[str, Any], key: str) -> str | None:
    value = told.get(key)
    return value if isinstance(value, str) and value else None
