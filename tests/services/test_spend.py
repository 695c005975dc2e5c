"""Spend adds up: to the sandbox's own ledger in every dimension, and to the same total by any of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.services.test_charges import IN_2026, PEOPLE, PERIODS, USD, sent, shifted, traffic
from tests.support.events import AD, T0, echo, message
from tests.support.months import month_of_traffic
from tests.support.store import apply_events, new_store
from tests.support.traffic import JAKARTA_PRICES, MONTHS, taken_in
from wacli.domain.allowance import midnight, month_of
from wacli.domain.event import Event
from wacli.domain.money import to_micros
from wacli.sandbox.book import JAKARTA, Charge
from wacli.services.spend import Spend, spend
from wacli.store.database import Store
from wacli.store.spend import Dimension, group_sql

LONG_AGO, LATER = datetime(2018, 8, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def of_span(store: Store, by: Dimension) -> Spend:
    return spend(store, USD, by, LONG_AGO, LATER)


# How the ledger's lines fall into each dimension. It knows no tags, and every ad of the traffic is the same one.
BOOKED: dict[Dimension, Callable[[Charge], object]] = {
    Dimension.MARKET: lambda one: one.market,
    Dimension.CATEGORY: lambda one: one.rate_category or one.category,
    Dimension.CONTACT: lambda one: one.customer.name,
    Dimension.THREAD: lambda one: one.customer.name,
    Dimension.DAY: lambda one: one.sent_at.astimezone(JAKARTA).date().isoformat(),
    Dimension.MONTH: lambda one: one.sent_at.astimezone(JAKARTA).strftime("%Y-%m"),
}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_month_agrees_with_the_sandboxs_ledger_in_every_dimension(month: date, tmp_path: Path) -> None:
    made = month_of_traffic(month, chats=120, seed=month.month)
    span = month_of(midnight(month, JAKARTA), JAKARTA)
    with taken_in(tmp_path, made) as store:
        for by in Dimension:
            found = spend(store, JAKARTA_PRICES, by, *span)
            assert to_micros(found.total.amount) == made.total_micro
            assert sum(to_micros(line.sum.amount) for line in found.lines) == made.total_micro
            assert sum(line.sum.message_count for line in found.lines) == len(made.charges)
            if by in BOOKED:
                booked: defaultdict[object, int] = defaultdict(int)
                for one in made.charges:
                    booked[BOOKED[by](one)] += one.amount_micro or 0
                ours = {line.name or line.key: to_micros(line.sum.amount) for line in found.lines}
                assert {key: one for key, one in ours.items() if one} == {
                    key: one for key, one in booked.items() if one
                }


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(traffic, min_size=3, max_size=20), st.sampled_from(sorted(PERIODS)))
def test_every_dimension_has_the_same_total(history: list[Event], period: str) -> None:
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        apply_events(store, [shifted(event, PERIODS[period] - T0) for event in history])
        for number, (contact,) in enumerate(store.query("SELECT id FROM contacts")):
            for tag in ("a", "b", "c")[: number % 4]:
                store.query("INSERT INTO tags VALUES (?, ?)", (contact, tag))
        found = [of_span(store, by) for by in Dimension]
        assert len({(one.total.amount, one.total.message_count, one.total.saved) for one in found}) == 1
        for one in found:
            assert sum((line.sum.amount for line in one.lines), Decimal(0)) == one.total.amount
            assert sum((line.sum.saved for line in one.lines), Decimal(0)) == one.total.saved
            assert sum(line.sum.message_count for line in one.lines) == one.total.message_count
            assert sum(line.sum.billed_count + line.sum.free_count for line in one.lines) == one.total.message_count


def test_two_tags_are_one_line(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="marketing"))
        store.query("INSERT INTO tags SELECT id, 'vip' FROM contacts UNION SELECT id, 'reseller' FROM contacts")
        (line,) = of_span(store, Dimension.TAG).lines
        assert (line.key, line.sum.amount) == ("reseller, vip", Decimal("0.0411"))


def test_an_ad_is_the_one_they_came_through_last(tmp_path: Path) -> None:
    other = AD._replace(source_id="121", headline="Promo")
    with new_store(tmp_path) as store:
        apply_events(
            store,
            sent("wamid.0", IN_2026 - 10, pricing_category="marketing"),
            [message("wamid.I", IN_2026, referral=AD)],
            sent("wamid.A", IN_2026 + 90_000, pricing_category="marketing"),
            [message("wamid.J", IN_2026 + 100_000, referral=other)],
            sent("wamid.B", IN_2026 + 200_000, pricing_category="marketing"),
        )
        lines = of_span(store, Dimension.AD).lines
        assert {(line.key, line.name) for line in lines} == {
            (None, None),
            ("120", "Kue lebaran"),
            ("121", "Promo"),
        }


def test_what_is_free_says_what_it_would_have_cost(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="service"), [echo("wamid.E", IN_2026)])
        (line,) = of_span(store, Dimension.CATEGORY).lines
        assert (line.sum.amount, line.sum.saved) == (Decimal(0), Decimal("0.05"))
        assert {reason.value: count for reason, count in line.sum.free.items()} == {"allowance": 1, "app": 1}


def test_a_price_that_nobody_published_is_counted_and_not_made_up(tmp_path: Path) -> None:
    nobody = sent("wamid.A", IN_2026, pricing_category="marketing")
    with new_store(tmp_path) as store:
        apply_events(store, [event._replace(party=PEOPLE[0]._replace(phone=None)) for event in nobody])  # type: ignore[call-arg]
        total = of_span(store, Dimension.MONTH).total
        assert (total.billed_count, total.unknown_count, total.amount) == (1, 1, Decimal(0))


@pytest.mark.parametrize("by", [Dimension.CATEGORY, Dimension.MARKET, Dimension.DAY, Dimension.TEMPLATE])
def test_a_span_is_read_by_its_index_and_nothing_else(by: Dimension, tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        plan = store.query(f"EXPLAIN QUERY PLAN {group_sql(by)}", {"since": 0, "until": 1})
    steps = [row[3] for row in plan]
    assert steps[0] == "SEARCH h USING INDEX charges_at (at>? AND at<?)"
    assert steps[1:] == ["USE TEMP B-TREE FOR GROUP BY"]


def test_by_thread_each_charge_finds_its_message_by_key(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        plan = store.query(f"EXPLAIN QUERY PLAN {group_sql(Dimension.CONTACT)}", {"since": 0, "until": 1})
    steps = [row[3] for row in plan]
    assert steps[:2] == [
        "SEARCH h USING INDEX charges_at (at>? AND at<?)",
        "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
    ]


def test_the_ends_of_a_span_are_half_open(tmp_path: Path) -> None:
    at = datetime.fromtimestamp(IN_2026, UTC)
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="marketing"))
        assert spend(store, USD, Dimension.DAY, at, at + timedelta(seconds=1)).total.message_count == 1
        assert spend(store, USD, Dimension.DAY, at - timedelta(hours=1), at).total.message_count == 0


def test_contradictions_are_counted_from_an_index(tmp_path: Path) -> None:
    from wacli.store.spend import COUNT_CONTRADICTED

    with new_store(tmp_path) as store:
        (plan,) = store.query(f"EXPLAIN QUERY PLAN {COUNT_CONTRADICTED}", (0, 1))
    assert plan[3] == "SEARCH charges USING INDEX charges_contradicted (at>? AND at<?)"
