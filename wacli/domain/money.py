"""Money: an exact decimal amount and its currency.

Amounts are `Decimal` from text to text. The store and the sums of long lists keep integer micro-units (a millionth
of the currency unit), which every published rate fits: the finest card has four decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

MICRO = Decimal(1_000_000)


class Money(NamedTuple):
    """`amount` units of `currency` (ISO 4217, upper case)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def to_micros(amount: Decimal) -> int:
    """Whole micro-units. Raises `ValueError` when the amount is finer than that: rounding is never silent."""
    micros = amount * MICRO
    whole = int(micros)
    if whole != micros:
        raise ValueError(f"{amount} is finer than a millionth")
    return whole


def from_micros(micros: int) -> Decimal:
    """The exact decimal of whole micro-units, without an exponent: 25000 -> 0.025."""
    return Decimal(micros).scaleb(-6).normalize() + Decimal(0)
