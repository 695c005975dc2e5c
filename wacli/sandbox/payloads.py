"""Webhook bodies as Meta writes them: shapes, escaping, signature.

Facts cloud-api.md sections 8 and 9, pricing.md section 10.1. Meta escapes every non-ASCII character as \\uXXXX and
every slash as \\/, so a signature checked over re-serialised JSON fails; the bytes here are made the same way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from .book import Account, BusinessNumber, SentMessage, StatusEvent
from .customers import Customer
from .failures import webhook_error
from .ledger import Step
from .pricing import Pricing

BSUID_FROM = date(2026, 4, 1)  # since then every message webhook carries one
LATE_CONVERSATIONS_FROM = date(2025, 10, 8)  # v24.0: `conversation` only inside a free entry point


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


def status_value(message: SentMessage, event: StatusEvent, *, with_pricing: bool) -> dict[str, object]:
    """The `messages` value of one status: failed comes without contacts, pricing only where Meta sends it."""
    value = messages_value(message.number)
    customer = message.customer
    status: dict[str, object] = {"id": message.id, "status": event.status, "timestamp": str(unix(event.at))}
    if customer is not None and event.status != "failed":
        value["contacts"] = [contact_card(customer, message.number, event.at)]
    if customer is None:  # nobody there: Meta repeats what was asked for
        key = "recipient_user_id" if message.is_by_bsuid else "recipient_id"
        status[key] = message.input if message.is_by_bsuid else "".join(c for c in message.input if c.isdigit())
    else:
        if customer.shows_phone(message.number.id, event.at):
            status["recipient_id"] = customer.wa_id
        if has_bsuids(event.at):
            status["recipient_user_id"] = customer.bsuid
            if customer.parent_bsuid is not None:
                status["recipient_parent_user_id"] = customer.parent_bsuid
    if message.callback_data is not None:
        status["biz_opaque_callback_data"] = message.callback_data
    if event.error_code is not None:
        status["errors"] = [webhook_error(event.error_code, event.error_text or "")]
    if message.pricing is not None and event.status != "failed":
        told = conversation(message.pricing, message, event)
        if told is not None:
            status["conversation"] = told
        if with_pricing:
            status["pricing"] = message.pricing.as_json()
    value["statuses"] = [status]
    return value


def conversation(pricing: Pricing, message: SentMessage, event: StatusEvent) -> dict[str, object] | None:
    """The `conversation` object, or None where Meta sends none; its end stands on `sent` only."""
    is_entry = pricing.kind == "free_entry_point"
    is_late = event.at.astimezone(message.account.zone).date() >= LATE_CONVERSATIONS_FROM
    if is_late and not is_entry:
        return None
    origin = pricing.category.replace("-", "_")
    told: dict[str, object] = {"id": pricing.conversation_id or message.history_id, "origin": {"type": origin}}
    if event.status == "sent" and pricing.conversation_until is not None:
        told["expiration_timestamp"] = str(unix(pricing.conversation_until))
    return told


def tier_value(step: Step) -> dict[str, object]:
    """`account_update` of a volume tier: pricing.md section 5. The region's spelling is a guess from `INDIA`."""
    return {
        "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
        "volume_tier_info": {
            "tier_update_time": unix(step.at),
            "pricing_category": step.category.replace("-", "_").upper(),
            "tier": step.tier,
            "effective_month": step.month,
            "region": step.market.upper().replace(" ", "_"),
        },
    }
