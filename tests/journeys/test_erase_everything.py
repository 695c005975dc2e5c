"""Somebody with a row in every table is erased: no word of theirs is left in the files, nobody else is touched."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.journeys.test_erase import in_files
from tests.support.counter import Counter
from tests.support.payloads import messages, notification
from tests.support.shop import BUDI, SARI, Shop, unix
from wacli.store.database import open_store
from wacli.store.scrubbing import is_owed, owe

AT = "2026-11-20T04:00Z"
OURS = "622150550100"


@pytest.fixture
def shop(counter: Counter) -> Shop:
    """A shop whose number is the sandbox's; notifications are told by hand."""
    return Shop(counter.door)


def tell_everything(shop: Shop) -> None:
    """Every kind of notification that can speak of Sari, each with a word that begins with RAHASIA."""
    at = unix(AT)

    def said(number: int, kind: str, **content: object) -> dict[str, object]:
        return {**SARI.sender, "id": f"wamid.RAHASIA{number}", "timestamp": str(at + number), "type": kind, **content}

    media = {"id": "RAHASIA-media", "mime_type": "image/jpeg", "sha256": "RAHASIAsha", "caption": "RAHASIA-caption"}
    edit = {"original_message_id": "wamid.RAHASIA1", "message": {"type": "text", "text": {"body": "RAHASIA-edited"}}}
    elements = [
        said(1, "text", text={"body": "RAHASIA-text"}),
        said(2, "image", image=media),
        said(3, "document", document={**media, "filename": "RAHASIA-paspor.pdf", "mime_type": "application/pdf"}),
        said(4, "location", location={"latitude": 1.5, "longitude": 2.5, "name": "RAHASIA-rumah"}),
        said(5, "contacts", contacts=[{"name": {"formatted_name": "RAHASIA-ibu"}, "phones": [{"phone": "+62 81"}]}]),
        said(6, "edit", edit=edit),
        said(7, "revoke", revoke={"original_message_id": "wamid.RAHASIA2"}),
        said(8, "reaction", reaction={"message_id": "wamid.RAHASIA1", "emoji": "🌸"}),
        said(9, "text", text={"body": "RAHASIA-group"}, group_id="group-1"),
        said(10, "interactive", interactive={"type": "button_reply", "button_reply": {"id": "1", "title": "RAHASIA"}}),
        said(11, "order", order={"catalog_id": "1", "text": "RAHASIA-order", "product_items": []}),
        said(12, "unheard_of", unheard_of={"body": "RAHASIA-odd"}),
        said(13, "text", text={"body": "RAHASIA-ad"},
             referral={"source_type": "ad", "source_id": "1201", "headline": "x", "ctwa_clid": "RAHASIA-click"}),
    ]  # fmt: skip
    card = {**SARI.card, "identity_key_hash": "RAHASIA-key="}
    for element in elements:
        shop.tell(messages([element], [card]))
    shop.status(SARI, "wamid.RAHASIA20", "failed", at + 20,
                errors=[{"code": 131026, "title": "x", "error_data": {"details": "RAHASIA-details"}}])  # fmt: skip
    shop.calls(SARI, at + 30)
    echo = {"from": OURS, "to": SARI.phone, "to_user_id": SARI.bsuid, "id": "wamid.RAHASIA31", "type": "text"}
    shop.tell(
        notification(
            "smb_message_echoes", contacts=[card],
            message_echoes=[{**echo, "timestamp": str(at + 31), "text": {"body": "RAHASIA-echo"}}],
        )
    )  # fmt: skip
    entry = {"full_name": "RAHASIA Dewi", "first_name": "RAHASIA", "phone_number": SARI.phone}
    sync = {"type": "contact", "contact": entry, "action": "add", "metadata": {"timestamp": str(at + 32)}}
    shop.tell(notification("smb_app_state_sync", state_sync=[sync]))
    old = {"from": SARI.phone, "id": "wamid.RAHASIA33", "timestamp": str(at - 999), "type": "text"}
    thread = {"id": SARI.phone, "messages": [{**old, "text": {"body": "RAHASIA-history"}}]}
    shop.tell(notification("history", history=[{"metadata": {"phase": 0}, "threads": [thread]}]))
    moved = {"type": "user_changed_number", "body": "RAHASIA moved", "wa_id": "6281355500999"}
    shop.tell(messages([said(34, "system", system={**moved, "customer": SARI.phone})], [card]))


