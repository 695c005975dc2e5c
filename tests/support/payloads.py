"""Our own webhook payloads, written from the facts (cloud-api.md section 9): one file for each kind.

`tests/data/payloads/<group>/<kind>.json` holds what one notification may look like; the builders below make more of
the ordinary ones. The shop is an invented one in Jakarta; numbers, identifiers and names are nobody's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).resolve().parents[1] / "data" / "payloads"

WABA_ID = "205550000000001"
PHONE_NUMBER_ID = "105550000000001"
SHOP_PHONE = "622150550100"
SARI_PHONE = "6281355500101"
SARI_BSUID = "ID.9000000000000000101"
RINA_BSUID = "ID.9000000000000000202"  # has a username, and no number that we know


def payload_names(group: str = "") -> list[str]:
    """The names (`messages/text`) of a group's payloads, or of all."""
    folder = PAYLOADS / group
    return sorted(str(path.relative_to(PAYLOADS).with_suffix("")) for path in folder.rglob("*.json"))


def payload_bytes(name: str) -> bytes:
    """A payload exactly as it is written."""
    return (PAYLOADS / f"{name}.json").read_bytes()


def payload(name: str) -> Any:
    """A payload, decoded."""
    return json.loads(payload_bytes(name))


def notification(field: str, **value: Any) -> dict[str, Any]:
    """A body with one change that says `value` of our number."""
    metadata = {"display_phone_number": SHOP_PHONE, "phone_number_id": PHONE_NUMBER_ID}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": WABA_ID, "changes": [change]}]}


def contact(phone: str | None = SARI_PHONE, bsuid: str | None = SARI_BSUID, name: str = "Sari Dewi") -> dict[str, Any]:
    """An entry of `contacts`."""
    ids = {"wa_id": phone, "user_id": bsuid}
    return {"profile": {"name": name}, **{key: value for key, value in ids.items() if value is not None}}


def text(
    key: str, at: int, body: str = "Halo", phone: str = SARI_PHONE, bsuid: str | None = SARI_BSUID
) -> dict[str, Any]:
    """A text message from a contact."""
    sender = {"from": phone} if bsuid is None else {"from": phone, "from_user_id": bsuid}
    return {**sender, "id": key, "timestamp": str(at), "type": "text", "text": {"body": body}}


def status(key: str, word: str, at: int, phone: str = SARI_PHONE, **more: Any) -> dict[str, Any]:
    """A status of a message to a contact."""
    return {"id": key, "status": word, "timestamp": str(at), "recipient_id": phone, **more}


def messages(elements: Iterable[Any], contacts: Iterable[Any] = ()) -> dict[str, Any]:
    """A notification of messages."""
    return notification("messages", contacts=list(contacts) or [contact()], messages=list(elements))


def batch(count: int, at: int = 1_795_000_000) -> dict[str, Any]:
    """One notification of `count` updates: texts of 100 contacts and, for every third, a status instead."""
    contacts = [contact(f"62813555{n:05d}", f"ID.90000000000000{n:05d}", f"Pelanggan {n}") for n in range(100)]
    texts, statuses = [], []
    for n in range(count):
        someone = contacts[n % 100]
        if n % 3 == 2:
            statuses.append(status(f"wamid.BATCHOUT{n}=", "delivered", at + n, someone["wa_id"]))
        else:
            texts.append(text(f"wamid.BATCH{n}=", at + n, f"Pesan {n}", someone["wa_id"], someone["user_id"]))
    return notification("messages", contacts=contacts, messages=texts, statuses=statuses)
