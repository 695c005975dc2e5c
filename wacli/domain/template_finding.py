"""One thing that is wrong with a template, before Meta says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .text import Text


class Severity(StrEnum):
    """`error`: Meta refuses it. `warning`: it is accepted, but may cost more or be judged differently."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what it is, what to do, and Meta's error (None where there is none)."""

    code: str
    severity: Severity
    where: str  # name, header, body, footer, buttons, button.2, card.1.body, ...
    message: Text
    hint: Text
    meta_code: int | None = None


def error(code: str, where: str, message: Text, hint: Text, meta_code: int | None = 100) -> Finding:
    """What Meta refuses; 100 is its general "invalid parameter"."""
    return Finding(code, Severity.ERROR, where, message, hint, meta_code)


def warning(code: str, where: str, message: Text, hint: Text) -> Finding:
    """What Meta takes, and may judge."""
    return Finding(code, Severity.WARNING, where, message, hint)
