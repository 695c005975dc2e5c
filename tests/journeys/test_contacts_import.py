"""`wacli contacts import`: what becomes of each row, what is never overwritten, what is kept when something fails."""

from __future__ import annotations

import csv
import gc
import io
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.events import message
from tests.support.front_door import FrontDoor
from tests.support.process import start
from tests.support.store import NOW, apply_events, new_store
from wacli.domain.contact_import import ImportWishes
from wacli.domain.identity import Party
from wacli.importers.contact_files import ContactRow
from wacli.services.contact_import import ImportTally, import_contacts
from wacli.services.rebuild import rebuild
from wacli.store import contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import Store, open_store
from wacli.store.parties import Parties

BOOK = """Nama,No HP,Label,Catatan
Sari,0812-3456-7890,grosir,suka pandan
Budi,+62 813 1111 2222;0814 1111 2222,,
Sari Kue,6281234567890,retail,
Salah,abc,,
"""


@pytest.fixture
def shop(wacli: FrontDoor) -> FrontDoor:
    wacli("config", "set", "country", "ID")
    return wacli


def book(shop: FrontDoor, text: str, name: str = "book.csv") -> str:
    path = shop.folder / name
    path.write_text(text, "utf-8")
    return str(path)


def people(shop: FrontDoor) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in shop("contacts", "list", "--json").json}


def test_every_row_has_a_verdict_and_people_are_joined_by_their_numbers(shop: FrontDoor) -> None:
    done = shop("contacts", "import", book(shop, BOOK), "--rows", "--json")
    assert done.status == 7
    assert [(row["row"], row["outcome"], row["contact_id"]) for row in done.json] == [
        (2, "added", 1),
        (3, "added", 2),
        (4, "updated", 1),
        (5, "rejected", None),
    ]
    refused = done.json[3]
    assert (refused["column"], refused["value"], refused["code"]) == ("No HP", "abc", "bad-phone")
    assert "row 5, No HP: abc is not a phone number" in done.err
    sari, budi = people(shop)["Sari"], people(shop)["Budi"]
    assert (sari["phone"], sari["tags"], sari["note"]) == ("+6281234567890", ["grosir", "retail"], "suka pandan")
    assert budi["phone"] == "+6281311112222", "the first of several numbers is the one to write to"
    assert shop("contacts", "show", "+62 814 1111 2222", "--json").json["contact_id"] == budi["contact_id"]


def test_the_same_file_again_changes_nothing(shop: FrontDoor) -> None:
    file = book(shop, BOOK)
    shop("contacts", "import", file, "--opt-in-evidence", "form of May")
    before = shop("contacts", "show", "Sari", "--json").out
    again = shop("contacts", "import", file, "--opt-in-evidence", "form of May", "--json")
    counts = {key: again.json[key] for key in ("rows", "added", "updated", "unchanged", "rejected")}
    assert counts == {"rows": 4, "added": 0, "updated": 0, "unchanged": 3, "rejected": 1}
    assert shop("contacts", "show", "Sari", "--json").out == before


def test_the_owners_words_are_added_to_and_overwritten_only_when_asked(shop: FrontDoor) -> None:
    shop("contacts", "add", "Ibu Sari", "--phone", "081234567890", "--note", "langganan")
    file = book(shop, "name,phone,note,tags\nSari,081234567890,baru,vip\n")
    assert shop("contacts", "import", file, "--json").json["updated"] == 1
    (sari,) = people(shop).values()
    assert (sari["name"], sari["note"], sari["tags"]) == ("Ibu Sari", "langganan", ["vip"])
    assert shop("contacts", "import", file, "--overwrite", "--json").json["updated"] == 1
    (sari,) = people(shop).values()
    assert (sari["name"], sari["note"]) == ("Sari", "baru")


def test_a_dry_run_tells_the_same_and_keeps_nothing_not_even_a_store(shop: FrontDoor) -> None:
    file = book(shop, BOOK)
    rehearsed = shop("contacts", "import", file, "--dry-run", "--json", "--at", "2026-01-01")
    assert not (shop.folder / "shop.db").exists()
    assert rehearsed.json["dry_run"] is True
    real = shop("contacts", "import", file, "--json")
    assert {**rehearsed.json, "dry_run": False} == real.json
    before = shop("contacts", "list", "--json").out
    more = book(shop, "nama,hp\nBaru,0815 0000 1111\n", "more.csv")
    assert shop("contacts", "import", more, "--dry-run", "--json").json["added"] == 1
    assert shop("contacts", "list", "--json").out == before


