"""`serve` for `wacli sandbox`, and waiting for the background work as `wacli demo` does."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from tests.sandbox.loopback import Caller, Receiver, text_to
from wacli.sandbox.world import demo_world

SARI = "+6281234567890"


def test_the_demo_in_real_time(receiver: Receiver) -> None:
    sandbox = demo_world(datetime.now(UTC))
    sandbox.account.callback_url = receiver.url
    with sandbox:
        assert sandbox.settle()
        told = len(receiver.messages)
        wamid = Caller(sandbox).send(text_to(SARI, "Masih ada, kak")).json["messages"][0]["id"]
        assert sandbox.settle(10)
        assert [one["status"] for one in receiver.statuses if one["id"] == wamid] == ["sent", "delivered", "read"]
        assert receiver.messages[told]["text"]["body"].startswith("Siap")
        sandbox.courier.switches.is_held = True
        Caller(sandbox).send(text_to(SARI, "Kapan diambil?"))
        assert not sandbox.settle(0.05, within=timedelta(0))


def test_serving_in_the_foreground_ends_with_an_interrupt() -> None:
    code = (
        "from wacli.sandbox.sandbox import serve\n"
        "from wacli.sandbox.world import demo_world\n"
        "from datetime import UTC, datetime\n"
        "try:\n"
        "    serve(demo_world(datetime.now(UTC)), '127.0.0.1', 0, on_ready=lambda url: print(url, flush=True))\n"
        "except KeyboardInterrupt:\n"
        "    print('over')\n"
    )
    quiet = {**os.environ, "PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=quiet
    ) as served:
        assert served.stdout is not None
        assert served.stderr is not None
        try:
            url = served.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            assert _answers(url)
            served.send_signal(signal.SIGINT)
            assert served.wait(10) == 0
            assert served.stdout.read() == "over\n"
            assert served.stderr.read() == ""
        finally:
            served.kill()


def _answers(url: str) -> bool:
    link = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    link.request("GET", "/_sandbox/clock")
    answered = link.getresponse().status == 200
    link.close()
    return answered
