"""The shelf: rules, cards and markets by day; edges are tested on both sides."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from wacli.domain.category import Category
from wacli.domain.pricing_rules import AllowanceCovers, AllowanceScope, Conversations, Unit
from wacli.domain.problem import Invalid
from wacli.domain.rate_card import Publisher
from wacli.ratecards.compile import compile_text
from wacli.ratecards.packaged import Packaged, read_packaged
from wacli.ratecards.shelf import Shelf, shelf

BEFORE_OCTOBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 1)


@pytest.fixture(scope="module")
def packaged() -> Packaged:
    return read_packaged()


def test_the_compiled_module_is_in_step_with_the_files(packaged: Packaged) -> None:
    from wacli.ratecards import compiled

    assert compiled.__file__ is not None
    text = Path(compiled.__file__).read_text("utf-8")
    assert text == compile_text(packaged), "run: python -m wacli.ratecards.compile"


def test_the_shelf_reads_back_what_the_files_say(packaged: Packaged) -> None:
    ours = shelf()
    assert ours.rules == packaged.rules
    assert ours.countries == packaged.countries
    assert {head.id: ours.card(head) for head in ours.heads} == {card.id: card for card in packaged.cards}


@pytest.mark.parametrize(
    ("day", "unit", "conversations"),
    [
        ("2018-08-01", Unit.FIXED, None),
        ("2022-01-31", Unit.FIXED, None),
        ("2022-02-01", Unit.CONVERSATION, Conversations.BY_INITIATOR),
        ("2023-05-31", Unit.CONVERSATION, Conversations.BY_INITIATOR),
        ("2023-06-01", Unit.CONVERSATION, Conversations.BY_CATEGORY),
        ("2025-06-30", Unit.CONVERSATION, Conversations.BY_CATEGORY),
        ("2025-07-01", Unit.MESSAGE, None),
        ("2026-11-22", Unit.MESSAGE, None),
    ],
)
def test_the_unit_by_day(day: str, unit: Unit, conversations: Conversations | None) -> None:
    rules = shelf().rules_on(date.fromisoformat(day))
    assert (rules.unit, rules.conversations) == (unit, conversations)


@pytest.mark.parametrize(
    ("day", "free"),
    [
        ("2022-01-31", set(Category)),
        ("2022-02-01", set()),
        ("2024-10-31", set()),
        ("2024-11-01", {Category.SERVICE}),
        ("2025-07-01", {Category.SERVICE, Category.UTILITY}),
        ("2026-09-30", {Category.SERVICE, Category.UTILITY}),
        ("2026-10-01", set()),
    ],
)
def test_what_is_free_in_the_window_by_day(day: str, free: set[Category]) -> None:
    assert shelf().rules_on(date.fromisoformat(day)).free_in_window == free


@pytest.mark.parametrize(
    ("day", "sure", "at_most"),
    [
        ("2022-02-01", 24, 24),
        ("2023-02-28", 24, 24),
        ("2023-03-01", 72, 72),
        ("2026-09-27", 72, 72),
        ("2026-09-28", 72, 168),
    ],
)
def test_the_entry_point_length_by_day(day: str, sure: int, at_most: int) -> None:
    length = shelf().rules_on(date.fromisoformat(day)).entry_point
    assert length is not None
    assert (length.sure_for, length.at_most_for) == (timedelta(hours=sure), timedelta(hours=at_most))


def test_there_was_no_entry_point_before_conversations() -> None:
    assert shelf().rules_on(date(2022, 1, 31)).entry_point is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-01-31", None),
        ("2022-02-01", (1000, AllowanceScope.ACCOUNT, AllowanceCovers.ANY)),
        ("2023-04-04", (1000, AllowanceScope.ACCOUNT, AllowanceCovers.USER_INITIATED)),
        ("2023-06-01", (1000, AllowanceScope.ACCOUNT, AllowanceCovers.SERVICE)),
        ("2024-10-31", (1000, AllowanceScope.ACCOUNT, AllowanceCovers.SERVICE)),
        ("2024-11-01", None),
        ("2026-09-30", None),
        ("2026-10-01", (1000, AllowanceScope.NUMBER, AllowanceCovers.SERVICE)),
    ],
)
def test_the_allowance_by_day(day: str, expected: tuple[int, AllowanceScope, AllowanceCovers] | None) -> None:
    allowance = shelf().rules_on(date.fromisoformat(day)).allowance
    assert (None if allowance is None else tuple(allowance)) == expected


def test_the_us_pause_and_the_mexican_trial() -> None:
    ours = shelf()
    assert not ours.rules_on(date(2025, 3, 31)).us_marketing_paused
    assert ours.rules_on(date(2025, 4, 1)).us_marketing_paused
    assert ours.rules_on(date(2021, 1, 31)).trial is None
    trial = ours.rules_on(date(2021, 2, 1)).trial
    assert trial is not None
    assert (trial.market, trial.rate) == ("Mexico", Decimal("0.014"))
    assert ours.rules_on(date(2022, 2, 1)).trial is None


def test_every_fact_of_every_period_has_its_source() -> None:
    for rules in shelf().rules:
        assert set(rules.sources) == {
            *("unit", "conversations", "free_in_window", "allowance", "entry_point", "us_marketing_paused"),
            *("reactions_exempt", "app_free", "tiered", "service_rate_of", "rate_range", "trial"),
        }
        assert all(rules.sources.values())


def test_no_rules_before_the_first_day() -> None:
    with pytest.raises(Invalid) as refusal:
        shelf().rules_on(date(2018, 7, 31))
    assert refusal.value.code == "before-pricing"


def _rate(day: date, market: str, category: str, currency: str = "USD") -> Decimal | None:
    card = shelf().card_on(day, currency)
    rate = None if card is None else card.rate(market, category)
    return None if rate is None else rate.amount


def test_saudi_marketing_changes_on_the_first_of_october() -> None:
    assert _rate(BEFORE_OCTOBER, "Saudi Arabia", "marketing") == Decimal("0.0501")
    assert _rate(OCTOBER, "Saudi Arabia", "marketing") == Decimal("0.0576")


def test_a_figure_is_never_borrowed_from_another_date() -> None:
    assert _rate(BEFORE_OCTOBER, "Indonesia", "marketing", "EUR") is not None
    assert _rate(OCTOBER, "Indonesia", "marketing", "EUR") is None, "no EUR card of October is known"
    assert _rate(date(2026, 1, 1), "Germany", "marketing", "INR") is None, "the INR card of January shows only India"
    assert _rate(date(2025, 12, 31), "Germany", "marketing", "INR") is not None
    assert _rate(date(2025, 1, 31), "Egypt", "authentication") is not None
    assert _rate(date(2025, 2, 1), "Egypt", "authentication") is None, "cut on that day, the new figure was not found"
    assert _rate(date(2025, 2, 1), "Brazil", "authentication") is not None


def test_a_figure_that_a_source_says_did_not_change_holds_on() -> None:
    assert _rate(date(2026, 11, 22), "Germany", "marketing", "GBP") == Decimal("0.0985")


def test_cards_of_one_currency_that_hold_together_are_read_together() -> None:
    day = date(2024, 6, 1)
    card = shelf().card_on(day, "USD")
    assert card is not None
    international = card.rate("Indonesia", "authentication-international")
    marketing = card.rate("Indonesia", "marketing")
    assert international is not None
    assert marketing is not None
    assert (international.card_id, marketing.card_id) == ("2024-06-01.USD", "2023-06-01.USD")
    assert _rate(day - timedelta(days=1), "Indonesia", "authentication-international") is None
    assert _rate(date(2024, 8, 1), "Indonesia", "utility") is None, "utility was cut on that day"


def test_resale_prices_are_never_the_card_of_a_day() -> None:
    ours = shelf()
    card = ours.card_on(date(2022, 3, 1), "USD")
    assert card is not None
    assert card.publisher is Publisher.DERIVED
    assert _rate(date(2022, 3, 1), "Argentina", "business-initiated", "IDR") is None
    published = {head.publisher for head, _ in ours.cards_in_force(date(2022, 3, 1), "IDR")}
    assert published == {Publisher.META, Publisher.RESALE}


def test_there_is_no_card_in_the_years_of_fixed_prices() -> None:
    assert shelf().card_on(date(2019, 1, 1), "USD") is None
    assert shelf().card_on(OCTOBER, "XTS") is None


@pytest.mark.parametrize(
    ("digits", "before", "after", "on"),
    [
        ("48123456789", "Rest of Central & Eastern Europe", "Poland", date(2026, 7, 1)),
        ("85212345678", "Rest of Asia Pacific", "Hong Kong", date(2026, 7, 1)),
        ("77011234567", "Other", "Kazakhstan", OCTOBER),
        ("76011234567", "Other", "Kazakhstan", OCTOBER),
        ("263712345678", "Other", "Rest of Africa", date(2025, 10, 1)),
        ("8801712345678", "Rest of Asia Pacific", "Bangladesh", OCTOBER),
    ],
)
def test_markets_move_on_their_day(digits: str, before: str, after: str, on: date) -> None:
    ours = shelf()
    assert ours.market_of(digits, None, on - timedelta(days=1)) == before
    assert ours.market_of(digits, None, on) == after


@pytest.mark.parametrize(
    ("digits", "market"),
    [
        ("14155550123", "North America"),
        ("18095550123", "Rest of Latin America"),
        ("18295550123", "Rest of Latin America"),
        ("18765550123", "Rest of Latin America"),
        ("19395550123", "Rest of Latin America"),
        ("14415550123", "Other"),
        ("79161234567", "Russia"),
        ("821012345678", "Other"),
        ("242061234567", "Rest of Africa"),
        ("243811234567", "Other"),
        ("6281234567890", "Indonesia"),
        ("390612345678", "Italy"),
        ("999123456789", "Other"),
    ],
)
def test_the_longest_prefix_decides(digits: str, market: str) -> None:
    assert shelf().market_of(digits, None, date(2026, 11, 22)) == market


def test_a_bsuid_goes_by_its_country() -> None:
    ours = shelf()
    assert ours.market_of(None, "ID.13491208655302741918", OCTOBER) == "Indonesia"
    assert ours.market_of(None, "KR.1", OCTOBER) == "Other"
    assert ours.market_of(None, "PL.ENT.1", date(2026, 6, 30)) == "Rest of Central & Eastern Europe"
    assert ours.market_of(None, "KZ.1", BEFORE_OCTOBER) == "Other"
    assert ours.market_of(None, None, OCTOBER) == "Other"


def test_complete_cards_cover_every_market_of_their_day() -> None:
    ours = Shelf()
    for head in ours.heads:
        card = ours.card(head)
        for category in card.complete:
            assert {m for m in ours.markets.names_on(head.effective_from) if card.rate(m, category) is None} == set()
