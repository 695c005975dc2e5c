"""Many changes of the outbox in one commit leave what the same changes leave one by one, and what a rebuild leaves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import one_send
from tests.support.events import AD, NUMBER, SARI, T0, call, echo, message, status
from tests.support.store import apply_events, dump, new_store
from wacli.domain.event import Event
from wacli.domain.identity import Party
from wacli.domain.problem import Refused
from wacli.store import contacts, numbers, outbox
from wacli.store.database import Store
from wacli.store.message_rows import MessageRows
from wacli.store.outbox import Draft, OutboxWriter
from wacli.store.settle import Touched, settle

HOUR = 3_600
BUDI = Party(phone="6281355500303", name="Budi")
AT = st.integers(-30 * HOUR, 30 * HOUR)
OLD, CLUE = st.integers(0, 9), st.sampled_from([None, AD])
SPOKEN = st.one_of(
    st.builds(lambda key, at, ad: message(f"in{key}", T0 + at, referral=ad), OLD, AT, CLUE),
    st.builds(lambda key, at: message(f"in{key}", T0 + at, party=BUDI), st.integers(10, 19), AT),
    st.builds(lambda key, at: echo(f"echo{key}", T0 + at), OLD, AT),
    st.builds(lambda key, at: call(f"call{key}", T0 + at), OLD, AT),
    st.builds(lambda key, at: message(f"edit{key}", T0 + at, kind="edit", target=f"in{key}", text="lain"), OLD, AT),
    st.builds(
        lambda key, at, word: status(f"wamid.k{key}", word, T0 + at, callback_data=f"k{key}"),
        st.integers(0, 5),
        AT,
        st.sampled_from(["sent", "delivered", "failed"]),
    ),
)
SENDS = st.lists(st.tuples(AT, st.booleans(), st.sampled_from(["text", "template", "reaction", "image"])), max_size=6)


def shop(folder: str, history: list[Event]) -> Store:
    store = new_store(Path(folder))
    apply_events(store, [message("first", T0 - 40 * HOUR), message("second", T0 - 40 * HOUR, party=BUDI)], history)
    return store


def drafts(store: Store, sends: list[tuple[int, bool, str]]) -> list[Draft]:
    people = {one.phone: one.id for one in contacts.stream_contacts(store)}
    number = numbers.get(store, str(NUMBER.phone_number_id)).id
    return [
        Draft(f"k{place}", people[SARI.phone if is_sari else BUDI.phone], number, kind, "{}", text=f"pesan {place}")
        for place, (_, is_sari, kind) in enumerate(sends)
    ]


def instant(at: int) -> datetime:
    return datetime.fromtimestamp(T0 + at, UTC)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(SPOKEN, max_size=10), SENDS, st.lists(SPOKEN, max_size=5))
def test_a_batch_is_the_same_as_one_by_one_and_as_working_everything_out_anew(
    history: list[Event], sends: list[tuple[int, bool, str]], later: list[Event]
) -> None:
    tables = []
    for is_batch in (True, False):
        with TemporaryDirectory() as folder, shop(folder, history) as store:
            writer = OutboxWriter(store)
            for draft, (at, _, _) in zip(drafts(store, sends), sends, strict=True):
                writer.add(draft, instant(at), is_sending=True)
                if not is_batch:
                    writer.write()
            writer.write()
            for place, (at, _, _) in enumerate(sends):
                writer.accepted(f"k{place}", f"wamid.k{place}", instant(at))
                if not is_batch:
                    writer.write()
            writer.write()
            apply_events(store, later)
            told = dump(store)
            touched = Touched()
            with store.transaction() as connection:
                rows = MessageRows(connection, touched)
                for (message_id,) in store.query("SELECT id FROM messages"):
                    rows._touch_with_thread(message_id)
                settle(connection, touched)
            assert dump(store) == told
            tables.append(told)
    batch, alone = tables
    assert batch == alone


def test_a_key_that_is_there_already_keeps_everything_else_out(tmp_path: Path) -> None:
    with shop(str(tmp_path), []) as store:
        one, two, three = drafts(store, [(0, True, "text")] * 3)
        one_send.add(store, two, instant(0))
        writer = OutboxWriter(store)
        for draft in (one, two, three):
            writer.add(draft, instant(0))
        with pytest.raises(Refused):
            writer.write()
        assert [row.key for row in outbox.stream_all(store)] == ["k1"]


def test_what_whatsapp_told_outranks_what_our_attempt_made_of_it(tmp_path: Path) -> None:
    with shop(str(tmp_path), []) as store:
        writer = OutboxWriter(store)
        for draft in drafts(store, [(0, True, "text")] * 4):
            writer.add(draft, instant(0), is_sending=True)
        writer.write()
        apply_events(store, [status(f"wamid.{n}", "sent", T0 + 1, callback_data=f"k{n}") for n in range(4)])
        writer.unknown("k0", "timeout")
        writer.refused("k1", instant(2), 131000, None)
        writer.queued("k2")
        writer.sending("k3", instant(2))
        assert writer.write() == {"k0", "k1", "k2", "k3"}
        assert {(row.state, row.attempts, row.error_details) for row in outbox.stream_all(store)} == {
            ("accepted", 1, None)
        }
        assert writer.is_empty


def test_a_new_thread_for_somebody_who_never_wrote(tmp_path: Path) -> None:
    with shop(str(tmp_path), []) as store:
        new = contacts.add(store, contacts.ContactChange(phone="6281999999999"), instant(0))
        number = numbers.get(store, str(NUMBER.phone_number_id)).id
        writer = OutboxWriter(store)
        writer.add(Draft("k", new.id, number, "template", "{}", text="halo"), instant(0), is_sending=True)
        writer.write()
        writer.accepted("k", "wamid.k", instant(1), is_held=True)
        writer.write()
        row = outbox.get(store, "k")
        assert (row.state, row.status, row.phone) == ("held", "held", "6281999999999")
        assert store.query_one("SELECT last_text, last_direction FROM threads WHERE id = ?", (row.thread_id,)) == (
            "halo", "outbound",
        )  # fmt: skip
