"""A template out over real loopback HTTP and its delivery back; and everything that must not go out, or not twice."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import NOW, Outcome
from tests.support.passing_time import PassingTime
from tests.support.practice import SECRET, TOKEN, Practice, practising
from tests.support.process import environment, start
from tests.support.silent import Silent, silent_server
from wacli.sandbox.customers import Answer
from wacli.services import retry
from wacli.store.database import open_store
from wacli.store.outbox import list_open

SENT_KEYS = [
    "contact_id", "name", "phone", "key", "state", "wamid", "free_reason", "price", "currency", "category", "error",
    "error_text", "template",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr(retry, "DEFAULT", retry.Retries(attempts=3))
    PassingTime().for_everybody(monkeypatch)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """A shop in practice at a stopped clock."""
    yield from shop_at(tmp_path, NOW)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Practice]:
    """The same at this very instant, for real processes: they have the real clock."""
    yield from shop_at(tmp_path, datetime.now(UTC))


def shop_at(folder: Path, at: datetime) -> Iterator[Practice]:
    """Sari wrote just now, Agus long ago, Rina has no number; the templates are pulled."""
    with practising(folder, at) as made:
        made.customer("Agus", "+62 878-5566-7788", "ID.404").says("dulu", at - timedelta(days=5))
        made.customer("Rina", "+62 857-1122-3344", "ID.202", username="rina.h").says("halo")
        made.customer("Sari", "+62 812-3456-7890", "ID.101").says("halo kak")
        made.hear()
        assert made("templates", "pull").status == 0
        yield made
        assert_no_secret(made)


def assert_no_secret(practice: Practice) -> None:
    """Neither in what was written, nor in any file, nor in the store's WAL."""
    everything = practice.written()
    assert TOKEN.encode() not in everything
    assert SECRET.encode() not in everything


def status_of(practice: Practice, who: str, text: str) -> str:
    (found,) = [message["status"] for message in practice.thread(who) if message["text"] == text]
    return str(found)


def booked(practice: Practice) -> int:
    """How many messages the sandbox has accepted."""
    return len(practice.sandbox.book.sent)


# --- out and back -----------------------------------------------------------------------------------------------------


def test_a_reply_is_accepted_delivered_and_read(practice: Practice) -> None:
    outcome = practice("reply", "Sari", "Masih ada!", "--json")
    assert outcome.status == 0
    (sent,) = outcome.json
    assert list(sent) == SENT_KEYS
    assert (sent["state"], sent["free_reason"], sent["price"]) == ("accepted", "allowance", "0")
    (booked_message,) = practice.sandbox.book.sent.values()
    assert (booked_message.id, booked_message.callback_data) == (sent["wamid"], sent["key"])
    assert status_of(practice, "Sari", "Masih ada!") == "accepted"
    board = practice("threads", "--json").json
    assert [row["unanswered_count"] for row in board if row["name"] == "Sari"] == [0]
    practice.wait(seconds=2)
    assert status_of(practice, "Sari", "Masih ada!") == "delivered"
    practice.wait(seconds=10)
    assert status_of(practice, "Sari", "Masih ada!") == "read"
    last = practice.thread("Sari")[-1]
    assert (last["pricing_type"], last["pricing_category"]) == ("free_customer_service", "service")
    assert "998" not in practice("threads", "--format", "table").out
    assert "999 of 1,000" in practice("threads", "--format", "table").out


def test_a_template_reaches_a_closed_thread_and_its_answer_opens_it(practice: Practice) -> None:
    agus = practice.sandbox.find("Agus")
    assert agus is not None
    agus.customer.answers.append(Answer("Siap, saya ambil!"))
    price = practice("can", "Agus", "--template", "order_ready", "--json").json["price"]
    outcome = practice("send", "order_ready", "Agus", "name=Agus", "order=A-104", "--json")
    assert outcome.status == 0
    (sent,) = outcome.json
    assert (sent["state"], sent["category"], sent["price"], sent["currency"]) == ("accepted", "utility", price, "USD")
    practice.wait(seconds=60)
    messages = practice.thread("Agus")
    assert [message["text"] for message in messages][-1] == "Siap, saya ambil!"
    assert messages[-2]["text"].startswith("Halo Agus, pesanan A-104 Anda sudah siap")
    assert (messages[-2]["kind"], messages[-2]["status"]) == ("template", "read")
    assert messages[-2]["pricing_type"] == "regular"
    assert practice("can", "Agus").status == 0