def type_everything(shop: Shop) -> None:
    """Everything an owner can record of a person."""
    door = shop.door
    book = door.folder / "people.csv"
    book.write_text(f"phone,order\n+{SARI.phone},RAHASIA-order\n+{BUDI.phone},B-1\n", "utf-8")
    for argv in (
        ("contacts", "edit", "#1", "--name", "RAHASIA Dewi", "--note", "RAHASIA-note"),
        ("contacts", "tag", "#1", "rahasia-tag"),
        ("contacts", "opt-in", "#1", "--evidence", "RAHASIA-evidence"),
        ("contacts", "add", "RAHASIA kedua", "--phone", "+6281355500777"),
        ("contacts", "merge", "#1", "RAHASIA kedua", "--yes"),
        ("documents", "confirm", "#1", "--evidence", "RAHASIA-called"),
        ("campaigns", "plan", "siap", "--template", "order_ready", "--people", str(book), "name=Kak", "order={order}"),
    ):
        outcome = door(*argv)
        assert outcome.status in (0, 7), (argv, outcome)
    book.unlink()


def fill_the_rest(path: Path) -> None:
    """Rows that other journeys write: of the same person, with a word of theirs wherever a word can be."""
    with open_store(path, create=False) as store, store.transaction() as connection:
        (thread_id,) = connection.execute("SELECT id FROM threads WHERE contact_id = 1").fetchone()
        for sql in (
            "INSERT INTO notes (contact_id, text, at) VALUES (1, 'RAHASIA-n', 1)",
            "INSERT INTO intentions (contact_id, text, at) VALUES (1, 'RAHASIA-i', 1)",
            "INSERT INTO documents (contact_id, name, mime_type, size, sha256, started_at) "
            "VALUES (1, 'RAHASIA.pdf', 'application/pdf', 1, x'00', 1)",
            f"INSERT INTO dealt_with (thread_id, until, at) VALUES ({thread_id}, 1, 1)",
            "INSERT INTO absence_messages (thread_id, kind, triggered_at, key, at) "
            f"VALUES ({thread_id}, 'away', 1, 'k', 1)",
            "INSERT INTO forwards (notification_id, headers, queued_at, next_at) "
            "SELECT max(id), '[[\"X\", \"RAHASIA-h\"]]', 1, 1 FROM notifications",
            "INSERT INTO campaign_rejects (campaign_id, line, who, reason, contact_id) "
            "SELECT max(id), 9, 'RAHASIA-who', 'gone', 1 FROM campaigns",
            "INSERT INTO outbox (key, thread_id, kind, text, request, state, reply_to, error_details, created_at) "
            f"VALUES ('k9', {thread_id}, 'text', 'RAHASIA-o', json_object('type', 'text', 'text', 'RAHASIA-r'), "
            "'refused', 'wamid.RAHASIA1', 'RAHASIA-e', 1)",
        ):  # fmt: skip
            connection.execute(sql)


def everything(shop: Shop) -> None:
    shop.hears(SARI, "RAHASIA", AT)
    shop.hears(BUDI, "mawar", AT)
    tell_everything(shop)
    type_everything(shop)
    fill_the_rest(shop.door.folder / "shop.db")


WORDS = ("RAHASIA", "rahasia", SARI.phone, SARI.bsuid, "6281355500999", "6281355500777", "Sari Dewi")


def test_no_word_is_left_in_any_file(shop: Shop) -> None:
    everything(shop)
    done = shop.door("contacts", "erase", "#1", "--yes", "--json")
    assert done.status == 0, done
    assert done.json["found_again"] == 0
    assert in_files(shop.door.folder, *filter(None, WORDS)) == []
    with sqlite3.connect(shop.door.folder / "shop.db") as connection:
        left = [line for line in connection.iterdump() if "ahasia" in line.casefold()]
    assert left == []
    assert shop.board("--all")["Budi Santoso"]["last_text"] == "mawar"
    assert shop.door("db", "rebuild").status == 0


