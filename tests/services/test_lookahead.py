"""What a check has read serves the run that follows, and never a moment longer than it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wacli.domain.category import Category
from wacli.domain.consent import OPTED_OUT, OWNER
from wacli.services.lookahead import Lookahead
from wacli.store import consents, contacts
from wacli.store.consents import Consent
from wacli.store.contacts import ContactChange
from wacli.store.database import Store, open_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MARKETING = Category.MARKETING.value


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "shop.db", create=True) as store:
        yield store


@pytest.fixture
def people(store: Store) -> list[int]:
    return [contacts.add(store, ContactChange(phone=f"62812000000{one}"), NOW).id for one in range(5)]


def _stops(store: Store, contact_id: int) -> None:
    consents.record(store, Consent(contact_id, MARKETING, OPTED_OUT, OWNER, None, NOW))


def _has_stopped(ahead: Lookahead, place: int) -> bool:
    known = ahead.known(place, NOW)
    assert known is not None
    return MARKETING in known.permission.opted_out


def _statements(store: Store) -> list[str]:
    found: list[str] = []
    store.connection.set_trace_callback(found.append)
    return found


def test_what_the_check_read_is_not_read_again(store: Store, people: list[int]) -> None:
    ahead = Lookahead(store, people)
    assert not any(_has_stopped(ahead, place) for place in range(5))
    said = _statements(store)
    ahead.begin()
    assert not any(_has_stopped(ahead, place) for place in range(5))
    assert set(said) == {"PRAGMA data_version"}


def test_another_process_ends_it_at_any_moment(store: Store, people: list[int]) -> None:
    ahead = Lookahead(store, people)
    assert not any(_has_stopped(ahead, place) for place in range(5))
    ahead.begin()
    assert not _has_stopped(ahead, 0)
    with open_store(store.path, create=False) as other:
        _stops(other, people[3])
        assert [_has_stopped(ahead, place) for place in range(1, 5)] == [False, False, True, False]


def test_so_does_this_process_before_the_run_begins(store: Store, people: list[int]) -> None:
    ahead = Lookahead(store, people)
    assert not any(_has_stopped(ahead, place) for place in range(5))
    _stops(store, people[3])
    ahead.begin()
    assert [_has_stopped(ahead, place) for place in range(5)] == [False, False, False, True, False]


def test_whoever_was_written_to_is_read_again(store: Store, people: list[int]) -> None:
    ahead = Lookahead(store, [*people, people[3]])
    assert not any(_has_stopped(ahead, place) for place in range(6))
    ahead.begin()
    _stops(store, people[3])
    ahead.drop(people[3])
    assert [_has_stopped(ahead, place) for place in (2, 4, 5)] == [False, False, True]


def test_one_message_and_strangers_are_looked_up_at_their_turn(store: Store, people: list[int]) -> None:
    assert Lookahead(store, people[:1]).known(0, NOW) is None
    assert Lookahead(store, [0, people[0]]).known(0, NOW) is None
