"""Bars of block characters, for a column of a table: an eighth of a character is the smallest step."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL = "█"


def bars(values: Sequence[Decimal | int], width: int) -> list[str]:
    """One bar for each value, the largest `width` characters long; what is not nothing is never drawn as nothing."""
    largest = max((Decimal(value) for value in values), default=Decimal(0))
    if largest <= 0:
        return ["" for _ in values]
    return [_bar(Decimal(value) / largest * width * 8, value) for value in values]


def _bar(length: Decimal, value: Decimal | int) -> str:
    eighths = max(round(length), 1) if value > 0 else 0
    full, rest = divmod(eighths, 8)
    return _FULL * full + (_EIGHTHS[rest] if rest else "")
