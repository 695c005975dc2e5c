"""Notifications into the store: counted once, in one piece, whoever else writes and whenever the power goes."""

from __future__ import annotations

import hashlib
import io
import json
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import one_send
from tests.support.fixtures import fixtures_dir
from tests.support.store import NOW, count_rows, dump, new_store
from tests.support.webhooks import body, ndjson, text
from wacli.domain.problem import Invalid
from wacli.importers.notifications import Body, Rejected, digest, read
from wacli.services.inbound import IngestReport, apply_pending, batched, ingest, receive
from wacli.services.rebuild import rebuild
from wacli.store import consents, contacts, messages, migrations, numbers, outbox, threads
from wacli.store.database import Store, open_store

T0 = 1_790_000_000


def take(store: Store, source: bytes) -> IngestReport:
    return ingest(store, read(io.BytesIO(source)), NOW)


def test_the_report_counts_each_thing_once(tmp_path: Path) -> None:
    sent = {"id": "wamid.S", "status": "sent", "timestamp": str(T0), "recipient_id": "6281234567890"}
    odd = {"from": "6281234567890", "id": "wamid.X", "timestamp": str(T0), "type": "hologram", "hologram": {}}
    echo = {"from": "15550783881", "to": "6281234567890", "id": "wamid.E", "timestamp": str(T0), "type": "text"}
    call = {"id": "call.1", "from": "6281234567890", "event": "connect", "timestamp": str(T0)}
    call["direction"] = "USER_INITIATED"
    old = {"from": "6281234567890", "id": "wamid.H", "timestamp": str(T0), "type": "text", "text": {"body": "dulu"}}
    source = ndjson(
        [
            text("wamid.A", T0),
            body(statuses=[sent, {**sent, "status": "delivered"}, {**sent, "status": "beamed"}]),
            body(messages=[odd]),
            body("smb_message_echoes", message_echoes=[{**echo, "text": {"body": "ya"}}]),
            body("calls", calls=[call]),
            body("history", history=[{"threads": [{"id": "6281234567890", "messages": [old]}]}]),
            body("a_field_of_next_year", wonder=1),
        ]
    )
    with new_store(tmp_path) as store:
        report = take(store, source + b"{not json\n")
        assert report == IngestReport(
            notifications_new=7,
            messages_new=2,
            statuses_new=3,
            echoes_new=1,
            history_new=1,
            calls_new=1,
            unknown=3,
            rejected=1,
        )
        again = take(store, source)
        assert again == IngestReport(notifications_seen=7)


def test_two_bodies_of_the_same_content_are_one_notification(tmp_path: Path) -> None:
    one = text("wamid.A", T0)
    with new_store(tmp_path) as store:
        source = json.dumps(one).encode() + b"\n" + json.dumps(one, indent=3, sort_keys=True).encode()
        report = take(store, source)
        assert (report.notifications_new, report.notifications_seen) == (1, 1)


def test_more_than_one_transaction_of_notifications(tmp_path: Path) -> None:
    source = ndjson([text(f"wamid.{i}", T0 + i, phone=f"62811{i % 7:06d}") for i in range(2_300)])
    progress: list[tuple[int, int]] = []
    with new_store(tmp_path) as store:
        report = ingest(store, read(io.BytesIO(source)), NOW, on_progress=lambda *done: progress.append(done))
        assert report.messages_new == 2_300
        assert [done for done, _ in progress] == [1_000, 2_000, 2_300]
        assert progress[-1][1] == len(source) - 2_300, "all but the ends of the lines"
        assert contacts.count_contacts(store) == 7


def test_rejected_input_is_told_with_its_place_and_the_rest_is_kept(tmp_path: Path) -> None:
    told: list[Rejected] = []
    source = ndjson([text("wamid.A", T0)]) + b"{oops\n" + ndjson([text("wamid.B", T0)])
    with new_store(tmp_path) as store:
        report = ingest(store, read(io.BytesIO(source), "hook.ndjson"), NOW, on_rejected=told.append)
    assert (report.messages_new, report.rejected) == (2, 1)
    assert [item.place for item in told] == ["hook.ndjson:2"]