def test_what_is_left_out_goes_to_a_file_with_its_row_and_reason(shop: FrontDoor) -> None:
    shop("contacts", "add", "A", "--phone", "0812 0000 0001")
    shop("contacts", "add", "B", "--phone", "0812 0000 0002")
    file = book(shop, 'name,phone\nBoth,0812 0000 0001;0812 0000 0002\n=evil(),"=HYPERLINK(""x"")"\n')
    rejects = shop.folder / "rejects.csv"
    done = shop("contacts", "import", file, "--rejects", str(rejects), "--json")
    assert (done.status, done.json["several_contacts"], done.json["rejected"]) == (7, 1, 1)
    rows = list(csv.DictReader(io.StringIO(rejects.read_text("utf-8"))))
    assert [(row["row"], row["code"]) for row in rows] == [("2", "several-contacts"), ("3", "formula-cell")]
    assert "#1, #2" in rows[0]["reason"]
    assert rows[1]["value"].startswith("'="), "a spreadsheet must not run it"
    assert set(people(shop)) == {"A", "B"}
    assert shop("contacts", "import", file, "--rejects", file).err.splitlines()[-1] == (
        f"wacli: --rejects {file} is the file that is read. Name another"
    )
    assert Path(file).stat().st_size > 50


def test_columns_are_previewed_and_can_be_mapped(shop: FrontDoor) -> None:
    file = book(shop, "Pelanggan,Kontak rahasia,Nama\nSari,0812 3456 7890,x\n")
    done = shop("contacts", "import", file, "--map", "phone=2", "--map", "name=Pelanggan", "--json")
    assert done.status == 0
    assert [(column["title"], column["field"], column["by"]) for column in done.json["columns"]] == [
        ("Pelanggan", "name", "mapping"),
        ("Kontak rahasia", "phone", "mapping"),
        ("Nama", None, None),
    ]
    assert "  Kontak rahasia: phone, for example 0812 3456 7890" in done.err
    assert "  Nama: left out" in done.err
    assert list(people(shop)) == ["Sari"]
    wrong = shop("contacts", "import", file, "--map", "phone")
    assert (wrong.status, "--map phone says no column" in wrong.err) == (2, True)


def test_an_opt_in_by_list_does_not_undo_a_stop(shop: FrontDoor) -> None:
    shop("contacts", "add", "Berhenti", "--phone", "0812 0000 0001")
    shop("contacts", "opt-out", "Berhenti")
    file = book(shop, "name,phone\nBerhenti,0812 0000 0001\nMau,0812 0000 0002\n")
    assert shop("contacts", "import", file, "--opt-in-evidence", "signed list", "--tag", "mei").status == 0
    stopped = shop("contacts", "show", "Berhenti", "--json").json
    assert ([one["state"] for one in stopped["consents"]], stopped["tags"]) == (["opted-out"], ["mei"])
    (agreed,) = shop("contacts", "show", "Mau", "--json").json["consents"]
    assert (agreed["state"], agreed["source"], agreed["evidence"]) == ("opted-in", "import", "signed list")


def test_vcard_from_standard_input_with_bsuid_and_username(shop: FrontDoor) -> None:
    cards = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Sari\nTEL:+6281234567890\nX-WACLI-BSUID:ID.77\nX-WACLI-USERNAME:sari.kue\n"
        "END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:Tanpa nomor\nX-WACLI-USERNAME:toko.maju\nEND:VCARD\n"
    )
    done = shop("contacts", "import", "-", "--json", stdin=cards.encode())
    assert (done.status, done.json["added"]) == (0, 2)
    for who in ("+6281234567890", "ID.77", "@sari.kue"):
        assert shop("contacts", "show", who, "--json").json["name"] == "Sari"
    again = shop("contacts", "import", "-", "--json", stdin=cards.encode())
    assert (again.json["added"], again.json["unchanged"]) == (0, 2)


def test_a_missing_file_and_one_that_is_no_address_book(shop: FrontDoor) -> None:
    missing = shop("contacts", "import", "nowhere.csv", "--json")
    assert (missing.status, missing.error["code"]) == (3, "no-such-file")
    binary = shop.folder / "photo.jpg"
    binary.write_bytes(b"\xff\xd8\xff" + bytes(5000))
    assert shop("contacts", "import", str(binary)).status == 4
    assert not (shop.folder / "shop.db").exists()


def test_latin_1_is_read_and_said(shop: FrontDoor) -> None:
    path = shop.folder / "latin.csv"
    path.write_bytes("name,phone\nJosé,+34 600 000 001\n".encode("latin-1"))
    done = shop("contacts", "import", str(path))
    assert (done.status, "line 2 is not UTF-8" in done.err) == (0, True)
    assert list(people(shop)) == ["José"]


