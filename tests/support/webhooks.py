"""Webhook bodies as Meta writes them, made for one test at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

PHONE_NUMBER_ID, DISPLAY_NUMBER, WABA_ID = "106540352242922", "15550783881", "102290129340398"


def body(field: str = "messages", **value: object) -> dict[str, object]:
    """One notification with one change."""
    metadata = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": PHONE_NUMBER_ID}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": [change]}]}


def text(key: str, at: int, words: str = "halo", phone: str = "6281234567890") -> dict[str, object]:
    """One text message from one contact."""
    return body(
        contacts=[{"profile": {"name": "Sari"}, "wa_id": phone}],
        messages=[{"from": phone, "id": key, "timestamp": str(at), "type": "text", "text": {"body": words}}],
    )


def ndjson(bodies: Sequence[Mapping[str, object]]) -> bytes:
    """One body a line."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in bodies)
