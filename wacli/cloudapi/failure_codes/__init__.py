"""Every error code of facts cloud-api.md section 6, as data: class, scope, and plain words.

Decide by `code` alone: HTTP statuses are unreliable (throttles are 400) and Meta's titles will disappear.
"""

from __future__ import annotations

from .account import ACCOUNT, PERMISSION, PERMISSION_RANGE
from .advice import Advice, FailureClass, Scope
from .other import CALLS, FLOWS_AND_BLOCKS, GROUPS, HISTORY, USERNAMES
from .sending import SENDING
from .templates import TEMPLATES

ADVICE: dict[int, Advice] = {
    **ACCOUNT,
    **SENDING,
    **TEMPLATES,
    **CALLS,
    **FLOWS_AND_BLOCKS,
    **GROUPS,
    **USERNAMES,
    **HISTORY,
}


def advice_for(code: int) -> Advice | None:
    """What is known of a code; None for one that Meta added later."""
    if code in PERMISSION_RANGE:
        return PERMISSION
    return ADVICE.get(code)


__all__ = ["ADVICE", "PERMISSION_RANGE", "Advice", "FailureClass", "Scope", "advice_for"]
