"""`wacli contacts erase`: nothing of a person is left, and the bill stays the same."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.counter import Counter
from tests.support.front_door import NOW, FrontDoor
from tests.support.payloads import messages, notification
from tests.support.shop import BUDI, SARI, Person, Shop, unix
from wacli.services.erasure import finish_scrubbing
from wacli.services.inbound import apply_pending, receive
from wacli.store.database import connect_readonly, open_store
from wacli.store.erasure import TAKEN_OUT
from wacli.store.scrubbing import is_owed

SECRETS = ("Melati-Rahasia", "Sari Dewi", "6281355500101", "ID.9000000000000000101", "alergi kacang", "wamid.SARI")


def in_files(folder: Path, *words: str) -> list[str]:
    """Those of the words that stand anywhere in the store's files."""
    content = b"".join(path.read_bytes() for path in folder.glob("shop.db*"))
    return [word for word in words if word.encode() in content]


@pytest.fixture
def shop(wacli: FrontDoor) -> Shop:
    made = Shop(wacli)
    made.profile()
    return made


def fill(shop: Shop) -> None:
    """Sari and Budi, each with messages, statuses and what the owner typed."""
    for who, name in ((SARI, "SARI"), (BUDI, "BUDI")):
        card = who.card
        for number, text in enumerate(("halo", f"{name} Melati-Rahasia" if who is SARI else "mawar")):
            at = unix("2026-11-20T04:00Z") + number
            element = {**who.sender, "id": f"wamid.{name}{number}=", "timestamp": str(at), "type": "text"}
            shop.tell(messages([{**element, "text": {"body": text}}], [card]))
        shop.status(
            who, f"wamid.{name}OUT=", "delivered", "2026-11-20T05:00Z",
            pricing={"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"},
        )  # fmt: skip
        shop.calls(who, "2026-11-20T06:00Z")
    assert shop.door("contacts", "edit", "Sari", "--name", "Sari Dewi", "--note", "alergi kacang").status == 0
    assert shop.door("contacts", "tag", "Sari", "langganan").status == 0
    assert shop.door("contacts", "opt-in", "Sari", "--evidence", "alergi kacang").status == 0


def test_nothing_of_them_is_left_in_the_files(shop: Shop) -> None:
    fill(shop)
    assert in_files(shop.door.folder, *SECRETS) == list(SECRETS)
    board = shop.board("--all")
    done = shop.door("contacts", "erase", "Sari", "--yes", "--json")
    assert done.status == 0, done
    assert done.json["found_again"] == 0
    assert done.json["notifications_rewritten"] >= 4
    assert len(done.json["tombstones"]) == 2
    assert in_files(shop.door.folder, *SECRETS) == []
    assert shop.door("search", "rahasia", "--json").json == []
    after = shop.board("--all")
    assert after["Budi Santoso"] == board["Budi Santoso"], "others stay as they were"
    old, new = board["Sari Dewi"], after["(erased)"]
    for key in ("last_inbound_at", "contact_id"):
        assert new[key] == old[key], key
    assert (new["phone"], new["last_text"], new["tags"]) == (None, None, [])
    assert new["market"] == old["market"]


def test_nobody_is_left_to_write_to(shop: Shop) -> None:
    """Their window was open a moment ago; no board, no command and no rebuild says so any more."""
    fill(shop)
    shop.hears(SARI, "masih ada?", unix(NOW - timedelta(hours=1)))
    assert shop.board("--open")["Sari Dewi"]["window"] == "open"
    assert shop.door("contacts", "erase", "Sari", "--yes").status == 0
    for _ in range(2):
        erased = shop.board("--all")["(erased)"]
        assert (erased["window"], erased["window_closes_at"], erased["next_reply"]) == ("closed", None, "blocked")
        assert shop.board("--open") == {}
        assert shop.board("--closing", "1d") == {}
        assert shop.can("(erased)").json["reasons"][0]["code"] == "no-identifier"
        assert shop.door("db", "rebuild").status == 0


def test_messages_keep_their_bill(shop: Shop) -> None:
    fill(shop)
    shop.door("contacts", "erase", "Sari", "--yes")
    rows = shop.door("thread", "(erased)", "--json").json["messages"]
    assert [row["text"] for row in rows] == [None] * len(rows)
    assert {row["pricing_category"] for row in rows if row["direction"] == "outbound"} == {"marketing"}


def test_a_rebuild_and_old_files_bring_nobody_back(shop: Shop) -> None:
    fill(shop)
    shop.door("contacts", "erase", "Sari", "--yes")
    before = shop.door("threads", "--all", "--json").json
    assert shop.door("db", "rebuild").status == 0
    assert shop.door("threads", "--all", "--json").json == before
    element = {**SARI.sender, "id": "wamid.SARIold=", "timestamp": str(unix("2026-11-19T04:00Z")), "type": "text"}
    shop.tell(messages([{**element, "text": {"body": "Melati-Rahasia lama"}}], [SARI.card]))
    thread = {"id": SARI.phone, "messages": [{**element, "id": "wamid.SARIolder=", "text": {"body": "Melati-Rahasia"}}]}
    shop.tell(notification("history", history=[{"metadata": {"phase": 0}, "threads": [thread]}]))
    fill_again = shop.door("contacts", "add", "Sari Dewi", "--phone", "+6281355500101", "--json")
    assert (fill_again.status, fill_again.error["code"]) == (4, "erased")
    book = shop.door.folder / "book.csv"
    book.write_text("name,phone\nSari Dewi,+62 813-5550-0101\nTono,+62 813-5550-0909\n", "utf-8")
    imported = shop.door("contacts", "import", str(book), "--yes", "--json")
    assert imported.status == 7, imported
    book.unlink()
    assert in_files(shop.door.folder, "Melati-Rahasia", "6281355500101", "Sari Dewi") == []
    people = shop.door("contacts", "list", "--json").json
    assert {row["name"] or row["profile_name"] for row in people} == {"Budi Santoso", "(erased)", "Tono"}


