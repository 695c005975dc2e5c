"""The board: which threads, in which order, how many more, and by which index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.events import AD, DAY, NUMBER, OTHER_NUMBER, T0, echo, message, status
from tests.support.store import apply_events, new_store
from wacli.domain.event import Event
from wacli.domain.identity import Party
from wacli.store import allowance, contacts, numbers, threads
from wacli.store.database import Store
from wacli.store.threads import BoardQuery, Sort, Which

NOW = datetime.fromtimestamp(T0 + 2 * DAY, UTC)
NOW_S = T0 + 2 * DAY
HOUR = 3_600


def who(name: str) -> Party:
    return Party(phone=f"62811{sum(name.encode()):05d}", name=name)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """Ani and Budi may be written to; Citra waits though her window closed; Dewi is answered and closed."""
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("1", NOW_S - 20 * HOUR, party=who("Budi")),
                message("2", NOW_S - 23 * HOUR, party=who("Ani"), text="jam berapa buka?"),
                echo("3", NOW_S - 22 * HOUR, party=who("Ani")),
                message("4", NOW_S - 30 * HOUR, party=who("Citra")),
                message("5", NOW_S - 29 * HOUR, party=who("Citra")),
                message("6", NOW_S - 40 * HOUR, party=who("Dewi"), referral=AD),
                status("7", "sent", NOW_S - 39 * HOUR, party=who("Dewi")),
            ],
        )
        yield store


def names(store: Store, query: BoardQuery, now: datetime = NOW, *, as_of: bool = False) -> list[str | None]:
    return [row.name for row in threads.list_board(store, query, now, as_of=as_of).rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (BoardQuery(), ["Ani", "Budi", "Citra"]),
        (BoardQuery(which=Which.ALL), ["Ani", "Budi", "Citra", "Dewi"]),
        (BoardQuery(which=Which.OPEN), ["Ani", "Budi"]),
        (BoardQuery(which=Which.CLOSED), ["Citra", "Dewi"]),
        (BoardQuery(which=Which.CLOSED, is_unanswered=True), ["Citra"]),
        (BoardQuery(is_unanswered=True), ["Budi", "Citra"]),
        (BoardQuery(which=Which.ALL, is_unanswered=True), ["Budi", "Citra"]),
        (BoardQuery(closing_within=timedelta(hours=2)), ["Ani"]),
        (BoardQuery(closing_within=timedelta(hours=2), sort=Sort.NAME), ["Ani"]),
        (BoardQuery(which=Which.ALL, may_be_free=True), ["Ani", "Budi", "Dewi"]),
        (BoardQuery(which=Which.ALL, sort=Sort.NAME), ["Ani", "Budi", "Citra", "Dewi"]),
        (BoardQuery(which=Which.ALL, sort=Sort.RECENT), ["Budi", "Ani", "Citra", "Dewi"]),
        (BoardQuery(which=Which.BOARD, sort=Sort.WAITING), ["Citra", "Budi", "Ani"]),
        (BoardQuery(limit=2), ["Ani", "Budi"]),
        (BoardQuery(tag="langganan"), ["Citra"]),
    ],
)
def test_a_board_shows_what_was_asked_in_its_order(shop: Store, query: BoardQuery, expected: list[str]) -> None:
    citra = contacts.list_by_name(shop, "citra")[0]
    contacts.tag(shop, citra.id, ["langganan", "kue"])
    assert names(shop, query) == expected
    assert names(shop, query, as_of=True) == expected


def test_a_row_holds_what_a_board_needs(shop: Store) -> None:
    row = threads.list_board(shop, BoardQuery(limit=1), NOW).rows[0]
    assert row.name == row.label == "Ani"
    assert row.phone_number_id == NUMBER.phone_number_id
    assert row.tags == ()
    assert row.window_closes_at == NOW + timedelta(hours=1)
    assert row.last_inbound_at == NOW - timedelta(hours=23)
    assert row.last_outbound_at == NOW - timedelta(hours=22)
    assert (row.last_text, row.last_kind, row.last_direction) == ("halo", "text", "outbound")
    assert (row.unanswered_count, row.waiting_since) == (0, None)


def test_the_window_is_half_open(shop: Store) -> None:
    closes = datetime.fromtimestamp(NOW_S + HOUR, UTC)
    assert "Ani" in names(shop, BoardQuery(which=Which.OPEN), closes - timedelta(seconds=1))
    assert "Ani" not in names(shop, BoardQuery(which=Which.OPEN), closes)


def test_how_many_more_there_are(shop: Store) -> None:
    board = threads.list_board(shop, BoardQuery(limit=1), NOW)
    assert (board.more_count, board.is_more_exact) == (2, True)
    assert threads.list_board(shop, BoardQuery(limit=3), NOW).more_count == 0
    assert threads.list_board(shop, BoardQuery(), NOW).more_count == 0


def test_counting_stops_where_nobody_wants_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "COUNT_AT_MOST", 3)
    with new_store(tmp_path) as store:
        apply_events(store, [message(str(i), NOW_S - 60, party=Party(phone=f"62811{i:05d}")) for i in range(9)])
        board = threads.list_board(store, BoardQuery(limit=2), NOW)
        assert (len(board.rows), board.more_count, board.is_more_exact) == (2, 3, False)


def test_the_past_shows_what_a_store_of_that_day_showed(shop: Store) -> None:
    then = datetime.fromtimestamp(NOW_S - 29 * HOUR - 1, UTC)
    rows = threads.list_board(shop, BoardQuery(which=Which.ALL), then, as_of=True).rows
    assert {(row.name, row.unanswered_count) for row in rows} == {("Citra", 1), ("Dewi", 0)}


def test_two_business_numbers_are_two_threads(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("1", NOW_S - 60), message("2", NOW_S - 30, number=OTHER_NUMBER)])
        (contact,) = contacts.stream_contacts(store)
        assert len(threads.list_of_contact(store, contact.id, NOW)) == 2
        other = numbers.get(store, str(OTHER_NUMBER.phone_number_id))
        (row,) = threads.list_board(store, BoardQuery(number_id=other.id), NOW).rows
        assert row.number_id == other.id
        assert row in threads.list_of_contact(store, contact.id, NOW)


@pytest.mark.parametrize("query", [BoardQuery(limit=20), BoardQuery(is_unanswered=True, limit=20)])
def test_the_plan_of_a_board_stays_on_its_indexes(tmp_path: Path, query: BoardQuery) -> None:
    with new_store(tmp_path) as store:
        for sql, values in (threads.board_sql(query, NOW), threads.count_sql(query, NOW)):
            plan = [str(row[3]) for row in store.query(f"EXPLAIN QUERY PLAN {sql}", values)]
            assert any("INDEX threads_closing (closes_at>?)" in step for step in plan)
            assert any("COVERING INDEX threads_waiting" in step for step in plan)
            assert not [step for step in plan if step in ("SCAN t", "SCAN c", "SCAN n")]


def test_the_allowance_counts_delivered_service_messages_on_its_index(tmp_path: Path) -> None:
    said: list[Event] = [
        message("in", T0),
        echo("app", T0 + 1),
        status("app", "delivered", T0 + 2),
        status("service", "sent", T0 + 1, pricing_category="service"),
        status("service", "delivered", T0 + 10, pricing_category="service"),
        status("group", "delivered", T0 + 10, pricing_category="service", group_id="G"),
        status("read-only", "read", T0 + 20, pricing_category="service"),
        status("marketing", "delivered", T0 + 10, pricing_category="marketing"),
        status("undelivered", "sent", T0 + 10, pricing_category="service"),
        message("api", T0 + 3, direction="outbound", origin="api"),
        status("api", "delivered", T0 + 10, pricing_category="service"),
        message("reaction", T0 + 3, direction="outbound", origin="api", kind="reaction"),
        status("reaction", "delivered", T0 + 10, pricing_category="service"),
    ]

    def instant(at: int) -> datetime:
        return datetime.fromtimestamp(at, UTC)

    with new_store(tmp_path) as store:
        apply_events(store, said)
        number = numbers.get(store, str(NUMBER.phone_number_id)).id
        assert allowance.count_used(store, number, instant(T0 + 10), instant(T0 + 21), at_most=99) == 4
        assert allowance.count_used(store, number, instant(T0 + 10), instant(T0 + 20), at_most=99) == 3
        assert allowance.count_used(store, number, instant(T0 + 11), instant(T0 + 20), at_most=99) == 0
        assert allowance.count_used(store, number, instant(T0), instant(T0 + DAY), at_most=2) == 2
        plan = store.query(
            f"EXPLAIN QUERY PLAN {allowance.USED_SQL}", {"number": 1, "since": 0, "until": 1, "at_most": 1}
        )
        assert "COVERING INDEX messages_allowance (number_id=? AND allowance_at>? AND allowance_at<?)" in str(plan)
