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
_ALWAYS = "always"  # a resume may end the hours that were agreed to


class SendWishes(NamedTuple):
    """`due_at` None: now."""

    approval: Approval
    due_at: datetime | None


class Typed(NamedTuple):
    """The limits as they were typed; None: nothing was said of it."""

    max_cost: str | None = None
    stop_if_failed: str | None = None
    pace: str | None = None
    between: str | None = None
    only_free: bool = False

    @property
    def is_something(self) -> bool:
        """Was any of them typed?"""
        return self != Typed()


def wishes_of(session: Session, typed: Typed, at: str | None) -> SendWishes:
    """Raises `Invalid` for what cannot be understood, Refused for a cost in another currency."""
    now = session.context.now()
    approval = Approval(
        now,
        cost_of(session, typed.max_cost),
        _share(typed.stop_if_failed),
        pace_of(typed.pace),
        typed.only_free,
        _hours(typed.between),
    )
    return SendWishes(approval, _instant(session, at, now))


def agreed_anew(session: Session, typed: Typed, before: Approval) -> SendWishes:
    """What is agreed to now: what was typed, and the rest as it was agreed to before. A cost that is typed is money
    that may be spent: it ends `--only-free`. Raises as `wishes_of`."""
    new = wishes_of(session, typed, None).approval
    merged = before._replace(at=new.at, only_free=typed.only_free or (before.only_free and typed.max_cost is None))
    if typed.max_cost is not None:
        merged = merged._replace(max_cost=new.max_cost)
    if typed.stop_if_failed is not None:
        merged = merged._replace(stop_if_failed=new.stop_if_failed)
    if typed.pace is not None:
        merged = merged._replace(a_second=new.a_second)
    if typed.between is not None:
        merged = merged._replace(hours=new.hours)
    return SendWishes(merged, None)


def _instant(session: Session, text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    from .instants import parse_instant

    at = parse_instant(text.strip("“”\"' "), now, session.zone)
    if at <= now:
        raise Invalid(
            "bad-value",
            t("--at {text} has passed", text=text),
            t('Write it like "tomorrow 9am" or "in 2h", or leave --at out to send now'),
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
    if text is None or text.strip().lower() == _ALWAYS:
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
