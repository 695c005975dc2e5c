"""Made-up shops: a store of any size, and the notifications a store of that size would still receive.

Nothing here is anybody's: numbers, names and texts come from a seeded generator, so every run sees the same shop.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from wacli.domain.identity import Party
from wacli.store.database import Store, open_store
from wacli.store.hashing import seat_of
from wacli.store.parties import party_key
from wacli.store.settle import Touched, settle

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHONE_NUMBER_ID, DISPLAY_NUMBER, WABA_ID = "106540352242922", "15550783881", "102290129340398"
_YEAR = 365 * 86_400
_TEXTS = (
    "Halo, masih ada stok?",
    "Berapa harganya untuk 12 pcs?",
    "Terima kasih, saya tunggu ya",
    "Can you deliver tomorrow before noon?",
    "Ok",
    "Mohon info jam buka toko hari Minggu, saya mau datang sama keluarga sekitar jam sepuluh pagi",
)
_CHUNK = 50_000


def person(index: int) -> Party:
    """The contact with this number."""
    return Party(
        phone=f"62811{index:08d}",
        bsuid=f"ID.{10**15 + index}",
        parent_bsuid=None,
        username=None,
        name=f"Pelanggan {index}",
    )


def wamid(index: int) -> str:
    """A wamid as long as Meta's, and as little in order."""
    return f"wamid.HBgN{blake2b(str(index).encode(), digest_size=16).hexdigest().upper()}AA=="


def make_store(path: Path, *, contact_count: int, message_count: int, seed: int = 1) -> Store:
    """A store of `contact_count` contacts, as many threads, and `message_count` messages over the last year."""
    chance = random.Random(seed)
    store = open_store(path, create=True)
    end = int(NOW.timestamp())
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO numbers VALUES (1, ?, ?, ?, ?)", (PHONE_NUMBER_ID, PHONE_NUMBER_ID, DISPLAY_NUMBER, WABA_ID)
        )
        people = [person(index) for index in range(contact_count)]
        first = end - _YEAR
        connection.executemany(
            "INSERT INTO contacts (id, profile_name, phone, phone_key, bsuid, first_seen_at) VALUES (?, ?, ?, ?, ?, ?)",
            ((i + 1, p.name, p.phone, p.phone, p.bsuid, first) for i, p in enumerate(people)),
        )
        connection.executemany(
            "INSERT INTO parties (id, contact_id, key, phone, phone_key, bsuid, first_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((i + 1, i + 1, party_key(p), p.phone, p.phone, p.bsuid, first) for i, p in enumerate(people)),
        )
        connection.executemany(
            "INSERT INTO party_labels (party_id, kind, text, first_at) VALUES (?, 'profile_name', ?, ?)",
            ((i + 1, p.name, first) for i, p in enumerate(people)),
        )
        connection.executemany(
            "INSERT INTO threads (id, contact_id, number_id) VALUES (?, ?, 1)",
            ((i + 1, i + 1) for i in range(contact_count)),
        )
    instants = sorted(chance.randrange(first, end) for _ in range(message_count))
    for start in range(0, message_count, _CHUNK):
        _add_messages(store, start, instants[start : start + _CHUNK], contact_count, chance)
    for start in range(0, contact_count, _CHUNK):
        with store.transaction() as connection:
            touched = Touched()
            touched.threads.update(range(start + 1, min(start + _CHUNK, contact_count) + 1))
            settle(connection, touched)
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


def _add_messages(store: Store, start: int, instants: list[int], contact_count: int, chance: random.Random) -> None:
    messages, statuses = [], []
    for index, at in enumerate(instants, start):
        contact = chance.randrange(contact_count) + 1
        is_inbound = chance.random() < 0.5
        key, text = wamid(index), chance.choice(_TEXTS)
        side, party = ("inbound", contact) if is_inbound else ("outbound", None)
        messages.append(
            (index + 1, seat_of(key.encode()), key, 3, contact, 1, party, side, "api", "text", at, text)
            + ((None,) * 4 if is_inbound else ("delivered", at + 2, at + 2, at + 2))
        )
        if not is_inbound:
            statuses.append((index + 1, index, "delivered", at + 2))
    with store.transaction() as connection:
        connection.executemany(
            "INSERT INTO messages (id, seat, wamid, source, thread_id, number_id, party_id, direction, origin, kind, "
            "at, text, status, status_at, delivered_at, allowance_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            messages,
        )
        connection.executemany(
            "INSERT INTO statuses (message_id, fingerprint, status, at) VALUES (?, ?, ?, ?)", statuses
        )


def notification(index: int, contact: int, at: int, text: str) -> bytes:
    """One webhook with one text message, as Meta writes it."""
    who = person(contact)
    body = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": WABA_ID,
                "changes": [
                    {
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": PHONE_NUMBER_ID},
                            "contacts": [
                                {"profile": {"name": who.name}, "wa_id": who.phone, "user_id": who.bsuid},
                            ],
                            "messages": [
                                {
                                    "from": who.phone,
                                    "from_user_id": who.bsuid,
                                    "id": wamid(index),
                                    "timestamp": str(at),
                                    "type": "text",
                                    "text": {"body": text},
                                }
                            ],
                        },
                        "field": "messages",
                    }
                ],
            }
        ],
    }
    return json.dumps(body, separators=(",", ":")).encode()


def notifications(count: int, *, contact_count: int, first_index: int, seed: int = 2) -> Iterator[bytes]:
    """Webhooks of the seconds after `NOW`, from contacts in no particular order."""
    chance = random.Random(seed)
    at = int(NOW.timestamp())
    for index in range(first_index, first_index + count):
        at += chance.random() < 0.3
        yield notification(index, chance.randrange(contact_count), at, chance.choice(_TEXTS))
