"""Logs charged in one pass: conversations of 2022 to 2025, entry points, allowances by month and number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.conversation_pricing import LogEntry, Replay
from wacli.domain.message import Origin
from wacli.domain.pricing import Charge, FreeReason
from wacli.domain.pricing_rules import PricingRules
from wacli.domain.rate_card import RateCard
from wacli.ratecards.shelf import shelf

HOUR = timedelta(hours=1)
IN_2024 = datetime(2024, 12, 2, 10, 0, tzinfo=UTC)
IN_2022 = datetime(2022, 6, 1, 10, 0, tzinfo=UTC)
IN_2023 = datetime(2023, 7, 3, 10, 0, tzinfo=UTC)
TODAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
JAKARTA = timezone(timedelta(hours=7))
FREE = Decimal(0)


def prices(day: date) -> tuple[PricingRules, RateCard | None]:
    ours = shelf()
    return ours.rules_on(day), ours.card_on(day, "USD")


def template(
    at: datetime, category: Category = Category.MARKETING, thread: str = "a", market: str = "Indonesia"
) -> LogEntry:
    return LogEntry(at, thread, False, "template", category, market)


def answer(at: datetime, thread: str = "a", number: str = "1", market: str = "Indonesia") -> LogEntry:
    return LogEntry(at, thread, False, "service", None, market, number)


def inbound(at: datetime, thread: str = "a", *, ad: bool = False) -> LogEntry:
    return LogEntry(at, thread, True, has_referral=ad)


def charged(*log: LogEntry, zone: timezone = UTC) -> list[Charge]:
    return [found for _, found in Replay(prices, zone).charges(log)]


def amounts(*log: LogEntry, zone: timezone = UTC) -> list[Decimal | None]:
    return [found.amount for found in charged(*log, zone=zone)]


MARKETING, UTILITY = Decimal("0.0411"), Decimal("0.0200")


def test_a_category_is_paid_once_in_24_hours() -> None:
    assert amounts(
        template(IN_2024),
        template(IN_2024 + HOUR),
        template(IN_2024 + 2 * HOUR, Category.UTILITY),
        template(IN_2024 + 24 * HOUR - timedelta(seconds=1)),
        template(IN_2024 + 24 * HOUR),
    ) == [MARKETING, FREE, UTILITY, FREE, MARKETING]


def test_service_opens_only_when_nothing_is_open() -> None:
    at = datetime(2023, 7, 3, 10, 0, tzinfo=UTC)
    log = [template(at), inbound(at + HOUR), answer(at + 2 * HOUR), answer(at + 24 * HOUR), answer(at + 25 * HOUR)]
    first, second, third, fourth = charged(*log)
    assert first.amount == MARKETING
    assert "inside an open marketing conversation" in str(second.reason)
    assert (third.free_reason, third.amount) == (FreeReason.ALLOWANCE, FREE)
    assert "inside an open service conversation" in str(fourth.reason)


def test_in_2022_there_was_one_conversation_at_a_time_named_after_who_began() -> None:
    spent = [template(IN_2022 + timedelta(minutes=place), thread=f"t{place}") for place in range(1000)]
    start = IN_2022 + timedelta(days=2)
    found = charged(
        *spent,
        template(start),
        template(start + HOUR, Category.UTILITY),
        inbound(start + 30 * HOUR),
        answer(start + 31 * HOUR),
        template(start + 32 * HOUR),
    )
    assert {charge.free_reason for charge in found[:1000]} == {FreeReason.ALLOWANCE}
    assert [charge.amount for charge in found[1000:]] == [Decimal("0.0316"), FREE, Decimal("0.0190"), FREE]


def test_the_worked_case_of_an_ad_click() -> None:
    """Meta's own: click at 10:00, a template answers at 22:00, templates are free for the length from 22:00."""
    click = datetime(2024, 12, 2, 10, 0, tzinfo=UTC)
    reply = click + 12 * HOUR
    log = [
        template(click - HOUR),
        inbound(click, ad=True),
        template(reply, Category.UTILITY),
        template(reply + 71 * HOUR),
        template(reply + 72 * HOUR - timedelta(seconds=1)),
        template(reply + 72 * HOUR),
    ]
    found = charged(*log)
    assert [charge.amount for charge in found] == [MARKETING, FREE, FREE, FREE, MARKETING]
    assert [charge.free_reason for charge in found[1:4]] == [FreeReason.FREE_ENTRY_POINT] * 3


def test_an_entry_point_closes_the_open_conversations() -> None:
    log = [
        template(IN_2023),
        inbound(IN_2023 + HOUR, ad=True),
        answer(IN_2023 + 2 * HOUR),
        template(IN_2023 + 75 * HOUR),
    ]
    assert [charge.free_reason for charge in charged(*log)] == [None, FreeReason.FREE_ENTRY_POINT, None]


def test_an_answer_too_late_starts_no_entry_point() -> None:
    log = [inbound(TODAY, ad=True), template(TODAY + 24 * HOUR), template(TODAY + 25 * HOUR)]
    assert amounts(*log) == [MARKETING, MARKETING]


