"""Real webhooks in, through the front door: every file, in every layout and order, gives the same tables.

Two corpora: the recordings of others (skipped where there are none), and our own payloads, which cover every kind of
section 9 of the facts without them. What is inside is counted independently, by `tests.support.corpus`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.corpus import Inside, bodies_of, inside, mutilated, values_of
from tests.support.fixtures import fixtures_dir, fixtures_or_none
from tests.support.front_door import FrontDoor, Outcome
from tests.support.payloads import PAYLOADS, batch, payload_bytes
from tests.support.process import wacli as run_process
from tests.support.store import Dump, dump
from wacli.store.database import connect_readonly

REPORT = [
    "notifications_new", "notifications_seen", "messages_new", "statuses_new", "echoes_new", "history_new",
    "calls_new", "unknown", "rejected",
]  # fmt: skip
_FOUND = fixtures_or_none()
RECORDINGS = sorted((_FOUND / "webhooks").rglob("*.json")) if _FOUND is not None else []
OURS = sorted(PAYLOADS.rglob("*.json"))
STRAY_BRACE = "textMessageStatusRead.json"
# What is no message although it stands in a list of that name: an unknown field's, and one that nobody wrote.
NO_MESSAGES = {"x", '{"type": "text"}'}
NO_STATUSES = {"odd/broken-neighbours", "statuses/payment"}  # they say nothing of a message: kept as unknown


def tables(door: FrontDoor) -> Dump:
    """The store of a front door by natural keys."""
    with connect_readonly(door.folder / "shop.db") as store:
        return dump(store)


def wamids(door: FrontDoor) -> set[str]:
    with connect_readonly(door.folder / "shop.db") as store:
        return {wamid for (wamid,) in store.query("SELECT wamid FROM messages WHERE source > 1")}


def count(door: FrontDoor, table: str) -> int:
    with connect_readonly(door.folder / "shop.db") as store:
        return int(store.query(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture(params=["recordings", "ours"])
def corpus(request: pytest.FixtureRequest) -> Path:
    """A folder of webhook files."""
    return PAYLOADS if request.param == "ours" else fixtures_dir() / "webhooks"


def files_of(corpus: Path) -> list[Path]:
    return sorted(corpus.rglob("*.json"))


def values(corpus: Path) -> list[Any]:
    return [value for path in files_of(corpus) for value in values_of(path)]


def bodies(corpus: Path) -> list[dict[str, Any]]:
    return [body for value in values(corpus) for body in bodies_of(value)]


@pytest.fixture
def doors(tmp_path: Path) -> Callable[[], FrontDoor]:
    """Empty machines, as many as asked for."""
    made = iter(range(1_000))

    def another() -> FrontDoor:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        return FrontDoor(folder)

    return another


# --- every file inside, once ---------------------------------------------------------------------------------------


def test_the_recordings_are_all_there() -> None:
    fixtures_dir()
    assert len(RECORDINGS) == 60


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_each_recording_alone_and_twice(file: Path, wacli: FrontDoor) -> None:
    expected = inside(values_of(file))
    count_of_bodies = len(list(bodies_of(values_of(file))))
    first = wacli("ingest", str(file), "--json")
    is_broken = file.name == STRAY_BRACE
    assert first.status == (7 if is_broken else 0)
    assert first.err == (f"{file}:29: this document is cut off before its end\n" if is_broken else "")
    assert list(first.json) == REPORT
    assert_counts(first, expected, count_of_bodies, rejected=1 if is_broken else 0)
    before = tables(wacli)
    again = wacli("ingest", str(file), "--json")
    assert again.json == {**dict.fromkeys(REPORT, 0), "notifications_seen": count_of_bodies, "rejected": int(is_broken)}
    assert tables(wacli) == before


@pytest.mark.parametrize("file", OURS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_each_of_our_payloads_alone_and_twice(file: Path, wacli: FrontDoor) -> None:
    name = f"{file.parent.name}/{file.stem}"
    expected = inside(values_of(file))
    first = wacli("ingest", str(file), "--json")
    assert (first.status, first.err, list(first.json)) == (0, "", REPORT)
    report = first.json
    assert report["notifications_new"] == 1
    if name in NO_STATUSES or expected.messages & NO_MESSAGES:
        assert report["unknown"] > 0
    else:
        assert_counts(first, expected, 1)
    before = tables(wacli)
    again = wacli("ingest", str(file), "--json")
    assert again.json == {**dict.fromkeys(REPORT, 0), "notifications_seen": 1}
    assert tables(wacli) == before


def assert_counts(outcome: Outcome, expected: Inside, notifications: int, rejected: int = 0) -> None:
    report = outcome.json
    assert report["notifications_new"] + report["notifications_seen"] == notifications
    assert report["messages_new"] + report["echoes_new"] + report["history_new"] == len(expected.all_messages)
    assert report["statuses_new"] == len(expected.statuses)
    assert report["calls_new"] == len(expected.calls)
    assert report["rejected"] == rejected


def test_nothing_is_lost_and_nothing_counted_twice(corpus: Path, wacli: FrontDoor) -> None:
    expected = inside(values(corpus))
    report = wacli("ingest", str(corpus), "--json").json
    assert report["notifications_new"] == len({json.dumps(body, sort_keys=True) for body in bodies(corpus)})
    named = {wamid for wamid in expected.all_messages - NO_MESSAGES if not wamid.startswith("{")}
    assert named <= wamids(wacli)
    in_all = len(expected.all_messages - NO_MESSAGES)
    assert report["messages_new"] + report["echoes_new"] + report["history_new"] == in_all == len(wamids(wacli))
    # One event that two payloads tell in different words is one call.
    calls = {(call["id"], call.get("event"), call.get("status")) for call in map(json.loads, expected.calls)}
    assert report["calls_new"] == count(wacli, "calls") == len(calls)
    assert report["statuses_new"] == count(wacli, "statuses")


def test_every_recorded_status_is_one_row(wacli: FrontDoor) -> None:
    folder = fixtures_dir() / "webhooks"
    expected = inside(values(folder))
    assert wacli("ingest", str(folder), "--json").json["statuses_new"] == len(expected.statuses)
    with connect_readonly(wacli.folder / "shop.db") as store:
        rows = store.query("SELECT m.wamid, s.status, s.at FROM statuses s JOIN messages m ON m.id = s.message_id")
    told = {(one["id"], one["status"], int(one["timestamp"])) for one in map(json.loads, expected.statuses)}
    assert set(rows) == told


# --- the same tables, however they come -----------------------------------------------------------------------------


def test_one_array_ndjson_folder_and_single_files(corpus: Path, doors: Callable[[], FrontDoor]) -> None:
    whole = doors()
    outcome = whole("ingest", str(corpus), "--json")
    expected, report = tables(whole), outcome.json
    array = doors()
    assert array("ingest", "-", "--json", stdin=json.dumps(bodies(corpus)).encode()).json == {**report, "rejected": 0}
    assert tables(array) == expected
    lines = doors()
    (lines.folder / "all.ndjson").write_text("".join(json.dumps(body) + "\n" for body in bodies(corpus)))
    assert lines("ingest", str(lines.folder / "all.ndjson"), "--json").json == {**report, "rejected": 0}
    assert tables(lines) == expected
    one_by_one = doors()
    for file in files_of(corpus):
        one_by_one("ingest", str(file))
    assert tables(one_by_one) == expected


@pytest.mark.parametrize("seed", [None, 1, 2, 3, 4])
def test_reversed_shuffled_repeated_and_cut_anywhere(
    corpus: Path, seed: int | None, doors: Callable[[], FrontDoor]
) -> None:
    straight = doors()
    straight("ingest", str(corpus))
    expected = tables(straight)
    order = bodies(corpus)
    if seed is None:
        order.reverse()
    else:
        chance = random.Random(seed)
        order += chance.sample(order, len(order) // 2)
        chance.shuffle(order)
    other, at = doors(), 0
    for size in (1, 7, 40, len(order)):
        other("ingest", stdin=json.dumps(order[at : at + size]).encode())
        at += size
    assert tables(other) == expected


def test_the_changes_of_many_notifications_in_one(corpus: Path, doors: Callable[[], FrontDoor]) -> None:
    """Meta batches: all entries of all files in one body say what the files say one by one."""
    apart, together = doors(), doors()
    entries = [
        entry
        for body in bodies(corpus)
        if body.get("object") == "whatsapp_business_account" and isinstance(body.get("entry"), list)
        for entry in body["entry"]
    ]
    bodies_apart = [{"object": "whatsapp_business_account", "entry": [entry]} for entry in entries]
    apart("ingest", stdin=json.dumps(bodies_apart).encode())
    report = together(
        "ingest", "--json", stdin=json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    ).json
    assert report["notifications_new"] == 1
    ours, theirs = tables(together), tables(apart)
    ours.pop("notifications")
    theirs.pop("notifications")
    assert ours == theirs


def test_spacing_order_of_keys_and_escapes_are_no_news(corpus: Path, wacli: FrontDoor) -> None:
    wacli("ingest", str(corpus))
    before = tables(wacli)
    for writer in (
        {"indent": 4, "ensure_ascii": True},
        {"separators": (",", ":"), "ensure_ascii": False},
        {"sort_keys": True},
    ):
        text = json.dumps(bodies(corpus), **writer)
        report = wacli("ingest", "--json", stdin=text.encode("utf-8", "surrogatepass")).json
        if not writer.get("ensure_ascii", True):
            # Half an emoji can only be written as an escape: as raw bytes it is no UTF-8.
            assert report["rejected"] <= 1
        assert report["notifications_new"] == report["messages_new"] == report["statuses_new"] == 0
    assert tables(wacli) == before


@pytest.mark.parametrize("size", [999, 1_000, 2_500])
def test_a_batch_of_a_thousand_updates(size: int, wacli: FrontDoor) -> None:
    body = batch(size)
    expected = inside([body])
    report = wacli("ingest", "--json", stdin=json.dumps(body).encode()).json
    assert report["notifications_new"] == 1
    assert report["messages_new"] == len(expected.messages) == size - size // 3
    assert report["statuses_new"] == len(expected.statuses) == size // 3
    assert len(wacli("threads", "--all", "--json", "--at", "2026-11-18T12:00Z").json) == 100


def test_a_thousand_notifications_are_more_than_one_transaction(wacli: FrontDoor) -> None:
    body = json.loads(ONE)
    lines = [json.dumps({**body, "n": n}) for n in range(2_300)]
    report = wacli("ingest", "--json", stdin="\n".join(lines).encode()).json
    assert (report["notifications_new"], report["messages_new"]) == (2_300, 1)


@pytest.mark.parametrize("seed", range(6))
def test_mutilated_payloads_are_never_fatal_and_keep_no_order(
    corpus: Path, seed: int, doors: Callable[[], FrontDoor]
) -> None:
    chance, whole = random.Random(seed), bodies(corpus)
    odd = [mutilated(whole, chance) for _ in range(60)]
    straight, backwards = doors(), doors()
    first = straight("ingest", "--json", stdin=json.dumps(odd).encode())
    assert first.status in (0, 7)
    for body in reversed(odd):
        assert backwards("ingest", stdin=json.dumps(body).encode()).status in (0, 7)
    assert tables(straight) == tables(backwards)
    for command in ("threads --all --format table", "threads --all --json", "contacts list --format table"):
        assert straight(*command.split()).status == 0
    for row in straight("threads", "--all", "--json").json:
        assert straight("thread", f"#{row['contact_id']}", "--format", "table").status == 0


# --- as a process ---------------------------------------------------------------------------------------------------


def test_a_file_a_folder_and_a_pipe_as_processes(tmp_path: Path) -> None:
    file = PAYLOADS / "messages" / "text.json"
    ended = run_process(tmp_path, "ingest", str(file), "--json")
    assert (ended.status, ended.err, list(ended.json)) == (0, "", REPORT)
    assert ended.json["messages_new"] == 1
    piped = run_process(tmp_path, "ingest", "-", "--json", stdin=file.read_bytes())
    assert piped.json["notifications_seen"] == 1
    folder = run_process(tmp_path, "--json", "ingest", str(PAYLOADS))
    assert folder.json["notifications_new"] == len(OURS) - 1
    assert (tmp_path / "shop.db").stat().st_mode & 0o777 == 0o600
    board = run_process(tmp_path, "threads", "--all", "--json")
    assert (board.status, board.err) == (0, "")
    assert board.json


def test_a_recording_with_a_stray_brace_as_a_process(tmp_path: Path) -> None:
    (file,) = fixtures_dir().rglob(STRAY_BRACE)
    ended = run_process(tmp_path, "ingest", str(file), "--json")
    assert ended.status == 7
    assert ended.err == f"{file}:29: this document is cut off before its end\n"
    assert (ended.json["statuses_new"], ended.json["rejected"]) == (1, 1)


# --- what is no webhook ---------------------------------------------------------------------------------------------

ONE = payload_bytes("messages/text-escaped").strip()
TWO = payload_bytes("statuses/read").replace(b"\n", b" ")

HOSTILE: dict[str, tuple[bytes, int, int]] = {  # what stands there, its line, how many notifications stay
    "cut off at the end": (ONE + b"\n" + TWO[:200], 2, 1),
    "cut off in the middle": (ONE[:200] + b"\n" + TWO, 1, 1),
    "an array cut off": (b"[" + ONE + b",\n" + TWO + b",\n", 1, 2),
    "not JSON": (ONE + b"\nGET / HTTP/1.1\n" + TWO, 2, 2),
    "a NUL between": (ONE + b"\n\x00\n" + TWO, 2, 2),
    "a NUL inside": (ONE.replace(b'"text"', b'"te\x00xt"', 1) + b"\n" + TWO, 1, 1),
    "nested lists": (ONE + b"\n" + b"[" * 200_000 + b"\n" + TWO, 2, 2),
    "nested objects": (ONE + b"\n" + b'{"a":' * 200_000 + b"\n" + TWO, 2, 2),
    "ten megabytes of nothing": (ONE + b"\n" + b"x" * 10_000_000 + b"\n" + TWO, 2, 2),
    "ten megabytes of an unclosed text": (b'{"object":"' + b"x" * 10_000_000 + b"\n" + TWO, 1, 1),
    "UTF-16": (ONE.decode().encode("utf-16"), 1, 0),
    "Latin-1": (ONE + b'\n{"name":"caf\xe9"}\n' + TWO, 2, 2),
    "an empty file": (b"", 1, 0),
    "only spaces": (b"  \n\n", 2, 0),
    "no notification": (ONE + b'\n{"hello": 1}\n' + TWO, 2, 2),
    "no object": (b"42", 1, 0),
    "infinite": (b'{"object":"whatsapp_business_account","entry":[Infinity]}\n' + TWO, 1, 1),
    "a number of 5,000 digits": (
        b'{"object":"whatsapp_business_account","entry":[' + b"9" * 5_000 + b"]}\n" + TWO,
        1,
        1,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_only_itself(name: str, wacli: FrontDoor) -> None:
    raw, line, kept = HOSTILE[name]
    file = wacli.folder / "in.ndjson"
    file.write_bytes(raw)
    outcome = wacli("ingest", str(file), "--json")
    assert outcome.status == 7
    assert (outcome.json["notifications_new"], outcome.json["rejected"]) == (kept, 1)
    (sentence,) = outcome.err.splitlines()
    assert sentence.startswith(f"{file}:{line}: ")
    assert len(sentence) < len(str(file)) + 120
    assert sentence.isprintable()


def test_a_long_text_is_kept_whole(wacli: FrontDoor) -> None:
    raw = payload_bytes("messages/text-escaped").strip()
    body = json.loads(raw)
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "ä" * 10_000_000
    assert wacli("ingest", stdin=json.dumps(body, ensure_ascii=False).encode()).status == 0
    with connect_readonly(wacli.folder / "shop.db") as store:
        assert store.query("SELECT length(text) FROM messages") == [(10_000_000,)]
    assert wacli("threads", "--all", "--format", "table").status == 0


def test_every_piece_of_a_file_full_of_faults_is_named_by_its_line(wacli: FrontDoor) -> None:
    lines = [TWO.replace(b"wamid.", b"wamid.%d" % n) if n % 2 else b"fault %d" % n for n in range(40)]
    outcome = wacli("ingest", "--json", stdin=b"\n".join(lines))
    assert outcome.status == 7
    assert (outcome.json["statuses_new"], outcome.json["rejected"]) == (20, 20)
    assert [line.split(":")[:2] for line in outcome.err.splitlines()] == [
        ["stdin", str(n + 1)] for n in range(0, 40, 2)
    ]


def test_a_folder_with_junk_in_it(wacli: FrontDoor) -> None:
    folder = wacli.folder / "hooks"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "a.json").write_bytes(ONE)
    (folder / "b.NDJSON").write_bytes(TWO + b"\nnonsense\n")
    (folder / "deep" / "deeper" / "c.json").write_bytes(payload_bytes("echoes/text"))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "d.json").symlink_to(folder / "gone.json")
    (folder / "e.json").mkdir()
    outcome = wacli("ingest", str(folder), "--json")
    assert outcome.status == 7
    assert (outcome.json["notifications_new"], outcome.json["rejected"]) == (3, 1)
    assert outcome.err == f"{folder / 'b.NDJSON'}:2: this is not JSON from column 1 on\n"


def test_an_unreadable_file_among_others(wacli: FrontDoor) -> None:
    folder = wacli.folder / "hooks"
    folder.mkdir()
    (folder / "a.json").write_bytes(ONE)
    (folder / "b.json").write_bytes(TWO)
    (folder / "b.json").chmod(0)
    try:
        (folder / "b.json").read_bytes()
    except PermissionError:
        pass
    else:
        (folder / "b.json").unlink()
        (folder / "b.json").symlink_to("/proc/self/mem")  # the superuser reads everything but this
    outcome = wacli("ingest", str(folder), "--json")
    assert outcome.status == 7
    assert (outcome.json["notifications_new"], outcome.json["rejected"]) == (1, 1)
    assert outcome.err.startswith(f"{folder / 'b.json'}:1: it cannot be read: ")


def test_what_is_not_there_is_not_found(wacli: FrontDoor) -> None:
    outcome = wacli("ingest", "gone.json", "--json")
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.error["code"] == "no-such-file"
    assert not (wacli.folder / "shop.db").exists()


def test_an_empty_name_is_a_wrong_usage_and_not_this_folder(wacli: FrontDoor) -> None:
    outcome = wacli("ingest", "")
    assert (outcome.status, outcome.out) == (2, "")
    assert "No file was named" in outcome.err


def test_an_empty_folder_is_said_aloud(wacli: FrontDoor) -> None:
    (wacli.folder / "empty").mkdir()
    outcome = wacli("ingest", str(wacli.folder / "empty"), "--json")
    assert (outcome.status, outcome.json) == (0, dict.fromkeys(REPORT, 0))
    assert "nothing to read" in outcome.err


def test_the_dashboards_test_button_is_kept_and_stays_off_the_board(wacli: FrontDoor) -> None:
    report = wacli("ingest", "--json", stdin=payload_bytes("odd/dashboard-sample")).json
    assert report["notifications_new"] == report["messages_new"] == 1
    assert wacli("threads", "--all", "--json").json == []
    assert wacli("contacts", "list", "--json").json == []


def test_samples_are_shown_to_people(wacli: FrontDoor) -> None:
    shown = wacli("ingest", "--format", "table", stdin=payload_bytes("odd/bare-change"))
    assert "samples of Meta's test button" in shown.out


def test_a_report_for_people_says_everything_in_words(wacli: FrontDoor) -> None:
    outcome = wacli("ingest", str(PAYLOADS), "--format", "table")
    assert outcome.status == 0
    numbers = [line.rsplit(maxsplit=1) for line in outcome.out.splitlines()]
    assert ["notifications, new", str(len(OURS))] in numbers
    assert ["not readable", "0"] in numbers
    indonesian = wacli("ingest", str(PAYLOADS), "--format", "table", "--lang", "id")
    assert indonesian.out != outcome.out
