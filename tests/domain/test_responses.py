"""How fast a shop answers: the edges of windows, of the span, and of what still counts as a missed window's cost."""

from __future__ import annotations

from wacli.domain.responses import Responses, responses_of
from wacli.store.message_log import LogRow

HOUR, DAY = 3_600, 86_400
WEEK = 7 * DAY


def heard(at: int, thread: int = 1) -> LogRow:
    return LogRow(at, 0, 0, thread, 1, None, None, None, None, 0, "62", None)


def sent(at: int, place: int, kind: str = "service", category: str | None = "service") -> LogRow:
    return LogRow(at, 1, place, 1, 1, kind, category, "api", None, 0, "62", None)


def seen(*log: LogRow, since: int = 0, until: int = 30 * DAY) -> Responses:
    return responses_of(log, since, until)


def test_a_window_is_half_open() -> None:
    assert seen(heard(0), sent(DAY - 1, 1)) == Responses((DAY - 1,), 0, ())
    assert seen(heard(0), sent(DAY, 1)).missed_count == 1
    assert seen(heard(0), until=DAY).missed_count == 1
    assert seen(heard(0), until=DAY - 1).missed_count == 0, "still open at the end"


def test_the_first_waiting_message_begins_and_the_last_one_holds_the_window_open() -> None:
    assert seen(heard(0), heard(20 * HOUR), sent(40 * HOUR, 1)).seconds == (40 * HOUR,)


def test_only_a_utility_template_within_a_week_is_the_cost_of_a_missed_window() -> None:
    closed = DAY
    assert seen(heard(0), sent(closed + WEEK - 1, 7, "template", "utility")).late == (7,)
    assert seen(heard(0), sent(closed + WEEK, 7, "template", "utility")).late == ()
    offer = seen(heard(0), sent(2 * DAY, 7, "template", "marketing"))
    assert (offer.late, offer.missed_count) == ((), 1)
    twice = seen(heard(0), sent(2 * DAY, 7, "template", "utility"), sent(3 * DAY, 8, "template", "utility"))
    assert twice.late == (7,)


def test_waits_that_began_before_the_span_are_not_counted() -> None:
    assert seen(heard(0), sent(HOUR, 1), since=1) == Responses((), 0, ())
    assert seen(heard(0), sent(HOUR, 1), since=0).seconds == (HOUR,)


def test_shares() -> None:
    found = Responses((10, 20, 30), 1, ())
    assert (found.quantile(0.5), found.quantile(1.0)) == (20, 30)
    nobody = Responses((), 0, ())
    assert nobody.quantile(0.5) is None
