"""What is free and what is billed, by date: facts pricing.md sections 1, 3, 8.2 and 10.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.loopback import Receiver, body_values, template_to, text_to
from wacli.sandbox.clock import Clock
from wacli.sandbox.pricing import FREE_MESSAGES_A_MONTH, Allowance
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.windows import Thread, entry_point_for
from wacli.sandbox.world import put_templates

SARI = "+6281234567890"
UTILITY = template_to(SARI, "order_ready", "id", body_values(name="Sari", order="A-1"))
MARKETING = template_to(SARI, "promo_weekend", "id", body_values("Sari", "20%"))
TEXT = text_to(SARI)


def sandbox_on(year: int, month: int, day: int, hour: int = 12) -> Sandbox:
    sandbox = Sandbox(clock=Clock(datetime(year, month, day, hour, tzinfo=UTC), speed=0), seed=3)
    sandbox.limits.a_second = sandbox.limits.pair_burst = None
    put_templates(sandbox.account)
    return sandbox


def bill(sandbox: Sandbox, body: dict[str, object]) -> tuple[str, str]:
    answer: dict[str, Any] = sandbox.post_message(body)
    pricing = sandbox.book.sent[answer["messages"][0]["id"]].pricing
    assert pricing is not None
    return pricing.kind, pricing.category


@pytest.mark.parametrize(
    ("day", "text", "utility_inside", "utility_outside"),
    [
        ((2025, 7, 1), "free_customer_service", "free_customer_service", "regular"),
        ((2026, 9, 30), "free_customer_service", "free_customer_service", "regular"),
        ((2026, 10, 1), "free_customer_service", "regular", "regular"),
    ],
)
def test_the_rules_of_the_day(day: tuple[int, int, int], text: str, utility_inside: str, utility_outside: str) -> None:
    sandbox = sandbox_on(*day)
    sari = sandbox.add_customer("Sari", SARI)
    assert bill(sandbox, UTILITY) == (utility_outside, "utility")
    sari.says("halo")
    assert bill(sandbox, UTILITY) == (utility_inside, "utility")
    assert bill(sandbox, TEXT) == (text, "service")
    assert bill(sandbox, MARKETING) == ("regular", "marketing")


def test_a_day_begins_at_the_accounts_midnight() -> None:
    sandbox = sandbox_on(2026, 9, 30, hour=16)  # 23:00 in Jakarta
    sandbox.add_customer("Sari", SARI).says("halo")
    assert bill(sandbox, UTILITY)[0] == "free_customer_service"
    sandbox.advance(timedelta(hours=1))
    assert bill(sandbox, UTILITY)[0] == "regular"


def test_a_thousand_are_free_each_month_and_number() -> None:
    sandbox = sandbox_on(2026, 10, 31)
    sari = sandbox.add_customer("Sari", SARI)
    sari.says("halo")
    kinds = [bill(sandbox, TEXT)[0] for _ in range(FREE_MESSAGES_A_MONTH + 2)]
    assert kinds == ["free_customer_service"] * FREE_MESSAGES_A_MONTH + ["regular"] * 2
    sandbox.advance(timedelta(minutes=1))
    billed = [one.is_billed for one in sandbox.book.charges]
    assert (billed.count(False), billed.count(True)) == (FREE_MESSAGES_A_MONTH, 2)
    sandbox.advance(timedelta(hours=6))  # November in Jakarta
    assert bill(sandbox, TEXT)[0] == "free_customer_service"


def test_without_a_payment_method_the_next_one_fails() -> None:
    sandbox = sandbox_on(2026, 11, 2)
    sandbox.account.has_payment_method = False
    sandbox.add_customer("Sari", SARI).says("halo")
    for _ in range(FREE_MESSAGES_A_MONTH):
        sandbox.post_message(TEXT)
    answer: dict[str, Any] = sandbox.post_message(TEXT)
    (event,) = sandbox.book.sent[answer["messages"][0]["id"]].events
    assert (event.status, event.error_code) == ("failed", 131042)


def test_what_was_never_delivered_gives_its_place_back() -> None:
    sandbox = sandbox_on(2026, 11, 2)
    sari = sandbox.add_customer("Sari", SARI)
    sari.says("halo")
    sandbox.post_message(TEXT)
    sari.customer.has_blocked = True
    assert sandbox.book.allowance.count(sandbox.number.id, "2026-11") == 1
    sandbox.advance(timedelta(minutes=1))
    assert sandbox.book.allowance.count(sandbox.number.id, "2026-11") == 0
    assert not sandbox.book.charges


@pytest.mark.parametrize(("day", "days"), [((2026, 9, 27), 3), ((2026, 9, 28), 7)])
def test_an_answered_ad_makes_everything_free(day: tuple[int, int, int], days: int, receiver: Receiver) -> None:
    sandbox = sandbox_on(*day, hour=1)
    sandbox.account.callback_url = receiver.url
    start = sandbox.clock.now()
    sandbox.add_customer("Budi", SARI).clicks_ad("Berapa?")
    sandbox.advance(timedelta(hours=12))
    assert bill(sandbox, MARKETING) == ("free_entry_point", "referral_conversion")
    sandbox.advance(timedelta(minutes=1))
    sandbox.drain()
    sent, delivered, read = receiver.statuses
    until = start + timedelta(hours=12, days=days)
    assert sent["conversation"]["expiration_timestamp"] == str(int(until.timestamp()))
    assert sent["conversation"]["origin"] == {"type": "referral_conversion"}
    assert delivered["conversation"] == {key: sent["conversation"][key] for key in ("id", "origin")}
    assert sent["pricing"] == delivered["pricing"]
    assert sent["pricing"]["type"] == "free_entry_point"
    assert "pricing" not in read
    sandbox.set_clock(until - timedelta(seconds=1))
    assert bill(sandbox, UTILITY)[0] == "free_entry_point"
    sandbox.advance(timedelta(seconds=1))
    assert bill(sandbox, UTILITY)[0] == "regular"


def test_an_entry_point_is_no_permission_and_an_ad_unanswered_for_a_day_is_lost() -> None:
    sandbox = sandbox_on(2026, 11, 2)
    budi = sandbox.add_customer("Budi", SARI)
    budi.clicks_ad("Berapa?")
    bill(sandbox, MARKETING)
    sandbox.advance(timedelta(hours=24))
    answer: dict[str, Any] = sandbox.post_message(TEXT)
    assert sandbox.book.sent[answer["messages"][0]["id"]].events[-1].error_code == 131047
    rina = sandbox.add_customer("Rina", "+62 857 1122 3344")
    rina.clicks_ad("Halo")
    sandbox.advance(timedelta(hours=24))
    assert bill(sandbox, MARKETING | {"to": "6285711223344"})[0] == "regular"


def test_the_world_may_say_how_long_an_entry_point_runs() -> None:
    sandbox = sandbox_on(2026, 11, 2)
    sandbox.transit.entry_point_for = timedelta(hours=100)
    sandbox.add_customer("Budi", SARI).clicks_ad("Berapa?")
    bill(sandbox, TEXT)
    sandbox.advance(timedelta(hours=100))
    assert bill(sandbox, UTILITY)[0] == "regular"


def test_conversations_before_july_2025(receiver: Receiver) -> None:
    sandbox = sandbox_on(2025, 6, 30)
    sandbox.account.callback_url = receiver.url
    sandbox.add_customer("Sari", SARI).says("halo")
    assert bill(sandbox, TEXT) == ("free_customer_service", "service")
    assert bill(sandbox, UTILITY) == ("regular", "utility")
    assert bill(sandbox, UTILITY) == ("regular", "utility")
    sandbox.advance(timedelta(minutes=1))
    assert [one.is_billed for one in sandbox.book.charges].count(True) == 1  # one conversation, two messages
    sandbox.drain()
    first = receiver.statuses[0]
    assert first["pricing"] == {"billable": False, "pricing_model": "CBP", "category": "service"}
    assert set(first["conversation"]) == {"id", "origin", "expiration_timestamp"}


def test_before_conversations_there_is_no_price() -> None:
    with pytest.raises(ValueError, match="2022-02-01"):
        sandbox_on(2022, 1, 31)
    sandbox_on(2022, 2, 1)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.randoms())
def test_the_window_does_not_mind_the_order_in_which_it_hears(seconds: list[int], random: Any) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=one) for one in seconds]
    shuffled = list(times)
    random.shuffle(shuffled)
    thread = Thread()
    for at in shuffled:
        thread.hears(at)
    closes_at = thread.closes_at()
    assert closes_at == max(times) + timedelta(hours=24)
    assert thread.is_open(max(times))
    assert not thread.is_open(max(times) + timedelta(hours=24))


@given(st.lists(st.integers(0, 1500), max_size=60))
def test_an_allowance_counts_each_message_once(keys: list[int]) -> None:
    allowance = Allowance()
    for key in keys:
        assert allowance.take("n", "2026-11", str(key))
    assert allowance.count("n", "2026-11") == len(set(keys))
    for key in keys:
        allowance.give_back(str(key))
    assert allowance.count("n", "2026-11") == 0


def test_lengths_of_entry_points() -> None:
    assert entry_point_for(datetime(2026, 9, 27, tzinfo=UTC).date()) == timedelta(hours=72)
    assert entry_point_for(datetime(2026, 9, 28, tzinfo=UTC).date()) == timedelta(days=7)


def test_the_button_of_a_page_opens_an_entry_point_that_only_the_answer_tells(receiver: Receiver) -> None:
    sandbox = sandbox_on(2026, 11, 2)
    sandbox.account.callback_url = receiver.url
    sandbox.add_customer("Budi", SARI).presses_page_button("Halo")
    assert bill(sandbox, MARKETING)[0] == "free_entry_point"
    sandbox.drain()
    assert "referral" not in receiver.messages[0]
    assert receiver.statuses[0]["conversation"]["expiration_timestamp"]