def test_a_progress_bar_shows_on_a_terminal_only(terminal: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wacli.cli.progress._PATIENCE", 0.0)
    file = book(terminal, "name,phone\n" + "".join(f"N{i},+62812{i:07d}\n" for i in range(25_000)))
    assert "Importing book.csv" in terminal("contacts", "import", file).err
    terminal.is_terminal = False
    assert "Importing" not in terminal("contacts", "import", file).err


def test_an_interruption_between_two_batches_keeps_nothing_and_says_nothing(
    shop: FrontDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(verdict: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wacli.cli.commands.contacts_import._sentence", interrupted)
    done = shop("contacts", "import", book(shop, BOOK), "-q")
    gc.collect()  # what would be closed only now, after the store, complains (and warnings are errors here)
    assert (done.status, done.out) == (130, "")
    assert people(shop) == {}


def test_who_looks_at_the_first_rows_only_has_the_others_imported(tmp_path: Path) -> None:
    count = 5_000
    lines = "".join(f"N{number},+62812{number:07d}\n" for number in range(count))
    (tmp_path / "book.csv").write_text("name,phone\n" + lines, "utf-8")
    process = start(tmp_path, "contacts", "import", "book.csv", "--rows", "--format", "ndjson", "--no-input")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(), "Error" in said) == (0, False)
    with open_store(tmp_path / "shop.db", create=False) as store:
        assert contacts.count_contacts(store) == count


def take_in(store: Store, rows: list[ContactRow], **wishes: object) -> ImportTally:
    tally = ImportTally()
    for _ in import_contacts(store, [list(rows)], ImportWishes(**wishes), NOW, tally=tally):  # type: ignore[arg-type]
        pass
    return tally


def row(number: int, **known: object) -> ContactRow:
    empty: dict[str, object] = {"name": None, "phone": None, "bsuid": None, "username": None, "tags": (), "note": None}
    return ContactRow(row=number, **{**empty, **known})  # type: ignore[arg-type]


def test_an_old_number_of_a_list_does_not_replace_the_one_they_write_from(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        apply_events(store, [message("A", party=Party(phone="628111", name="Sari"))])
        take_in(store, [row(2, name="Sari", phone="628111"), row(2, name="Sari", phone="628222")])
        (contact,) = contacts.stream_contacts(store)
        assert contact.phone == "628111"
        assert contacts.find_by_phone(store, "628222") == contact


def test_forms_of_one_number_are_one_person(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        tally = take_in(store, [row(2, name="A", phone="5511987654321"), row(3, name="B", phone="551187654321")])
        assert tally.read == 2
        (contact,) = contacts.stream_contacts(store)
        assert (contact.name, contact.phone) == ("A", "5511987654321")


def test_people_of_a_list_stay_when_the_store_is_made_again(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        take_in(store, [row(2, name="A", phone="628111"), row(2, phone="628222"), row(3, bsuid="ID.5", tags=("x",))])
        before = [*contacts.stream_contacts(store)]
        rebuild(store, NOW)
        assert [*contacts.stream_contacts(store)] == before
        assert contacts.find_by_phone(store, "628222") == before[0]


def test_an_import_that_is_given_up_keeps_nothing(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        rows = [row(number, phone=f"62812{number:07d}") for number in range(15_000)]
        with closing(import_contacts(store, [list(rows)], ImportWishes(), NOW, tally=ImportTally())) as batches:
            next(batches)
        assert contacts.count_contacts(store) == 0


identifiers = st.one_of(
    st.fixed_dictionaries(
        {"phone": st.sampled_from([f"62811{n}" for n in range(6)] + ["5511987654321", "551187654321"])}
    ),
    st.fixed_dictionaries({"bsuid": st.sampled_from(["ID.1", "ID.2"])}),
    # One only: a list that gives one person two usernames moves the name on, and the old one is then nobody's.
    st.fixed_dictionaries({"username": st.just("sari.kue")}),
)
rows_of_people = st.lists(
    st.tuples(
        st.lists(identifiers, min_size=1, max_size=3),
        st.sampled_from([None, "Sari", "Budi"]),
        st.sampled_from([(), ("a",), ("a", "b")]),
        st.sampled_from([None, "note"]),
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(rows_of_people)
def test_what_batches_write_is_what_the_store_itself_works_out(people: list[tuple[object, ...]]) -> None:
    rows = [
        row(number, name=name, tags=tags, note=note, **identifier)
        for number, (found, name, tags, note) in enumerate(people, 2)
        for identifier in found  # type: ignore[attr-defined]
    ]
    with TemporaryDirectory() as folder, open_store(Path(folder) / "s.db", create=True) as store:
        take_in(store, rows)
        before = [*contacts.stream_contacts(store)]
        with store.transaction() as connection:
            parties = Parties(connection)
            for contact in before:
                parties.mark_stale(contact.id)
            parties.show()
        assert [*contacts.stream_contacts(store)] == before
        tally = take_in(store, rows)
        assert [*contacts.stream_contacts(store)] == before, "the same again changes nothing"
        assert tally.counts["added"] == tally.counts["updated"] == 0  # type: ignore[index]
        # An import looks no reference up; every one of them leads somewhere all the same.
        assert store.query("PRAGMA foreign_key_check") == []
        assert store.query("PRAGMA foreign_keys") == [(1,)], "and whoever writes next is watched again"


def test_one_by_one_or_by_list_they_are_found_alike(tmp_path: Path) -> None:
    with new_store(tmp_path, "a.db") as one, new_store(tmp_path, "b.db") as other:
        contacts.add(one, ContactChange(name="Sari", phone="628111"), NOW, ["x"])
        take_in(other, [row(2, name="Sari", phone="628111", tags=("x",))])
        assert [*contacts.stream_contacts(one)] == [*contacts.stream_contacts(other)]
        assert contacts.list_identifiers(one, 1) == contacts.list_identifiers(other, 1)
