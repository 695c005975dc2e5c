"""A made-up shop for campaigns: nearly everybody agreed, some stopped, some were not reached, some just wrote."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.benchmarks.made_up import NOW, PHONE_NUMBER_ID, make_store
from wacli.store.database import Store, open_store

TEMPLATE = {
    "name": "promo_akhir_tahun",
    "language": "id",
    "status": "APPROVED",
    "category": "MARKETING",
    "id": "1",
    "parameter_format": "POSITIONAL",
    "components": [
        {"type": "BODY", "text": "Halo {{1}}, diskon {{2}} untuk Anda. Balas STOP untuk berhenti.",
         "example": {"body_text": [["Sari", "20%"]]}},
        {"type": "FOOTER", "text": "Toko Sari"},
    ],
}  # fmt: skip


def campaign_store(folder: Path, contacts: int, messages: int) -> Path:
    """The store's file, made once and kept in the folder."""
    path = folder / f"campaign-{contacts}-{messages}.db"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with make_store(unfinished, contact_count=contacts, message_count=messages) as store:
            _add_what_campaigns_ask(store)
        unfinished.rename(path)
    return path


def _add_what_campaigns_ask(store: Store) -> None:
    import json

    at = int(NOW.timestamp())
    with store.transaction() as connection:
        connection.execute("INSERT INTO tags SELECT id, 'vip' FROM contacts")
        connection.execute(
            "INSERT INTO consents (contact_id, category, state, source, at) "
            "SELECT id, 'marketing', 'opted-in', 'import', :at - 1000000 FROM contacts WHERE id % 20 <> 0",
            {"at": at},
        )
        connection.execute(
            "INSERT INTO consents (contact_id, category, state, source, at) "
            "SELECT id, 'marketing', 'opted-out', 'stop-word', :at - 5000 FROM contacts WHERE id % 50 = 1",
            {"at": at},
        )
        _fail_some(connection)
        raw = json.dumps(TEMPLATE)
        connection.execute(
            "INSERT INTO templates (template_id, name, language, status, category, parameter_format, components, raw, "
            "pulled_at) VALUES ('1', ?, 'id', 'APPROVED', 'MARKETING', 'POSITIONAL', ?, ?, ?)",
            (TEMPLATE["name"], json.dumps(TEMPLATE["components"]), raw, at),
        )
        connection.execute("ANALYZE")


def _fail_some(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE messages SET status = 'failed', error_code = 131026 WHERE direction = 'outbound' AND id % 100 = 1"
    )


def opened(path: Path) -> Store:
    """The store, brought up to date."""
    return open_store(path, create=False)


__all__ = ["NOW", "PHONE_NUMBER_ID", "TEMPLATE", "campaign_store", "opened"]
