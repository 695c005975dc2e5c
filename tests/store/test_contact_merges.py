"""Contacts that the owner makes one: whatever comes before, after or between, the tables are the same; and taken back,
each is what it would have been without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.events import T0, call, changes, echo, message, others, statuses
from tests.support.events import messages as any_messages
from tests.support.store import Dump, apply_events, dump, new_store
from wacli.domain.event import Event, PreferenceStated
from wacli.domain.identity import Party
from wacli.domain.problem import NotFound, Refused
from wacli.store import consents, contact_merges, contacts
from wacli.store.contact_merges import Merge
from wacli.store.contacts import ContactChange
from wacli.store.database import Store
from wacli.store.intake import Intake

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ONE, OTHER = Party(phone="6281234567890", name="Sari"), Party(bsuid="BR.3", name="Sari D")
FIRST = [message("wamid.first", party=ONE), message("wamid.other", T0 + 5, party=OTHER)]
_AUDIT = ("contact_merges", "consents")

histories = st.lists(st.one_of(any_messages, any_messages, statuses, changes, others), max_size=10)


def merged(store: Store, one: int, other: int) -> Merge:
    intake = Intake(store)
    with intake.transaction():
        return contact_merges.merge(intake, one, other, [("owner", "sure")], NOW, store)


def undone(store: Store, merge_id: int) -> Merge:
    intake = Intake(store)
    with intake.transaction():
        return contact_merges.undo(intake, merge_id, NOW, store)


def ids(store: Store) -> tuple[int, int]:
    one, other = contacts.find_by_phone(store, "6281234567890"), contacts.find_by_bsuid(store, "BR.3")
    assert one is not None
    assert other is not None
    return one.id, other.id


def without(tables: Dump, *names: str) -> Dump:
    return {name: rows for name, rows in tables.items() if name not in names}


def told(*batches: Sequence[Event], merge_after: int | None, undo: bool = False) -> Dump | None:
    """The tables after the batches, with a merge after so many of them; None where it was refused."""
    with TemporaryDirectory() as folder, new_store(Path(folder)) as store:
        for index, batch in enumerate(batches):
            apply_events(store, batch)
            if merge_after == index + 1:
                one, other = ids(store)
                if one == other:
                    return None
                merged(store, one, other)
        if undo:
            try:
                undone(store, 1)
            except Refused:
                return None
        return dump(store)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(histories, histories)
def test_when_the_owner_says_it_makes_no_difference(before: list[Event], after: list[Event]) -> None:
    early = told(FIRST, before, after, merge_after=1)
    late = told(FIRST, before, after, merge_after=3)
    assume(early is not None and late is not None)
    assert early is not None
    assert late is not None
    assert without(early, *_AUDIT) == without(late, *_AUDIT)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(histories, histories)
def test_taken_back_everything_is_as_if_nothing_had_been(before: list[Event], after: list[Event]) -> None:
    back = told(FIRST, before, after, merge_after=2, undo=True)
    assume(back is not None)
    assert back is not None
    plain = told(FIRST, before, after, merge_after=None)
    assert plain is not None
    assert without(back, "contact_merges") == without(plain, "contact_merges")


def test_what_was_typed_goes_back_to_whom_it_was_typed_for(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        one = contacts.add(store, ContactChange(name="Bu Sari", note="mawar", phone="62811"), NOW, ["vip", "b2b"])
        other = contacts.add(store, ContactChange(name="Sari", note="melati", phone="62822"), NOW, ["b2b", "lama"])
        nobody = contacts.add(store, ContactChange(name="Tanpa nomor"), NOW, ["nanti"])
        done = merged(store, one.id, other.id)
        now = contacts.get(store, other.id)
        assert (now.id, now.name, now.tags) == (one.id, "Bu Sari", ("b2b", "lama", "vip"))
        assert now.note == "mawar\nSari\nmelati"
        second = merged(store, one.id, nobody.id)
        with pytest.raises(Refused, match="merged again since"):
            undone(store, done.id)
        contacts.tag(store, one.id, ["baru"])
        contacts.untag(store, one.id, ["lama"])
        contacts.edit(store, one.id, ContactChange(name="Ibu Sari"), NOW)
        undone(store, second.id)
        undone(store, done.id)
        assert contacts.get(store, nobody.id) == nobody
        kept, back = contacts.get(store, one.id), contacts.get(store, other.id)
        assert (kept.name, kept.note, kept.tags) == ("Ibu Sari", "mawar", ("b2b", "baru", "vip"))
        assert (back.name, back.note, back.tags, back.phone) == ("Sari", "melati", ("b2b",), "62822")
        assert contacts.find_by_phone(store, "62822") == back
        with pytest.raises(Refused, match="was taken back"):
            undone(store, done.id)
        with pytest.raises(NotFound):
            undone(store, 99)
        with pytest.raises(Refused, match="one contact already"):
            merged(store, one.id, one.id)


def test_an_opt_out_of_one_is_an_opt_out_of_the_person(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, FIRST)
        one, other = ids(store)
        record = consents.record
        record(store, consents.Consent(one, "marketing", "opted-out", "owner", "asked", NOW.replace(hour=1)))
        record(store, consents.Consent(other, "marketing", "opted-in", "owner", "form", NOW.replace(hour=2)))
        done = merged(store, one, other)
        assert consents.permission(store, one).opted_out == {"marketing"}
        later = NOW.replace(hour=13)
        record(store, consents.Consent(one, "utility", "opted-out", "owner", "since", later))
        record(store, consents.Consent(one, "service", "opted-in", "owner", "since", later))
        stop = PreferenceStated(FIRST[0].number, OTHER, "marketing", "stop", None, T0 + 99, "{}")
        apply_events(store, [stop])
        undone(store, done.id)
        assert consents.permission(store, one).opted_out == {"marketing", "utility"}
        assert consents.permission(store, one).opted_in == {"service"}
        assert consents.permission(store, other).opted_in == {"marketing"}  # the owner's word is later than the stop
        assert consents.permission(store, other).opted_out == {"utility"}
        assert {entry.source for entry in consents.list_of_contact(store, other)} == {"owner", "whatsapp"}


def test_what_whatsapp_has_shown_since_is_not_taken_back(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, FIRST)
        done = merged(store, *ids(store))
        apply_events(store, [message("wamid.both", T0 + 9, party=Party(phone=ONE.phone, bsuid=OTHER.bsuid))])
        before = dump(store)
        with pytest.raises(Refused, match=r"one person: 6281234567890, BR\.3"):
            undone(store, done.id)
        assert dump(store) == before


def test_threads_and_calls_go_with_their_party(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, FIRST)
        one, other = ids(store)
        done = merged(store, one, other)
        since: list[Event] = [
            echo("wamid.answer", T0 + 20, party=OTHER),
            message("wamid.more", T0 + 30, party=ONE),
            call("call.9", T0 + 40, party=OTHER),
        ]
        apply_events(store, since)
        assert store.query("SELECT contact_id, unanswered_count FROM threads") == [(one, 1)]
        undone(store, done.id)
        rows = store.query(
            "SELECT t.contact_id, m.wamid FROM messages m JOIN threads t ON t.id = m.thread_id ORDER BY m.at"
        )
        assert rows == [(one, "wamid.first"), (other, "wamid.other"), (other, "wamid.answer"), (one, "wamid.more")]
        clocks = store.query("SELECT contact_id, unanswered_count, last_opener_at - ? FROM threads ORDER BY 1", (T0,))
        assert clocks == [(one, 2, 30), (other, 0, 40)]
