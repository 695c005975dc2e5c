"""The content of a customer's message, kind by kind: `type`, the object named like it, context, referral.

Facts cloud-api.md section 9, the table of types. What a message needs besides (sender, id, timestamp) is the
envelope's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..failures import webhook_error

Content: TypeAlias = dict[str, object]

_TYPES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg; codecs=opus",
    "sticker": "image/webp",
    "document": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Ad:
    """A click-to-WhatsApp ad. `click_id` is left out for ads in Status, as Meta does."""

    source_id: str = "120210000000000001"
    headline: str = "Chat with us"
    body: str = "Fresh every morning"
    url: str = "https://fb.me/sandbox"
    source_type: str = "ad"
    has_click_id: bool = True


def text(body: str, *, reply_to: Mapping[str, object] | None = None) -> Content:
    """A text; `reply_to` is its context."""
    content: Content = {"text": {"body": body}, "type": "text"}
    return content if reply_to is None else content | {"context": dict(reply_to)}


def context(business_digits: str, wamid: str) -> Content:
    """What a reply or a tap is about."""
    return {"from": business_digits, "id": wamid}


def from_ad(content: Content, ad: Ad, bsuid: str) -> Content:
    """The same message, first of a chat that began at an ad or a post."""
    referral: Content = {
        "source_url": ad.url,
        "source_id": ad.source_id,
        "source_type": ad.source_type,
        "body": ad.body,
        "headline": ad.headline,
        "media_type": "image",
        "image_url": f"{ad.url}/picture.jpg",
    }
    if ad.has_click_id:
        referral["ctwa_clid"] = hashlib.sha256(f"{ad.source_id}{bsuid}".encode()).hexdigest()
    return {"referral": referral, **content}


def file(kind: str, media_id: str, *, url: str | None = None, **more: object) -> Content:
    """image, video, audio, voice (an audio message that is a voice note), sticker, document."""
    named = "audio" if kind == "voice" else kind
    digest = base64.b64encode(hashlib.sha256(media_id.encode()).digest()).decode()
    said: Content = {"id": media_id, "mime_type": _TYPES[kind], "sha256": digest}
    if url is not None:
        said["url"] = url
    if named == "audio":
        said["voice"] = kind == "voice"
    if kind == "sticker":
        said["animated"] = False
    return {"type": named, named: said | more}


def location(latitude: float, longitude: float, name: str, address: str) -> Content:
    """A place."""
    return {
        "type": "location",
        "location": {
            "latitude": latitude,
            "longitude": longitude,
            "name": name,
            "address": address,
            "url": f"https://maps.example/?q={latitude},{longitude}",
        },
    }


def contacts(first: str, last: str, phone: str) -> Content:
    """One address-book card."""
    whole, digits = f"{first} {last}", "".join(char for char in phone if char.isdigit())
    card = {
        "name": {"first_name": first, "last_name": last, "formatted_name": whole},
        "phones": [{"phone": phone, "wa_id": digits, "type": "CELL"}],
        "vcard": f"BEGIN:VCARD\nVERSION:3.0\nN:{last};{first};;;\nFN:{whole}\nTEL:{phone}\nEND:VCARD",
        "origin": "other",
    }
    return {"type": "contacts", "contacts": [card]}


def reaction(wamid: str, emoji: str | None) -> Content:
    """A reaction; None takes it back."""
    return {"type": "reaction", "reaction": {"message_id": wamid} | ({} if emoji is None else {"emoji": emoji})}


def button(about: Content, payload: str, title: str) -> Content:
    """A tap on a quick reply of a template."""
    return {"context": about, "type": "button", "button": {"payload": payload, "text": title}}


def choice(about: Content, kind: str, chosen: Mapping[str, object]) -> Content:
    """A tap on a button (`button_reply`) or on a row (`list_reply`) of an interactive message, and its like."""
    return {"context": about, "type": "interactive", "interactive": {"type": kind, kind: dict(chosen)}}


def flow_reply(about: Content, answers: Mapping[str, object]) -> Content:
    """A flow that was filled in: the answers travel as JSON inside a string."""
    return choice(about, "nfm_reply", {"name": "flow", "body": "Sent", "response_json": json.dumps(answers)})


def order(catalog_id: str, items: Sequence[tuple[str, int, int]], currency: str, note: str = "") -> Content:
    """A basket out of the catalogue: (retailer's id, quantity, price)."""
    rows = [
        {"product_retailer_id": key, "quantity": count, "item_price": price, "currency": currency}
        for key, count, price in items
    ]
    return {"type": "order", "order": {"catalog_id": catalog_id, "text": note, "product_items": rows}}


def edit(wamid: str, content: Content) -> Content:
    """The customer has changed a message within 15 minutes: what it says now."""
    return {"type": "edit", "edit": {"original_message_id": wamid, "message": content}}


def revoke(wamid: str) -> Content:
    """The customer has deleted a message within two days."""
    return {"type": "revoke", "revoke": {"original_message_id": wamid}}


def system(kind: str, body: str, **more: object) -> Content:
    """A system message: `user_changed_number`, `user_changed_user_id`, `customer_identity_changed`."""
    return {"type": "system", "system": {"body": body, **more, "type": kind}}


def unsupported(kind: str | None = None) -> Content:
    """Something that the API does not hand over: a poll, a view-once picture, the first word on a phone-app number."""
    error = webhook_error(131051, "Message type is currently not supported.")
    del error["href"]
    said: Content = {"errors": [error], "type": "unsupported"}
    return said if kind is None else said | {"unsupported": {"type": kind}}
