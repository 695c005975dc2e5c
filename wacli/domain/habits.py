"""Other ways to send the same messages: what a shop could do differently, as changes of a log.

Each habit says which messages would not have been sent, and which at another time or as something else. They are rules
of thumb about the past, not about people: a customer might have answered differently too.

- *answer within N hours*: the first answer after a waiting message comes no later. A utility template that had to be
  sent because the window was shut, up to a week after the message it answers, becomes a reply inside the window; an ad
  click that was lost to the clock opens its free entry point.
- *merge replies within N minutes*: replies one after another, with nothing from the contact in between, are one.
- *utility inside the entry point, up to N days earlier*: a utility template sent soon after a free entry point ended
  goes out before its end.
- *replies in the app*: replies are typed in the phone app (coexistence), which is never billed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from .category import Category
from .pricing import SERVICE, TEMPLATE
from .problem import Invalid
from .text import Text, t

_DAY = 86_400
_ANSWERS_STILL_S = 7 * _DAY  # a template later than that is no answer any more


class HabitKind(StrEnum):
    """What is done differently."""

    ANSWER_WITHIN = "answer-within"
    MERGE_REPLIES = "merge-replies"
    UTILITY_IN_ENTRY_POINT = "utility-in-entry-point"
    REPLIES_IN_APP = "replies-in-app"


class Habit(NamedTuple):
    """One habit; `span` is how long, and None for one that has no length."""

    kind: HabitKind
    span: timedelta | None = None

    def words(self) -> Text:
        """The habit as a person would say it."""
        span = self.span or timedelta(0)
        if self.kind is HabitKind.ANSWER_WITHIN:
            return t("answering within {span}", span=span)
        if self.kind is HabitKind.MERGE_REPLIES:
            return t("one reply instead of several within {span}", span=span)
        if self.kind is HabitKind.UTILITY_IN_ENTRY_POINT:
            return t("utility templates before an ad's free window ends, up to {span} earlier", span=span)
        return t("replies typed in the phone app")


class LogLine(Protocol):
    """A message of the log, as the store gives it. Instants are seconds."""

    @property
    def at(self) -> int: ...
    @property
    def is_charged(self) -> int: ...
    @property
    def place(self) -> int: ...
    @property
    def thread_id(self) -> int | None: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def category(self) -> str | None: ...
    @property
    def origin(self) -> str | None: ...
    @property
    def entry_until(self) -> int | None: ...
    @property
    def has_referral(self) -> int: ...


class Moved(NamedTuple):
    """A message that would have gone out at another time; `is_reply`: as a reply and no template."""

    at: int
    place: int
    is_reply: bool


class Changes(NamedTuple):
    """What a habit changes in a log: messages that fall away or move, and whether replies go to the app."""

    dropped: frozenset[int] = frozenset()
    moved: tuple[Moved, ...] = ()
    in_app: bool = False


def changes_of(habit: Habit, log: Iterable[LogLine], entry_point_for: timedelta) -> Changes:
    """What the habit would have changed, in one pass over the log (oldest first).

    `entry_point_for`: how long a free entry point surely runs where Meta's own word is missing.
    """
    if habit.kind is HabitKind.REPLIES_IN_APP:
        return Changes(in_app=True)
    if habit.span is None or habit.span <= timedelta(0):
        raise Invalid("bad-value", t("{habit} needs a length of time", habit=habit.kind.value))
    span = int(habit.span.total_seconds())
    if habit.kind is HabitKind.MERGE_REPLIES:
        return _merged(log, span)
    if habit.kind is HabitKind.ANSWER_WITHIN:
        if span > _DAY:
            raise Invalid("bad-value", t("a window is open for 24 hours: answer within fewer"))
        return _answered(log, span)
    return _earlier(log, span, int(entry_point_for.total_seconds()))


def _merged(log: Iterable[LogLine], span: int) -> Changes:
    last: dict[int | None, int] = {}
    dropped = []
    for line in log:
        if not line.is_charged:
            last.pop(line.thread_id, None)
        elif line.kind == SERVICE and line.origin == "api":
            before = last.get(line.thread_id)
            if before is not None and line.at - before <= span:
                dropped.append(line.place)
            else:
                last[line.thread_id] = line.at
    return Changes(dropped=frozenset(dropped))


def _answered(log: Iterable[LogLine], span: int) -> Changes:
    waiting: dict[int | None, tuple[int, int]] = {}  # thread -> first unanswered, latest heard
    moved = []
    for line in log:
        thread = line.thread_id
        if not line.is_charged:
            first, _ = waiting.get(thread, (line.at, 0))
            waiting[thread] = (first, line.at)
            continue
        found = waiting.get(thread)
        if found is None or thread is None or line.origin != "api":
            continue
        if line.kind == TEMPLATE and line.category != Category.UTILITY.value:
            continue  # an offer is no answer
        del waiting[thread]
        first, latest = found
        if first + span < line.at < latest + _ANSWERS_STILL_S:
            is_late = line.kind == TEMPLATE and line.at >= latest + _DAY
            if is_late or line.kind == SERVICE:
                moved.append(Moved(first + span, line.place, is_late))
    return Changes(moved=tuple(sorted(moved)))


def _earlier(log: Iterable[LogLine], span: int, entry_point_for: int) -> Changes:
    clicked: dict[int | None, int] = {}
    ends: dict[int | None, int] = {}
    moved = []
    for line in log:
        thread = line.thread_id
        if not line.is_charged:
            if line.has_referral:
                clicked[thread] = line.at
            continue
        if line.entry_until is not None:
            ends[thread] = line.entry_until
            clicked.pop(thread, None)
        elif thread in clicked and line.origin == "api":
            at = clicked.pop(thread)
            if line.at < at + _DAY:
                ends[thread] = line.at + entry_point_for
        end = ends.get(thread)
        if (
            end is not None
            and line.kind == TEMPLATE
            and line.category == Category.UTILITY.value
            and end <= line.at < end + span
        ):
            moved.append(Moved(end - 1, line.place, False))
    return Changes(moved=tuple(sorted(moved)))
