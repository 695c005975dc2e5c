"""`wacli estimate --from-store`: what the shop's own messages would have cost, by other rules or with other habits."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from wacli.domain.habits import Habit, HabitKind
from wacli.domain.problem import Invalid
from wacli.domain.text import t
from wacli.render.what_if_view import what_if_record
from wacli.services.what_if import Scenario, Span, replay

from .exits import ExitStatus
from .instants import parse_duration
from .money_options import as_of, month_asked
from .progress import steps
from .session import Session
from .shelves import day_asked
from .stores import existing, prices_of

_EXAMPLES = "answer-within=2h, merge-replies=10m, utility-in-entry-point=3d, replies-in-app"


class StoreAsked(NamedTuple):
    """What was typed."""

    since: str | None
    until: str | None
    on: str | None
    compare: tuple[str, ...]
    what_if: tuple[str, ...]


def price_store(session: Session, asked: StoreAsked) -> ExitStatus:
    """Charges the messages of a span as they were, and once for each day and habit that was asked."""
    first = None if asked.on is None else day_asked(session, asked.on)
    days: list[date | None] = [first, *(day_asked(session, day) for day in asked.compare)]
    scenarios = [Scenario(on=day) for day in days]
    scenarios += [Scenario(first, habit_of(typed)) for typed in asked.what_if]
    since, until = month_asked(session, asked.since, asked.until, None)
    if since > session.now:
        raise Invalid("usage", t("--since is in the future: nothing was sent yet"), t("Give a day that is over"))
    with existing(session) as store:
        prices = prices_of(session)
        span = Span(since, as_of(session, min(until, max(session.now, since))))
        with steps(session, t("Pricing messages")) as on_progress:
            found = replay(store, prices, span, scenarios, on_progress=on_progress)
    session.write_record(what_if_record(span, found, prices.currency, session.words))
    return ExitStatus.PARTLY if any(outcome.sums.unknown_count for outcome in found) else ExitStatus.DONE


def habit_of(typed: str) -> Habit:
    """A habit as it is typed: `answer-within=2h`. Raises `Invalid` (code `bad-value`)."""
    name, has_span, span = typed.partition("=")
    try:
        kind = HabitKind(name.strip().lower())
    except ValueError:
        raise Invalid(
            "bad-value",
            t("--what-if {typed} is no habit", typed=typed),
            t("Write one of {examples}", examples=_EXAMPLES),
        ) from None
    if kind is HabitKind.REPLIES_IN_APP:
        if has_span:
            raise Invalid("bad-value", t("{habit} has no length of time", habit=kind.value), t("Leave it out"))
        return Habit(kind)
    if not has_span:
        raise Invalid(
            "bad-value",
            t("{habit} needs a length of time", habit=kind.value),
            t("Write it like {habit}=2h", habit=kind.value),
        )
    return Habit(kind, parse_duration(span))
