"""`wacli db`: backups that prove themselves, restores that lose nothing, SQL that changes nothing unasked."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.support.events import T0, message, status
from tests.support.front_door import FrontDoor
from tests.support.store import apply_events, dump, new_store
from wacli.domain.identity import Party
from wacli.store import migrations
from wacli.store.database import Store, open_store
from wacli.store.dumping import export_store
from wacli.store.mark import SCHEMA_VERSION

SARI = Party(phone="6281234567890", bsuid="ID.77", username="sari.kue", name="Sari")


@pytest.fixture
def shop(wacli: FrontDoor) -> FrontDoor:
    with new_store(wacli.folder, "shop.db") as store:
        apply_events(store, [message("A", T0, party=SARI), message("B", T0 + 60, party=SARI), status("B", "sent")])
    return wacli


def rows_of(path: Path) -> object:
    with open_store(path, create=False) as store:
        return dump(store)


def test_a_backup_has_a_checksum_and_restores(shop: FrontDoor) -> None:
    done = shop("db", "backup", "--json")
    path = Path(done.json["path"])
    assert path == shop.folder / "backups" / "shop-20261122T050000Z.db"
    assert done.json["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (shop.folder / "backups" / f"{path.name}.sha256").read_text() == f"{done.json['sha256']}  {path.name}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(path.parent.glob("*-wal")), "one file is the whole backup"
    proof = shop("db", "verify", str(path), "--json").json
    assert (proof["restores"], proof["messages"], proof["contacts"], proof["schema"]) == (True, 2, 1, SCHEMA_VERSION)
    again = shop("db", "backup", str(path), "--json")
    assert (again.status, again.error["code"]) == (4, "file-exists")


def test_a_backup_is_a_snapshot_while_somebody_writes(shop: FrontDoor) -> None:
    with open_store(shop.folder / "shop.db", create=False) as store, store.transaction() as connection:
        connection.execute("DELETE FROM statuses")
        target = shop.folder / "copy.db"
        assert shop("db", "backup", str(target)).status == 0
    with open_store(target, create=False) as copy:
        assert copy.query("SELECT count(*) FROM statuses") == [(1,)]


@pytest.mark.parametrize("damage", ["checksum", "pages", "foreign", "missing"])
def test_what_does_not_restore_is_said_and_nothing_is_replaced(shop: FrontDoor, damage: str) -> None:
    target = shop.folder / "copy.db"
    shop("db", "backup", str(target))
    content = bytearray(target.read_bytes())
    code = {"checksum": "bad-checksum", "pages": "store-damaged", "foreign": "not-a-store", "missing": "no-such-file"}
    if damage == "foreign":
        content = bytearray(b"Dear diary, " * 100)
    elif damage == "missing":
        target.unlink()
    else:
        for place in range(4096 * 3, len(content), 4096):
            content[place : place + 60] = b"\x05" * 60
    if damage != "missing":
        target.write_bytes(content)
    if damage in ("pages", "foreign"):
        Path(f"{target}.sha256").unlink()
    before = rows_of(shop.folder / "shop.db")
    for command in (("verify",), ("restore", "--yes")):
        refused = shop("db", *command, str(target), "--json")
        assert refused.status in (2, 3)
        assert refused.error["code"] == code[damage]
        assert str(target) in refused.error["message"]  # and not the copy it was tried with
    assert rows_of(shop.folder / "shop.db") == before


def test_a_restore_brings_back_and_keeps_what_was_there(shop: FrontDoor) -> None:
    path = shop.folder / "shop.db"
    target = shop.folder / "copy.db"
    before = rows_of(path)
    shop("db", "backup", str(target))
    shop("contacts", "edit", "Sari", "--name", "Ibu Sari")
    changed = rows_of(path)
    assert shop("db", "restore", str(target), "--dry-run").status == 0
    assert rows_of(path) == changed
    unasked = shop("db", "restore", str(target), "--json")
    assert (unasked.status, unasked.error["code"]) == (2, "needs-yes")
    done = shop("db", "restore", str(target), "--yes")
    assert done.status == 0, done.err
    assert rows_of(path) == before
    assert rows_of(shop.folder / "backups" / "shop-20261122T050000Z-before-restore.db") == changed
    assert path.stat().st_mode & 0o777 == 0o600
    assert shop("db", "restore", str(path), "--yes").status == 2


def test_a_restore_is_seen_by_those_who_have_the_store_open(shop: FrontDoor) -> None:
    target = shop.folder / "copy.db"
    shop("db", "backup", str(target))
    shop("contacts", "edit", "Sari", "--name", "Ibu Sari")
    with open_store(shop.folder / "shop.db", create=False) as other:
        assert other.query("SELECT name FROM contacts") == [("Ibu Sari",)]
        assert shop("db", "restore", str(target), "--yes").status == 0
        assert other.query("SELECT name FROM contacts") == [(None,)]


def test_a_damaged_store_is_moved_aside(shop: FrontDoor) -> None:
    target, path = shop.folder / "copy.db", shop.folder / "shop.db"
    before = rows_of(path)
    shop("db", "backup", str(target))
    path.write_bytes(b"\0" * 10_000)
    done = shop("db", "restore", str(target), "--yes")
    assert done.status == 0, done.err
    assert rows_of(path) == before
    assert len(list(shop.folder.glob("shop.db.damaged-*Z"))) == 1


def test_on_a_new_machine_a_restore_makes_the_store(shop: FrontDoor, tmp_path: Path) -> None:
    target = shop.folder / "copy.db"
    shop("db", "backup", str(target))
    new = str(tmp_path / "new" / "shop.db")
    assert shop("db", "restore", str(target), "--db", new).status == 0
    assert rows_of(Path(new)) == rows_of(shop.folder / "shop.db")


def test_an_older_store_is_copied_before_it_is_changed(wacli: FrontDoor) -> None:
    path = wacli.folder / "shop.db"
    old = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(old, stop_before="m009_views")
    old.execute("INSERT INTO contacts (name) VALUES ('Sari')")
    old.close()
    assert wacli("contacts", "list", "--json").json[0]["name"] == "Sari"
    copy = wacli.folder / "backups" / "shop-schema-8.db"
    kept = sqlite3.connect(copy)
    assert kept.execute("PRAGMA user_version").fetchone() == (8,)
    assert kept.execute("SELECT name FROM contacts").fetchone() == ("Sari",)
    kept.close()
    assert wacli("db", "verify", str(copy), "--json").json["schema"] == SCHEMA_VERSION
    new_store(wacli.folder, "fresh.db").close()
    assert not list(wacli.folder.glob("backups/fresh*")), "a new store is not older than anything"


def test_verify_without_a_file_checks_the_store(shop: FrontDoor) -> None:
    assert shop("db", "verify", "--json").json["is_sound"] is True
    with open_store(shop.folder / "shop.db", create=False) as store:
        store.query("PRAGMA foreign_keys=OFF")
        store.query("INSERT INTO tags VALUES (999, 'lost')")
    broken = shop("db", "verify", "--json")
    assert (broken.status, broken.error["code"]) == (2, "store-damaged")
    assert "tags" in broken.error["message"]


def test_the_views_are_for_everybody(shop: FrontDoor) -> None:
    (contact,) = shop("db", "sql", "SELECT * FROM v_contacts", "--json").json
    assert (contact["name"], contact["phone"], contact["username"]) == ("Sari", "+6281234567890", "sari.kue")
    (thread,) = shop("db", "sql", "SELECT * FROM v_threads", "--json").json
    assert thread["window_closes_at"].endswith("Z")
    assert set(thread) >= {"thread_id", "contact_id", "last_at", "last_text", "unanswered_count", "waiting_since"}
    said = shop("db", "sql", "SELECT wamid, direction, at, text FROM v_messages ORDER BY at", "--format", "csv").out
    assert said.splitlines()[0] == "wamid,direction,at,text"
    assert said.count("\n") == 3
    outside = Database(shop.folder / "shop.db", execute_plugins=False)
    assert [row["name"] for row in outside["v_contacts"].rows] == ["Sari"]
    assert {"v_contacts", "v_messages", "v_threads"} <= set(outside.view_names())
    outside.close()


def test_sql_reads_only_until_it_is_told_otherwise(shop: FrontDoor) -> None:
    for statement in ("DELETE FROM tags", "ATTACH '/dev/shm/x.db' AS x", "INSERT INTO tags VALUES (1, 'x')"):
        refused = shop("db", "sql", statement, "--json")
        assert (refused.status, refused.error["code"]) == (4, "read-only"), statement
    wrong = shop("db", "sql", "SELEKT 1", "--json")
    assert (wrong.status, wrong.error["code"]) == (2, "bad-sql")
    assert "SELEKT" in wrong.error["message"]
    assert shop("db", "sql", "SELECT 1; DELETE FROM tags").status == 2
    done = shop("db", "sql", "INSERT INTO tags VALUES (1, 'vip')", "--write")
    assert (done.status, done.err) == (0, "1 rows changed\n")
    assert shop("contacts", "show", "Sari", "--json").json["tags"] == ["vip"]
    broken = shop("db", "sql", "INSERT INTO tags VALUES (999, 'x')", "--write")
    assert broken.status != 0


def test_sql_in_every_form(shop: FrontDoor) -> None:
    statement = "SELECT 1 AS a, 2 AS a, x'ff00' AS blob, NULL AS none, 'x' || char(9) || 'y' AS text"
    (row,) = shop("db", "sql", statement, "--json").json
    assert row == {"a": 1, "a_2": 2, "blob": "ff00", "none": None, "text": "x\ty"}
    assert json.loads(shop("db", "sql", statement, "--format", "ndjson").out) == row
    assert shop("db", "sql", statement).out == "1\t2\tff00\t\tx y\n"
    assert shop("db", "sql", "-", "--json", stdin=b"SELECT 5 AS five").json == [{"five": 5}]
    table = shop("db", "sql", "SELECT value FROM json_each('[1,2,3]')", "--format", "table", "--limit", "2").out
    assert "There are more rows: --limit 0" in table
    assert shop("db", "sql", "SELECT * FROM tags", "--json").json == []


def test_stats_and_vacuum(shop: FrontDoor) -> None:
    found = shop("db", "stats", "--json").json
    assert (found["schema"], found["tables"]["messages"], found["tables"]["contacts"]) == (SCHEMA_VERSION, 2, 1)
    assert found["bytes"] > 0
    assert found["last_message_at"] > found["first_message_at"]
    assert "messages" in shop("db", "stats", "--format", "table").out
    before = rows_of(shop.folder / "shop.db")
    done = shop("db", "vacuum", "--json").json
    assert done["bytes_after"] <= done["bytes_before"]
    assert rows_of(shop.folder / "shop.db") == before


@pytest.mark.parametrize("command", [["backup"], ["verify"], ["stats"], ["vacuum"], ["sql", "SELECT 1"]])
def test_without_a_store_they_say_so_and_make_none(wacli: FrontDoor, command: list[str]) -> None:
    assert wacli("db", *command).status == 3
    assert not (wacli.folder / "shop.db").exists()


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with open_store(path, create=False) as store:
        names = [row[0] for row in store.query("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        kept = [name for name in names if not name.startswith(("_sqlite", "search_messages_"))]
        return {name: sorted(store.query(f'SELECT * FROM "{name}"'), key=repr) for name in kept}


def test_an_export_gives_back_the_same_store(shop: FrontDoor) -> None:
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":'
        b'{"phone_number_id":"9"},"messages":[{"id":"W","from":"62811","timestamp":"1795000000","type":"text","text":'
        b'{"body":"kue \\ud83c\\udf70\\u2028"}}]}}]}]}'
    )
    shop("ingest", "-", stdin=body)
    shop("contacts", "tag", "Sari", "vip")
    folder, new = shop.folder / "out", str(shop.folder / "new.db")
    done = shop("db", "export", str(folder), "--json")
    assert (done.status, done.json["tables"]["messages"]) == (0, 3)
    assert (folder / "messages.ndjson").stat().st_mode & 0o777 == 0o600
    assert shop("db", "export", str(folder)).status == 4, "an export is not written over another"
    assert shop("db", "import", str(folder), "--db", new, "--json").json["tables"] == done.json["tables"]
    assert everything(Path(new)) == everything(shop.folder / "shop.db")
    assert shop("search", "kue", "--db", new, "--json").json == shop("search", "kue", "--json").json != []
    assert shop("db", "import", str(folder), "--db", new).status == 4


@pytest.mark.parametrize("damage", ["line", "column", "cut", "manifest", "table", "reference"])
def test_a_broken_export_makes_no_store(shop: FrontDoor, damage: str) -> None:
    folder, new = shop.folder / "out", shop.folder / "new.db"
    shop("db", "export", str(folder))
    contacts, manifest = folder / "contacts.ndjson", folder / "manifest.json"
    said = json.loads(manifest.read_text())
    if damage == "line":
        contacts.write_text("{not json\n")
    elif damage == "column":
        contacts.write_text(contacts.read_text().replace('"note"', '"nota"'))
    elif damage == "cut":
        contacts.write_text("")
    elif damage == "reference":
        contacts.write_text(contacts.read_text().replace('"id": 1', '"id": 7'))
    else:
        said.update({"schema": 999} if damage == "manifest" else {"tables": {**said["tables"], "evil": 0}})
        manifest.write_text(json.dumps(said))
    refused = shop("db", "import", str(folder), "--db", str(new), "--json")
    assert (refused.status, refused.error["code"]) == (2, "newer-store" if damage == "manifest" else "broken-export")
    assert not list(shop.folder.glob("*new.db*"))


def test_an_export_of_an_older_wacli_is_brought_up_to_date(wacli: FrontDoor) -> None:
    old = sqlite3.connect(wacli.folder / "old.db", isolation_level=None)
    migrations.migrate(old, stop_before="m009_views")
    old.execute("INSERT INTO contacts (name) VALUES ('Sari')")
    export_store(Store(old, wacli.folder / "old.db"), wacli.folder / "out")
    old.close()
    assert wacli("db", "import", str(wacli.folder / "out")).status == 0
    assert wacli("db", "sql", "SELECT name FROM v_contacts", "--json").json == [{"name": "Sari"}]
