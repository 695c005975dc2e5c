"""What became of one message: the only way to recover a status whose webhook was lost.

Source: facts cloud-api.md section 5 (`message_history`). It is in Meta's OpenAPI file; no report of its use was found
(section 14), so an empty answer proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .client import Client, segment


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One delivery event. `status` is Meta's word (SENT, DELIVERED, READ, FAILED, DELETED); `at` seconds since 1970."""

    wamid: str
    status: str
    at: int | None
    webhook_state: str | None
    error: str | None


def message_history(client: Client, phone_number_id: str, wamid: str) -> tuple[HistoryEvent, ...]:
    """The events of a message in the order given. Raises `ApiRefused` where the account has no such history."""
    query = {"message_id": wamid, "fields": "id,message_id,events"}
    elements = client.pages(f"{segment(phone_number_id)}/message_history", query)
    return tuple(event for element in elements for event in parse_history(element))


def parse_history(told: dict[str, Any]) -> tuple[HistoryEvent, ...]:
    """The events of one element of `data`; those without a status are left out."""
    wamid = told.get("message_id")
    events = told.get("events")
    listed = events.get("data") if isinstance(events, dict) else None
    found = []
    for event in listed if isinstance(listed, list) else ():
        status = event.get("delivery_status") if isinstance(event, dict) else None
        if isinstance(status, str) and isinstance(wamid, str):
            at = event.get("timestamp")
            found.append(
                HistoryEvent(
                    wamid,
                    status,
                    at if isinstance(at, int) else None,
                    _text(event.get("webhook_update_state")),
                    _text(event.get("error_description")),
                )
            )
    return tuple(found)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
