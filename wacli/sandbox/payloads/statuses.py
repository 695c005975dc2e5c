"""What the business hears of its own messages: sent, delivered, read, played, failed, with the price where Meta has it.

Facts cloud-api.md section 9, pricing.md section 10.1.
"""

from __future__ import annotations

from datetime import date

from ..book import SentMessage, StatusEvent
from ..failures import webhook_error
from ..pricing import Pricing
from .envelope import contact_card, has_bsuids, messages_value, unix

LATE_CONVERSATIONS_FROM = date(2025, 10, 8)  # v24.0: `conversation` only inside a free entry point


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