def test_a_contact_without_a_number_is_reached_by_the_user_id(practice: Practice) -> None:
    assert practice("reply", "@rina.h", "Halo Rina").status == 0
    (message,) = practice.sandbox.book.sent.values()
    assert message.body["recipient"] == "ID.202"
    assert "to" not in message.body
    assert practice("send", "login_code", "Rina", "code=123456").status == 4  # codes go to numbers only
    assert booked(practice) == 1


def test_a_number_that_never_wrote_becomes_a_contact(practice: Practice) -> None:
    practice.customer("Baru", "+62 811 222 3333", "ID.909")
    assert practice("can", "0811 222 3333").status == 3
    assert practice("send", "order_ready", "0811 222 3333", "name=Baru", "order=1").status == 0
    practice.wait(seconds=10)
    assert practice.thread("0811 222 3333")[0]["status"] == "read"
    assert practice("reply", "0811 222 3333", "halo").status == 4


def test_several_people_and_one_of_them_cannot(practice: Practice) -> None:
    practice("contacts", "opt-out", "Sari")
    practice("contacts", "opt-in", "Agus", "--evidence", "form")
    outcome = practice("send", "promo_weekend", "Agus", "Sari", "Nobody", "1=Kak", "2=20%", "--json")
    assert outcome.status == 7
    assert [(one["name"], one["state"], one["error"]) for one in outcome.json] == [
        ("Agus", "accepted", None),
        ("Sari", "not-sent", "opted-out"),
        ("Nobody", "not-sent", "no-such-contact"),
    ]
    assert booked(practice) == 1


def test_a_late_failure_shows(practice: Practice) -> None:
    agus = practice.sandbox.find("Agus")
    assert agus is not None
    agus.customer.has_blocked = True
    assert practice("send", "order_ready", "Agus", "name=Agus", "order=1").status == 0
    practice.wait(seconds=10)
    last = practice.thread("Agus")[-1]
    assert (last["status"], last["error_code"]) == ("failed", 131026)
    assert "131026" in practice("thread", "Agus", "--format", "table").out


def test_webhooks_that_overtake_the_answer(practice: Practice) -> None:
    practice.sandbox.push_fault("webhook-first")
    assert practice("reply", "Sari", "cepat sekali").status == 0
    practice.wait(seconds=10)
    assert [one["text"] for one in practice.thread("Sari")] == ["halo kak", "cepat sekali"]
    assert status_of(practice, "Sari", "cepat sekali") == "read"


def test_doubled_and_shuffled_webhooks_count_once(practice: Practice) -> None:
    switches = practice.sandbox.courier.switches
    switches.copies, switches.is_shuffled, switches.batch = 3, True, 5
    for n in range(5):
        assert practice("reply", "Sari", f"pesan {n}").status == 0
        practice.wait(seconds=7)
    practice.wait(seconds=60)
    assert [one["status"] for one in practice.thread("Sari")[1:]] == ["read"] * 5
    assert "995 of 1,000" in practice("threads", "--format", "table").out


# --- refused before any socket ----------------------------------------------------------------------------------------

REFUSALS: dict[str, tuple[tuple[str, ...], int, str, str]] = {
    "closed window": (("reply", "Agus", "halo"), 4, "window-closed", "wacli send"),
    "unknown contact": (("reply", "Nobody", "halo"), 3, "no-such-contact", "wacli contacts"),
    "empty text": (("reply", "Sari", ""), 2, "", ""),
    "long text": (("reply", "Sari", "x" * 4_097), 2, "", ""),
    "unknown template": (("send", "order_redy", "Sari", "name=x", "order=1"), 3, "no-such-template", "order_ready"),
    "missing value": (("send", "order_ready", "Sari", "name=x"), 2, "", "order=..."),
    "empty value": (("send", "order_ready", "Sari", "name=x", "order="), 2, "", ""),
    "unknown value": (("send", "order_ready", "Sari", "name=x", "order=1", "colour=red"), 2, "", ""),
    "not approved": (("send", "still_pending", "Sari"), 4, "template-not-approved", "wacli templates"),
    "opted out": (("send", "promo_weekend", "Rina", "1=x", "2=y"), 4, "opted-out", "wacli contacts opt-in"),
    "not free": (("send", "order_ready", "Sari", "name=x", "order=1", "--if-free"), 4, "not-free", "--if-free"),
    "too dear": (
        ("send", "order_ready", "Sari", "name=x", "order=1", "--max-cost", "0.0249USD"), 4, "too-expensive", "",
    ),
    "other currency": (
        ("send", "order_ready", "Sari", "name=x", "order=1", "--max-cost", "1EUR"), 4, "other-currency", "",
    ),
    "nobody named": (("send", "order_ready", "name=x", "order=1"), 2, "missing", ""),
    "another time": (("reply", "Sari", "halo", "--at", "1h ago"), 2, "at-needs-dry-run", "--dry-run"),
}  # fmt: skip


