"""The one charge rule, against the decision table of each period."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.message import Origin
from wacli.domain.pricing import Charge, FreeReason, MessageFacts, charge
from wacli.domain.rate_card import amount_of
from wacli.ratecards.shelf import shelf

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def facts(
    category: Category | None = Category.MARKETING,
    kind: str = "template",
    market: str | None = "Indonesia",
    *,
    in_window: bool = False,
    in_entry_point: bool = False,
    origin: Origin = Origin.API,
) -> MessageFacts:
    return MessageFacts(AT, category, kind, market, in_window, in_entry_point, origin)


def charge_on(day: date, message: MessageFacts, *, volume: int = 0, used: int = 0, currency: str = "USD") -> Charge:
    ours = shelf()
    return charge(
        message,
        ours.rules_on(day),
        ours.card_on(day, currency),
        volume_so_far=volume,
        allowance_so_far=used,
    )


SERVICE = facts(None, "service", in_window=True)
UTILITY_INSIDE = facts(Category.UTILITY, in_window=True)


@pytest.mark.parametrize(
    ("message", "day", "amount", "free"),
    [
        (facts(), TODAY, "0.0411", None),
        (facts(in_window=True), TODAY, "0.0411", None),
        (facts(in_entry_point=True), TODAY, "0", FreeReason.FREE_ENTRY_POINT),
        (facts(Category.UTILITY), TODAY, "0.0250", None),
        (UTILITY_INSIDE, date(2026, 10, 1), "0.0250", None),
        (UTILITY_INSIDE, date(2026, 9, 30), "0", FreeReason.RULES),
        (facts(Category.UTILITY), date(2026, 9, 30), "0.0250", None),
        (SERVICE, TODAY, "0", FreeReason.ALLOWANCE),
        (SERVICE, date(2026, 9, 30), "0", FreeReason.RULES),
        (facts(None, "service", in_window=True, in_entry_point=True), TODAY, "0", FreeReason.FREE_ENTRY_POINT),
        (facts(None, "reaction", in_window=True), TODAY, "0", FreeReason.RULES),
        (facts(None, "service", in_window=True, origin=Origin.APP), TODAY, "0", FreeReason.APP),
        (facts(None, "service", in_window=True, origin=Origin.HISTORY), TODAY, "0", FreeReason.APP),
    ],
)
def test_what_a_message_costs(message: MessageFacts, day: date, amount: str, free: FreeReason | None) -> None:
    found = charge_on(day, message)
    assert (found.amount, found.free_reason, found.is_free) == (Decimal(amount), free, free is not None)


def test_the_thousandth_service_message_is_free_and_the_next_is_not() -> None:
    assert charge_on(TODAY, SERVICE, used=999).free_reason is FreeReason.ALLOWANCE
    billed = charge_on(TODAY, SERVICE, used=1000)
    assert (billed.amount, billed.free_reason, billed.card_id) == (Decimal("0.0250"), None, "2026-10-01.USD")


def test_a_charge_names_its_card_and_rules() -> None:
    found = charge_on(TODAY, facts())
    assert (found.market, found.rate, found.currency) == ("Indonesia", Decimal("0.0411"), "USD")
    assert (found.card_id, found.rule_id) == ("2026-10-01.USD", "2026-10-01")


def test_unknown_has_no_amount_and_is_not_free() -> None:
    for message, currency in (
        (facts(Category.AUTHENTICATION_INTERNATIONAL), "USD"),
        (facts(None), "USD"),
        (facts(market=None), "USD"),
        (facts(), "XTS"),
        (facts(), "EUR"),
    ):
        found = charge_on(TODAY, message, currency=currency)
        assert (found.amount, found.is_free, found.card_id) == (None, False, None)
        assert str(found.reason).startswith("billed, but")


def test_the_years_of_fixed_prices() -> None:
    day = date(2019, 5, 1)
    assert charge_on(day, facts(in_window=True)).free_reason is FreeReason.RULES
    assert charge_on(day, SERVICE).free_reason is FreeReason.RULES
    outside = charge_on(day, facts())
    assert (outside.amount, outside.is_free) == (None, False)
    assert charge_on(day, facts(in_entry_point=True)).is_free is False, "there was no entry point yet"


def test_the_years_of_conversations() -> None:
    in_2022 = date(2022, 6, 1)
    began = charge_on(in_2022, facts(), used=1000)
    answered = charge_on(in_2022, SERVICE, used=1000)
    assert (began.amount, answered.amount) == (Decimal("0.0316"), Decimal("0.0190"))
    assert charge_on(in_2022, facts(), used=999).free_reason is FreeReason.ALLOWANCE
    assert charge_on(date(2023, 4, 4), facts(), used=0).free_reason is None, "business-initiated no longer count"
    assert charge_on(date(2023, 4, 4), SERVICE, used=0).free_reason is FreeReason.ALLOWANCE
    assert charge_on(date(2023, 7, 1), SERVICE, used=1000).amount == Decimal("0.0190")
    assert charge_on(date(2024, 11, 1), SERVICE).free_reason is FreeReason.RULES
    assert charge_on(date(2024, 11, 1), UTILITY_INSIDE).amount == Decimal("0.0200"), "templates stayed billed"


def test_service_costs_the_utility_rate_where_a_card_has_no_service_column() -> None:
    german = facts(None, "service", "Germany", in_window=True)
    assert charge_on(TODAY, german, used=1000, currency="GBP").amount == Decimal("0.0397")


def test_tiers_are_marginal_at_each_edge() -> None:
    april = date(2026, 4, 1)
    message = facts(Category.UTILITY)
    for volume, rate, tier in (
        (0, "0.0250", "0:750000"),
        (749_999, "0.0250", "0:750000"),
        (750_000, "0.0238", "750001:4000000"),
        (150_000_000, "0.0188", "150000001:MAX"),
    ):
        found = charge_on(april, message, volume=volume)
        assert (found.amount, found.tier) == (Decimal(rate), tier)


def test_a_million_utility_messages_sum_the_bands_of_the_day() -> None:
    card = shelf().card_on(date(2026, 4, 1), "USD")
    assert card is not None
    rate = card.rate("Indonesia", "utility")
    assert rate is not None
    assert amount_of(rate, 1_000_000) == 750_000 * Decimal("0.0250") + 250_000 * Decimal("0.0238")


volumes = st.integers(0, 200_000_000)


@given(volumes, volumes, st.sampled_from(["Indonesia", "India", "Colombia", "Other"]))
def test_tiers_add_up_however_a_month_is_split(first: int, second: int, market: str) -> None:
    card = shelf().card_on(date(2026, 4, 1), "USD")
    assert card is not None
    rate = card.rate(market, "utility")
    assert rate is not None
    assert amount_of(rate, first) + amount_of(rate, second, first) == amount_of(rate, first + second)
    assert amount_of(rate, first + 1) > amount_of(rate, first)


@given(st.integers(0, 3), st.integers(749_990, 750_010))
def test_block_and_single_charges_agree(extra: int, volume: int) -> None:
    card = shelf().card_on(date(2026, 4, 1), "USD")
    assert card is not None
    rate = card.rate("Indonesia", "utility")
    assert rate is not None
    one_by_one = Decimal(0)
    for place in range(extra):
        amount = charge_on(date(2026, 4, 1), facts(Category.UTILITY), volume=volume + place).amount
        assert amount is not None
        one_by_one += amount
    assert one_by_one == amount_of(rate, extra, volume)
