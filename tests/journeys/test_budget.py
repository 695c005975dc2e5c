"""A month's budget: what would pass it is not sent, the messages of one run count each other, and so do those on
their way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.counter import Counter
from wacli.sandbox.faults import Fault
from wacli.sandbox.puppet import Puppet

READY = ("send", "order_ready")
VALUES = ("name=Sari", "order=A-17")  # a utility template to Indonesia: 0.0250 USD
NUMBERS = ("+6281355500101", "+6281355500202", "+6281355500303", "+6281355500404")


@pytest.fixture
def thrifty(counter: Counter, sari: Puppet) -> Counter:
    """A shop that may spend six cents a month."""
    counter.profile(budget="0.06 USD")
    return counter


def test_what_would_pass_it_is_refused_before_any_request(thrifty: Counter) -> None:
    for _ in range(2):
        assert thrifty(*READY, "Sari", *VALUES).status == 0
    thrifty.requests.clear()
    refused = thrifty(*READY, "Sari", *VALUES, "--json")
    assert (refused.status, refused.error["code"]) == (4, "over-budget")
    assert "$0.01 is left of this month's budget of $0.06" in refused.error["message"]
    assert "wacli spend" in refused.error["hint"]
    assert "--over-budget" in refused.error["hint"]
    assert thrifty.requests == []
    rehearsed = thrifty(*READY, "Sari", *VALUES, "--dry-run", "--json")
    assert (rehearsed.status, rehearsed.error["code"]) == (4, "over-budget")
    verdict = thrifty("can", "Sari", "--template", "order_ready", "--json")
    assert (verdict.status, verdict.json["verdict"]) == (12, "blocked")
    assert verdict.json["reasons"][0]["code"] == "over-budget"


def test_it_can_be_passed_deliberately(thrifty: Counter) -> None:
    thrifty.profile(budget="0")
    assert thrifty(*READY, "Sari", *VALUES).status == 4
    assert thrifty(*READY, "Sari", *VALUES, "--over-budget", "--dry-run").status == 0
    assert thrifty(*READY, "Sari", *VALUES, "--over-budget").status == 0


def test_what_is_free_is_never_refused(thrifty: Counter) -> None:
    thrifty.profile(budget="0 USD")
    assert thrifty("reply", "Sari", "halo").status == 0


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_many_in_one_run_count_each_other(thrifty: Counter, dry: tuple[str, ...]) -> None:
    done = thrifty(*READY, *NUMBERS, *VALUES, *dry, "--json")
    assert done.status == 7
    errors = [row["error"] for row in done.json]
    assert sorted(errors, key=str) == [None, None, "over-budget", "over-budget"]


def test_the_delivered_and_those_on_their_way_count_once(thrifty: Counter) -> None:
    thrifty.profile(budget="0.075 USD")
    assert thrifty(*READY, "Sari", *VALUES).status == 0
    thrifty.later(timedelta(minutes=2))  # delivered, and the receiver has heard of it
    assert thrifty(*READY, "Sari", *VALUES).status == 0  # on its way
    assert thrifty(*READY, "Sari", *VALUES).status == 0
    assert thrifty(*READY, "Sari", *VALUES).status == 4


def test_a_new_month_begins_with_the_whole_budget(thrifty: Counter) -> None:
    for _ in range(2):
        assert thrifty(*READY, "Sari", *VALUES).status == 0
    assert thrifty(*READY, "Sari", *VALUES).status == 4
    thrifty.later(timedelta(days=10))  # 2 December
    assert thrifty(*READY, "Sari", *VALUES).status == 0


def test_a_refused_message_gives_its_price_back(thrifty: Counter) -> None:
    thrifty.sandbox.faults.push(Fault("error", code=131008))
    assert thrifty(*READY, "Sari", *VALUES).status == 5
    assert thrifty(*READY, *NUMBERS[:2], *VALUES).status == 0


def test_a_budget_in_another_currency_is_not_converted(thrifty: Counter) -> None:
    thrifty.profile(budget="500 INR")
    refused = thrifty(*READY, "Sari", *VALUES, "--json")
    assert (refused.status, refused.error["code"]) == (2, "other-currency")


def test_only_amounts_are_budgets(thrifty: Counter) -> None:
    assert thrifty("config", "set", "budget", "fifty", "--json").error["code"] == "config-value"
    assert thrifty("config", "set", "budget", "50 USD").status == 0
    assert thrifty("config", "get", "budget").out == "50 USD\n"