@pytest.fixture
def nobody_answers(practice: Practice) -> Iterator[Silent]:
    """From now on the profile's API is a server that counts connections."""
    waiting = [{"type": "BODY", "text": "Sebentar ya kak, kami cek."}]
    practice.sandbox.account.templates.add("still_pending", "id", "UTILITY", waiting).status = "PENDING"
    practice("templates", "pull")
    practice("contacts", "opt-out", "Rina")
    with silent_server() as server:
        practice.profile(server.url)
        yield server


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_before_any_socket(practice: Practice, nobody_answers: Silent, name: str) -> None:
    argv, status, code, hint = REFUSALS[name]
    outcome = practice(*argv, "--json")
    assert (outcome.status, outcome.out) == (status, "")
    assert code in ("", outcome.error["code"])
    assert hint in outcome.error["hint"]
    assert len(practice(*argv).err.splitlines()) == 1
    assert nobody_answers.connections == 0
    assert_nothing_open(practice)


def assert_nothing_open(practice: Practice) -> None:
    with open_store(practice.store_path, create=False) as store:
        assert store.query("SELECT count(*) FROM outbox") == [(0,)]


def test_the_next_command_that_a_refusal_names_works(practice: Practice) -> None:
    outcome = practice("reply", "Agus", "halo", "--json")
    assert "wacli send order_ready" in outcome.error["hint"]
    assert "18 Nov" in outcome.error["message"]
    missing = practice("send", "order_ready", "Agus", "name=Agus", "--json")
    assert "wacli send order_ready" in missing.error["hint"]