def test_nothing_can_be_sent_to_them(counter: Counter) -> None:
    for name, phone in (("Sari Dewi", "+62 813-5550-0101"), ("Budi", "+62 813-5550-0303")):
        counter.meet(name, phone, "halo")
    plan = ("--template", "order_ready", "--to", "all", "name={name}", "order=A-1", "--json")
    assert counter("campaigns", "plan", "before", *plan).json["recipients"] == 2
    assert counter("contacts", "erase", "Sari", "Budi", "--yes").status == 0
    counter.refuses("erased", "reply", "#1", "halo")
    assert counter("campaigns", "plan", "after", *plan).json["recipients"] == 0
    assert counter("contacts", "dedupe", "--json").json == []
    assert counter("today", "--json").json["waiting_count"] == 0, "nobody can answer them"
    sent = len(counter.sent)
    counter("campaigns", "send", "before", "--yes")
    assert len(counter.sent) == sent


def test_whose_card_somebody_passed_on(shop: Shop) -> None:
    shop.hears(SARI, "halo", AT)
    card = {"name": {"formatted_name": "Sari Dewi"}, "phones": [{"phone": "+62 813-5550-0101", "wa_id": SARI.phone}]}
    element = {**BUDI.sender, "id": "wamid.CARD=", "timestamp": str(unix(AT)), "type": "contacts", "contacts": [card]}
    shop.tell(messages([element]))
    before = budi(shop)
    assert shop.door("contacts", "erase", "Sari", "--yes").status == 0
    after = budi(shop)
    assert {key for key in before if after[key] != before[key]} == {"last_text"}
    assert in_files(shop.door.folder, str(SARI.phone)) == []


def budi(shop: Shop) -> dict[str, object]:
    """Budi's row of the board."""
    return next(row for row in shop.board("--all").values() if row["bsuid"] == BUDI.bsuid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("where", ["rebuild", "scrub"])
def test_killed_it_has_erased_everybody_or_nobody(shop: Shop, where: str) -> None:
    shop.hears(SARI, "RAHASIA", AT)
    child = os.fork()
    if not child:
        _die_at(where)
        shop.door("contacts", "erase", "Sari", "--yes")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    names = set(shop.board("--all"))
    assert names == ({"Sari Dewi"} if where == "rebuild" else {"(erased)"})
    assert is_owed(shop.door.folder / "shop.db")
    assert shop.door("contacts", "erase", "--finish").status == 0
    assert not is_owed(shop.door.folder / "shop.db")
    assert bool(in_files(shop.door.folder, "RAHASIA")) == (where == "rebuild")


def _die_at(where: str) -> None:
    """Kills this process before the erasure commits, or between that and the clearing of the file."""
    from wacli.store import erasure, scrubbing

    def die(*_: object, **__: object) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    if where == "scrub":
        scrubbing.scrub = die
    else:
        erasure.wait_no_more = die  # type: ignore[assignment]


def test_another_program_in_the_way(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wacli.store.database.BUSY_FOR_MS", 50)  # how long it waits for the other one
    shop.hears(SARI, "RAHASIA", AT)
    path = shop.door.folder / "shop.db"
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contacts").fetchall()
    done = shop.door("contacts", "erase", "Sari", "--yes", "--json")
    assert (done.status, done.json["is_scrubbed"], done.json["found_again"]) == (7, False, None)
    reader.close()
    assert shop.door("contacts", "erase", "--finish").status == 0
    assert in_files(shop.door.folder, "RAHASIA") == []


def test_copies_are_named(shop: Shop) -> None:
    shop.hears(SARI, "RAHASIA", AT)
    copies = shop.door.folder / "backups"
    copies.mkdir()
    (copies / "shop-schema3.db").write_bytes(b"RAHASIA")
    done = shop.door("contacts", "erase", "Sari", "--yes", "--json")
    assert [Path(one).name for one in done.json["copies"]] == ["shop-schema3.db"]


def test_the_owners_own_words_about_them_are_named(shop: Shop) -> None:
    shop.hears(SARI, "halo", AT)
    assert shop.door("quick", "add", "mawar", "Untuk Sari Dewi: mawar").status == 0
    assert shop.door("quick", "add", "lain", "Untuk Sari Dewinta").status == 0
    done = shop.door("contacts", "erase", "Sari", "--yes", "--json")
    assert done.json["mentions"] == [{"kind": "quick reply", "name": "mawar"}]


def test_finishing_when_nothing_is_left(shop: Shop) -> None:
    shop.hears(SARI, "halo", AT)
    assert "No trace" in shop.door("contacts", "erase", "--finish").err
    owe(shop.door.folder / "shop.db")
    assert "Traces" in shop.door("contacts", "erase", "--finish", "--dry-run").err
    assert is_owed(shop.door.folder / "shop.db")
