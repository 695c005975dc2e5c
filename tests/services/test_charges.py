"""Charges kept up to date: the same whatever came when, asked for in between or not; nothing counted twice."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import AD, DAY, NUMBER, OTHER_NUMBER, T0, call, echo, events, message, status
from tests.support.store import apply_events, dump, new_store
from wacli.domain.event import Event, IdentityChanged
from wacli.domain.identity import Party
from wacli.ratecards.shelf import shelf
from wacli.services.charges import bring_up_to_date
from wacli.services.prices import Prices
from wacli.store.database import Store, connect_readonly

# Days of each kind of rules: billed since 2026-10-01, windows that make utility free, conversations by category.
PERIODS = {"2026-10": 1_795_000_000, "2026-09": T0, "2024-12": 1_733_000_000, "2023-07": 1_689_000_000}
IN_2026 = PERIODS["2026-10"]
USD = Prices(shelf(None), "USD", UTC)


PEOPLE = [
    Party(phone="6281234567890"),
    Party(bsuid="ID.1"),
    Party(phone="6281234567890", bsuid="ID.1"),  # shows that the two above are one
    Party(phone="5511987654321", bsuid="BR.3"),
    Party(phone="15550001111"),
]
_people = st.sampled_from(PEOPLE)
_at = st.integers(T0, T0 + 4) | st.sampled_from([T0 + DAY - 1, T0 + DAY, T0 + DAY + 1, T0 + 3 * DAY])
_keys = st.sampled_from([f"wamid.{letter}" for letter in "ABCDE"])
_statuses = st.builds(
    status,
    _keys,
    st.sampled_from(["sent", "sent", "delivered", "delivered", "read", "failed"]),
    _at,
    party=_people,
    number=st.sampled_from([NUMBER, NUMBER, OTHER_NUMBER]),
    origin=st.sampled_from([None, None, "referral_conversion"]),
    expires_at=st.sampled_from([None, None, T0 + 3 * DAY]),
    pricing_type=st.sampled_from([None, "regular", "free_entry_point", "free_customer_service"]),
    pricing_category=st.sampled_from([None, "service", "utility", "marketing", "marketing"]),
)
_inbound = st.builds(
    message, st.sampled_from(["wamid.I", "wamid.J"]), _at, party=_people, referral=st.sampled_from([None, AD])
)
_described = st.builds(
    message,
    _keys,
    _at,
    party=_people,
    kind=st.sampled_from(["text", "image", "reaction"]),
    direction=st.just("outbound"),
)
_calls = st.builds(call, st.sampled_from(["call.1", "call.2"]), _at, party=_people)
_changes = st.builds(IdentityChanged, st.just(NUMBER), _people, _people, _at, st.just("{}"))
_echoes = st.builds(echo, st.sampled_from(["wamid.E", "wamid.A"]), _at, party=_people)
traffic: st.SearchStrategy[Event] = st.one_of(
    _statuses, _statuses, _statuses, _inbound, _described, _calls, _changes, _echoes, events
)


def shifted(event: Event, by: int) -> Event:
    """The same event so many seconds later."""
    later: Any = {
        name: value + by for name in ("at", "expires_at") if isinstance(value := getattr(event, name, None), int)
    }
    return event._replace(**later)


def settled(store: Store) -> list[tuple[object, ...]]:
    """The charges, brought up to date, by natural keys."""
    bring_up_to_date(store, USD)
    return dump(store)["charges"]


def rows(store: Store) -> list[tuple[object, ...]]:
    """Wamid, category, market, amount, worth, free reason."""
    bring_up_to_date(store, USD)
    return store.query(
        "SELECT m.wamid, h.category, h.market, h.amount, h.worth, h.free_reason FROM charges h "
        "JOIN messages m ON m.id = h.message_id ORDER BY h.at, m.wamid"
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(traffic, min_size=3, max_size=20), st.integers(0, 2**32), st.sampled_from(sorted(PERIODS)))
def test_asked_for_in_between_or_not_and_in_any_order(history: list[Event], seed: int, period: str) -> None:
    chance = random.Random(seed)
    history = [shifted(event, PERIODS[period] - T0) for event in history]
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        apply_events(store, history)
        expected = settled(store)
    shuffled = history + chance.sample(history, len(history) // 2)
    chance.shuffle(shuffled)
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        for event in shuffled:
            apply_events(store, [event])
            if chance.random() < 0.6:
                settled(store)
        assert settled(store) == expected
        store.query("DELETE FROM charge_state")
        assert settled(store) == expected


def sent(key: str, at: int, **said: str) -> list[Event]:
    """What Meta tells of a message that another program sent: accepted, and on a phone two seconds later."""
    return [
        status(key, "sent", at, pricing_type="regular", **said),  # type: ignore[arg-type]
        status(key, "delivered", at + 2, pricing_type="regular", **said),  # type: ignore[arg-type]
    ]


def test_a_marketing_template_to_indonesia(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="marketing"))
        assert rows(store) == [("wamid.A", "marketing", "Indonesia", 41_100, 41_100, None)]


def test_repeated_statuses_count_once_and_read_proves_delivery(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        once = sent("wamid.A", IN_2026, pricing_category="marketing")
        apply_events(store, once, once, [status("wamid.B", "sent", IN_2026 + 5, pricing_category="marketing")])
        assert [row[0] for row in rows(store)] == ["wamid.A"]
        apply_events(store, [status("wamid.B", "read", IN_2026 + 60)], once)
        assert [row[0] for row in rows(store)] == ["wamid.A", "wamid.B"]


def test_nothing_is_charged_for_what_failed_or_is_still_under_way(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                status("wamid.A", "sent", IN_2026, pricing_category="marketing"),
                status("wamid.B", "sent", IN_2026, pricing_category="marketing"),
                status("wamid.B", "failed", IN_2026 + 1, error_code=131049),
            ],
        )
        assert rows(store) == []


def test_the_thousand_and_first_service_message_of_a_month_is_billed(tmp_path: Path) -> None:
    messages = [
        event
        for number in range(1_002)
        for event in sent(f"wamid.{number:04}", IN_2026 + number, pricing_category="service")
    ]
    with new_store(tmp_path) as store:
        apply_events(store, messages)
        found = rows(store)
        assert {row[5] for row in found[:1_000]} == {"allowance"}
        assert {row[3:5] for row in found[:1_000]} == {(0, 25_000)}
        assert [(row[0], row[3], row[5]) for row in found[1_000:]] == [
            ("wamid.1000", 25_000, None),
            ("wamid.1001", 25_000, None),
        ]
        # one that had been on its way since before turns out to have arrived: the order of sending decides
        apply_events(store, sent("wamid.early", IN_2026 - 10, pricing_category="service"))
        assert [row[0] for row in rows(store) if row[5] is None] == ["wamid.0999", "wamid.1000", "wamid.1001"]


def test_a_month_begins_at_midnight_of_the_account(tmp_path: Path) -> None:
    from zoneinfo import ZoneInfo

    jakarta = Prices(shelf(None), "USD", ZoneInfo("Asia/Jakarta"))
    last_second = int(datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC).timestamp())
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", last_second), sent("wamid.B", last_second + 1))
        bring_up_to_date(store, jakarta)
        days = store.query("SELECT day FROM charges ORDER BY at")
        assert days == [("2026-11-30",), ("2026-12-01",)]


def test_what_the_owner_types_is_free_and_what_the_phone_hands_over_is_left_out(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        old = message("wamid.OLD", IN_2026, direction="outbound", origin="history", history_status="READ")
        apply_events(store, [echo("wamid.E", IN_2026), old])
        assert rows(store) == [("wamid.E", "service", "Indonesia", 0, 25_000, "app")]


def test_other_cards_or_another_time_zone_make_all_of_them_anew(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="marketing"))
        assert bring_up_to_date(store, USD).charged_count == 1
        assert bring_up_to_date(store, USD).charged_count == 0
        euros = Prices(shelf(None), "EUR", UTC)
        assert bring_up_to_date(store, euros).charged_count == 1
        assert store.query("SELECT currency, amount FROM charges") == [("EUR", None)]


def test_a_store_that_cannot_be_written_is_priced_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, sent("wamid.A", IN_2026, pricing_category="marketing"))
        path = store.path
    before = path.read_bytes()
    with new_store(tmp_path) as writer, connect_readonly(path) as store:
        monkeypatch.setattr("wacli.store.database.BUSY_FOR_MS", 50)
        writer.query("BEGIN IMMEDIATE")
        done = bring_up_to_date(store, USD)
        assert (done.charged_count, done.is_kept) == (1, False)
        assert store.query("SELECT amount FROM charges") == [(41_100,)]
        writer.query("ROLLBACK")
        assert writer.query("SELECT count(*) FROM main.charges") == [(0,)]
    assert path.read_bytes() == before


def test_an_empty_store_is_left_alone(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [])
        assert bring_up_to_date(store, USD).charged_count == 0
        assert store.query("SELECT count(*) FROM charge_state") == [(0,)]
