"""What the Graph nodes of an account say about themselves: numbers, the account, subscriptions, message history.

Fields: facts cloud-api.md section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .book import Account, Book, BusinessNumber, SentMessage
from .failures import Refusal, no_such_object
from .payloads.envelope import unix
from .post import NoReply, request
from .templates import asked_fields, paged

LIMIT_FIELD_FROM = 24  # v24.0: the messaging limit is the portfolio's

_NUMBER_DEFAULT = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating")
_NUMBER_KNOWN = (
    *_NUMBER_DEFAULT, "id", "name_status", "status", "platform_type", "throughput", "account_mode",
    "is_official_business_account", "webhook_configuration", "messaging_limit_tier",
    "whatsapp_business_manager_messaging_limit", "health_status",
)  # fmt: skip
_ACCOUNT_KNOWN = ("id", "name", "currency", "timezone_id", "message_template_namespace", "primary_funding_id")


def number_node(account: Account, number: BusinessNumber, version: int, fields: str | None) -> dict[str, object]:
    """`GET /{phone_number_id}`; the limit's field by version."""
    asked = asked_fields(fields, _NUMBER_KNOWN, _NUMBER_DEFAULT)
    is_new = version >= LIMIT_FIELD_FROM
    if ("messaging_limit_tier" if is_new else "whatsapp_business_manager_messaging_limit") in asked:
        raise Refusal(100, f"Tried accessing nonexisting field of v{version}.0 (messaging limit)")
    whole: dict[str, object] = {
        "verified_name": number.verified_name,
        "code_verification_status": "VERIFIED",
        "display_phone_number": number.display,
        "quality_rating": number.quality,
        "name_status": "APPROVED",
        "status": number.status,
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "account_mode": "LIVE" if number.allowed is None else "SANDBOX",
        "is_official_business_account": False,
        "webhook_configuration": {"application": account.webhook_url or ""},
        "whatsapp_business_manager_messaging_limit" if is_new else "messaging_limit_tier": number.limit,
        "health_status": _health(account, number),
        "id": number.id,
    }
    return {key: value for key, value in whole.items() if key in asked or key == "id"}


def _health(account: Account, number: BusinessNumber) -> dict[str, object]:
    """Whether each thing that a message passes lets it through; the sum is the worst (Meta's page of June 2026)."""
    is_up = number.status == "CONNECTED"
    entities: list[dict[str, object]] = [
        {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": "AVAILABLE" if is_up else "BLOCKED"},
        {"entity_type": "WABA", "id": account.waba_id, "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": account.app_id, "can_send_message": "AVAILABLE"},
    ]
    if not is_up:
        entities[0]["errors"] = [
            {
                "error_code": 133010,
                "error_description": f"The phone number is {number.status.lower()}.",
                "possible_solution": "Register the phone number again.",
            }
        ]
    if not account.has_payment_method:
        entities[1] |= {
            "can_send_message": "LIMITED",
            "additional_info": ["The account has no valid payment method."],
        }
    states = [entity["can_send_message"] for entity in entities]
    worst = next(state for state in ("BLOCKED", "LIMITED", "AVAILABLE") if state in states)
    return {"can_send_message": worst, "entities": entities}


def numbers_page(account: Account, version: int, query: Mapping[str, str], address: str) -> dict[str, object]:
    """`GET /{waba_id}/phone_numbers`."""
    rows = [number_node(account, number, version, query.get("fields")) for number in account.numbers]
    return paged(rows, query, address)


def account_node(account: Account, fields: str | None) -> dict[str, object]:
    """`GET /{waba_id}`; a missing payment method shows as a missing `primary_funding_id`."""
    asked = asked_fields(fields, _ACCOUNT_KNOWN, ("name", "currency"))
    whole: dict[str, object] = {
        "id": account.waba_id,
        "name": account.name,
        "currency": account.currency,
        "timezone_id": "0",
        "message_template_namespace": f"sandbox_{account.waba_id}",
    }
    if account.has_payment_method:
        whole["primary_funding_id"] = "1"
    return {key: value for key, value in whole.items() if key in asked or key == "id"}


def token_node(account: Account | None, now: datetime) -> dict[str, object]:
    """`GET /debug_token`: what a token is good for; `expires_at` 0 is never. Raises Refusal.

    Source: Meta's reference of debug_token (Graph API v25.0); `granular_scopes` name the objects of each permission.
    """
    if account is None:
        told = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"error": told, "is_valid": False, "scopes": []}}
    grant = account.grant
    if not grant.is_inspectable:
        raise Refusal(100, "You must provide an app access token, or a user access token of an owner of the app.")
    return {
        "data": {
            "app_id": account.app_id,
            "type": "SYSTEM_USER",
            "application": f"{account.name} app",
            "data_access_expires_at": 0,
            "expires_at": 0 if grant.expires_at is None else int(grant.expires_at.timestamp()),
            "is_valid": not grant.has_expired(now),
            "scopes": list(grant.scopes),
            "granular_scopes": [{"scope": scope, "target_ids": [account.waba_id]} for scope in grant.scopes],
            "user_id": "122100000000000001",
        }
    }


