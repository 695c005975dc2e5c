"""A run never spends more than was agreed to, whatever becomes of what is in flight."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.verdict import MaySend, Outcome, Verdict
from wacli.domain.window import EntryPoint, EntryPointState
from wacli.services.campaign_purse import Purse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_PRICES = st.none() | st.integers(0, 40).map(lambda cents: Decimal(cents) / 100)
_MESSAGES = st.lists(st.tuples(_PRICES, st.sampled_from(["accepted", "refused", "unknown", "in flight"])), max_size=40)


def verdict(price: Decimal | None) -> Verdict:
    outcome = Outcome.FREE if price == 0 else Outcome.BILLED
    return Verdict(
        1, MaySend.TEMPLATE_ONLY, outcome, None, None, price, "USD", "Indonesia", Category.MARKETING, None, "rules",
        None, False, EntryPoint(EntryPointState.NONE), (), None,
    )  # fmt: skip


@given(_MESSAGES, st.integers(0, 300).map(lambda cents: Decimal(cents) / 100))
def test_what_is_spent_and_in_flight_stays_within_what_was_agreed(
    messages: list[tuple[Decimal | None, str]], most: Decimal
) -> None:
    purse, spent, flying = Purse(most, None, Decimal(0)), Decimal(0), Decimal(0)
    for number, (price, end) in enumerate(messages):
        refusal = purse.reason_against(verdict(price), NOW)
        if price is None:
            assert refusal == "cost-limit", "a price that nobody knows may be any price"
            continue
        assert (refusal is None) == (price == 0 or spent + flying + price <= most)
        if refusal is not None:
            continue
        purse.take(str(number), price)
        flying += price
        if end != "in flight":
            took = purse.settle(str(number), is_spent=end != "refused")
            assert took == (Decimal(0) if end == "refused" else price)
            flying, spent = flying - price, spent + took
        assert spent + flying <= most


def test_without_a_limit_everything_goes() -> None:
    assert Purse(None, None, Decimal(0)).reason_against(verdict(None), NOW) is None
