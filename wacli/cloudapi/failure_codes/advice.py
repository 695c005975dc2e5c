"""What is known of one error code: its class, whom it concerns, and what to tell a shop owner.

Classes are those of facts cloud-api.md section 6 (R, "R once", L, F, A).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from wacli.domain.text import Text


class FailureClass(StrEnum):
    """What a program may do about it."""

    RETRY = "retry"  # again, with growing pauses
    RETRY_ONCE = "retry-once"  # one more time, then it is `fix`
    LATER = "later"  # hours, after the cause has ended
    FIX = "fix"  # never again unchanged
    ACCOUNT = "account"  # account, token or permission: stop the whole run


class Scope(StrEnum):
    """Whom else it concerns."""

    MESSAGE = "message"  # this request only
    CONTACT = "contact"  # everything of this kind to this contact
    RUN = "run"  # every further message: stop or slow down


class Advice(NamedTuple):
    """One code in plain words: what happened, why, what to do next."""

    kind: FailureClass
    scope: Scope
    happened: Text
    why: Text
    next: Text
