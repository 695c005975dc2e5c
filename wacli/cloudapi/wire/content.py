"""What a person would read of a message, kind by kind: body, caption, button title, place, names.

Source: facts cloud-api.md section 9, the table of types. Kinds that are not in the table are read by the words
their content is likely to use, so that a new kind shows more than its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from wacli.domain.event import Media

from .values import first_of, members_of, text_of, word_of

MEDIA_KINDS = frozenset({"image", "video", "audio", "voice", "document", "sticker"})
_LIKELY_WORDS = ("body", "text", "caption", "title", "name", "description")
_KINDS_IN_ORDER = ("text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction")
_MORE_KINDS_IN_ORDER = ("interactive", "button", "order", "system", "edit", "revoke", "unsupported")


class Content(NamedTuple):
    """The readable part of a message."""

    text: str | None
    target: str | None
    media: Media | None


def content_of(kind: str, element: Mapping[str, object]) -> Content:
    """The content of a message element of this kind; an edit is read as what the message says now."""
    content = element.get(kind)
    if kind in MEDIA_KINDS:
        return Content(_media_text(content), None, media_of(content))
    if kind == "reaction":
        reaction = members_of(content)
        return Content(text_of(reaction.get("emoji")), word_of(reaction.get("message_id")), None)
    if kind in ("edit", "revoke"):
        change = members_of(content)
        target = word_of(change.get("original_message_id"))
        message = members_of(change.get("message"))
        inner_kind = kind_of(message)
        if inner_kind is None or inner_kind in ("edit", "revoke", "reaction"):
            return Content(None, target, None)
        inner = content_of(inner_kind, message)
        return Content(inner.text, target, inner.media)
    read = _READERS.get(kind)
    text = _likely_text(content) if read is None else read(content, element)
    return Content(text, None, None)


def kind_of(element: Mapping[str, object]) -> str | None:
    """The `type` of a message element; without one, the kind whose content it carries."""
    kind = word_of(element.get("type"))
    if kind is not None:
        return kind
    for likely in _KINDS_IN_ORDER + _MORE_KINDS_IN_ORDER:
        if type(element.get(likely)) in (dict, list):
            return likely
    return None


def media_of(content: object) -> Media | None:
    """The file a message carries, when it says anything of it."""
    if type(content) is not dict:
        return None
    media = Media(
        word_of(content.get("id")),
        text_of(content.get("mime_type")),
        text_of(content.get("sha256")),
        text_of(content.get("filename")),
    )
    return None if media == _NO_MEDIA else media


def failure_of(errors: object) -> tuple[int | None, str | None]:
    """The code and the most precise words of the first error in a list."""
    error = first_of(errors)
    code = error.get("code")
    details = error.get("error_data")
    text = text_of(details) or text_of(members_of(details).get("details"))
    text = text or text_of(error.get("message")) or text_of(error.get("title")) or text_of(error.get("details"))
    return (code if type(code) is int and abs(code) < 2**63 else _number_in(code)), text


def _number_in(code: object) -> int | None:
    return int(code) if type(code) is str and code.isascii() and code.isdigit() and len(code) <= 18 else None


def _media_text(content: object) -> str | None:
    members = members_of(content)
    return text_of(members.get("caption")) or text_of(members.get("filename"))


def _text(content: object, _element: Mapping[str, object]) -> str | None:
    return text_of(members_of(content).get("body")) or text_of(content)


def _location(content: object, _element: Mapping[str, object]) -> str | None:
    place = members_of(content)
    words = [word for word in (text_of(place.get("name")), text_of(place.get("address"))) if word is not None]
    if words:
        return ", ".join(words)
    latitude, longitude = place.get("latitude"), place.get("longitude")
    if type(latitude) in (int, float) and type(longitude) in (int, float):
        return f"{latitude}, {longitude}"
    return text_of(place.get("url"))


def _contacts(content: object, _element: Mapping[str, object]) -> str | None:
    cards = content if type(content) is list else [content]
    names = [name for name in map(_card_name, cards) if name is not None]
    return ", ".join(names) or None


def _card_name(card: object) -> str | None:
    members = members_of(card)
    name = members_of(members.get("name"))
    parts = [part for part in (text_of(name.get("first_name")), text_of(name.get("last_name"))) if part is not None]
    phone = first_of(members.get("phones"))
    return (
        text_of(name.get("formatted_name"))
        or " ".join(parts)
        or text_of(members_of(members.get("org")).get("company"))
        or text_of(phone.get("phone"))
        or text_of(phone.get("wa_id"))
    )


def _button(content: object, _element: Mapping[str, object]) -> str | None:
    button = members_of(content)
    return text_of(button.get("text")) or text_of(button.get("payload"))


def _interactive(content: object, _element: Mapping[str, object]) -> str | None:
    interactive = members_of(content)
    kind = word_of(interactive.get("type"))
    answer = members_of(interactive.get(kind)) if kind is not None else {}
    text = text_of(answer.get("title")) or text_of(answer.get("name")) or text_of(answer.get("body"))
    text = text or text_of(answer.get("response")) or text_of(answer.get("payment_method"))
    return text or _likely_text(interactive) or _likely_text(answer)


def _order(content: object, _element: Mapping[str, object]) -> str | None:
    order = members_of(content)
    items = order.get("product_items")
    count = len(items) if type(items) is list else 0
    written = text_of(order.get("text"))
    if written is not None and not written.isspace():
        return written
    return None if count == 0 else "1 item" if count == 1 else f"{count} items"


def _system(content: object, _element: Mapping[str, object]) -> str | None:
    return text_of(members_of(content).get("body")) or text_of(content)


def _unsupported(content: object, element: Mapping[str, object]) -> str | None:
    return word_of(members_of(content).get("type")) or failure_of(element.get("errors"))[1]


def _failed(_content: object, element: Mapping[str, object]) -> str | None:
    return failure_of(element.get("errors"))[1]


def _likely_text(content: object) -> str | None:
    if type(content) is not dict:
        return text_of(content)
    for word in _LIKELY_WORDS:
        found = content.get(word)
        text = text_of(found) or text_of(members_of(found).get("text"))
        if text is not None:
            return text
    return None


_NO_MEDIA = Media(None, None, None, None)
_READERS: Mapping[str, Callable[[object, Mapping[str, object]], str | None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "system": _system,
    "unsupported": _unsupported,
    "unknown": _unsupported,
    "errors": _failed,
}