def test_without_a_token_nothing_leaves_and_nothing_is_unknown(practice: Practice, nobody_answers: Silent) -> None:
    practice.door.environment = {}
    outcome = practice("reply", "Sari", "halo", "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "no-token")
    assert "wacli profiles token" in outcome.error["hint"]
    assert nobody_answers.connections == 0
    assert [one["status"] for one in practice.thread("Sari")] == [None, "failed"]
    with open_store(practice.store_path, create=False) as store:
        assert list_open(store) == []


# --- dry runs ---------------------------------------------------------------------------------------------------------

DRY = [
    ("reply", "Sari", "halo", "--dry-run"),
    ("send", "order_ready", "Sari", "name=x", "order=1", "--dry-run"),
    ("send", "order_ready", "+62 811 0000 9999", "name=x", "order=1", "--dry-run"),
]


@pytest.mark.parametrize("argv", DRY, ids=lambda argv: " ".join(argv))
def test_a_dry_run_writes_and_sends_nothing(practice: Practice, nobody_answers: Silent, argv: tuple[str, ...]) -> None:
    practice.door.environment = {}  # no token is needed either
    before = contents(practice.store_path)
    outcome = practice(*argv, "--json")
    assert outcome.status == 0
    assert outcome.json["dry_run"] is True
    assert outcome.json["body"]["messaging_product"] == "whatsapp"
    assert outcome.json["path"].endswith("/messages")
    assert "Dry run: nothing was sent." in practice(*argv, "--format", "table").out
    assert nobody_answers.connections == 0
    assert contents(practice.store_path) == before
    at = practice(*argv, "--json", "--at", "2026-11-22T05:30Z")
    assert at.status == 0


def contents(path: Path) -> list[Any]:
    with open_store(path, create=False) as store:
        tables = store.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return [store.query(f"SELECT * FROM {table}") for (table,) in tables]


@pytest.mark.parametrize("argv", DRY, ids=lambda argv: " ".join(argv))
def test_a_dry_run_loads_no_transport(practice: Practice, argv: tuple[str, ...]) -> None:
    """In a fresh process in which every socket is an error, and in which the client would be noticed."""
    script = textwrap.dedent(
        """
        import socket, sys
        def never(*_args, **_kwargs):
            raise AssertionError("a socket in a dry run")
        socket.socket.connect = socket.socket.connect_ex = socket.create_connection = never
        from datetime import UTC, datetime
        from wacli.cli.app import run
        from wacli.cli.context import process_context
        now = datetime(2026, 11, 22, 5, 1, tzinfo=UTC)
        status = run(sys.argv[1:], process_context()._replace(now=lambda: now))
        transport = {"urllib3", "http.client", "ssl", "wacli.cloudapi.client", "wacli.cloudapi.transport"}
        print(status, sorted(transport & set(sys.modules)), file=sys.stderr)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *argv, "--json"],
        env=environment(practice.folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.splitlines()[-1] == "0 []"
    assert json.loads(done.stdout)["dry_run"] is True


# --- a bad day on the wire --------------------------------------------------------------------------------------------


def test_silence_after_acceptance_is_unknown_until_a_webhook_tells(practice: Practice) -> None:
    practice.sandbox.push_fault("timeout", after_acceptance=True, seconds=0.05)
    outcome = practice("reply", "Sari", "hilang?", "--json")
    assert outcome.status not in (0, 6)  # nobody should just try again
    assert [(one["state"], one["wamid"]) for one in outcome.json] == [("unknown", None)]
    assert outcome.error["code"] == "outcome-unknown"
    assert status_of(practice, "Sari", "hilang?") == "unknown"
    assert "outcome unknown" in practice("thread", "Sari", "--format", "table").out
    practice.wait(seconds=10)
    assert status_of(practice, "Sari", "hilang?") == "read"
    assert [one["text"] for one in practice.thread("Sari")] == ["halo kak", "hilang?"]
    assert booked(practice) == 1


@pytest.mark.parametrize("kind", ["truncated", "garbage", "bare"])
def test_an_answer_that_cannot_be_read_is_unknown(practice: Practice, kind: str) -> None:
    practice.sandbox.push_fault(kind, after_acceptance=True)
    outcome = practice("reply", "Sari", "hm", "--json")
    assert [one["state"] for one in outcome.json] == ["unknown"]
    assert outcome.status not in (0, 6)
    practice.wait(seconds=10)
    assert status_of(practice, "Sari", "hm") == "read"
    assert booked(practice) == 1


def test_silence_before_acceptance_stays_unknown_and_nothing_is_repeated(practice: Practice) -> None:
    practice.sandbox.push_fault("timeout", seconds=0.05)
    assert [one["state"] for one in practice("reply", "Sari", "hm", "--json").json] == ["unknown"]
    practice.wait(hours=1)
    assert status_of(practice, "Sari", "hm") == "unknown"
    assert booked(practice) == 0


def test_a_network_that_is_down_is_six_and_can_be_tried_again(practice: Practice, tmp_path: Path) -> None:
    base_url = str(practice.sandbox.base_url)
    practice.profile("http://127.0.0.1:9")
    outcome = practice("reply", "Sari", "halo?", "--json")
    assert (outcome.status, outcome.json[0]["state"]) == (6, "refused")
    assert "Nothing was sent" in outcome.error["hint"]
    assert practice("templates", "pull").status == 6
    practice.profile(base_url)
    practice.wait(seconds=1)
    assert practice("reply", "Sari", "halo?", "--json").json[0]["state"] == "accepted"
    practice.wait(seconds=10)
    assert [one["status"] for one in practice.thread("Sari")] == [None, "failed", "read"]
    assert booked(practice) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [(131009, 5), (131026, 5), (132001, 5), (190, 5), (131047, 5), (131056, 6), (130429, 6), (131016, 6), (4, 6)],
)
def test_what_the_api_says_decides_the_status(practice: Practice, code: int, status: int) -> None:
    tries = 3 if status == 6 else 1  # what may go away by itself is tried again; every try is refused here
    practice.sandbox.push_fault("error", code=code, times=tries)
    outcome = practice("reply", "Sari", "halo", "--json")
    assert (outcome.status, outcome.json[0]["state"]) == (status, "refused")
    assert outcome.error["code"] == f"api-{code}"
    assert outcome.error["hint"]
    last = practice.thread("Sari")[-1]
    assert (last["wamid"], last["status"], last["error_code"]) == (None, "failed", code)
    assert booked(practice) == 0
    assert not practice.sandbox.faults.waiting()
    assert practice("reply", "Sari", "lagi").status == 0
    assert booked(practice) == 1


def test_a_wrong_token_is_named_and_not_quoted(practice: Practice) -> None:
    practice.door.environment["WACLI_TOKEN"] = wrong = "EAAGwrongTOKENthatIsQuotedNowhere"
    for argv in (("reply", "Sari", "halo"), ("templates", "pull")):
        outcome = practice(*argv, "--json", "--debug")
        assert (outcome.status, outcome.error["code"]) == (5, "api-190")
        assert wrong not in outcome.out + outcome.err
    assert wrong.encode() not in practice.written()


def test_the_window_that_the_api_sees_closed(practice: Practice) -> None:
    """A store that missed nothing and still thinks it is open: 131047 decides, and it is said."""
    practice.sandbox.push_fault("error", code=131047)
    outcome = practice("reply", "Sari", "halo", "--json")
    assert (outcome.status, outcome.error["code"]) == (5, "api-131047")


def test_pulling_templates_is_all_or_nothing(practice: Practice) -> None:
    before = practice("templates", "list", "--json").json
    practice.sandbox.push_fault("bare", path="/message_templates", method="GET", http=500)
    assert practice("templates", "pull").status in (5, 6)
    assert practice("templates", "list", "--json").json == before
    again = practice("templates", "pull", "--json")
    assert again.json["same"] == 3


# --- a killed process -------------------------------------------------------------------------------------------------


def test_a_reply_that_is_killed_while_waiting_is_unknown(live: Practice) -> None:
    with silent_server() as server:
        live.profile(server.url)
        process = start(live.folder, "reply", "Sari", "jangan hilang", WACLI_TOKEN=TOKEN)
        try:
            assert server.has_body.wait(20), process.communicate(timeout=5)
            assert status_of(live, "Sari", "jangan hilang") == "queued"  # somebody is still waiting for it
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=10)
    assert status_of(live, "Sari", "jangan hilang") == "unknown"
    assert "outcome unknown" in live("thread", "Sari", "--format", "table").out
    (key,) = [json.loads(server.received.partition(b"\r\n\r\n")[2])["biz_opaque_callback_data"]]
    with open_store(live.store_path, create=False) as store:
        assert [(row.key, row.state) for row in list_open(store)] == [(key, "sending")]
        assert store.query("PRAGMA integrity_check") == [("ok",)]
    # The next send finds what was left behind, and a status settles it.
    live.profile(str(live.sandbox.base_url))
    assert live("reply", "Sari", "yang berikut").status == 0
    with open_store(live.store_path, create=False) as store:
        assert [(row.key, row.state) for row in list_open(store)] == [(key, "unknown")]
    live("ingest", "--json", stdin=json.dumps(status_body(live, key)).encode())
    assert status_of(live, "Sari", "jangan hilang") == "delivered"


def status_body(practice: Practice, key: str) -> dict[str, Any]:
    number = practice.sandbox.number
    status = {
        "id": "wamid.LATE=",
        "status": "delivered",
        "timestamp": str(int(practice.now().timestamp()) + 5),
        "recipient_id": "6281234567890",
        "recipient_user_id": "ID.101",
        "biz_opaque_callback_data": key,
    }
    metadata = {"display_phone_number": "628111000200", "phone_number_id": number.id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
    change = {"field": "messages", "value": value}
    entry = {"id": practice.sandbox.account.waba_id, "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def test_an_interrupted_reply_is_unknown_too(live: Practice) -> None:
    with silent_server() as server:
        live.profile(server.url)
        process = start(live.folder, "reply", "Sari", "batal", WACLI_TOKEN=TOKEN)
        try:
            assert server.has_body.wait(20), process.communicate(timeout=5)
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=10)
        finally:
            process.kill()
        assert process.returncode == 130
        assert b"Traceback" not in err
    assert status_of(live, "Sari", "batal") == "unknown"


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_kept_token_is_in_a_file_of_its_own(practice: Practice) -> None:
    practice.door.environment = {}
    outcome: Outcome = practice("profiles", "token", stdin=f"{TOKEN}\n".encode())
    assert outcome.status == 0
    assert TOKEN not in outcome.out + outcome.err
    (file,) = (practice.folder / "config" / "secrets").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert practice("reply", "Sari", "dengan berkas").status == 0
    assert TOKEN not in practice("config", "list").out
    file.chmod(0o644)
    refused = practice("reply", "Sari", "lagi", "--json")
    assert (refused.status, refused.error["code"]) == (2, "secret-readable-by-others")
    file.unlink()


def test_sends_at_the_same_time_all_arrive_once(practice: Practice) -> None:
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda n=n: outcomes.append(practice("reply", "Sari", f"bersama {n}")))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.status for outcome in outcomes] == [0] * 6
    practice.wait(seconds=60)
    texts = sorted(one["text"] for one in practice.thread("Sari")[1:])
    assert texts == [f"bersama {n}" for n in range(6)]
    assert booked(practice) == 6


def test_a_pull_says_what_is_different_now(practice: Practice) -> None:
    again = practice("templates", "pull", "--json")
    assert again.json == {"new": 0, "changed": 0, "same": again.json["same"], "gone": 0}
    assert again.json["same"] == len(practice("templates", "list", "--json").json) > 0
    for_people = practice("templates", "pull", "--format", "table").out
    assert for_people == f"Templates: 0 new, 0 changed, {again.json['same']} the same, 0 gone\n"
