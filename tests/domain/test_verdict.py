"""The one verdict: both clocks, consent, known blocks, allowance, money; each edge from both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacli.domain.category import Category
from wacli.domain.money import Money
from wacli.domain.pricing import REACTION, FreeReason
from wacli.domain.text import t
from wacli.domain.verdict import (
    Limits,
    MaySend,
    Outcome,
    Person,
    Reason,
    Terms,
    Verdict,
    judge_reply,
    judge_template,
    within,
)
from wacli.domain.window import Clocks, EntryPoint, EntryPointState
from wacli.ratecards.shelf import shelf

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)
ZONE = ZoneInfo("Asia/Jakarta")


def terms(at: datetime = NOW, used: int = 0, *, by_hand: bool = False) -> Terms:
    day = at.astimezone(ZONE).date()
    return Terms(shelf(None).rules_on(day), shelf(None).card_on(day, "USD"), used, by_hand)


def person(opened_at: datetime | None = NOW, **more: Any) -> Person:
    base = Person(1, True, True, "Indonesia", Clocks(last_opener_at=opened_at), EntryPoint(EntryPointState.NONE))
    return base._replace(**more)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def promo(who: Person, at: datetime = NOW, **more: Any) -> Verdict:
    return judge_template(who._replace(**more), terms(at), Category.MARKETING, at)


AGREED: dict[str, Any] = {"opted_in": ("marketing",)}


def test_the_window_is_half_open() -> None:
    who = person(NOW)
    for at, outcome, may_send in (
        (NOW - SECOND, Outcome.TEMPLATE_ONLY, MaySend.TEMPLATE_ONLY),
        (NOW, Outcome.FREE, MaySend.FREE_FORM),
        (NOW + DAY - SECOND, Outcome.FREE, MaySend.FREE_FORM),
        (NOW + DAY, Outcome.TEMPLATE_ONLY, MaySend.TEMPLATE_ONLY),
    ):
        verdict = judge_reply(who, terms(at), at)
        assert (verdict.outcome, verdict.may_send) == (outcome, may_send), at
    assert codes(judge_reply(person(None), terms(), NOW)) == ["never-wrote"]


def test_the_allowance_ends_with_its_last_message() -> None:
    allowance = terms().rules.allowance
    assert allowance is not None
    last = judge_reply(person(), terms(used=allowance.free_count - 1), NOW)
    assert (last.outcome, last.free_reason, last.price) == (Outcome.FREE, FreeReason.ALLOWANCE, Decimal(0))
    over = judge_reply(person(), terms(used=allowance.free_count), NOW)
    assert (over.outcome, over.free_reason) == (Outcome.BILLED, None)
    reaction = judge_reply(person(), terms(used=allowance.free_count), NOW, kind=REACTION)
    assert (reaction.outcome, reaction.free_reason) == (Outcome.FREE, FreeReason.RULES)


def test_nobody_to_write_to() -> None:
    nobody = person(has_phone=False, has_bsuid=False)
    for verdict in (judge_reply(nobody, terms(), NOW), promo(nobody, **AGREED)):
        assert (verdict.outcome, verdict.may_send, codes(verdict)) == (
            Outcome.BLOCKED,
            MaySend.NOTHING,
            ["no-identifier"],
        )


def test_marketing_needs_an_opt_in_and_nothing_else_does() -> None:
    assert codes(promo(person())) == ["no-opt-in"]
    assert promo(person(), **AGREED).outcome is Outcome.BILLED
    for category in (Category.UTILITY, Category.AUTHENTICATION, None):
        assert "no-opt-in" not in codes(judge_template(person(), terms(), category, NOW))


@pytest.mark.parametrize("category", [Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION])
def test_an_opt_out_is_of_its_category(category: Category) -> None:
    stopped = person(opted_out=(category.value,), opted_in=("marketing",) if category != "marketing" else ())
    assert codes(judge_template(stopped, terms(), category, NOW)) == ["opted-out"]
    for other in set(Category) - {category, Category.MARKETING}:
        assert "opted-out" not in codes(judge_template(stopped, terms(), other, NOW))
    assert judge_reply(stopped, terms(), NOW).outcome is Outcome.FREE


def test_somebody_who_wants_no_answers_gets_none() -> None:
    verdict = judge_reply(person(opted_out=("service",)), terms(), NOW)
    assert (verdict.outcome, verdict.may_send, codes(verdict)) == (Outcome.BLOCKED, MaySend.NOTHING, ["opted-out"])


def test_cooling_off_lasts_a_day_and_is_half_open() -> None:
    who = person(held_back_at=NOW, **AGREED)
    assert codes(promo(who, NOW)) == ["cooling-off"]
    assert codes(promo(who, NOW + DAY - SECOND)) == ["cooling-off"]
    assert promo(who, NOW + DAY).outcome is Outcome.BILLED
    assert judge_template(who, terms(), Category.UTILITY, NOW).outcome is Outcome.BILLED
    assert judge_reply(who, terms(), NOW).outcome is Outcome.FREE


def test_the_pause_in_the_united_states_has_a_first_day() -> None:
    who = person(is_in_us=True, market="North America", **AGREED)
    last_day = datetime(2025, 3, 31, 23, 59, 59, tzinfo=ZONE)
    assert "us-marketing-paused" not in codes(promo(who, last_day))
    assert codes(promo(who, last_day + SECOND)) == ["us-marketing-paused"]
    assert "us-marketing-paused" not in codes(judge_template(who, terms(), Category.UTILITY, NOW))


def test_undeliverable_blocks_everything() -> None:
    who = person(undeliverable_at=NOW, **AGREED)
    for verdict in (judge_reply(who, terms(), NOW), judge_template(who, terms(), Category.UTILITY, NOW), promo(who)):
        assert (verdict.outcome, codes(verdict)) == (Outcome.BLOCKED, ["undeliverable"])
    shut = judge_reply(person(NOW - DAY, undeliverable_at=NOW), terms(), NOW)
    assert shut.outcome is Outcome.BLOCKED  # a template would fail just the same


def test_every_obstacle_is_named_the_heaviest_first() -> None:
    fault = Reason("template-not-approved", t("paused"))
    who = person(opted_out=("marketing",), is_in_us=True, held_back_at=NOW, undeliverable_at=NOW)
    verdict = judge_template(who, terms(), Category.MARKETING, NOW, (fault,))
    assert codes(verdict) == [
        "opted-out", "template-not-approved", "us-marketing-paused", "cooling-off", "undeliverable",
    ]  # fmt: skip
    assert (verdict.price, verdict.charge) == (None, None)


def test_the_phone_app_knows_no_obstacle_and_no_price() -> None:
    who = person(None, opted_out=("marketing", "service"), undeliverable_at=NOW)
    for verdict in (
        judge_reply(who, terms(by_hand=True), NOW),
        judge_template(who, terms(by_hand=True), Category.MARKETING, NOW),
    ):
        assert (verdict.outcome, verdict.free_reason) == (Outcome.FREE, FreeReason.APP)


# --- the limits of the sender ----------------------------------------------------------------------------------------


def test_a_cost_limit_includes_its_own_amount() -> None:
    verdict = promo(person(), **AGREED)
    assert verdict.price is not None
    cent = Decimal("0.0001")
    assert within(verdict, Limits(max_cost=verdict.price)) == verdict
    assert within(verdict, Limits(max_cost=verdict.price + cent)) == verdict
    over = within(verdict, Limits(max_cost=verdict.price - cent))
    assert (over.outcome, over.reasons[0].code) == (Outcome.BLOCKED, "too-expensive")
    assert over.reasons[0].text.values == {
        "price": Money(verdict.price, "USD"),
        "limit": Money(verdict.price - cent, "USD"),
    }


def test_an_unknown_price_is_over_every_limit() -> None:
    unknown = promo(person(market=None), **AGREED)
    assert (unknown.outcome, unknown.price) == (Outcome.BILLED, None)
    assert within(unknown, Limits()) == unknown
    assert within(unknown, Limits(max_cost=Decimal(1_000_000))).reasons[0].code == "too-expensive"
    assert within(unknown, Limits(only_free=True)).reasons[0].code == "not-free"


def test_what_is_free_is_within_every_limit() -> None:
    free = judge_reply(person(), terms(), NOW)
    assert within(free, Limits(only_free=True, max_cost=Decimal(0))) == free


def test_a_limit_permits_nothing_that_a_rule_forbids() -> None:
    for forbidden in (promo(person()), judge_reply(person(None), terms(), NOW)):
        assert within(forbidden, Limits(max_cost=Decimal(100))) == forbidden


@given(
    only_free=st.booleans(),
    max_cost=st.none() | st.decimals(0, 1, places=4),
    used=st.sampled_from([0, 999, 1_000, 5_000]),
    in_us=st.booleans(),
    opted=st.sampled_from(["in", "out", "none"]),
    hours=st.integers(0, 48),
)
def test_a_verdict_never_contradicts_itself(
    only_free: bool, max_cost: Decimal | None, used: int, in_us: bool, opted: str, hours: int
) -> None:
    at = NOW + timedelta(hours=hours)
    said: dict[str, Any] = {"opted_in" if opted == "in" else "opted_out": ("marketing",)} if opted != "none" else {}
    who = person(is_in_us=in_us, **said)
    for verdict in (judge_reply(who, terms(at, used), at), judge_template(who, terms(at), Category.MARKETING, at)):
        judged = within(verdict, Limits(only_free, max_cost))
        assert judged.reasons
        if judged.outcome is Outcome.FREE:
            assert judged.price == 0
            assert judged.free_reason is not None
        if judged.outcome is Outcome.BILLED:
            assert not only_free
            assert max_cost is None or (judged.price is not None and judged.price <= max_cost)
            assert opted != "out" or judged.category is not Category.MARKETING
