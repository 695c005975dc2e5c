"""One row for each wamid, the best description of it; edits, deletions and statuses shown on it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from tests.support.events import AD, SARI, T0, message, status
from tests.support.store import apply_events, dump, new_store
from wacli.domain.event import Event, Media
from wacli.domain.identity import Party
from wacli.store import hashing, message_rows, messages
from wacli.store.database import Store


def found(store: Store, wamid: str) -> messages.MessageRow:
    row = messages.find(store, wamid)
    assert row is not None
    return row


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_live_beats_history_beats_a_placeholder(tmp_path: Path, order: tuple[int, ...]) -> None:
    said: list[Event] = [
        status("A", "delivered", T0 - 5),
        message("A", T0 - 9, direction="outbound", origin="history", text="from the phone"),
        message("A", T0, direction="outbound", origin="app", text="typed"),
    ]
    with new_store(tmp_path) as store:
        apply_events(store, *[[said[i]] for i in order])
        row = found(store, "A")
        assert (row.text, row.origin, row.status) == ("typed", "app", "delivered")
        assert store.query("SELECT count(*) FROM messages") == [(1,)]


def test_a_status_of_a_message_nobody_described_is_an_outbound_message(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [status("A", "read", T0 + 9), status("A", "sent", T0 + 1)])
        row = found(store, "A")
        assert (row.direction, row.kind, row.status) == ("outbound", "unknown", "read")
        assert row.at == datetime.fromtimestamp(T0 + 1, UTC)
        assert [one.status for one in row.statuses] == ["sent", "read"]


def test_edits_and_deletions_show_on_their_target_whatever_came_first(tmp_path: Path) -> None:
    said: list[Event] = [
        message("A", T0, text="jam 8"),
        message("E1", T0 + 1, kind="edit", text="jam 9", target="A"),
        message("E2", T0 + 2, kind="edit", text="jam 10", target="A"),
        message("R", T0 + 3, kind="revoke", text=None, target="A"),
    ]
    for turn, order in enumerate(permutations(said)):
        with new_store(tmp_path, f"{turn}.db") as store:
            apply_events(store, *[[one] for one in order])
            row = found(store, "A")
            assert (row.text, row.original_text) == ("jam 10", "jam 8")
            assert row.revoked_at == datetime.fromtimestamp(T0 + 3, UTC)
            assert store.query("SELECT last_text FROM threads") == [(None,)]


def test_nobody_edits_what_somebody_else_wrote(tmp_path: Path) -> None:
    stranger = Party(phone="628999")
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A", T0, text="transfer ke BCA 123"),
                message("E", T0 + 1, kind="edit", text="transfer ke BCA 666", target="A", party=stranger),
                message("R", T0 + 1, kind="revoke", target="A", party=stranger),
                message("S", T0 + 1, kind="edit", text="?", target="A", direction="outbound", origin="app"),
            ],
        )
        assert found(store, "A").text == "transfer ke BCA 123"
        assert found(store, "A").revoked_at is None


def test_keys_that_meet_under_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (message_rows, messages, hashing):
        monkeypatch.setattr(module, "seat_of", lambda key: (1 << 63) - 2 + len(key) % 2)
    said: list[Event] = [message(f"wamid.{i}", T0 + i, text=str(i)) for i in range(12)]
    with new_store(tmp_path) as store, new_store(tmp_path, "other.db") as other:
        apply_events(store, said, said[3:7], [status("wamid.99")])
        apply_events(other, *[[one] for one in reversed(said)], [status("wamid.99")])
        assert [found(store, f"wamid.{i}").text for i in range(12)] == [str(i) for i in range(12)]
        assert messages.find(store, "wamid.nobody") is None
        assert dump(store) == dump(other)


def test_a_thread_is_listed_newest_first_with_all_it_holds(tmp_path: Path) -> None:
    picture = Media("77", "image/jpeg", "abc", None)
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A", T0, referral=AD),
                message("B", T0 + 5, kind="image", text=None, media=picture),
                status("C", "failed", T0 + 9, error_code=131026, error_text="not on WhatsApp"),
            ],
        )
        ((thread,),) = store.query("SELECT id FROM threads")
        rows = messages.list_of_thread(store, thread)
        assert [row.wamid for row in rows] == ["C", "B", "A"]
        assert rows[0].error_code == rows[0].statuses[0].error_code == 131026
        assert rows[1].media == picture
        assert rows[2].referral == AD
        assert [row.wamid for row in messages.list_of_thread(store, thread, limit=1)] == ["C"]
        until = datetime.fromtimestamp(T0 + 5, UTC)
        assert [row.wamid for row in messages.list_of_thread(store, thread, until=until)] == ["B", "A"]
        assert messages.count_of_thread(store, thread) == 3


def test_an_instant_that_cannot_be_is_none(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A", 10**15), message("B", -1), status("C", "sent", 10**17, expires_at=10**17)])
        assert [found(store, key).at for key in "ABC"] == [None, None, None]
        assert store.query("SELECT closes_at, entry_expires_at FROM threads") == [(None, None)]


def test_a_person_without_any_identifier_is_kept_without_a_thread(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A", party=Party(name="?")), message("B", party=SARI)])
        assert found(store, "A").thread_id is None
        assert found(store, "B").thread_id is not None
