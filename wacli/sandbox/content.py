"""The content of one outgoing message, kind by kind, except interactive ones and templates.

Fields and limits: facts cloud-api.md sections 2 and 7. Every function reads one object strictly and raises Refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .failures import Refusal
from .shape import Fields

TEXT_MOST = 4096
CAPTION_MOST = 1024
MEDIA_KINDS = ("image", "audio", "video", "document", "sticker")

_BIRTHDAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class Surroundings(NamedTuple):
    """What a check must know beyond the body. `media_kind` gives the kind of an uploaded file, None if unknown."""

    media_kind: Callable[[str], str | None]


def check_text(text: Fields) -> None:
    """`{body, preview_url?}`."""
    text.text("body", TEXT_MOST)
    text.maybe_flag("preview_url")
    text.done()


def check_media(kind: str, media: Fields, around: Surroundings) -> None:
    """Exactly one of `id` and `link`; caption, file name and voice only where the kind has them."""
    has_id, has_link = media.has("id"), media.has("link")
    if has_id == has_link:
        which = "only one" if has_id else "one"
        raise Refusal(131008 if not has_id else 131009, f"Param {media.place} needs {which} of 'id' and 'link'.")
    if has_id:
        media_id = media.text("id")
        found = around.media_kind(media_id)
        if found is None:
            raise Refusal(131009, f"Param {media.named('id')} is not a valid whatsapp business account media id.")
        if found != kind:
            raise Refusal(131053, f"Param {media.named('id')} is {found} media and cannot be sent as {kind}.", http=400)
    else:
        media.url("link")
    if kind in ("image", "video", "document"):
        media.maybe_text("caption", CAPTION_MOST)
    if kind == "document":
        media.maybe_text("filename")
    if kind == "audio":
        media.maybe_flag("voice")
    media.done()


def check_location(location: Fields) -> None:
    """Latitude and longitude as numbers or numeric strings, in range; name and address are text."""
    for key, most in (("latitude", 90.0), ("longitude", 180.0)):
        value = location.raw(key)
        if value is None:
            raise location.missing(key)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise Refusal(100, f"Param {location.named(key)} must be a number.")
        try:
            degrees = float(value)
        except ValueError:
            raise Refusal(131009, f"Param {location.named(key)} is not a number.") from None
        if not -most <= degrees <= most:
            raise Refusal(131009, f"Param {location.named(key)} must lie between -{most:g} and {most:g}.")
    location.maybe_text("name")
    location.maybe_text("address")
    location.done()


def check_contacts(body: Fields) -> None:
    """A list of address cards; each needs `name.formatted_name` and one more part of the name."""
    for card in body.list_of_fields("contacts", least=1):
        name = card.fields("name")
        name.text("formatted_name")
        parts = [name.maybe_text(key) for key in ("first_name", "last_name", "middle_name", "suffix", "prefix")]
        if not any(parts):
            raise Refusal(
                131008, f"Param {name.place} needs one of first_name, last_name, middle_name, suffix, prefix."
            )
        name.done()
        _check_lists(card, "phones", ("phone", "type", "wa_id"))
        _check_lists(card, "emails", ("email", "type"))
        _check_lists(card, "urls", ("url", "type"))
        _check_lists(card, "addresses", ("street", "city", "state", "zip", "country", "country_code", "type"))
        org = card.maybe_fields("org")
        if org is not None:
            for key in ("company", "department", "title"):
                org.maybe_text(key)
            org.done()
        birthday = card.maybe_text("birthday")
        if birthday is not None and not _BIRTHDAY.match(birthday):
            raise Refusal(131009, f"Param {card.named('birthday')} must look like YYYY-MM-DD.")
        card.done()


def _check_lists(card: Fields, key: str, known: tuple[str, ...]) -> None:
    for entry in card.list_of_fields(key):
        for part in known:
            entry.maybe_text(part)
        entry.done()


def check_reaction(reaction: Fields) -> None:
    """`{message_id, emoji}`; an empty emoji takes the reaction back."""
    reaction.text("message_id")
    emoji = reaction.raw("emoji")
    if emoji is None:
        raise reaction.missing("emoji")
    if not isinstance(emoji, str):
        raise Refusal(100, f"Param {reaction.named('emoji')} must be a string.")
    # One emoji may be a dozen code points (families, flags, skin tones); letters never are one.
    if len(emoji) > 16 or any(char.isascii() and char.isalpha() for char in emoji):
        raise Refusal(131009, f"Param {reaction.named('emoji')} must be one emoji.")
    reaction.done()