def test_who_writes_again_is_met_anew(shop: Shop) -> None:
    fill(shop)
    shop.door("contacts", "erase", "Sari", "--yes")
    shop.hears(SARI, "saya kembali", "2026-11-23T04:00Z")
    assert {"(erased)", "Sari Dewi"} <= set(shop.board("--all", "--at", "2026-11-23T05:00Z"))
    assert shop.door("db", "rebuild").status == 0
    assert {"(erased)", "Sari Dewi"} <= set(shop.board("--all", "--at", "2026-11-23T05:00Z"))
    again = shop.door("contacts", "erase", "Sari", "--yes", "--json")
    assert again.status == 0
    assert in_files(shop.door.folder, "saya kembali", "6281355500101") == []


def test_what_the_receiver_kept_of_before_leaves_no_trace(shop: Shop) -> None:
    """Meta repeats for days what nobody answered: it was kept as it came, and is rewritten before it is applied."""
    fill(shop)
    assert shop.door("contacts", "erase", "Sari", "--yes").status == 0
    path = shop.door.folder / "shop.db"
    late = {**SARI.sender, "id": "wamid.LATE=", "timestamp": str(unix("2026-11-21T04:00Z")), "type": "text"}
    element = {**late, "text": {"body": "Melati-Rahasia " * 500}}
    with open_store(path, create=False) as store:
        receive(store, json.dumps(messages([element], [SARI.card])).encode(), NOW)
    assert in_files(shop.door.folder, *SECRETS)
    with open_store(path, create=False) as store:
        store.query("PRAGMA secure_delete=OFF")  # as some builds of SQLite are
        assert apply_pending(store, NOW).messages_new == 0
    assert in_files(shop.door.folder, *SECRETS) == [], "the page was emptied at once"
    assert is_owed(path), "the log or a page that was freed before may still hold it"
    with open_store(path, create=False) as store:
        assert finish_scrubbing(store)
    assert not is_owed(path)


def test_what_was_sent_goes_too(counter: Counter) -> None:
    counter.meet("Sari Dewi", "+62 813-5550-0101", "halo")
    assert counter("reply", "Sari", "Melati-Rahasia siap").status == 0
    counter.later(timedelta(minutes=5))
    wamid = counter("thread", "Sari", "--json").json["messages"][-1]["wamid"]
    assert in_files(counter.door.folder, "Melati-Rahasia", wamid) == ["Melati-Rahasia", wamid]
    assert counter("contacts", "erase", "Sari", "--yes").status == 0
    assert in_files(counter.door.folder, "Melati-Rahasia", wamid, "6281355500101", "Sari Dewi") == []
    assert [state for _, state in counter.outbox()] == ["accepted"]
    assert counter("db", "rebuild").status == 0


def test_the_rule_of_the_profile(shop: Shop) -> None:
    fill(shop)
    old = Person("Lama", "6281355500808", "ID.9000000000000000808")
    shop.hears(old, "halo", "2023-01-01T04:00Z")
    refused = shop.door("contacts", "erase", "--silent-for", "rule", "--json")
    assert (refused.status, refused.error["code"]) == (2, "not-set-up")
    assert shop.door("config", "set", "keep_silent_for", "730d").status == 0
    due = shop.door("contacts", "erase", "--silent-for", "rule", "--dry-run", "--json")
    assert [row["profile_name"] for row in due.json] == ["Lama"]
    assert in_files(shop.door.folder, "6281355500808")
    assert shop.door("contacts", "erase", "--silent-for", "rule", "--yes").status == 0
    assert in_files(shop.door.folder, "6281355500808") == []
    assert shop.door("contacts", "erase", "--silent-for", "rule", "--yes").status == 0, "nobody is left to erase"
    assert len(in_files(shop.door.folder, *SECRETS)) == len(SECRETS)


def test_it_asks_first(shop: Shop, terminal: FrontDoor) -> None:
    fill(shop)
    refused = shop.door("contacts", "erase", "Sari", "--json")
    assert (refused.status, refused.error["code"]) == (2, "needs-yes")
    terminal.can_ask = True
    assert "Nobody was erased" in terminal("contacts", "erase", "Sari", stdin=b"n\n").err
    assert len(in_files(shop.door.folder, *SECRETS)) == len(SECRETS)
    shown = terminal("contacts", "erase", "Sari", stdin=b"y\n").out
    assert "Certificate of erasure" in shown
    assert "Sari" not in shown


def test_every_table_that_knows_people_is_thought_of(shop: Shop) -> None:
    """A new table with a contact, a thread or a text in it needs a decision here."""
    fill(shop)
    told_by_notifications = {"statuses", "calls", "book_entries", "identity_changes", "identity_keys", "unrecognised"}
    told_by_notifications |= {"notices", "template_changes", "notifications", "threads", "charges", "search_messages"}
    by_hand = {"parties", "party_labels", "contact_aliases"}  # emptied beside the list
    no_content = {"absence_messages", "dealt_with"}  # instants and ids only
    with connect_readonly(shop.door.folder / "shop.db") as store:
        tables: dict[str, set[str]] = {}
        for table, column in store.query(
            "SELECT m.name, p.name FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table'"
        ):
            tables.setdefault(table, set()).add(column)
    personal = {"contact_id", "thread_id", "party_id", "kept_id", "phone", "bsuid", "wamid"}
    concerned: Any = {table for table, columns in tables.items() if columns & personal}
    assert concerned - told_by_notifications - by_hand - no_content - {"links"} <= set(TAKEN_OUT)
