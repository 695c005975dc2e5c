"""What became of one message: the only way to recover a status whose webhook was lost.

Source: facts cloud-api.md section 5 (`message_history`). It is in Meta's OpenAPI file; no report of its use was found
(section 14), so an empty answer proves nothing. It is asked by wamid: a send whose answer never came has none, and is
resolved by a status webhook that carries our key.
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
    query = {"message_id": wamid, "fields": _FIELDS}
    found: list[HistoryEvent] = []
    for element in client.pages(f"{segment(phone_number_id)}/message_history", query):
        history_id = element.get("id")
        if _has_more(element) and isinstance(history_id, str):
            told = client.pages(f"{segment(history_id)}/events", {})
            found.extend(event for one in told if (event := _event(wamid, one)) is not None)
        else:
            found.extend(parse_history(element))
    return tuple(found)


def parse_history(told: dict[str, Any]) -> tuple[HistoryEvent, ...]:
    """The events inside one element of `data`; those without a status are left out."""
    wamid = told.get("message_id")
    events = told.get("events")
    listed = events.get("data") if isinstance(events, dict) else None
    if not isinstance(listed, list) or not isinstance(wamid, str):
        return ()
    return tuple(event for one in listed if isinstance(one, dict) and (event := _event(wamid, one)) is not None)


_FIELDS = "id,message_id,events{delivery_status,webhook_update_state,timestamp,error_description}"


def _has_more(element: dict[str, Any]) -> bool:
    events = element.get("events")
    paging = events.get("paging") if isinstance(events, dict) else None
    return isinstance(paging, dict) and bool(paging.get("next"))


def _event(wamid: str, told: dict[str, Any]) -> HistoryEvent | None:
    """One event; the list of its own (`/events`) wraps it in `node` and calls the time `occurrence_timestamp`."""
    node = told.get("node")
    told = node if isinstance(node, dict) else told
    status = told.get("delivery_status")
    if not isinstance(status, str):
        return None
    at = told.get("timestamp", told.get("occurrence_timestamp"))
    return HistoryEvent(
        wamid,
        status,
        at if isinstance(at, int) else None,
        _text(told.get("webhook_update_state")),
        _text(told.get("error_description")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
