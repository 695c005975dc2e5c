"""`wacli listen` as a process of its own: what it takes, keeps, shows and passes on, and how it ends."""

from __future__ import annotations

import http.client
import http.server
import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.front_door import FrontDoor
from tests.support.kill_receiver import end, kill_again_and_again, listen
from tests.support.payloads import messages, payload_bytes, status, text
from tests.support.process import wacli
from tests.support.webhook_load import SECRET, TOKEN
from wacli.cloudapi.signature import HEADER, sign

TEXT = payload_bytes("messages/text")


def post(port: int, raw: bytes, **headers: str) -> int:
    """Posts a body, signed unless the headers say otherwise; the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", "/webhook", raw, {HEADER: sign(raw, SECRET), **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def eventually(condition: Callable[[], bool]) -> None:
    """Waits for another process; gives up after twenty seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.02)


def test_what_comes_in_is_kept_applied_and_shown(tmp_path: Path) -> None:
    sent = json.dumps(messages([text("wamid.SECOND", 1_795_000_000, "kedua")])).encode()
    child, port = listen(tmp_path, "--print")
    assert [post(port, TEXT), post(port, TEXT), post(port, sent)] == [200, 200, 200]
    assert post(port, TEXT, **{HEADER: "sha256=" + "0" * 64}) == 403
    assert post(port, b"this is no JSON") == 400
    out, err = end(child)
    assert child.returncode == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["event"], row["name"], row["text"]) for row in rows] == [
        ("message", "Sari Dewi", "Apakah masih ada ukuran M?"),
        ("message", "Sari Dewi", "kedua"),
    ]
    assert "2 notifications came in new, 1 were known, 2 were applied" in err
    shown = wacli(tmp_path, "thread", "Sari", "--json").json
    assert [message["text"] for message in shown["messages"]] == ["Apakah masih ada ukuran M?", "kedua"]


def test_only_some_events_are_shown_and_all_are_kept(tmp_path: Path) -> None:
    child, port = listen(tmp_path, "--print", "--events", "status", "--fields", "event,status", "--limit", "1")
    assert post(port, TEXT) == 200
    body = {"statuses": [status("wamid.OUT", "delivered", 1_795_000_100)]}
    raw = json.dumps({"entry": [{"changes": [{"field": "messages", "value": body}]}]}).encode()
    assert post(port, raw) == 200
    out, _ = child.communicate(timeout=20)  # ends by itself after one line
    assert out == b"status\tdelivered\n"
    assert child.returncode == 0
    assert len(wacli(tmp_path, "thread", "Sari", "--json").json["messages"]) == 1


def test_what_an_earlier_run_kept_is_applied_first(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from wacli.services.inbound import receive
    from wacli.store.database import open_store

    with open_store(tmp_path / "shop.db", create=True) as store:
        assert receive(store, TEXT, datetime(2026, 11, 22, tzinfo=UTC))
    assert wacli(tmp_path, "threads", "--all", "--json").json == []
    child, _ = listen(tmp_path)
    eventually(lambda: bool(wacli(tmp_path, "threads", "--all", "--json").json))
    _, err = end(child, signal.SIGINT)
    assert child.returncode == 0
    assert "1 were applied" in err


def test_a_verify_token_is_made_once_and_shown_once(tmp_path: Path) -> None:
    child, _ = listen(tmp_path, WACLI_VERIFY_TOKEN="")
    end(child)
    kept = (tmp_path / "config" / "secrets" / "default.verify_token").read_text().strip()
    assert len(kept) >= 24
    again, port = listen(tmp_path, WACLI_VERIFY_TOKEN="")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", f"/webhook?hub.mode=subscribe&hub.challenge=42&hub.verify_token={kept}")
    assert connection.getresponse().read() == b"42"
    connection.close()
    _, err = end(again)
    assert kept not in err


def test_without_an_app_secret_nothing_listens(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path)
    outcome = door("listen", "--json")
    assert (outcome.status, outcome.error["code"]) == (2, "no-app-secret")
    assert "profiles token --which app_secret" in outcome.error["hint"]
    assert not (tmp_path / "shop.db").exists()


def test_the_app_secret_may_come_from_a_command(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path)
    assert door("config", "set", "app_secret_command", "printf from-a-command").status == 0
    outcome = door("listen", "--dry-run", "--json")
    assert outcome.status == 0
    assert outcome.json["verify_token_is_new"] is True
    door("config", "set", "app_secret_command", "false")
    assert door("listen", "--dry-run", "--json").error["code"] == "secret-command"


def test_a_dry_run_opens_nothing(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path, environment={"WACLI_APP_SECRET": "s"})
    outcome = door("listen", "--dry-run", "--port", "8123", "--forward-to", "https://example.com/hook", "--json")
    assert outcome.json["port"] == 8123
    assert outcome.json["forward_to"] == "https://example.com/hook"
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("--path", "webhook"), "bad-value"),
        (("--port", "70000"), "bad-value"),
        (("--events", "messages"), "bad-value"),
        (("--events", ","), "bad-value"),
        (("--forward-to", "http://example.com/hook"), "bad-url"),
        (("--forward-to", "example.com"), "bad-url"),
        (("--forward-to", "https://user:word@example.com/"), "bad-url"),
        (("--forward-to", "ftp://example.com/"), "bad-url"),
        (("--forward-to", "http://localhost:8080/webhook"), "bad-url"),
        (("--at", "yesterday"), "at-needs-dry-run"),
    ],
)
def test_what_will_not_do_is_refused_before_anything_opens(tmp_path: Path, argv: tuple[str, ...], code: str) -> None:
    door = FrontDoor(tmp_path, environment={"WACLI_APP_SECRET": "s", "WACLI_VERIFY_TOKEN": "v"})
    outcome = door("listen", "--json", *argv)
    assert (outcome.status, outcome.error["code"]) == (2, code)
    assert not (tmp_path / "shop.db").exists()