@pytest.mark.parametrize(
    ("start", "length"),
    [(datetime(2023, 2, 27, 23, tzinfo=UTC), 24), (datetime(2023, 3, 1, tzinfo=UTC), 72), (TODAY, 72)],
)
def test_the_length_is_that_of_the_day_it_starts(start: datetime, length: int) -> None:
    last = start + length * HOUR - timedelta(seconds=1)
    found = charged(inbound(start, ad=True), template(start), template(last), template(last + timedelta(seconds=1)))
    assert [charge.free_reason is FreeReason.FREE_ENTRY_POINT for charge in found] == [True, True, False]


def test_the_rate_is_that_of_the_day_in_the_account_s_time_zone() -> None:
    at = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)  # midnight in Jakarta
    before = template(at - timedelta(seconds=1), market="Saudi Arabia")
    after = template(at, market="Saudi Arabia")
    assert amounts(before, after, zone=JAKARTA) == [Decimal("0.0501"), Decimal("0.0576")]
    assert amounts(before, after) == [Decimal("0.0501"), Decimal("0.0501")]


def test_each_number_has_its_own_thousand_and_the_month_begins_anew() -> None:
    log = [answer(TODAY + timedelta(seconds=place), number="1") for place in range(1001)]
    log += [answer(TODAY + 2 * HOUR, number="2")]
    log += [answer(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)), answer(datetime(2026, 12, 1, tzinfo=UTC))]
    found = charged(*log)
    assert [charge.amount for charge in found[999:]] == [FREE, Decimal("0.0250"), FREE, Decimal("0.0250"), FREE]


def test_the_phone_app_and_reactions_cost_nothing_and_open_nothing() -> None:
    app = answer(IN_2023)._replace(origin=Origin.APP)
    reaction = answer(IN_2023 + HOUR)._replace(kind="reaction")
    found = charged(app, reaction, answer(IN_2023 + 2 * HOUR))
    assert [charge.free_reason for charge in found] == [FreeReason.APP, FreeReason.RULES, FreeReason.ALLOWANCE]


def test_utility_in_the_window_was_free_until_october() -> None:
    at = datetime(2026, 9, 30, 20, tzinfo=UTC)
    log = [inbound(at), template(at + HOUR, Category.UTILITY), template(at + 4 * HOUR, Category.UTILITY)]
    assert amounts(*log) == [FREE, Decimal("0.0250")]


def test_a_log_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="order of time"):
        charged(template(TODAY), template(TODAY - HOUR))


def test_memory_follows_what_is_open_and_not_the_log() -> None:
    replay = Replay(prices, UTC)

    def log() -> Iterator[LogEntry]:
        for place in range(20_000):
            at = IN_2023 + place * timedelta(minutes=10)
            yield inbound(at, thread=str(place))
            yield template(at, thread=str(place))

    assert sum(1 for _ in replay.charges(log())) == 20_000
    assert replay.remembered_count < 3000


steps = st.tuples(
    st.integers(0, 40 * 3600),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["in", "ad", "service", "marketing", "utility"]),
)


def _log(rows: list[tuple[int, str, str]], start: datetime) -> list[LogEntry]:
    log, at = [], start
    for seconds, thread, what in rows:
        at += timedelta(seconds=seconds)
        if what in ("in", "ad"):
            log.append(inbound(at, thread, ad=what == "ad"))
        elif what == "service":
            log.append(answer(at, thread))
        else:
            log.append(template(at, Category(what), thread))
    return log


def _by_hand(log: list[LogEntry]) -> list[bool]:
    """Section 2.1 read literally, looking back over the whole log: does this message open a conversation?"""
    opened: list[tuple[str, str, datetime]] = []
    entries: list[tuple[str, datetime]] = []
    result = []
    for place, entry in enumerate(log):
        if entry.is_inbound:
            continue
        running = [start for thread, start in entries if thread == entry.thread and entry.at < start + 72 * HOUR]
        clicks = [at for at, e in enumerate(log[:place]) if e.has_referral and e.thread == entry.thread]
        since = log[clicks[-1] + 1 : place] if clicks else []  # in the order of the log: seconds may be shared
        fresh = clicks and entry.at < log[clicks[-1]].at + 24 * HOUR
        unanswered = clicks and not any(
            not e.is_inbound and e.thread == entry.thread and not _was_running(entries, entry.thread, e.at)
            for e in since
        )
        if running:
            result.append(False)
            continue
        if fresh and unanswered:
            entries.append((str(entry.thread), entry.at))
            opened = [row for row in opened if row[0] != entry.thread]
            result.append(False)
            continue
        word = "service" if entry.kind == "service" else str(entry.category)
        alive = {row[1] for row in opened if row[0] == entry.thread and entry.at < row[2] + 24 * HOUR}
        opens = not alive if word == "service" else word not in alive
        if opens:
            opened.append((str(entry.thread), word, entry.at))
        result.append(opens)
    return result


def _was_running(entries: list[tuple[str, datetime]], thread: object, at: datetime) -> bool:
    return any(name == thread and start < at < start + 72 * HOUR for name, start in entries)


@given(st.lists(steps, max_size=30))
def test_conversations_open_exactly_as_the_rules_say(rows: list[tuple[int, str, str]]) -> None:
    log = _log(rows, IN_2023)
    opened = [
        charge.free_reason is not FreeReason.FREE_ENTRY_POINT and "inside an open" not in str(charge.reason)
        for charge in charged(*log)
    ]
    assert opened == _by_hand(log)