def app_node(account: Account) -> dict[str, object]:
    """The one app of the account, as `subscribed_apps` lists it."""
    app = {
        "id": account.app_id,
        "name": f"{account.name} app",
        "link": f"https://www.facebook.com/games/?app_id={account.app_id}",
    }
    shown: dict[str, object] = {"whatsapp_business_api_data": app}
    return shown | ({"override_callback_uri": account.override_url} if account.override_url else {})


def subscribe(account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """`POST /{waba_id}/subscribed_apps`, with the handshake where an own address is given. Raises Refusal."""
    override, verify_token = body.get("override_callback_uri"), body.get("verify_token")
    if override is not None:
        if not isinstance(override, str) or len(override) > 200 or not isinstance(verify_token, str):
            raise Refusal(100, "override_callback_uri (at most 200 characters) needs a verify_token beside it.")
        shake_hands(override, verify_token, "1158201444")
        account.override_url = override
    account.is_subscribed = True
    answer: dict[str, object] = {"success": True}
    return answer | ({"data": [app_node(account)]} if override is not None else {})


def shake_hands(url: str, verify_token: str, challenge: str) -> None:
    """Meta's test of a callback address: it must give the challenge back. Raises Refusal."""
    joined = (
        f"{url}{'&' if '?' in url else '?'}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={verify_token}"
    )
    try:
        reply = request("GET", joined, {"User-Agent": "facebookplatform/1.0"}, b"", 10.0)
    except NoReply as why:
        raise Refusal(100, f"The callback URL could not be validated: {why}", subcode=2200) from None
    if reply.status != 200 or reply.body.strip() != challenge.encode():
        raise Refusal(100, f"The callback URL could not be validated: it answered {reply.status}.", subcode=2200)


def history_page(book: Book, number: BusinessNumber, query: Mapping[str, str], address: str) -> dict[str, object]:
    """`GET /{phone_number_id}/message_history`: the only way to learn a status whose webhook was lost."""
    wanted = query.get("message_id")
    with book.lock:
        found = [one for one in book.sent.values() if one.number is number and wanted in (None, one.id)]
        rows = [_history_row(one) for one in found]
    return paged(rows, query, address)


def history_events(
    book: Book, account: Account, history_id: str, query: Mapping[str, str], address: str
) -> dict[str, object]:
    """`GET /{message_history_id}/events`."""
    with book.lock:
        for message in book.sent.values():
            if message.history_id == history_id and message.account is account:
                return paged(_events(message), query, address)
    raise no_such_object(history_id)


def _history_row(message: SentMessage) -> dict[str, object]:
    return {"id": message.history_id, "message_id": message.id, "events": {"data": _events(message)}}


def _events(message: SentMessage) -> list[dict[str, object]]:
    shown = []
    for event in message.events:
        row: dict[str, object] = {
            "id": event.id,
            "delivery_status": event.status.upper(),
            "timestamp": unix(event.at),
            "webhook_update_state": event.webhook,
            "application": {"id": message.account.app_id},
            "webhook_uri": message.account.webhook_url or "",
        }
        if event.error_code is not None:
            row["error_description"] = event.error_text
        shown.append(row)
    return shown
