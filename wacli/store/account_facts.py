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
            "INSERT INTO account_facts (waba_id, has_payment_method, told_at) VALUES (?, ?, ?) ON CONFLICT (waba_id) "
            "DO UPDATE SET has_payment_method = excluded.has_payment_method, told_at = excluded.told_at",
            (waba_id, int(has_payment_method), seconds(now)),
        )


def find_payment(store: Store, waba_id: str) -> PaymentFact | None:
    """The latest word, None when nobody ever asked."""
    row = store.query_one(
        "SELECT has_payment_method, told_at FROM account_facts WHERE waba_id = ? AND has_payment_method IS NOT NULL",
        (waba_id,),
    )
    return None if row is None else PaymentFact(bool(row[0]), moment(row[1]))


class LimitFact(NamedTuple):
    """How many people may be written to outside their windows in 24 hours (`NO_LIMIT`: any), and when Meta said so."""

    people: int
    told_at: datetime


def record_limit(store: Store, waba_id: str, people: int, now: datetime) -> None:
    """Keeps the latest word."""
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO account_facts (waba_id, told_at, messaging_limit, limit_told_at) VALUES (?1, ?2, ?3, ?2) "
            "ON CONFLICT (waba_id) DO UPDATE SET messaging_limit = ?3, limit_told_at = ?2",
            (waba_id, seconds(now), people),
        )


def find_limit(store: Store) -> LimitFact | None:
    """The latest word on any account of the store, None when nobody ever asked."""
    row = store.query_one(
        "SELECT messaging_limit, limit_told_at FROM account_facts WHERE messaging_limit IS NOT NULL "
        "ORDER BY limit_told_at DESC LIMIT 1"
    )
    return None if row is None else LimitFact(int(row[0]), moment(row[1]))
