"""A month of each period, booked twice: by the sandbox's own ledger and by wacli's charges, to the micro-unit.

The sandbox works its prices out by its own hand (`wacli.sandbox.ledger`); it shares the published figures with
`wacli.domain.pricing` and no line of code.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.support.months import Losses, Traffic, month_of_traffic
from tests.support.traffic import JAKARTA_PRICES, MONTHS, taken_in
from wacli.services.charges import bring_up_to_date
from wacli.store.database import Store


def kept(store: Store) -> dict[str, tuple[str | None, int | None, str | None]]:
    """By wamid: market, amount, which free."""
    bring_up_to_date(store, JAKARTA_PRICES)
    found = store.query(
        "SELECT m.wamid, h.market, h.amount, h.free_reason FROM charges h JOIN messages m ON m.id = h.message_id"
    )
    return {wamid: (market, amount, free) for wamid, market, amount, free in found}


def booked(traffic: Traffic) -> dict[str, tuple[str | None, int | None, str | None]]:
    """The same by the sandbox. A message inside a conversation that was paid before is free by the rules."""
    return {
        one.message_id: (
            one.market,
            one.amount_micro,
            "rules" if one.free_because == "conversation" else one.free_because,
        )
        for one in traffic.charges
    }


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_two_bookkeepers_agree_on_every_message(month: date, tmp_path: Path) -> None:
    is_by_message = month >= date(2025, 7, 1)  # a lost message leaves open when a conversation began
    traffic = month_of_traffic(
        month, chats=150, seed=month.year, losses=Losses.TEMPLATES if is_by_message else Losses.NONE
    )
    with taken_in(tmp_path, traffic) as store:
        ours, theirs = kept(store), booked(traffic)
        assert ours.keys() == theirs.keys()
        assert store.query("SELECT sum(amount) FROM charges") == [(traffic.total_micro,)]
        if not is_by_message:  # of two messages of one free conversation, the ledger names the first to arrive
            assert {key: one[:2] for key, one in ours.items()} == {key: one[:2] for key, one in theirs.items()}
        else:
            assert ours == theirs


def test_they_agree_past_the_free_thousand(tmp_path: Path) -> None:
    traffic = month_of_traffic(date(2026, 11, 1), chats=900, losses=Losses.NONE)
    reasons = Counter(one.free_because for one in traffic.charges)
    assert reasons["allowance"] == 1_000
    with taken_in(tmp_path, traffic) as store:
        ours, theirs = kept(store), booked(traffic)
        assert {key: (ours.get(key), theirs[key]) for key in theirs if ours.get(key) != theirs[key]} == {}