def test_http_to_another_machine_when_told(tmp_path: Path) -> None:
    door = FrontDoor(tmp_path, environment={"WACLI_APP_SECRET": "s"})
    assert door("listen", "--dry-run", "--forward-to", "http://10.0.0.5/hook", "--allow-http").status == 0


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    child, port = listen(tmp_path)
    second = wacli(tmp_path, "listen", "--port", str(port), "--json", WACLI_APP_SECRET="s", WACLI_VERIFY_TOKEN="v")
    end(child)
    assert second.status == 6
    error = json.loads(second.err)["error"]
    assert error["code"] == "port-taken"
    assert error["message"] == f"127.0.0.1 port {port} cannot be used: Address already in use"


class _Other(http.server.ThreadingHTTPServer):
    """Another program: refuses as often as it is told to, then takes everything."""

    def __init__(self, port: int = 0, refusals: int = 0) -> None:
        self.taken: list[tuple[bytes, dict[str, str]]] = []
        self.refusals = refusals
        other = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if other.refusals:
                    other.refusals -= 1
                    self.send_response(503)
                else:
                    other.taken.append((raw, {name.lower(): value for name, value in self.headers.items()}))
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        super().__init__(("127.0.0.1", port), Answering)


@contextmanager
def _running(other: _Other) -> Iterator[_Other]:
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        other.shutdown()
        other.server_close()
        thread.join()


def test_the_verified_original_is_passed_on_until_it_is_taken(tmp_path: Path) -> None:
    with _running(_Other(refusals=1)) as other:
        url = f"http://127.0.0.1:{other.server_port}/hook?x=1"
        child, port = listen(tmp_path, "--forward-to", url)
        agent = {"User-Agent": "facebookexternalua", "Content-Type": "application/json", "X-Other": "no"}
        assert post(port, TEXT, **agent) == 200
        assert post(port, TEXT) == 200  # known already: passed on once
        assert post(port, TEXT, **{HEADER: "sha256=bad"}) == 403
        eventually(lambda: bool(other.taken))
        _, err = end(child)
    ((raw, headers),) = other.taken
    assert raw == TEXT
    assert headers["x-hub-signature-256"] == sign(TEXT, SECRET)
    assert (headers["user-agent"], headers["content-type"]) == ("facebookexternalua", "application/json")
    assert "x-other" not in headers
    assert "answered 503" in err


def test_what_nobody_takes_waits_in_the_store_for_the_next_run(tmp_path: Path) -> None:
    quiet = _Other()
    url = f"http://127.0.0.1:{quiet.server_port}/hook"
    quiet.server_close()
    child, port = listen(tmp_path, "--forward-to", url, "--events", "message")
    assert post(port, TEXT) == 200
    assert post(port, payload_bytes("statuses/delivered")) == 200
    assert child.stderr is not None
    assert b"does not take notifications: refused" in child.stderr.readline()
    child.kill()
    child.communicate()
    with _running(_Other()) as other:
        again, _ = listen(tmp_path, "--forward-to", f"http://127.0.0.1:{other.server_port}/", "--events", "message")
        eventually(lambda: bool(other.taken))
        end(again)
    assert [raw for raw, _ in other.taken] == [TEXT]


def test_killed_under_load_nothing_answered_is_lost(tmp_path: Path) -> None:
    toll = kill_again_and_again(tmp_path, kills=4)
    assert toll.missing == toll.twice == toll.unapplied == 0
    assert toll.kept == toll.messages >= toll.answered > 50


def test_a_systemd_unit_is_printed_and_nothing_opened(tmp_path: Path) -> None:
    folder = tmp_path / "my $hop 100%"
    door = FrontDoor(folder, environment={"WACLI_APP_SECRET": "very-secret"})
    outcome = door("listen", "--print-systemd", "--port", "8123", "--forward-to", "https://example.com/$x%20")
    assert outcome.status == 0
    assert "very-secret" not in outcome.out
    assert not folder.exists()
    lines = outcome.out.splitlines()
    (command,) = [line for line in lines if line.startswith("ExecStart=")]
    assert command.endswith(
        " -p default listen --host 127.0.0.1 --port 8123 --path /webhook --forward-to https://example.com/$$x%%20"
    )
    assert f'ReadWritePaths="{str(folder).replace("%", "%%")}"' in lines
    assert f'Environment="WACLI_DB={str(folder / "shop.db").replace("%", "%%")}"' in lines
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=always", "UMask=0077"} <= set(lines)
    assert [line for line in lines if re.fullmatch(r"\[\w+\]", line)] == ["[Unit]", "[Service]", "[Install]"]


def test_lines_for_people_hold_no_escapes(tmp_path: Path) -> None:
    raw = json.dumps(messages([text("wamid.EVIL", 1_795_000_000, "\x1b]0;owned\x07[/red] halo\nbaris dua")])).encode()
    child, port = listen(tmp_path, "--print", "--format", "table")
    assert post(port, raw) == 200
    out, _ = end(child)
    assert out.decode().splitlines() == [
        f"{_clock(1_795_000_000)}  message       Sari Dewi             [/red] halo baris dua"
    ]


def _clock(at: int) -> str:
    from datetime import datetime

    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def test_the_handshake_needs_the_token(tmp_path: Path) -> None:
    child, port = listen(tmp_path, "--path", "/")
    statuses = []
    for token in (TOKEN, "wrong"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", f"/?hub.mode=subscribe&hub.challenge=42&hub.verify_token={token}")
        statuses.append(connection.getresponse().status)
        connection.close()
    end(child)
    assert statuses == [200, 403]
