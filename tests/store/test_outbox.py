"""What we sent, what became of it, and how a lost answer is found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import one_send
from tests.support.events import NUMBER, T0, message, status
from tests.support.store import apply_events, new_store
from wacli.domain.problem import NotFound, Refused
from wacli.store import contacts, messages, numbers, outbox, threads
from wacli.store.database import Store, open_store
from wacli.store.outbox import Draft

NOW = datetime.fromtimestamp(T0 + 100, UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A", T0)])
        yield store


def draft(store: Store, key: str = "k1") -> Draft:
    (contact,) = contacts.stream_contacts(store)
    number = numbers.get(store, str(NUMBER.phone_number_id))
    return Draft(key, contact.id, number.id, "text", '{"type":"text"}', text="siap")


def thread(store: Store) -> threads.ThreadRow:
    (contact,) = contacts.stream_contacts(store)
    (row,) = threads.list_of_contact(store, contact.id, NOW)
    return row


def test_a_send_is_written_down_first_and_is_in_its_thread_when_accepted(shop: Store) -> None:
    row = one_send.add(shop, draft(shop), NOW)
    assert (row.state, row.attempts, row.created_at, row.request) == ("queued", 0, NOW, '{"type":"text"}')
    assert thread(shop).unanswered_count == 1
    one_send.sending(shop, "k1", NOW)
    one_send.accepted(shop, "k1", "wamid.OUT", NOW + timedelta(seconds=1))
    row = outbox.get(shop, "k1")
    assert (row.state, row.attempts, row.wamid, row.status) == ("accepted", 1, "wamid.OUT", "accepted")
    assert thread(shop).unanswered_count == 0
    assert thread(shop).last_text == "siap"
    apply_events(shop, [status("wamid.OUT", "delivered", T0 + 103)])
    assert outbox.get(shop, "k1").status == "delivered"
    assert outbox.list_open(shop) == []


def test_metas_clock_replaces_ours_and_ours_never_precedes_what_it_answers(shop: Store) -> None:
    slow = datetime.fromtimestamp(T0 - 3_600, UTC)
    one_send.add(shop, draft(shop), slow)
    one_send.sending(shop, "k1", slow)
    one_send.accepted(shop, "k1", "wamid.OUT", slow)
    assert thread(shop).unanswered_count == 0
    found = messages.find(shop, "wamid.OUT")
    assert found is not None
    assert found.at == datetime.fromtimestamp(T0, UTC)
    apply_events(shop, [status("wamid.OUT", "sent", T0 + 7)])
    assert thread(shop).last_outbound_at == datetime.fromtimestamp(T0 + 7, UTC)


def test_a_failed_answer_leaves_the_contact_waiting(shop: Store) -> None:
    one_send.add(shop, draft(shop), NOW)
    one_send.accepted(shop, "k1", "wamid.OUT", NOW)
    apply_events(shop, [status("wamid.OUT", "failed", T0 + 101, error_code=131047)])
    assert thread(shop).unanswered_count == 1
    assert outbox.get(shop, "k1").status == "failed"


def test_a_status_with_our_key_settles_an_answer_that_was_lost(shop: Store) -> None:
    one_send.add(shop, draft(shop), NOW)
    one_send.sending(shop, "k1", NOW)
    one_send.written(shop, lambda writer: writer.unknown("k1", "timeout"))
    assert [row.key for row in outbox.list_open(shop)] == ["k1"]
    apply_events(shop, [status("wamid.LOST", "sent", T0 + 102, callback_data="k1")])
    row = outbox.get(shop, "k1")
    assert (row.state, row.wamid, row.status) == ("accepted", "wamid.LOST", "sent")
    found = messages.find(shop, "wamid.LOST")
    assert found is not None
    assert (found.kind, found.text) == ("text", "siap")
    one_send.accepted(shop, "k1", "wamid.LOST", NOW)
    assert outbox.get(shop, "k1").status == "sent"


def test_a_status_that_overtakes_the_answer_is_kept(shop: Store) -> None:
    one_send.add(shop, draft(shop), NOW)
    one_send.sending(shop, "k1", NOW)
    apply_events(shop, [status("wamid.OUT", "sent", T0 + 102)])
    one_send.accepted(shop, "k1", "wamid.OUT", NOW)
    found = messages.find(shop, "wamid.OUT")
    assert found is not None
    assert (found.text, found.status, found.kind) == ("siap", "sent", "text")


def test_refused_and_interrupted_sends_say_so(shop: Store, tmp_path: Path) -> None:
    one_send.add(shop, draft(shop), NOW)
    one_send.written(shop, lambda writer: writer.refused("k1", NOW, 131047, "window closed", "trace"))
    row = outbox.get(shop, "k1")
    assert (row.state, row.error_code, row.error_details, row.error_trace) == (
        "refused", 131047, "window closed", "trace",
    )  # fmt: skip
    one_send.add(shop, draft(shop, "k2"), NOW)
    one_send.sending(shop, "k2", NOW)
    with open_store(tmp_path / "store.db", create=False) as after_a_kill:
        one_send.add(after_a_kill, draft(after_a_kill, "k3"), NOW)
        outbox.mark_left_behind(after_a_kill, NOW)
        assert outbox.get(after_a_kill, "k2").state == "unknown"
        assert (outbox.get(after_a_kill, "k3").state, outbox.get(after_a_kill, "k3").error_details) == (
            "refused", outbox.ABANDONED,
        )  # fmt: skip
    assert [one.key for one in outbox.stream_all(shop)] == ["k3", "k2", "k1"]


def test_held_is_a_state_of_its_own(shop: Store) -> None:
    one_send.add(shop, draft(shop), NOW)
    one_send.accepted(shop, "k1", "wamid.OUT", NOW, is_held=True)
    row = outbox.get(shop, "k1")
    assert (row.state, row.status) == ("held", "held")


def test_a_key_is_used_once_and_an_unknown_key_is_not_found(shop: Store) -> None:
    one_send.add(shop, draft(shop), NOW)
    with pytest.raises(Refused):
        one_send.add(shop, draft(shop), NOW)
    assert one_send.sending(shop, "k9", NOW) == {"k9"}
    one_send.accepted(shop, "k9", "wamid.X", NOW)
    with pytest.raises(NotFound):
        outbox.get(shop, "k9")
    assert messages.find(shop, "wamid.X") is None
