"""What people do besides writing: calls, opt-outs, the phone app with its echoes, history and address book.

Facts cloud-api.md section 9, the table of fields. Each function gives the `value` of one change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..book import Scene
from .contents import Content
from .envelope import contact_card, messages_value, sender, unix


def message(scene: Scene, wamid: str, content: Mapping[str, object], at: datetime) -> Content:
    """One element of `messages`."""
    return {**sender(scene.customer, scene.number, at), "id": wamid, "timestamp": str(unix(at)), **content}


def said(scene: Scene, wamid: str, content: Mapping[str, object], at: datetime) -> Content:
    """A customer's message of any kind; system messages come without contacts."""
    value = messages_value(scene.number)
    if content.get("type") != "system":
        value["contacts"] = [contact_card(scene.customer, scene.number, at)]
    return value | {"messages": [message(scene, wamid, content, at)]}


def call_event(scene: Scene, call_id: str, event: str, at: datetime, more: Mapping[str, object]) -> Content:
    """A customer's call: `connect`, then `terminate`."""
    call = {
        "id": call_id,
        **sender(scene.customer, scene.number, at),
        "to": scene.number.digits,
        "event": event,
        "direction": "USER_INITIATED",
        "timestamp": str(unix(at)),
        **more,
    }
    contacts = [contact_card(scene.customer, scene.number, at)]
    return messages_value(scene.number) | {"contacts": contacts, "calls": [call]}


def call_ended(began: datetime, lasted: timedelta | None) -> Content:
    """What `terminate` adds: times where somebody answered."""
    if lasted is None:
        return {"status": "FAILED"}
    times = {"start_time": str(unix(began)), "end_time": str(unix(began + lasted))}
    return {"status": "COMPLETED", **times, "duration": int(lasted.total_seconds())}


def our_call(scene: Scene, call_id: str, status: str, at: datetime) -> Content:
    """How a call of the business fares: RINGING, ACCEPTED, REJECTED."""
    card = contact_card(scene.customer, scene.number, at)
    named = {"wa_id": "recipient_id", "user_id": "recipient_user_id"}
    told = {
        "id": call_id,
        "type": "call",
        "status": status,
        "timestamp": str(unix(at)),
        **{named[key]: card[key] for key in named if key in card},
    }
    return messages_value(scene.number) | {"statuses": [told]}


def preference(scene: Scene, value: str, at: datetime) -> Content:
    """A customer stops or resumes marketing in WhatsApp itself."""
    card = contact_card(scene.customer, scene.number, at)
    told: Content = {key: card[key] for key in ("wa_id", "user_id") if key in card}
    told |= {
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": unix(at),
    }
    return messages_value(scene.number) | {"contacts": [card], "user_preferences": [told]}


def echo(scene: Scene, wamid: str, content: Mapping[str, object], at: datetime) -> Content:
    """What the owner typed, changed or deleted in the WhatsApp Business app."""
    card = contact_card(scene.customer, scene.number, at)
    named = {"wa_id": "to", "user_id": "to_user_id", "parent_user_id": "to_parent_user_id"}
    told = {
        "from": scene.number.digits,
        **{named[key]: card[key] for key in named if key in card},
        "id": wamid,
        "timestamp": str(unix(at)),
        **content,
    }
    return messages_value(scene.number) | {"contacts": [card], "message_echoes": [told]}


def address_book(scene: Scene, action: str, at: datetime) -> Content:
    """`smb_app_state_sync`: the owner added somebody to the phone's address book (`add`), or took them out."""
    card: Content = {"phone_number": scene.customer.wa_id}
    if action == "add":
        card |= {"full_name": scene.customer.name, "first_name": scene.customer.name.split()[0]}
    row = {"type": "contact", "contact": card, "action": action, "metadata": {"timestamp": str(unix(at))}}
    return messages_value(scene.number) | {"state_sync": [row]}


def history(scene: Scene, progress: int, told: Sequence[tuple[str, bool, str, datetime, str]]) -> Content:
    """A chunk of the phone's history: (wamid, whether the owner wrote it, text, when, status) of one thread."""
    messages = []
    for wamid, is_ours, body, at, status in told:
        mine = {"from": scene.number.digits, "to": scene.customer.wa_id} if is_ours else {"from": scene.customer.wa_id}
        messages.append(
            {
                **mine,
                "id": wamid,
                "timestamp": str(unix(at)),
                "type": "text",
                "text": {"body": body},
                "history_context": {"status": status},
            }
        )
    metadata = {"phase": 0, "chunk_order": 1, "progress": progress}
    chunk = {"metadata": metadata, "threads": [{"id": scene.customer.wa_id, "messages": messages}]}
    return messages_value(scene.number) | {"history": [chunk]}
