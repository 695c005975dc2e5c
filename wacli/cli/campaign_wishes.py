"""What was typed about how a campaign is to be sent, read once at the door."""

from __future__ import annotations

import re
from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

from wacli.domain.campaign import Approval, Hours
from wacli.domain.problem import Invalid
from wacli.domain.text import t

from .sending_options import cost_of, pace_of
from .session import Session

_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_HOURS = re.compile(r"(\d{1,2}[:.]\d{2})\s*(?:-|–|to)\s*(\d{1,2}[:.]\d{2})(?:\s+(recipient|profile))?", re.IGNORECASE)


class SendWishes(NamedTuple):
    """`due_at` None: now."""

    approval: Approval
    due_at: datetime | None


def wishes_of(
    session: Session,
    max_cost: str | None,
    stop_if_failed: str | None,
    pace: str | None,
    at: str | None,
    between: str | None,
    only_free: bool,
) -> SendWishes:
    """Raises `Invalid` for what cannot be understood, Refused for a cost in another currency."""
    now = session.context.now()
    approval = Approval(
        now,
        cost_of(session, max_cost),
        _share(stop_if_failed),
        pace_of(pace),
        only_free,
        _hours(between),
    )
    return SendWishes(approval, _instant(session, at, now))


def _instant(session: Session, text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    from .instants import parse_instant

    at = parse_instant(text.strip("“”\"' "), now, session.zone)
    if at <= now:
        raise Invalid(
            "bad-value",
            t("--at {text} has passed", text=text),
            t("Leave --at out to send now"),
        )
    return at


def _share(text: str | None) -> Decimal | None:
    if text is None:
        return None
    match = _SHARE.fullmatch(text.strip())
    share = None if match is None else Decimal(match[1].replace(",", ".")) / 100
    if share is None or share > 1:
        raise Invalid("bad-value", t("--stop-if-failed {text} is no share", text=text), t("Write it like 5%"))
    return share


def _hours(text: str | None) -> Hours | None:
    if text is None:
        return None
    match = _HOURS.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        opens, closes = (time.fromisoformat(one.replace(".", ":").rjust(5, "0")) for one in match.group(1, 2))
    except ValueError:
        raise Invalid(
            "bad-value",
            t("--between {text} are no hours", text=text),
            t("Write them like 09:00-17:00, or “09:00-17:00 recipient” for each person's own time"),
        ) from None
    if opens == closes:
        raise Invalid("bad-value", t("--between {text} are no hours", text=text), t("Write them like 09:00-17:00"))
    return Hours(opens, closes, (match[3] or "").lower() == "recipient")
