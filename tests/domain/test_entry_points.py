"""Free entry points of a thread, out of Meta's words and out of answers alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.entry_points import EntrySpan, entry_spans

AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def three_days(_started_at: datetime) -> timedelta:
    return 3 * DAY


def test_without_a_word_of_meta_the_rules_say_how_long() -> None:
    assert entry_spans([], [AT], three_days) == [EntrySpan(AT, AT + 3 * DAY)]
    assert entry_spans([], [AT], lambda _at: None) == []


def test_metas_word_is_the_end_and_the_answer_the_beginning() -> None:
    told = [(AT + HOUR, AT + 7 * DAY), (AT + 2 * HOUR, AT + 7 * DAY)]
    assert entry_spans(told, [AT], three_days) == [EntrySpan(AT, AT + 7 * DAY)]
    assert entry_spans(told, [], three_days) == [EntrySpan(AT + HOUR, AT + 7 * DAY)]


def test_a_click_while_one_runs_starts_none() -> None:
    assert entry_spans([], [AT, AT + DAY], three_days) == [EntrySpan(AT, AT + 3 * DAY)]
    assert entry_spans([], [AT, AT + 3 * DAY], three_days) == [
        EntrySpan(AT, AT + 3 * DAY),
        EntrySpan(AT + 3 * DAY, AT + 6 * DAY),
    ]


def test_an_expiry_before_its_own_message_is_no_window() -> None:
    assert entry_spans([(AT, AT - HOUR)], [], three_days) == []


_hours = st.integers(0, 400).map(lambda hours: AT + hours * HOUR)


@given(st.lists(_hours, max_size=8), st.lists(st.tuples(_hours, _hours), max_size=5))
def test_every_answer_is_free_and_spans_are_in_order(
    answers: list[datetime], told: list[tuple[datetime, datetime]]
) -> None:
    found = entry_spans(told, answers, three_days)
    assert found == sorted(found)
    assert all(span.starts_at < span.ends_at for span in found)
    for answer in answers:
        assert any(span.starts_at <= answer < span.ends_at for span in found)
    for at, ends_at in told:
        assert at >= ends_at or any(span.starts_at <= at and span.ends_at == ends_at for span in found)
