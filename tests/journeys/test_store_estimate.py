"""`wacli estimate --from-store`: the shop's own messages by other rules and with other habits."""

from __future__ import annotations

import pytest

from tests.support.front_door import FrontDoor
from tests.support.shop import BUDI, SARI, Shop

PRICED = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    """Sari wrote on Monday and got a utility template on Wednesday; Budi was answered at once."""
    made = Shop(wacli)
    made.profile(time_zone="Asia/Jakarta")
    made.hears(SARI, "sudah jadi?", "2026-11-16T02:00Z")
    made.status(SARI, "wamid.LATE=", "delivered", "2026-11-18T02:00Z", pricing=PRICED)
    made.hears(BUDI, "halo", "2026-11-16T02:00Z")
    made.status(BUDI, "wamid.SOON=", "delivered", "2026-11-16T02:05Z", pricing={**PRICED, "category": "service"})
    return made


def test_an_answer_in_time_would_have_been_free(shop: Shop) -> None:
    found = shop.door(
        "estimate", "--from-store", "--compare", "2026-09-15", "--what-if", "answer-within=2h", "--json"
    )  # fmt: skip
    assert found.status == 0, found
    now, before, quick = found.json["scenarios"]
    assert (now["count"], now["billed_count"], now["allowance_count"]) == (2, 1, 1)
    assert float(now["amount"]) > 0
    assert (before["on"], before["rules_count"]) == ("2026-09-15", 1)
    assert (quick["habit"], quick["span_seconds"], quick["billed_count"]) == ("answer-within", 7200, 0)
    assert float(quick["difference"]) == -float(now["amount"])


def test_it_agrees_with_spend(shop: Shop) -> None:
    spent = shop.door("spend", "by", "category", "--json").json
    total = sum(float(line["amount"]) for line in spent)
    (only,) = shop.door("estimate", "--from-store", "--json").json["scenarios"]
    assert float(only["amount"]) == pytest.approx(total)


@pytest.mark.parametrize(
    "typed", ["sleep-more", "answer-within", "answer-within=30h", "replies-in-app=2h", "merge-replies=x"]
)
def test_what_is_no_habit_is_said(shop: Shop, typed: str) -> None:
    assert shop.door("estimate", "--from-store", "--what-if", typed, "--json").status == 2


@pytest.mark.parametrize(
    "typed",
    [
        ("--to", "ID"), ("--marketing", "5"), ("--fx", "USD:IDR=16500"), ("--chat-export", "chat.txt"),
        ("--numbers", "1"), ("--in-window", "0%"), ("--from-ads", "5%"), ("--allowance-used", "0"),
        ("--fee-name", "Twilio"), ("--tax-name", "PPN"), ("--day-first",), ("--month-first",),
    ],
)  # fmt: skip
def test_options_of_planned_messages_are_refused_and_not_passed_over(shop: Shop, typed: tuple[str, ...]) -> None:
    refused = shop.door("estimate", "--from-store", *typed, "--json")
    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert refused.error["message"] == f"--from-store does not go with {typed[0]}"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (("--since", "2026-10-01"), "--from-store"), (("--me", "Ani"), "--chat-export"),
        (("--month-first",), "--chat-export"), (("--category", "utility"), "--recipients"),
        (("--rejects", "left-out.csv"), "--recipients"),
    ],
)  # fmt: skip
def test_an_option_of_another_source_is_refused(wacli: FrontDoor, typed: tuple[str, ...], wanted: str) -> None:
    refused = wacli("estimate", "--to", "ID", "--marketing", "5", *typed, "--json")
    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert refused.error["message"] == f"{typed[0]} goes with {wanted} only"


def test_the_future_cost_nothing_yet(shop: Shop) -> None:
    refused = shop.door("estimate", "--from-store", "--since", "2040-01-01", "--json")
    assert (refused.status, refused.error["code"]) == (2, "usage")


def test_the_table(shop: Shop) -> None:
    shown = shop.door("estimate", "--from-store", "--what-if", "replies-in-app", "--format", "table").out
    assert "as they were" in shown
    assert "replies typed in the phone app" in shown


def test_without_a_store(wacli: FrontDoor) -> None:
    refused = wacli("estimate", "--from-store", "--json")
    assert (refused.status, refused.error["code"]) == (3, "no-store")
