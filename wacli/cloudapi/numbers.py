"""The business numbers of an account (facts: cloud-api.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .client import Client, segment

_FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,code_verification_status,name_status,status,"
    "platform_type,throughput,account_mode,is_official_business_account"
)


@dataclass(frozen=True, slots=True)
class BusinessNumber:
    """One number as Meta describes it; anything but the id may be missing. Words are Meta's, as an open set."""

    id: str
    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None  # GREEN, YELLOW, RED, NA, UNKNOWN
    status: str | None = None  # CONNECTED, FLAGGED, RESTRICTED, BANNED, ...
    name_status: str | None = None
    code_verification_status: str | None = None
    platform_type: str | None = None
    throughput: str | None = None
    account_mode: str | None = None  # LIVE, SANDBOX
    messaging_limit: str | None = None  # TIER_250, ...: unique people outside windows in 24 hours
    is_official: bool | None = None
    username: str | None = None


def list_numbers(client: Client, waba_id: str) -> Iterator[BusinessNumber]:
    """The numbers of a WhatsApp business account, page after page."""
    query = {"fields": _fields(client), "limit": "100"}
    for told in client.pages(f"{segment(waba_id)}/phone_numbers", query):
        number = parse_number(told)
        if number is not None:
            yield number


def get_number(client: Client, phone_number_id: str) -> BusinessNumber:
    """One number by its id. Raises `ApiRefused` when the token does not see it."""
    told = client.get(segment(phone_number_id), {"fields": _fields(client)})
    return parse_number(told) or BusinessNumber(phone_number_id)


def parse_number(told: dict[str, Any]) -> BusinessNumber | None:
    """A number from Meta's JSON, None without an id."""
    number_id = _text(told, "id")
    if number_id is None:
        return None
    speed = told.get("throughput")
    official = told.get("is_official_business_account")
    return BusinessNumber(
        number_id,
        _text(told, "display_phone_number"),
        _text(told, "verified_name"),
        _text(told, "quality_rating"),
        _text(told, "status"),
        _text(told, "name_status"),
        _text(told, "code_verification_status"),
        _text(told, "platform_type") or _text(told, "host_platform"),
        _text(speed, "level") if isinstance(speed, dict) else None,
        _text(told, "account_mode"),
        _text(told, "whatsapp_business_manager_messaging_limit") or _text(told, "messaging_limit_tier"),
        official if isinstance(official, bool) else None,
        _text(told, "username"),
    )


def _fields(client: Client) -> str:
    """The limit has another name since v24.0."""
    major = float(client.settings.version.removeprefix("v"))
    return f"{_FIELDS},{'whatsapp_business_manager_messaging_limit' if major >= 24 else 'messaging_limit_tier'}"


def _text(told: dict[str, Any], key: str) -> str | None:
    value = told.get(key)
    return value if isinstance(value, str) and value else None
