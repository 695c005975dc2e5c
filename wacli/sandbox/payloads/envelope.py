"""The envelope of every notification: escaping, signature, entries, changes, who it is from.

Facts cloud-api.md sections 8 and 9, pricing.md section 10.1. Meta escapes every non-ASCII character as \\uXXXX and
every slash as \\/, so a signature checked over re-serialised JSON fails; the bytes here are made the same way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from ..book import Account, BusinessNumber
from ..customers import Customer

BSUID_FROM = date(2026, 4, 1)  # since then every message webhook carries one


def body_of(account: Account, changes: Sequence[Mapping[str, object]], at: datetime, *, entries: int = 1) -> bytes:
    """One notification; with `entries` above 1 the changes are spread over several entries of the same account."""
    size = -(-len(changes) // entries)
    parts = [changes[start : start + size] for start in range(0, len(changes), size)]
    told = [{"id": account.waba_id, "time": unix(at), "changes": list(part)} for part in parts]
    return escaped({"object": "whatsapp_business_account", "entry": told})


def escaped(value: object) -> bytes:
    """JSON with Meta's escaping."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signature(app_secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def unix(at: datetime) -> int:
    """Whole seconds, as Meta writes instants."""
    return int(at.timestamp())


def messages_value(number: BusinessNumber) -> dict[str, object]:
    """The beginning of every `messages` value."""
    metadata = {"display_phone_number": number.digits, "phone_number_id": number.id}
    return {"messaging_product": "whatsapp", "metadata": metadata}


def change(field: str, value: Mapping[str, object]) -> dict[str, object]:
    """One entry of `changes`."""
    return {"value": dict(value), "field": field}


def contact_card(customer: Customer, number: BusinessNumber, now: datetime) -> dict[str, object]:
    """`contacts[]`: absent parts are left out, not empty."""
    profile: dict[str, object] = {"name": customer.name}
    if customer.username is not None:
        profile["username"] = customer.username
    card: dict[str, object] = {"profile": profile}
    if customer.shows_phone(number.id, now):
        card["wa_id"] = customer.wa_id
    if has_bsuids(now):
        card["user_id"] = customer.bsuid
        if customer.parent_bsuid is not None:
            card["parent_user_id"] = customer.parent_bsuid
    return card


def sender(customer: Customer, number: BusinessNumber, now: datetime) -> dict[str, object]:
    """`from`, `from_user_id`, `from_parent_user_id` of a message."""
    shown: dict[str, object] = {}
    if customer.shows_phone(number.id, now):
        shown["from"] = customer.wa_id
    if has_bsuids(now):
        shown["from_user_id"] = customer.bsuid
        if customer.parent_bsuid is not None:
            shown["from_parent_user_id"] = customer.parent_bsuid
    return shown


def has_bsuids(now: datetime) -> bool:
    """True since early April 2026; the day is taken as the 1st, by UTC."""
    return now.astimezone(UTC).date() >= BSUID_FROM
