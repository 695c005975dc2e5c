"""`wacli search`: what is found, in which order, and that the index stays in step with the messages."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import T0, events, message
from tests.support.front_door import FrontDoor
from tests.support.store import NOW, apply_events, new_store
from wacli.domain.event import Event, MessageSeen
from wacli.domain.identity import Party
from wacli.services.rebuild import rebuild
from wacli.services.search import find_messages
from wacli.store import search
from wacli.store.database import Store
from wacli.store.search_index import BLOCK

SARI, BUDI = Party(phone="6281234567890", name="Sari"), Party(phone="6281311112222", name="Budi")


def text(key: str, at: int, words: str, party: Party = SARI) -> MessageSeen:
    return message(key, at, party=party)._replace(text=words)


@pytest.fixture
def shop(wacli: FrontDoor) -> FrontDoor:
    with new_store(wacli.folder, "shop.db") as store:
        said = [
            text("C", T0 + 300, "Kue pandan dua loyang ya"),
            text("A", T0, "ada kue PANDAN?"),
            text("B", T0 + 100, "Crème brûlée ada?", BUDI),
            text("D", T0 + 200, "pandannya habis", BUDI),
        ]
        apply_events(store, said)
    return wacli


def found(shop: FrontDoor, *argv: str) -> list[str]:
    return [hit["wamid"] for hit in shop("search", *argv, "--json").json]


def test_all_words_newest_first_and_the_last_may_be_a_beginning(shop: FrontDoor) -> None:
    assert found(shop, "pandan") == ["C", "D", "A"]
    assert found(shop, "kue", "pandan") == ["C", "A"]
    assert found(shop, "pan kue") == [], "only the last word may be a beginning"
    assert found(shop, "creme brulee") == ["B"]
    assert found(shop, 'AND OR NOT " * ( pandan') == []
    assert found(shop, "brownies") == []
    refused = shop("search", "?!", "--json")
    assert (refused.status, refused.error["code"]) == (2, "no-words")


def test_of_one_contact_and_since_then(shop: FrontDoor) -> None:
    assert found(shop, "pandan", "--who", "Budi") == ["D"]
    assert found(shop, "pandan", "--since", "2026-11-22T00:00Z", "--at", "2030-01-01") == (
        found(shop, "pandan") if T0 >= 1_795_305_600 else []
    )
    assert found(shop, "pandan", "--limit", "2") == ["C", "D"]
    assert shop("search", "pandan", "--who", "Nobody").status == 3


def test_the_table_says_who_and_shows_the_words(shop: FrontDoor) -> None:
    table = shop("search", "pandan", "--format", "table", "--limit", "1").out
    assert "Sari" in table
    assert "Kue *pandan* dua loyang ya" in table
    assert "There are more: --limit 0" in table
    (hit,) = shop("search", "habis", "--json").json
    assert (hit["name"], hit["snippet"], hit["at"][-1]) == ("Budi", "pandannya *habis*", "Z")


def test_without_a_store_nothing_is_found(wacli: FrontDoor) -> None:
    assert wacli("search", "pandan", "--json").json == []


@pytest.mark.parametrize("few", [5, 500])
def test_newest_first_whatever_the_order_of_arrival(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(search, "_FEW", few)  # matches up to which all are read
    chance = random.Random(5)
    with new_store(tmp_path) as store:
        ats = [T0 + 90_000 * number for number in range(300)]
        chance.shuffle(ats)
        for number, at in enumerate(ats):
            if number % 60 == 30:  # the next messages come into another block of ids
                store.query(
                    "INSERT INTO messages (id, seat, wamid, source, number_id, direction, origin, kind) "
                    "VALUES (?, ?, 'x', 3, 1, 'inbound', 'api', 'text')",
                    ((number // 60 + 1) * BLOCK - 5, number),
                )
            apply_events(store, [text(str(at), at, "kue")])
        assert len(store.query("SELECT * FROM search_blocks")) == 6
        for limit in (1, 10, 299, 0):
            newest = [hit.wamid for hit in find_messages(store, "kue", NOW, limit=limit)]
            assert newest == [str(at) for at in sorted(ats, reverse=True)[: limit or None]]


def in_step(store: Store) -> None:
    """FTS5 itself compares the index with the texts."""
    store.query("INSERT INTO search_messages (search_messages, rank) VALUES ('integrity-check', 1)")
    indexed = {row[0] for row in store.query("SELECT rowid FROM search_messages WHERE search_messages MATCH 'kue'")}
    assert indexed == {
        row[0] for row in store.query("SELECT id FROM search_source WHERE ' ' || text || ' ' LIKE '% kue %'")
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, max_size=14), st.integers(0, 2**32))
def test_the_index_is_in_step_after_any_events_and_a_rebuild(history: list[Event], seed: int) -> None:
    chance = random.Random(seed)
    words = [
        one._replace(text=chance.choice(["kue", "kue pandan", "roti", None])) if isinstance(one, MessageSeen) else one
        for one in history
    ]
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        apply_events(store, words[:7], words[7:], words[3:10])
        in_step(store)
        with store.transaction() as connection:
            connection.execute("DELETE FROM statuses")
            connection.execute("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)")
        in_step(store)
        apply_events(store, words)
        in_step(store)
        rebuild(store, NOW)
        in_step(store)


def test_an_edit_and_a_revoke_change_what_is_found(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [text("A", T0, "kue pandan"), text("B", T0 + 1, "kue lapis")])
        edit = message("E", T0 + 2, party=SARI)._replace(kind="edit", target="A", text="roti")
        revoke = message("R", T0 + 3, party=SARI)._replace(kind="revoke", target="B", text=None)
        apply_events(store, [edit, revoke])
        assert find_messages(store, "kue", NOW) == []
        assert "A" in [hit.wamid for hit in find_messages(store, "roti", NOW)]
        in_step(store)
