"""Estimates: the worked cases, the algebra, and what is said where nobody knows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.pricing import FreeReason
from wacli.domain.problem import Invalid, Refused
from wacli.domain.quote import Quote
from wacli.domain.rate_card import amount_of
from wacli.ratecards.destinations import resolve_destination
from wacli.ratecards.shelf import shelf
from wacli.services.estimate import EstimateRequest, Exchange, Fee, GivenRate, Tax, Traffic, compare, estimate

TODAY = date(2026, 11, 22)
SEPTEMBER = date(2026, 9, 30)
APRIL = date(2026, 4, 1)
ALL = Decimal(1)


def traffic(to: str, on: date = TODAY, **counts: int) -> tuple[Traffic, ...]:
    where = resolve_destination(to, on, shelf())
    return tuple(Traffic(where, Category(name.replace("_", "-")), count) for name, count in counts.items())


def usual(on: date = TODAY, to: str = "ID") -> EstimateRequest:
    return EstimateRequest(traffic(to, on, marketing=1000, utility=500, service=3000), on)


def amounts(quote: Quote) -> list[tuple[str, Decimal | None]]:
    return [(line.category.value, line.amount) for line in quote.lines]


def said(quote: Quote) -> str:
    return "\n".join(str(text) for text in quote.assumptions)


def test_the_usual_month_to_indonesia_today() -> None:
    quote = estimate(usual(), shelf())
    assert amounts(quote) == [
        ("marketing", Decimal("41.10")),
        ("utility", Decimal("12.50")),
        ("service", Decimal("50.00")),
    ]
    assert (quote.total, quote.low, quote.high) == (Decimal("103.60"),) * 3
    service = quote.lines[2]
    assert (service.free_count, service.free_reason, service.billed_count) == (1000, FreeReason.ALLOWANCE, 2000)
    assert (quote.rules, quote.rate_card, quote.currency) == ("2026-10-01", "2026-10-01.USD", "USD")
    assert {citation.what for citation in quote.sources} == {"rules", "rate_card"}


def test_the_same_month_before_october() -> None:
    quote = estimate(usual(SEPTEMBER), shelf())
    assert quote.total == Decimal("53.60")
    assert (quote.lines[2].amount, quote.lines[2].free_reason) == (Decimal(0), FreeReason.RULES)
    inside = estimate(usual(SEPTEMBER)._replace(in_window=ALL), shelf())
    assert inside.total == Decimal("41.10")
    assert (inside.lines[1].amount, inside.lines[1].free_reason) == (Decimal(0), FreeReason.RULES)


def test_three_numbers_have_three_allowances() -> None:
    quote = estimate(usual()._replace(numbers=3), shelf())
    assert (quote.lines[2].amount, quote.lines[2].free_count) == (Decimal(0), 3000)
    assert "spread evenly over 3 business numbers" in said(quote)


def test_everything_from_ads_is_free_and_says_which_free() -> None:
    quote = estimate(usual()._replace(from_ads=ALL), shelf())
    assert quote.total == 0
    assert {line.free_reason for line in quote.lines} == {FreeReason.FREE_ENTRY_POINT}
    assert "surely 3 days" in said(quote)


def test_a_share_from_ads_may_use_the_allowance_up() -> None:
    quote = estimate(usual()._replace(from_ads=Decimal("0.1")), shelf())
    assert quote.total == Decimal("36.99") + Decimal("11.25") + Decimal("42.50")
    assert quote.high == quote.total + 300 * Decimal("0.0250")
    assert sum(line.message_count for line in quote.lines) == 4500


def test_a_million_utility_messages_are_summed_over_the_bands_of_the_day() -> None:
    request = EstimateRequest(traffic("ID", APRIL, utility=1_000_000), APRIL)
    quote = estimate(request, shelf())
    assert quote.total == 750_000 * Decimal("0.0250") + 250_000 * Decimal("0.0238")
    assert [line.tier for line in quote.lines] == ["0:750000", "750001:4000000"]
    card = shelf().card_on(APRIL, "USD")
    assert card is not None
    rate = card.rate("Indonesia", "utility")
    assert rate is not None
    assert quote.total == amount_of(rate, 1_000_000)


def test_unknown_tiers_leave_the_list_price_as_the_most() -> None:
    quote = estimate(EstimateRequest(traffic("ID", utility=1_000_000), TODAY), shelf())
    assert quote.total == quote.high == Decimal(25_000)
    assert quote.low == 750_000 * Decimal("0.0250") + 250_000 * Decimal("0.0187")
    assert "beyond 750000 messages a month" in said(quote)


@pytest.mark.parametrize(
    ("to", "before", "after"),
    [("SA", "0.0501", "0.0576"), ("MX", "0.0305", "0.0397"), ("ID", "0.0411", "0.0411")],
)
def test_prices_by_day(to: str, before: str, after: str) -> None:
    for day, price in ((SEPTEMBER, before), (SEPTEMBER + timedelta(days=1), after)):
        assert estimate(EstimateRequest(traffic(to, day, marketing=1), day), shelf()).total == Decimal(price)


@pytest.mark.parametrize(
    ("to", "on", "market"),
    [
        ("PL", "2026-06-30", "Rest of Central & Eastern Europe"),
        ("PL", "2026-07-01", "Poland"),
        ("+7 701 123 4567", "2026-09-30", "Other"),
        ("+7 701 123 4567", "2026-10-01", "Kazakhstan"),
        ("+1 809 555 0123", "2026-11-22", "Rest of Latin America"),
        ("South Korea", "2026-11-22", "Other"),
        ("Korea Selatan", "2026-11-22", "Other"),
    ],
)
def test_markets_by_day(to: str, on: str, market: str) -> None:
    day = date.fromisoformat(on)
    quote = estimate(EstimateRequest(traffic(to, day, marketing=1), day), shelf())
    assert [line.market for line in quote.lines] == [market]


def test_compare_shows_each_day_and_says_where_it_cannot() -> None:
    request = usual()._replace(currency="EUR")
    days = compare(request, [date(2026, 9, 1), date(2018, 9, 1)], shelf())
    assert [day.on for day in days] == [TODAY, date(2026, 9, 1), date(2018, 9, 1)]
    assert days[0].quote is not None
    assert days[0].quote.total is None
    assert days[1].quote is not None
    assert days[1].quote.total == Decimal("44.5")
    assert days[2].quote is None
    assert isinstance(days[2].problem, Refused)


def test_a_compared_market_is_the_one_of_that_day() -> None:
    request = EstimateRequest(traffic("PL", marketing=1000), TODAY)
    today, before = compare(request, [date(2026, 6, 30)], shelf())
    assert today.quote is not None
    assert before.quote is not None
    assert (today.quote.lines[0].market, before.quote.lines[0].market) == ("Poland", "Rest of Central & Eastern Europe")


def test_2018_has_a_range_and_a_supplied_price_closes_it() -> None:
    day = date(2018, 9, 1)
    quote = estimate(usual(day), shelf())
    assert (quote.total, quote.low, quote.high) == (None, Decimal("7.5"), Decimal("135"))
    assert quote.lines[2].free_reason is FreeReason.RULES
    assert "the press reported a range" in said(quote)
    rate = GivenRate(resolve_destination("ID", day, shelf()), None, Decimal("0.02"))
    closed = estimate(usual(day)._replace(rates=(rate,)), shelf())
    assert (closed.total, closed.low, closed.high) == (Decimal(30),) * 3
    assert all(line.is_given for line in closed.lines if line.billed_count)
    inside = estimate(usual(day)._replace(in_window=ALL), shelf())
    assert inside.total == 0


def test_the_mexican_trial_is_named() -> None:
    quote = estimate(usual(date(2021, 6, 1), "MX"), shelf())
    assert "0.014 USD" in said(quote)
    assert "1000 a month free" in said(quote)


def test_a_given_price_without_category_fills_gaps_only() -> None:
    where = resolve_destination("ID", TODAY, shelf())
    filled = estimate(usual()._replace(rates=(GivenRate(where, None, Decimal(9)),)), shelf())
    assert filled.total == Decimal("103.60")
    replaced = estimate(usual()._replace(rates=(GivenRate(where, Category.UTILITY, Decimal(1)),)), shelf())
    assert replaced.total == Decimal("41.10") + 500 + Decimal("50.00")


def test_a_partial_card_gives_bounds_and_never_another_date_s_price() -> None:
    day = date(2026, 5, 1)
    request = EstimateRequest(traffic("IN", day, marketing=100), day, currency="INR")
    quote = estimate(request, shelf())
    assert quote.total is None
    assert quote.lines[0].amount is None
    assert (quote.low, quote.high) == (Decimal("86.31"), Decimal("86.31"))
    assert "2026-01-01.INR (0.8631), 2026-10-01.INR (0.8631)" in said(quote)


def test_derived_figures_are_named_as_such() -> None:
    quote = estimate(usual(date(2022, 6, 1)), shelf())
    assert quote.rate_card == "2022-02-01.USD.derived"
    assert "not Meta's own list" in said(quote)
    assert "not Meta's own list" not in said(estimate(usual(), shelf()))


def test_nothing_known_is_refused() -> None:
    request = EstimateRequest(traffic("ID", marketing=10), TODAY, currency="BRL")
    with pytest.raises(Refused) as refusal:
        estimate(request, shelf())
    assert refusal.value.code == "no-rate"
    assert refusal.value.hint is not None


def test_nothing_billed_needs_no_price() -> None:
    day = date(2026, 9, 1)
    quote = estimate(EstimateRequest(traffic("ID", day, service=10), day, currency="BRL"), shelf())
    assert quote.total == 0


def test_one_unknown_price_leaves_the_total_open() -> None:
    day = date(2026, 8, 1)
    lines = (*traffic("BR", day, marketing=10), *traffic("ID", day, marketing=10))
    quote = estimate(EstimateRequest(lines, day, currency="BRL"), shelf())
    assert (quote.total, quote.low, quote.high) == (None, Decimal("3.217"), None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"on": date(2018, 7, 31)}, "before-pricing"),
        ({"currency": "XTS"}, "no-such-currency"),
        ({"exchange": Exchange("EUR", "IDR", Decimal(18_000))}, "wrong-exchange"),
    ],
)
def test_what_cannot_be_asked(change: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        estimate(usual()._replace(**change), shelf())  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_fee_tax_and_conversion_come_on_top() -> None:
    request = usual()._replace(
        fee=Fee("BSP", Decimal("0.005")),
        tax=Tax("PPN", Decimal("0.11")),
        exchange=Exchange("USD", "IDR", Decimal(16_500)),
    )
    quote = estimate(request, shelf())
    assert quote.subtotal == Decimal("103.60")
    assert [(extra.kind, extra.name, extra.amount) for extra in quote.extras] == [
        ("fee", "BSP", Decimal("22.50")),
        ("tax", "PPN", Decimal("13.871")),
    ]
    assert quote.total == quote.low == quote.high == Decimal("139.971")
    assert quote.converted is not None
    assert quote.converted.total == Decimal("139.971") * 16_500


def test_the_allowance_is_counted_where_it_saves_least() -> None:
    lines = (*traffic("DE", service=1000), *traffic("ID", service=1000))
    quote = estimate(EstimateRequest(lines, TODAY), shelf())
    assert quote.total == quote.high == 1000 * Decimal("0.0550")
    assert quote.low == 1000 * Decimal("0.0250")


def test_the_allowance_of_2022_covers_any_conversation_of_the_account() -> None:
    day = date(2022, 6, 1)
    request = EstimateRequest(traffic("ID", day, marketing=1500), day, numbers=5)
    assert estimate(request, shelf()).total == 500 * Decimal("0.0316")


def test_us_marketing_is_flagged() -> None:
    assert "not delivered to US numbers" in said(estimate(EstimateRequest(traffic("US", marketing=5), TODAY), shelf()))


def test_a_card_past_its_quarter_is_flagged() -> None:
    assert "prices may have changed on 2027-01-01" in said(estimate(usual(date(2027, 2, 1)), shelf()))
    assert "prices may have changed" not in said(estimate(usual(date(2026, 12, 31)), shelf()))


counts = st.integers(0, 3_000_000)
categories = st.sampled_from([Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION, Category.SERVICE])
places = st.sampled_from(["ID", "IN", "CO", "US", "KR", "DE"])
items = st.lists(st.tuples(places, categories, counts), min_size=1, max_size=6)
days = st.sampled_from([TODAY, SEPTEMBER, APRIL, date(2025, 12, 1), date(2024, 12, 1)])
shares = st.sampled_from([Decimal(0), Decimal("0.25"), Decimal(1)])


def request_of(rows: list[tuple[str, Category, int]], day: date, inside: Decimal, ads: Decimal) -> EstimateRequest:
    ours = shelf()
    lines = tuple(Traffic(resolve_destination(to, day, ours), category, count) for to, category, count in rows)
    return EstimateRequest(lines, day, in_window=inside, from_ads=ads)


@given(items, days, shares, shares)
def test_the_lines_add_up(rows: list[tuple[str, Category, int]], day: date, inside: Decimal, ads: Decimal) -> None:
    quote = estimate(request_of(rows, day, inside, ads), shelf())
    assert quote.total is not None
    assert quote.high is not None
    assert quote.message_count == sum(count for _, _, count in rows)
    assert quote.free_count + quote.billed_count == quote.message_count
    assert quote.total == sum(line.billed_count * (line.unit_price or 0) for line in quote.lines)
    assert 0 <= quote.low <= quote.total <= quote.high
    assert all((line.free_reason is None) == (line.free_count == 0) or line.message_count == 0 for line in quote.lines)


@given(items, days, st.integers(0, 5), st.integers(1, 100_000))
def test_one_more_message_never_costs_less(
    rows: list[tuple[str, Category, int]], day: date, which: int, more: int
) -> None:
    to, category, count = rows[which % len(rows)]
    grown = [*rows]
    grown[which % len(rows)] = (to, category, count + more)
    before = estimate(request_of(rows, day, Decimal(0), Decimal(0)), shelf()).total
    after = estimate(request_of(grown, day, Decimal(0), Decimal(0)), shelf()).total
    assert before is not None
    assert after is not None
    assert after >= before


@given(st.lists(st.tuples(places, categories.filter(lambda c: c is not Category.SERVICE), counts), max_size=5), days)
def test_templates_add_up_over_markets(rows: list[tuple[str, Category, int]], day: date) -> None:
    by_market: dict[str, list[tuple[str, Category, int]]] = {}
    for row in rows:
        by_market.setdefault(row[0], []).append(row)
    parts = [estimate(request_of(part, day, Decimal(0), Decimal(0)), shelf()).total for part in by_market.values()]
    whole = estimate(request_of(rows, day, Decimal(0), Decimal(0)), shelf()).total if rows else Decimal(0)
    assert whole == sum(part for part in parts if part is not None)


@given(st.integers(0, 5_000_000), st.integers(0, 5_000_000))
def test_a_month_in_two_parts_costs_the_same(first: int, second: int) -> None:
    def total(count: int, so_far: int) -> Decimal:
        request = EstimateRequest(
            traffic("ID", APRIL, utility=count), APRIL, volume_so_far={("Indonesia", Category.UTILITY): so_far}
        )
        found = estimate(request, shelf()).total
        assert found is not None
        return found

    assert total(first, 0) + total(second, first) == total(first + second, 0)
