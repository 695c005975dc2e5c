"""The price of a plan: each line by the one pricing rule, tiers in order, the least and the most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.campaign_shop import CampaignShop, template
from wacli.domain.campaign import IN_ENTRY_POINT, IN_WINDOW, NO_LIMIT, SITUATIONS
from wacli.domain.category import Category
from wacli.domain.pricing import FreeReason
from wacli.domain.rate_card import amount_of
from wacli.ratecards.shelf import shelf
from wacli.services.campaign_quote import price_plan
from wacli.services.prices import Prices
from wacli.store import account_facts, campaign_counts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MARKETS = ("India", "Indonesia", "Other")
PRICES = Prices(shelf(None), "USD", UTC)


def line(market: str, situation: int = 0) -> int:
    return MARKETS.index(market) * SITUATIONS + situation


def test_billed_and_free_by_market() -> None:
    counts = {line("Indonesia"): 100, line("Indonesia", IN_ENTRY_POINT): 7, line("India", IN_WINDOW): 3}
    priced = price_plan(counts, MARKETS, Category.MARKETING, PRICES, NOW, {})
    card = PRICES.card(NOW)
    assert card is not None
    indonesia, india = card.rate("Indonesia", "marketing"), card.rate("India", "marketing")
    assert indonesia is not None
    assert india is not None
    assert priced.amount.total == priced.amount.span.low == 100 * indonesia.amount + 3 * india.amount
    assert priced.amount.span.high == 107 * indonesia.amount + 3 * india.amount
    assert priced.charges[line("Indonesia", IN_ENTRY_POINT)].free_reason is FreeReason.FREE_ENTRY_POINT
    assert priced.charges[line("Indonesia")].price == indonesia.amount
    assert sum(one.message_count for one in priced.lines) == 110


@pytest.mark.parametrize("volume", [0, 50_000, 5_000_000])
def test_utility_goes_on_where_the_month_s_volume_stands(volume: int) -> None:
    card = PRICES.card(NOW)
    assert card is not None
    rate = card.rate("India", "utility")
    assert rate is not None
    priced = price_plan({line("India"): 2_000_000}, MARKETS, Category.UTILITY, PRICES, NOW, {"India": volume})
    if rate.bands:
        assert priced.amount.total == amount_of(rate, 2_000_000, volume)
        assert {one.tier for one in priced.lines} != {None}
    low, high = priced.amount.span
    assert high is not None
    assert low <= high


def test_a_category_that_nobody_knows_has_no_price() -> None:
    priced = price_plan({line("Indonesia"): 5}, MARKETS, None, PRICES, NOW, {})
    assert (priced.amount.total, priced.amount.span.high) == (None, None)


def test_nobody_costs_nothing() -> None:
    priced = price_plan({}, MARKETS, Category.MARKETING, PRICES, NOW, {})
    assert (priced.lines, priced.amount.total, priced.amount.span) == ((), Decimal(0), (Decimal(0), Decimal(0)))


@pytest.mark.parametrize(
    ("raw", "limit"),
    [
        ('{"max_daily_conversations_per_business": 2000}', 2_000),
        ('{"max_daily_conversations_per_business": "TIER_10K"}', 10_000),
        ('{"max_daily_conversations_per_business": -1}', 2**62),
        ('{"max_daily_conversations_per_business": "TIER_UNLIMITED"}', 2**62),
        ('{"max_daily_conversations_per_business": "SOON"}', None),
        ('{"max_phone_numbers_per_waba": 20}', None),
    ],
)
def test_the_messaging_limit_is_what_meta_said_last(tmp_path: Path, raw: str, limit: int | None) -> None:
    shop = CampaignShop(tmp_path)
    with shop.store as store:
        assert campaign_counts.messaging_limit(store) is None
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO notices (fingerprint, number_id, field, what, at, raw) "
                "VALUES (1, ?, 'business_capability_update', NULL, 5, ?)",
                (shop.number_id, raw),
            )
        assert campaign_counts.messaging_limit(store) == limit


def test_of_what_meta_told_the_webhook_and_the_doctor_the_later_word_counts(tmp_path: Path) -> None:
    shop = CampaignShop(tmp_path)
    told = datetime(2026, 11, 20, tzinfo=UTC)
    with shop.store as store:
        account_facts.record_limit(store, "W", 250, told)
        assert campaign_counts.messaging_limit(store) == 250
        assert account_facts.find_payment(store, "W") is None, "nobody has said anything about paying"
        account_facts.record_payment(store, "W", has_payment_method=True, now=told)
        for at, limit in ((told - timedelta(days=1), 250), (told + timedelta(days=1), 2_000)):
            with store.transaction() as connection:
                connection.execute(
                    "INSERT INTO notices (fingerprint, number_id, field, what, at, raw) "
                    "VALUES (?, ?, 'business_capability_update', NULL, ?, ?)",
                    (at.day, shop.number_id, int(at.timestamp()), '{"max_daily_conversations_per_business": 2000}'),
                )
            assert campaign_counts.messaging_limit(store) == limit
        account_facts.record_limit(store, "W", NO_LIMIT, told + timedelta(days=2))
        assert campaign_counts.messaging_limit(store) == NO_LIMIT
        payment = account_facts.find_payment(store, "W")
        assert payment is not None
        assert payment.has_payment_method


def test_people_of_the_last_day_are_found_without_reading_the_outbox(tmp_path: Path) -> None:
    shop = CampaignShop(tmp_path)
    with shop.store as store:
        for number in range(40):
            thread = shop.thread(shop.person())
            at = int((NOW - timedelta(hours=40 - number)).timestamp())
            with store.transaction() as connection:
                connection.execute(
                    "INSERT INTO outbox (key, thread_id, kind, request, state, created_at) "
                    "VALUES (?, ?, 'template', '{}', ?, ?)",
                    (f"k{number}", thread, "refused" if number == 39 else "accepted", at),
                )
        for hours in (0, 1, 5, 24, 40, 41):
            since = NOW - timedelta(hours=hours)
            expected = sum(NOW - timedelta(hours=40 - number) >= since for number in range(39))
            assert campaign_counts.people_since(store, since, 0) == expected
        # The limit looks at different people: who was written to today and is in the plan counts once.
        assert shop.plan(template("UTILITY"), now=NOW)
        assert (shop.last.outside_window_count, shop.last.people_so_far) == (40, 0)
        assert shop.plan(template("UTILITY"), where="id = 39", now=NOW)
        assert (shop.last.outside_window_count, shop.last.people_so_far) == (1, 22)
        assert shop.last.limit is None
