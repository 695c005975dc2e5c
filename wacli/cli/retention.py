"""The profile's rule of how long silent people are kept (`keep_silent_for`): none unless its owner made one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from .instants import parse_duration

if TYPE_CHECKING:
    from .session import Session


def due_before(session: Session, now: datetime) -> datetime | None:
    """Since when somebody must have been heard to be kept; None without a rule."""
    rule = session.profile["keep_silent_for"]
    return None if rule is None else now - parse_duration(rule)