def test_the_receiver_keeps_first_and_applies_later(tmp_path: Path) -> None:
    raw = json.dumps(text("wamid.A", T0)).encode()
    with new_store(tmp_path) as store:
        assert receive(store, raw, NOW)
        assert not receive(store, raw + b"\n", NOW)
        assert messages.find(store, "wamid.A") is None
        assert apply_pending(store, NOW).messages_new == 1
        assert apply_pending(store, NOW) == IngestReport()
        assert messages.find(store, "wamid.A") is not None
        with pytest.raises(Invalid):
            receive(store, b"{", NOW)


def test_what_was_received_and_ingested_is_applied_once(tmp_path: Path) -> None:
    raw = json.dumps(text("wamid.A", T0)).encode()
    with new_store(tmp_path) as store:
        receive(store, raw, NOW)
        assert take(store, raw).notifications_seen == 1
        assert apply_pending(store, NOW).messages_new == 1


def test_rebuild_gives_the_same_tables_and_keeps_what_the_owner_typed(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        take(store, ndjson([text("wamid.A", T0), text("wamid.B", T0 + 1, phone="628999888777")]))
        sari = contacts.find_by_phone(store, "6281234567890")
        assert sari is not None
        contacts.edit(store, sari.id, contacts.ContactChange(name="Bu Sari", note="suka pandan"), NOW)
        contacts.tag(store, sari.id, ["langganan"])
        budi = contacts.add(store, contacts.ContactChange(name="Budi", phone="6285550001111", username="budi"), NOW)
        consents.record(store, consents.Consent(sari.id, "marketing", "opted-in", "form", "kertas", NOW))
        number = numbers.list_numbers(store)[0]
        one_send.add(store, outbox.Draft("k1", sari.id, number.id, "text", "{}", text="siap"), NOW)
        one_send.sending(store, "k1", NOW)
        one_send.accepted(store, "k1", "wamid.OUT", NOW)
        before = dump(store)
        assert rebuild(store, NOW + timedelta(days=1)).notifications_new == 2
        assert dump(store) == before
        assert contacts.get(store, sari.id).name == "Bu Sari"
        assert contacts.get(store, budi.id) == budi
        assert budi.username == "budi"
        assert messages.find(store, "wamid.OUT") is not None


def _bodies(items: Iterable[Body | Rejected]) -> list[Body]:
    return [item for item in items if isinstance(item, Body)]


def test_the_recorded_corpus_in_any_order_and_batching(tmp_path: Path) -> None:
    bodies = _bodies(read(fixtures_dir() / "webhooks"))
    chance = random.Random(7)
    with new_store(tmp_path, "straight.db") as store:
        report = ingest(store, bodies, NOW)
        expected = dump(store)
        assert report.messages_new >= 25
        assert ingest(store, bodies, NOW) == IngestReport(notifications_seen=len(bodies))
        assert dump(store) == expected
    for turn in range(4):
        shuffled = bodies + chance.sample(bodies, 20) if turn else bodies[::-1]
        if turn:
            chance.shuffle(shuffled)
        with new_store(tmp_path, f"{turn}.db") as store:
            size = chance.choice([1, 3, 17])
            for start in range(0, len(shuffled), size):
                ingest(store, shuffled[start : start + size], NOW)
            assert dump(store) == expected
            rebuild(store, NOW)
            assert dump(store) == expected


def test_the_recorded_corpus_as_one_single_body(tmp_path: Path) -> None:
    bodies = _bodies(read(fixtures_dir() / "webhooks"))
    entries: list[object] = []
    for one in bodies:
        if isinstance(one.value, dict):
            entries += one.value.get("entry", [])
    alone = [{"object": "whatsapp_business_account", "entry": [entry]} for entry in entries]
    with new_store(tmp_path, "alone.db") as apart, new_store(tmp_path, "together.db") as other:
        first = take(apart, ndjson(alone))
        second = take(other, ndjson([{"object": "whatsapp_business_account", "entry": entries}]))
        assert dump(apart, with_notifications=False) == dump(other, with_notifications=False)
        assert first.messages_new == second.messages_new
        assert first.statuses_new == second.statuses_new


_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from wacli.importers.notifications import read
from wacli.services.inbound import ingest
from wacli.store.database import open_store
with open_store(Path(sys.argv[2]), create=True) as store:
    print("ready", flush=True)
    report = ingest(store, read(Path(sys.argv[1])), datetime(2026, 11, 22, tzinfo=UTC),
                    on_progress=lambda done, size: print(done, flush=True))
"""


def _start(source: Path, store: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _CHILD, source, store], stdout=subprocess.PIPE, text=True)


def _traffic(count: int) -> bytes:
    return ndjson([text(f"wamid.{i}", T0 + i, phone=f"62811{i % 50:06d}") for i in range(count)])


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_killed_ingest_keeps_what_it_committed_and_nothing_by_half(tmp_path: Path, after: int) -> None:
    source, path = tmp_path / "hooks.ndjson", tmp_path / "store.db"
    source.write_bytes(_traffic(6_000))
    child = _start(source, path)
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(1 + after)]
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    committed = int(lines[-1]) if len(lines) > 1 else 0
    with open_store(path, create=False) as store:
        assert store.query("PRAGMA integrity_check") == [("ok",)]
        assert store.query("PRAGMA foreign_key_check") == []
        kept = count_rows(store, "notifications")
        assert kept >= committed
        assert kept % 1_000 == 0
        assert store.query("SELECT count(*) FROM messages") == [(kept,)]
        assert store.query("SELECT count(*) FROM notifications WHERE applied_at IS NULL") == [(0,)]
        ingest(store, read(source), NOW)
        finished = dump(store)
    with new_store(tmp_path, "never-killed.db") as store:
        ingest(store, read(source), NOW)
        assert dump(store) == finished


def test_two_processes_that_ingest_at_once_both_succeed(tmp_path: Path) -> None:
    source, path = tmp_path / "hooks.ndjson", tmp_path / "store.db"
    source.write_bytes(_traffic(4_000))
    children = [_start(source, path), _start(source, path)]
    assert [child.communicate()[1] for child in children] == [None, None]
    assert [child.returncode for child in children] == [0, 0]
    with open_store(path, create=False) as store, new_store(tmp_path, "alone.db") as alone:
        ingest(alone, read(source), NOW)
        assert dump(store) == dump(alone)
        board = threads.list_board(store, threads.BoardQuery(which=threads.Which.ALL), NOW)
        assert sum(row.unanswered_count for row in board.rows) == 4_000


def test_one_transaction_is_bounded_in_number_and_in_bytes() -> None:
    def sizes(items: list[int]) -> list[int]:
        return [len(batch) for batch in batched(items, lambda size: size)]

    assert sizes([]) == []
    assert sizes([1] * 2_001) == [1_000, 1_000, 1]
    assert sizes([3_000_000] * 7) == [3, 3, 1], "a rebuild of large histories stays flat, too"


def test_a_rebuild_sets_aside_what_cannot_be_read_any_more(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    take(store, ndjson([text("wamid.A", T0), text("wamid.B", T0 + 1)]))
    with store.transaction() as connection:
        connection.execute("UPDATE notifications SET body = ? WHERE id = 1", (b"{" * 10,))
    report = rebuild(store, NOW)
    assert (report.messages_new, report.unknown) == (1, 1)


def test_what_an_older_store_has_kept_is_known_to_it_still(tmp_path: Path) -> None:
    nameless = {"object": "whatsapp_business_account", "entry": []}
    escaped = json.dumps(text("wamid.C", T0)).replace("timestamp", "\\u0074imestamp")
    bodies = [json.dumps(text("wamid.A", T0)), json.dumps(text("wamid.B", T0 + 5), indent=2), escaped]
    bodies.append(json.dumps(nameless))
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, stop_before="m024_digests_in_order")
    for number, raw in enumerate(bodies):
        canonical = json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":")).encode()
        row = (number - 2, hashlib.sha256(canonical).digest()[:16], raw.encode())
        connection.execute("INSERT INTO notifications (seat, digest, received_at, body) VALUES (?, ?, 0, ?)", row)
    connection.close()
    with open_store(path, create=False) as store:
        kept = store.query("SELECT digest FROM notifications ORDER BY id")
        assert kept == [(digest(json.loads(raw)),) for raw in bodies]
        seats = [seat for (seat,) in store.query("SELECT seat FROM notifications ORDER BY id")]
        assert [seat >> 32 for seat in seats] == [T0 // 60, (T0 + 5) // 60, T0 // 60, 0]
        assert take(store, "\n".join(bodies).encode()).notifications_seen == 4
