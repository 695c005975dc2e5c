"""Out and in again: an address book as CSV, vCard and JSON, and a whole store as NDJSON, come back as they were."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import events
from tests.support.front_door import FrontDoor
from tests.support.store import apply_events, dump, new_store
from wacli.domain.event import Event
from wacli.domain.identity import match_key
from wacli.store import consents, contacts
from wacli.store.contacts import ContactChange
from wacli.store.database import connect_readonly, open_store
from wacli.store.dumping import export_store, import_store

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)

_text = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"]),
        st.sampled_from("=+-@'\",;:|"),
    ),
    min_size=1,
    max_size=20,
)
_names = st.lists(_text, min_size=1, max_size=3).map(" ".join)
_tags = st.lists(st.text(st.sampled_from("abcé中=-@'"), min_size=1, max_size=6), max_size=3, unique=True)
_notes = st.lists(_text, min_size=1, max_size=3).map("\n".join)


def _is_somebody(one: dict[str, Any]) -> bool:
    return bool(one["phones"] or one["bsuid"] or one["username"])


_people: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "name": _names,
            "note": st.none() | _notes,
            "tags": _tags,
            "phones": st.lists(st.integers(0, 10**7 - 1), max_size=2, unique=True),
            "bsuid": st.booleans(),
            "username": st.booleans(),
        }
    ).filter(_is_somebody),
    min_size=1,
    max_size=5,
)


def make(folder: Path, people: Sequence[dict[str, Any]]) -> None:
    with open_store(folder / "shop.db", create=True) as store:
        for index, one in enumerate(people):
            given = ContactChange(
                name=one["name"],
                note=one["note"],
                bsuid=f"ID.9{index}a" if one["bsuid"] else None,
                username=f"orang.{index}" if one["username"] else None,
            )
            contact = contacts.add(store, given, NOW, one["tags"])
            for order, number in enumerate(one["phones"]):
                phone = f"6281{index}{number:07d}"
                contacts.edit(store, contact.id, ContactChange(phone=phone), NOW.replace(hour=6 + order))


def book(folder: Path) -> list[tuple[object, ...]]:
    with connect_readonly(folder / "shop.db") as store:
        return sorted(
            (
                one.name or "", one.phone or "", one.bsuid or "", one.username or "", one.tags, one.note or "",
                sorted({match_key(each.phone) for each in contacts.list_identifiers(store, one.id) if each.phone}),
            )
            for one in contacts.stream_contacts(store)
        )  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "vcf"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=_people)
def test_an_address_book_comes_back(ending: str, people: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as here, TemporaryDirectory() as there:
        make(Path(here), people)
        door, other = FrontDoor(Path(here)), FrontDoor(Path(there))
        file = str(Path(here) / f"book.{ending}")
        assert door("contacts", "export", file).status == 0
        done = other("contacts", "import", file, "--json")
        assert done.status == 0, (done, Path(file).read_text("utf-8"))
        assert done.json["added"] == len(people)
        assert book(Path(there)) == book(Path(here))
        assert other("contacts", "import", file, "--json").json["unchanged"] == len(people)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(events, max_size=12), _people)
def test_a_whole_store_comes_back(history: list[Event], people: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        make(Path(folder), people)
        with open_store(Path(folder) / "shop.db", create=False) as store:
            apply_events(store, history)
            consents.record(store, consents.Consent(1, "marketing", "opted-in", "owner", "\ud800 =x", NOW))
            export_store(store, Path(folder) / "everything")
            import_store(Path(folder) / "everything", Path(folder) / "copy.db")
            with open_store(Path(folder) / "copy.db", create=False) as copy:
                assert dump(copy) == dump(store)
                ids = "SELECT id FROM contacts UNION ALL SELECT id FROM messages UNION ALL SELECT id FROM threads"
                assert copy.query(ids) == store.query(ids)
                search = "SELECT rowid FROM search_messages WHERE search_messages MATCH 'halo OR x OR y' ORDER BY 1"
                assert copy.query(search) == store.query(search)


def test_every_form_of_an_export(wacli: FrontDoor) -> None:
    with new_store(wacli.folder, "shop.db") as store:
        one = contacts.add(store, ContactChange(name="=Sari", phone="628111", username="sari.kue"), NOW, ["vip", "b2b"])
        contacts.edit(store, one.id, ContactChange(phone="628222", note="a\nb"), NOW.replace(hour=6))
        contacts.add(store, ContactChange(name="Budi", bsuid="ID.7"), NOW, ["b2b"])
        contacts.add(store, ContactChange(name="Lain", phone="628333"), NOW)
    rows = wacli("contacts", "export", "--json").json
    assert list(rows[0]) == ["name", "phones", "bsuid", "username", "tags", "note"]
    assert list(rows[0].values()) == ["=Sari", ["+628222", "+628111"], None, "sari.kue", ["b2b", "vip"], "a\nb"]
    assert [row["name"] for row in rows] == ["=Sari", "Budi", "Lain"]
    text = wacli("contacts", "export", "--tag", "b2b").out
    table = list(csv.DictReader(io.StringIO(text)))
    assert [(row["name"], row["phones"], row["tags"]) for row in table] == [
        ("'=Sari", "+628222,+628111", "b2b,vip"),
        ("Budi", "", "b2b"),
    ]
    lines = wacli("contacts", "export", "-", "--format", "ndjson").out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["=Sari", "Budi", "Lain"]
    cards = wacli("contacts", "export", "--format", "vcard").out
    assert cards.count("BEGIN:VCARD") == 3
    assert "TEL;TYPE=CELL:+628222\r\nTEL;TYPE=CELL:+628111\r\n" in cards
    assert "Sari" in wacli("contacts", "export", "--format", "table").out
    file = wacli.folder / "book.vcf"
    done = wacli("contacts", "export", str(file))
    assert (done.status, done.out, done.err) == (0, "", f"{file}: 3 contacts\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes().decode() == cards
    assert wacli("contacts", "export", str(file)).status == 4
    odd = wacli("contacts", "export", str(wacli.folder / "book.doc"), "--json")
    assert odd.status == 0, "--json says which form"
    assert wacli("contacts", "export", str(wacli.folder / "book.rtf")).status == 2


def test_nobody_is_an_answer_too(wacli: FrontDoor) -> None:
    assert wacli("contacts", "export").out == "name,phones,bsuid,username,tags,note\n"
    assert wacli("contacts", "export", "--format", "vcard").out == ""
    assert not (wacli.folder / "shop.db").exists()
