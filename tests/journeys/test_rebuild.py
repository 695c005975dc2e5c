"""`wacli db rebuild`: every notification applied again gives the same tables, and what the owner typed stays."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.corpus import bodies_of, values_of
from tests.support.fixtures import fixtures_dir
from tests.support.front_door import FrontDoor
from tests.support.payloads import PAYLOADS, batch
from tests.support.practice import Practice, practising
from tests.support.process import start
from tests.support.process import wacli as run_process
from tests.support.shop import RINA, SARI, Person, Shop
from tests.support.store import Dump, dump
from wacli.store.database import connect_readonly


def tables(folder: Path) -> Dump:
    with connect_readonly(folder / "shop.db") as store:
        return dump(store)


def ids_of_contacts(folder: Path) -> set[Any]:
    with connect_readonly(folder / "shop.db") as store:
        return set(store.query("SELECT contact_id, key FROM parties"))


@pytest.fixture(params=["recordings", "ours"])
def corpus(request: pytest.FixtureRequest) -> Path:
    """A folder of webhook files."""
    return PAYLOADS if request.param == "ours" else fixtures_dir() / "webhooks"


def test_the_corpus_comes_out_the_same(corpus: Path, wacli: FrontDoor) -> None:
    wacli("ingest", str(corpus))
    before, people = tables(wacli.folder), ids_of_contacts(wacli.folder)
    boards = {form: wacli("threads", "--all", form).out for form in ("--json", "--format=csv")}
    outcome = wacli("db", "rebuild")
    assert (outcome.status, outcome.out) == (0, "")
    assert "Applied" in outcome.err
    assert tables(wacli.folder) == before
    assert ids_of_contacts(wacli.folder) == people
    assert {form: wacli("threads", "--all", form).out for form in boards} == boards
    assert wacli("db", "rebuild").status == 0
    assert tables(wacli.folder) == before


@pytest.mark.parametrize("seed", range(5))
def test_however_it_came_a_rebuild_agrees(corpus: Path, wacli: FrontDoor, seed: int) -> None:
    """The store takes short ways while it ingests; a rebuild walks everything: they may not disagree."""
    chance = random.Random(seed)
    order = [body for path in sorted(corpus.rglob("*.json")) for value in values_of(path) for body in bodies_of(value)]
    order += [batch(40, at=1_794_000_000 + 1_000 * n) for n in range(6)]
    chance.shuffle(order)
    while order:
        size = chance.randint(1, 30)
        wacli("ingest", stdin=json.dumps(order[:size]).encode())
        order = order[size:]
    before = tables(wacli.folder)
    assert wacli("db", "rebuild").status == 0
    assert tables(wacli.folder) == before


def test_what_the_owner_typed_stays(wacli: FrontDoor) -> None:
    shop = Shop(wacli)
    shop.profile(time_zone="Asia/Jakarta")
    shop.hears(SARI, "halo", "2026-11-22T04:00Z")
    shop.hears(RINA, "halo", "2026-11-22T04:10Z")
    wacli("contacts", "edit", "Sari", "--name", "Mbak Sari", "--note", "suka mawar")
    wacli("contacts", "tag", "Mbak Sari", "vip")
    wacli("contacts", "opt-in", "Mbak Sari", "--evidence", "formulir")
    wacli("contacts", "opt-out", "Rina")
    wacli("contacts", "add", "Bu Tini", "--phone", "+62 812 0000 0001", "--username", "@tini.b", "--tag", "b2b")
    wacli("contacts", "add", "Tanpa Nomor", "--note", "belum ada")
    # One that was known apart and then turned out to be the same person: the older id survives, the younger is known.
    shop.hears(Person("Joko", None, "ID.42"), "dari id", "2026-11-22T04:20Z")
    wacli("contacts", "add", "Pak Joko", "--phone", "+62 811 0000 0042")
    shop.hears(Person("Joko", "6281100000042", "ID.42"), "dua-duanya", "2026-11-22T04:25Z")
    before = tables(wacli.folder)
    shown = [wacli("contacts", "show", f"#{n}", "--json").out for n in range(1, 8)]
    listed = wacli("contacts", "list", "--json").out
    assert wacli("db", "rebuild").status == 0
    assert tables(wacli.folder) == before
    assert [wacli("contacts", "show", f"#{n}", "--json").out for n in range(1, 8)] == shown
    assert wacli("contacts", "list", "--json").out == listed


def test_a_store_that_lost_its_tables_gets_them_back(wacli: FrontDoor) -> None:
    wacli("ingest", str(PAYLOADS))
    before = tables(wacli.folder)
    with sqlite3.connect(wacli.folder / "shop.db") as connection:
        connection.execute("DELETE FROM statuses")
        for table in ("messages", "calls", "notices", "unrecognised", "identity_changes"):
            connection.execute(f"DELETE FROM {table} WHERE id % 2")
        connection.execute("UPDATE threads SET closes_at = 1, last_text = 'wrong', unanswered_count = 99")
    connection.close()
    assert tables(wacli.folder) != before
    assert wacli("db", "rebuild").status == 0
    assert tables(wacli.folder) == before


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    with practising(tmp_path) as made:
        made.customer("Sari", "+62 812-3456-7890", "ID.101").says("halo kak")
        made.customer("Budi", "+62 813-9876-5432", "ID.102").clicks_ad("dari iklan")
        made.hear()
        made("templates", "pull")
        yield made


def test_sends_and_templates_stay(practice: Practice) -> None:
    practice("reply", "Sari", "diterima dan dibaca")
    practice("reply", "Budi", "jawaban iklan")
    practice.wait(seconds=20)
    practice.sandbox.courier.switches.is_held = True  # no webhook slips in between the looks
    practice("reply", "Sari", "baru diterima")
    practice.sandbox.push_fault("timeout", seconds=0.05)
    practice("reply", "Sari", "tidak tahu")
    practice.sandbox.push_fault("error", code=131009)
    practice("reply", "Sari", "ditolak")
    practice("send", "order_ready", "+62 811 0000 7777", "name=Baru", "order=1")
    before = tables(practice.folder)
    answers = [
        practice(*argv, "--json").out
        for argv in (("thread", "Sari"), ("thread", "Budi"), ("threads", "--all"), ("templates", "list"))
    ]
    assert practice("db", "rebuild").status == 0
    assert tables(practice.folder) == before
    assert answers == [
        practice(*argv, "--json").out
        for argv in (("thread", "Sari"), ("thread", "Budi"), ("threads", "--all"), ("templates", "list"))
    ]
    statuses = {one["text"]: one["status"] for one in practice.thread("Sari")}
    assert statuses == {
        "halo kak": None,
        "diterima dan dibaca": "read",
        "baru diterima": "accepted",
        "tidak tahu": "unknown",
        "ditolak": "failed",
    }


def test_pending_notifications_are_applied_too(practice: Practice) -> None:
    sari = practice.sandbox.find("Sari")
    assert sari is not None
    sari.says("diterima, belum diolah")
    practice.sandbox.drain()
    assert practice("db", "rebuild").status == 0
    assert [one["text"] for one in practice.thread("Sari")] == ["halo kak", "diterima, belum diolah"]


def test_there_is_nothing_to_rebuild_where_there_is_no_store(wacli: FrontDoor) -> None:
    outcome = wacli("db", "rebuild", "--json")
    assert (outcome.status, outcome.error["code"]) == (3, "no-store")
    assert wacli("db", "path").out == f"{wacli.folder / 'shop.db'}\n"
    assert not (wacli.folder / "shop.db").exists()


def test_a_killed_rebuild_leaves_the_old_tables(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path)
    lines = [json.dumps(batch(200, at=1_794_000_000 + 300 * n)) for n in range(30)]
    assert door("ingest", stdin="\n".join(lines).encode()).status == 0
    before = tables(tmp_path)
    chance = random.Random(2)
    for _ in range(4):
        process = start(tmp_path, "db", "rebuild")
        try:
            process.wait(chance.uniform(0.15, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        assert tables(tmp_path) == before
    assert run_process(tmp_path, "db", "rebuild").status == 0
    assert tables(tmp_path) == before
