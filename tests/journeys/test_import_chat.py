"""`wacli import-chat`: into whose thread, what is asked, what is never billed, and that the same again adds nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.support.events import message
from tests.support.fixtures import fixtures_dir
from tests.support.front_door import FrontDoor
from tests.support.shop import Person, Shop
from tests.support.store import apply_events, dump
from wacli.domain.event import Number
from wacli.domain.identity import Party
from wacli.importers.text_blocks import BLOCK_SIZE
from wacli.store.database import open_store

CHAT = """13/11/26 10.00 - Pesan dan panggilan dienkripsi secara end-to-end.
13/11/26 10.04 - Sari: halo kak
13/11/26 10.04 - Sari: halo kak
13/11/26 10.05 - Ani: halo, ada yang bisa dibantu?
baris kedua
13/11/26 10.06 - Sari: <Media tidak disertakan>
13/11/26 10.07 - Sari: jadi 2 ya
"""


@pytest.fixture
def shop(wacli: FrontDoor) -> FrontDoor:
    wacli("config", "set", "country", "ID")
    wacli("config", "set", "time_zone", "Asia/Jakarta")
    return wacli


def chat(shop: FrontDoor, text: str = CHAT, name: str = "Chat WhatsApp dengan Sari.txt") -> str:
    path = shop.folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_a_chat_becomes_the_thread_of_the_contact_with_that_name(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    done = shop("import-chat", chat(shop), "--json")
    assert done.status == 0
    said = done.json
    assert (said["contact_id"], said["me"], said["them"]) == (1, "Ani", "Sari")
    assert (said["read"], said["added"], said["known"], said["announcements"]) == (5, 5, 0, 1)
    assert (said["first_at"], said["last_at"]) == ("2026-11-13T03:04:00Z", "2026-11-13T03:07:00Z")
    assert (said["date_order"], said["time_zone"]) == ("day-first", "Asia/Jakarta")
    thread = shop("thread", "Sari", "--json").json
    assert [(one["direction"], one["kind"], one["text"]) for one in thread["messages"]] == [
        ("inbound", "text", "halo kak"),
        ("inbound", "text", "halo kak"),
        ("outbound", "text", "halo, ada yang bisa dibantu?\nbaris kedua"),
        ("inbound", "media", None),
        ("inbound", "text", "jadi 2 ya"),
    ]
    assert {one["origin"] for one in thread["messages"]} == {"history"}


def test_history_opens_no_window_and_is_never_billed(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    shop("import-chat", chat(shop))
    just_after = shop("can", "Sari", "--json", "--at", "2026-11-13T10:08+07:00")
    assert (just_after.status, just_after.json["may_send"]) == (11, "template-only")
    with open_store(shop.folder / "shop.db", create=False) as store:
        assert store.query("SELECT count(*) FROM messages WHERE allowance_at IS NOT NULL") == [(0,)]
        assert store.query("SELECT last_opener_at, closes_at FROM threads") == [(None, None)]


def test_the_same_again_and_a_later_export_add_only_what_is_new(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    file = chat(shop)
    shop("import-chat", file)
    again = shop("import-chat", file, "--json").json
    assert (again["added"], again["known"]) == (0, 5)
    later = chat(shop, CHAT + "14/11/26 08.00 - Sari: sudah dikirim?\n")
    assert shop("import-chat", later, "--json").json["added"] == 1
    assert shop("import-chat", later, "--time-zone", "Asia/Makassar", "--json").json["added"] == 0


def test_a_rebuild_and_another_name_keep_what_was_imported(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    file = chat(shop)
    shop("import-chat", file)
    path = shop.folder / "shop.db"
    with open_store(path, create=False) as store:
        apply_events(store, [message("A", party=Party(phone="6281234567890", bsuid="ID.1"))])
        before = dump(store)
    shop("contacts", "edit", "Sari", "--name", "Ibu Sari")
    shop("import-chat", file, "--who", "081234567890")
    shop("contacts", "edit", "#1", "--name", "Sari")
    with open_store(path, create=False) as store:
        assert dump(store) == before
        store.query("DELETE FROM messages WHERE wamid = 'A'")  # told by an event of this test, not by a notification
    shop("db", "rebuild")
    with open_store(path, create=False) as store:
        assert store.query("SELECT count(*), count(DISTINCT thread_id) FROM messages") == [(5, 1)]
        assert store.query("SELECT last_text, unanswered_count FROM threads") == [("jadi 2 ya", 1)]
    assert shop("import-chat", file, "--json").json["added"] == 0


def test_what_whatsapp_told_already_is_not_told_twice(shop: FrontDoor) -> None:
    shop("config", "set", "phone_number_id", "1")
    with open_store(shop.folder / "shop.db", create=True) as store:
        said = message("A", 1_794_539_220, party=Party(phone="6281234567890", name="Sari"))
        apply_events(store, [said._replace(text="jadi 2 ya", number=Number("1", None, None))])
    done = shop("import-chat", chat(shop), "--json")
    assert (done.json["read"], done.json["added"]) == (5, 4)
    assert len(shop("thread", "Sari", "--json").json["messages"]) == 5


def test_a_number_as_author_is_the_contact_and_is_added(shop: FrontDoor) -> None:
    file = chat(shop, CHAT.replace("Sari", "+62 812-3456-7890"), "chat.txt")
    done = shop("import-chat", file, "--json")
    assert (done.status, done.json["me"], done.json["name"]) == (0, "Ani", "+6281234567890")
    named = chat(shop, CHAT, "other.txt")
    assert shop("import-chat", named, "--who", "0812 3456 7890", "--me", "ani", "--json").json["contact_id"] == 1
    assert shop("contacts", "show", "#1", "--json").json["name"] == "Sari", "a name is added, where there was none"


def test_what_nothing_tells_is_refused_with_what_to_add(shop: FrontDoor) -> None:
    which = shop("import-chat", chat(shop, CHAT, "chat.txt"), "--json")
    assert (which.status, which.error["code"], which.error["details"]["authors"]) == (2, "which-is-me", ["Sari", "Ani"])
    whose = shop("import-chat", chat(shop), "--json")
    assert (whose.status, whose.error["code"]) == (2, "whose-chat")
    assert "--who" in whose.error["hint"]
    order = shop("import-chat", chat(shop, "03/04/26, 10:00 - Sari: a\n"), "--json")
    assert (order.status, order.error["code"]) == (2, "undecided-date-order")
    both = shop("import-chat", chat(shop), "--day-first", "--month-first")
    assert both.status == 2
    nobody = shop("import-chat", chat(shop), "--me", "Rudi", "--json")
    assert (nobody.status, nobody.error["code"]) == (2, "no-such-author")
    assert shop("import-chat", chat(shop), "--time-zone", "Jakarta").status == 2
    assert shop("contacts", "list", "--json").json == []


def test_the_order_of_dates_can_be_said(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    file = chat(shop, "03/04/26, 10:00 - Sari: a\n")
    assert shop("import-chat", file, "--month-first", "--dry-run", "--json").json["first_at"] == "2026-03-04T03:00:00Z"
    assert shop("import-chat", file, "--day-first", "--json").json["first_at"] == "2026-04-03T03:00:00Z"


def test_on_a_terminal_the_owner_is_asked(terminal: FrontDoor) -> None:
    terminal.can_ask = True
    file = chat(terminal, "03/04/26, 10:00 - Budi: a\n03/04/26, 10:01 - Ani: b\n", "chat.txt")
    done = terminal("import-chat", file, "--json", stdin=b"day\nAni\n+6281234567890\n")
    assert done.status == 0, done.err
    assert "does the day or the month stand first?" in done.err
    assert "which of them are you: Budi, Ani?" in done.err
    assert (done.json["name"], done.json["first_at"][:10]) == ("Budi", "2026-04-03")
    silent = terminal("import-chat", file, "--no-input", "--json")
    assert (silent.status, silent.error["code"]) == (2, "undecided-date-order")


def test_a_chat_of_announcements_only_adds_nothing_and_asks_nothing(shop: FrontDoor) -> None:
    text = (
        "13/11/26 10.04 - Pesan dan panggilan dienkripsi secara end-to-end.\n13/11/26 10.05 - Kode keamanan berubah.\n"
    )
    for more in ((), ("--me", "Ani")):
        done = shop("import-chat", chat(shop, text), "--who", "081234567890", *more, "--json")
        assert (done.status, done.json["read"], done.json["added"], done.json["announcements"]) == (0, 0, 0, 2)


def test_a_group_is_refused(shop: FrontDoor) -> None:
    group = shop("import-chat", chat(shop, CHAT + "13/11/26 10.09 - Budi: ikut\n"), "--json")
    assert (group.status, group.error["code"]) == (4, "group-chat")


def test_a_dry_run_keeps_nothing(shop: FrontDoor) -> None:
    done = shop("import-chat", chat(shop), "--who", "081234567890", "--dry-run", "--json")
    assert (done.status, done.json["added"], done.json["dry_run"]) == (0, 5, True)
    assert not (shop.folder / "shop.db").exists()


def test_an_archive_and_a_damaged_one(shop: FrontDoor) -> None:
    path = shop.folder / "WhatsApp Chat - Sari.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", "[13.11.26, 10:04:00] Sari: halo\n[13.11.26, 10:05:00] Ani: ya\n" * 50)
        archive.writestr("../evil.sh", "x")
    done = shop("import-chat", str(path), "--who", "081234567890", "--json")
    assert (done.status, done.json["read"], done.json["me"]) == (7, 100, "Ani")
    assert "leads out of the archive" in done.err
    path.write_bytes(path.read_bytes()[:60])
    assert shop("import-chat", str(path), "--who", "081234567890").status in (2, 4, 7)


def test_exports_of_others(shop: FrontDoor) -> None:
    folder = fixtures_dir() / "chat-exports"
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in (".txt", ".zip")]
    assert files
    for path in files:
        done = shop("import-chat", str(path), "--who", "+6281234567890", "--day-first", "--dry-run", "--json")
        assert done.status in (0, 2, 4, 7), (path, done.err)
        if done.status in (2, 4):
            assert done.error["code"] in {"which-is-me", "group-chat", "wrong-date-order", "not-a-chat-export"}, path


def test_a_chat_that_breaks_off_adds_its_last_message_when_it_comes_whole(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    cut = shop("import-chat", chat(shop, CHAT + "14/11/26 08.0"), "--json")
    assert (cut.status, cut.json["added"]) == (7, 5)
    assert "line 8 breaks off: the file was cut short" in cut.err
    whole = shop("import-chat", chat(shop, CHAT + "14/11/26 08.00 - Sari: sudah dikirim?\n"), "--json")
    assert (whole.status, whole.json["added"], whole.json["known"]) == (0, 1, 5)


def test_a_question_that_comes_late_counts_nothing_twice(terminal: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wacli.services.chat_import._LOOKED_AT", 2)  # the second author writes later than that
    terminal("config", "set", "country", "ID")
    terminal("contacts", "add", "Sari", "--phone", "081234567890")
    terminal.can_ask = True
    lines = "".join(f"13/11/26 {n // 60:02}.{n % 60:02} - Sari: {'halo kak ' * 5}\n" for n in range(1_200))
    assert len(lines) > 2 * BLOCK_SIZE, "some of it has been stored before the question"
    file = chat(terminal, lines + "13/11/26 22.07 - Ani: ya\n", "chat.txt")
    done = terminal("import-chat", file, "--who", "Sari", "--json", stdin=b"Ani\n")
    assert done.status == 0, done.err
    assert (done.json["read"], done.json["added"], done.json["me"]) == (1_201, 1_201, "Ani")


def test_a_chat_that_does_not_fill_its_inserts_comes_in_whole(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    lines = [f"13/11/26 {n // 60:02}.{n % 60:02} - {'Ani' if n % 3 else 'Sari'}: pesan {n}\n" for n in range(1_337)]
    part = shop("import-chat", chat(shop, "".join(lines[:600])), "--me", "Ani", "--json").json
    whole = shop("import-chat", chat(shop, "".join(lines)), "--me", "Ani", "--json").json
    again = shop("import-chat", chat(shop, "".join(lines)), "--me", "Ani", "--json").json
    assert [(one["read"], one["added"]) for one in (part, whole, again)] == [(600, 600), (1_337, 737), (1_337, 0)]
    found = shop("thread", "Sari", "--limit", "0", "--json").json["messages"]
    assert [one["text"] for one in found] == [f"pesan {n}" for n in range(1_337)]
    assert [one["text"] for one in shop("search", "1336", "--json").json] == ["pesan 1336"]


def test_a_chat_leaves_an_open_window_as_it_is(shop: FrontDoor) -> None:
    teller = Shop(shop)
    teller.profile(time_zone="Asia/Jakarta")
    teller.hears(Person("Sari", "6281234567890"), "ada orang?", "2026-11-13T03:05:30Z")
    asked = ("threads", "--json", "--at", "2026-11-13T04:00:00Z")
    before = shop(*asked).json[0]
    assert shop("import-chat", chat(shop), "--json").json["added"] == 5
    after = shop(*asked).json[0]
    assert (before["window"], before["window_closes_at"]) == ("open", "2026-11-14T03:05:30Z")
    assert (after["window"], after["window_closes_at"]) == ("open", "2026-11-14T03:05:30Z")
    assert after["last_text"] == "jadi 2 ya"
    with open_store(shop.folder / "shop.db", create=False) as store:
        kept = dump(store)
    assert shop("db", "rebuild").status == 0
    with open_store(shop.folder / "shop.db", create=False) as store:
        assert dump(store) == kept


def test_standard_input(shop: FrontDoor) -> None:
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    done = shop("import-chat", "-", "--json", stdin=CHAT.encode("utf-16"))
    assert (done.status, done.json["added"]) == (0, 5)
    assert Path(shop.folder / "shop.db").exists()


def test_what_whatsapp_tells_as_well_is_one_message_also_after_a_rebuild(shop: FrontDoor) -> None:
    """The phone's clock is Jakarta's: 10.04 is 03:04 UTC."""
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    teller = Shop(shop)
    teller.profile(time_zone="Asia/Jakarta")
    sari = Person("Sari", "6281234567890")
    file = chat(shop)
    teller.hears(sari, "halo kak", "2026-11-13T03:04:20Z")
    assert shop("import-chat", file, "--json").json["added"] == 4
    teller.hears(sari, "halo kak", "2026-11-13T03:04:40Z")
    teller.hears(sari, "jadi 2 ya", "2026-11-13T03:07:01Z")
    teller.hears(sari, "baru", "2026-11-13T03:08:00Z")
    texts = [one["text"] for one in shop("thread", "Sari", "--json").json["messages"]]
    assert texts == ["halo kak", "halo kak", "halo, ada yang bisa dibantu?\nbaris kedua", None, "jadi 2 ya", "baru"]
    assert shop("import-chat", file, "--json").json["added"] == 0
    assert [one["text"] for one in shop("search", "halo kak", "--json").json] == ["halo kak", "halo kak"]
    with open_store(shop.folder / "shop.db", create=False) as store:
        before = dump(store)
        assert len(before["twins"]) == 3
    assert shop("db", "rebuild").status == 0
    with open_store(shop.folder / "shop.db", create=False) as store:
        assert dump(store) == before
    folder = shop.folder / "everything"
    assert shop("db", "export", str(folder)).status == 0
    assert shop("db", "import", str(folder), "--db", str(shop.folder / "copy.db")).status == 0
    with open_store(shop.folder / "copy.db", create=False) as store:
        assert dump(store) == before


def test_an_exported_chat_goes_back_to_its_contact(shop: FrontDoor) -> None:
    teller = Shop(shop)
    teller.profile(time_zone="Asia/Jakarta")
    shop("contacts", "add", "Sari", "--phone", "081234567890")
    shop("contacts", "add", "Budi", "--phone", "081200000001")
    shop("import-chat", chat(shop))
    shop("import-chat", chat(shop, CHAT.replace("Sari", "Budi"), "Chat WhatsApp dengan Budi.txt"))
    teller.hears(Person("Budi", "6281200000001"), "jadi 2 ya", "2026-11-13T03:07:01Z")
    with open_store(shop.folder / "shop.db", create=False) as store:
        before = dump(store)
    shop("contacts", "merge", "Sari", "Budi", "--yes")
    assert shop("import-chat", chat(shop), "--json").json["added"] == 0
    assert len(shop("thread", "#1", "--json").json["messages"]) == 10
    assert shop("db", "rebuild").status == 0
    shop("contacts", "merge", "--undo", "1", "--yes")
    with open_store(shop.folder / "shop.db", create=False) as store:
        after = dump(store)
    assert {**after, "contact_merges": []} == before
