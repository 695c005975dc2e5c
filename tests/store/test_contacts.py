"""Who is who: identifiers that come together, move on and are found again; and what only the owner says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from tests.support.events import NUMBER, SARI, T0, message, status
from tests.support.store import NOW, apply_events, dump, new_store
from wacli.domain.contact import Contact
from wacli.domain.event import ContactSynced, Event, IdentityChanged, PreferenceStated
from wacli.domain.identity import Party
from wacli.domain.problem import Invalid, NotFound, Refused
from wacli.store import consents, contacts, threads
from wacli.store.contacts import ContactChange
from wacli.store.database import Store


def only(store: Store) -> Contact:
    (contact,) = contacts.stream_contacts(store)
    return contact


def test_a_payload_that_shows_both_makes_two_contacts_one(tmp_path: Path) -> None:
    by_phone, by_bsuid = Party(phone="628111", name="Sari"), Party(bsuid="ID.77", username="sari.kue")
    said: list[Event] = [
        message("A", T0, party=by_phone),
        message("B", T0 + 1, party=by_bsuid),
        message("C", T0 + 2, party=Party(phone="628111", bsuid="ID.77")),
    ]
    dumps = []
    for turn, order in enumerate(permutations(said)):
        with new_store(tmp_path, f"{turn}.db") as store:
            apply_events(store, *[[one] for one in order])
            contact = only(store)
            assert (contact.phone, contact.bsuid, contact.username) == ("628111", "ID.77", "sari.kue")
            (row,) = threads.list_of_contact(store, contact.id, NOW)
            assert row.unanswered_count == 3
            dumps.append(dump(store))
    assert all(one == dumps[0] for one in dumps)


def test_what_the_owner_typed_about_both_survives_a_merge(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A", party=Party(phone="628111")), message("B", party=Party(bsuid="ID.77"))])
        first, second = sorted(contacts.stream_contacts(store), key=lambda one: one.id)
        contacts.edit(store, first.id, ContactChange(name="Sari", note="pandan"), NOW)
        contacts.edit(store, second.id, ContactChange(name="Sari Kue"), NOW)
        contacts.tag(store, second.id, ["grosir"])
        consents.record(store, consents.Consent(second.id, "marketing", "opted-in", "form", None, NOW))
        apply_events(store, [message("C", party=Party(phone="628111", bsuid="ID.77"))])
        contact = contacts.get(store, second.id)
        assert contact == contacts.get(store, first.id) == only(store)
        assert (contact.name, contact.note, contact.tags) == ("Sari", "pandan\nSari Kue", ("grosir",))
        assert consents.permission(store, first.id).opted_in == {"marketing"}


def test_a_new_number_moves_on_and_the_old_one_still_finds(tmp_path: Path) -> None:
    before, after = Party(phone="628111"), Party(phone="628222")
    said: list[Event] = [
        message("A", T0, party=before),
        IdentityChanged(NUMBER, before, after, T0 + 5, "{}"),
        status("late", "failed", T0 + 9, party=before),
    ]
    for turn, order in enumerate(permutations(said)):
        with new_store(tmp_path, f"{turn}.db") as store:
            apply_events(store, *[[one] for one in order])
            contact = only(store)
            assert contact.phone == "628222"
            assert contacts.find_by_phone(store, "628111") == contacts.find_by_phone(store, "628222") == contact
            assert [party.phone for party in contacts.list_identifiers(store, contact.id)] == ["628111", "628222"]


def test_a_number_that_is_taken_back_is_shown_again(tmp_path: Path) -> None:
    old, new = Party(phone="628111"), Party(phone="628222")
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A", T0, party=old),
                IdentityChanged(NUMBER, old, new, T0 + 5, "{}"),
                IdentityChanged(NUMBER, new, old, T0 + 9, "{}"),
            ],
        )
        assert only(store).phone == "628111"


def test_the_forms_of_one_brazilian_number_are_one_person_shown_as_first_given(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [message("A", T0 + 9, party=Party(phone="5511987654321"))],
            [message("B", T0, party=Party(phone="551187654321"))],
        )
        assert only(store).phone == "551187654321"
        assert contacts.find_by_phone(store, "5511987654321") == only(store)


def test_usernames_find_but_never_join(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A", T0, party=Party(phone="628111", username="kue")),
                message("B", T0 + 5, party=Party(phone="628222", username="kue")),
            ],
        )
        assert len(contacts.list_by_username(store, "@kue")) == 2


def test_the_owners_address_book_names_people_until_it_forgets_them(tmp_path: Path) -> None:
    party = SARI._replace(name="Sari Langganan")
    with new_store(tmp_path) as store:
        apply_events(store, [message("A"), ContactSynced(NUMBER, party, False, T0 + 1, "{}")])
        assert (only(store).name, only(store).profile_name) == ("Sari Langganan", "Sari")
        apply_events(store, [ContactSynced(NUMBER, party, True, T0 + 2, "{}")])
        assert only(store).name is None


def test_names_are_found_whatever_their_case_and_script(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        for name in ("Sari Dewi", "sari", "Ünal 100%", "Şule_x", "محمد"):
            contacts.add(store, ContactChange(name=name), NOW)
        assert [one.name for one in contacts.list_by_name(store, "SARI")] == ["sari"]
        assert [one.name for one in contacts.list_by_name(store, "dewi")] == ["Sari Dewi"]
        assert [one.name for one in contacts.list_by_name(store, "üNAL")] == ["Ünal 100%"]
        assert [one.name for one in contacts.list_by_name(store, "0%")] == ["Ünal 100%"]
        assert [one.name for one in contacts.list_by_name(store, "محمد")] == ["محمد"]
        assert contacts.list_by_name(store, "_") == contacts.list_by_name(store, "şule_X")
        assert contacts.list_by_name(store, "nobody") == []


def test_a_contact_of_the_owners_is_met_again_by_their_number(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        added = contacts.add(store, ContactChange(name="Bu Sari", phone=SARI.phone), NOW, ["vip"])
        apply_events(store, [message("A", party=SARI._replace(bsuid="ID.5"))])
        contact = only(store)
        assert contact.id == added.id
        assert (contact.label, contact.bsuid, contact.profile_name, contact.tags) == (
            "Bu Sari",
            "ID.5",
            "Sari",
            ("vip",),
        )
        assert contact.created_at == datetime.fromtimestamp(T0, UTC)


def test_adding_and_editing_refuse_what_cannot_be(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        sari = contacts.add(store, ContactChange(name="Sari", phone="628111"), NOW)
        with pytest.raises(Refused) as taken:
            contacts.add(store, ContactChange(name="Sari 2", phone="628111"), NOW)
        assert taken.value.details["contact_id"] == sari.id
        with pytest.raises(Invalid):
            contacts.add(store, ContactChange(note="?"), NOW)
        with pytest.raises(NotFound):
            contacts.edit(store, 99, ContactChange(name="x"), NOW)
        later = NOW + timedelta(days=1)
        assert contacts.edit(store, sari.id, ContactChange(phone="628333", name=""), later).phone == "628333"
        assert contacts.get(store, sari.id).name is None
        assert contacts.find_by_phone(store, "628111") == contacts.get(store, sari.id)
        assert contacts.count_contacts(store) == 1


def test_tags_are_added_and_taken_away(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        sari = contacts.add(store, ContactChange(name="Sari"), NOW)
        assert contacts.tag(store, sari.id, ["b", "a", "b"]).tags == ("a", "b")
        assert [one.id for one in contacts.stream_contacts(store, tag="a")] == [sari.id]
        assert contacts.untag(store, sari.id, ["a", "never there"]).tags == ("b",)
        assert contacts.count_contacts(store, tag="a") == 0


def test_the_latest_word_on_a_category_holds_and_the_opt_out_wins_a_tie(tmp_path: Path) -> None:
    def instant(at: int) -> datetime:
        return datetime.fromtimestamp(at, UTC)

    with new_store(tmp_path) as store:
        apply_events(
            store,
            [
                message("A"),
                PreferenceStated(NUMBER, SARI, "marketing", "stop", "stop", T0 + 10, "{}"),
                PreferenceStated(NUMBER, SARI, "marketing", "signup", "by a link", T0 + 11, "{}"),
                status("B", "failed", T0 + 50, error_code=131050, error_text="stopped"),
            ],
        )
        sari = only(store).id
        consents.record(store, consents.Consent(sari, "marketing", "opted-in", "form", "paper", instant(T0 + 20)))
        consents.record(store, consents.Consent(sari, "marketing", "opted-in", "form", "paper", instant(T0 + 50)))

        def state(until: int) -> str | None:
            held = consents.permission(store, sari, until=instant(until))
            states = {"opted-in": held.opted_in, "opted-out": held.opted_out}
            return next((state for state, categories in states.items() if "marketing" in categories), None)

        assert [state(T0 + s) for s in (9, 10, 19, 20, 49, 50)] == [
            None,
            "opted-out",
            "opted-out",
            "opted-in",
            "opted-in",
            "opted-out",
        ]
        assert len(consents.list_of_contact(store, sari)) == 5
        held = consents.permission(store, sari)
        assert "utility" not in (*held.opted_in, *held.opted_out)


def test_half_a_character_from_a_command_line_breaks_nothing(tmp_path: Path) -> None:
    half = "a\ud83d b"
    with new_store(tmp_path) as store:
        assert contacts.list_by_name(store, half) == []
        assert contacts.list_by_username(store, half) == []
        contact = contacts.add(store, ContactChange(name=half, note=half, username=half), NOW, [half])
        assert (contact.name, contact.note, contact.tags) == ("a\ufffd b",) * 2 + (("a\ufffd b",),)
        assert contacts.list_by_name(store, half) == [contact]
        consents.record(store, consents.Consent(contact.id, "marketing", "opted-in", half, half, NOW))
        assert contacts.untag(store, contact.id, [half]).tags == ()


def test_an_id_beyond_all_ids_is_nobodys(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        assert contacts.find(store, 10**30) is None
