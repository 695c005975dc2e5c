"""What Meta told about an account when somebody asked: kept, so that a command that asks nobody can say it again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .database import Store
from .instants import moment, seconds


class PaymentFact(NamedTuple):
    """Whether the account has a payment method, and when Meta said so."""

    has_payment_method: bool
    told_at: datetime


def record_payment(store: Store, waba_id: str, has_payment_method: bool, now: datetime) -> None:
    """Keeps the latest word."""
    with store.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO account_facts (waba_id, has_payment_method, told_at) VALUES (?, ?, ?)",
            (waba_id, int(has_payment_method), seconds(now)),
        )


def find_payment(store: Store, waba_id: str) -> PaymentFact | None:
    """The latest word, None when nobody ever asked."""
    row = store.query_one("SELECT has_payment_method, told_at FROM account_facts WHERE waba_id = ?", (waba_id,))
    return None if row is None else PaymentFact(bool(row[0]), moment(row[1]))
