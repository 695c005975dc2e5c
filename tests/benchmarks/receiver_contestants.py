"""The servers that `wacli listen` is compared with: `python -m tests.benchmarks.receiver_contestants NAME STORE`."""

from __future__ import annotations

import signal
import socket
import sqlite3
import sys
import threading
import warnings
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import fastapi  # FastAPI reads annotations where a function was defined

from tests.support.webhook_load import SECRET, TOKEN
from wacli.cloudapi.commit_groups import LARGEST_GROUP


def ours(store: Path, *, largest_group: int, is_fast: bool | None) -> None:
    """Our own receiver: in groups of some size, with or without httptools and uvloop."""
    from wacli.cloudapi.receiver import Door
    from wacli.cloudapi.serving import serve_in_thread
    from wacli.services.listening import Listener

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    listener = Listener(store, lambda: datetime.now(UTC), lambda problem: print(problem, file=sys.stderr))
    door = Door(listener.keep, verify_token=TOKEN, app_secret=SECRET, largest_group=largest_group)
    with serve_in_thread(door, is_fast=is_fast) as server:
        listener.start()
        print(f"{server.url}/", file=sys.stderr, flush=True)
        stop.wait()
    listener.stop()


def pywa(store: Path, *, is_first: bool) -> None:
    """pywa (asynchronous) on FastAPI and uvicorn with httptools and uvloop; a plain table, one FULL commit a body."""
    import uvicorn

    WhatsApp: Any = import_module("pywa_async").WhatsApp  # noqa: N806 - its decorators have types no checker follows

    connection = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, at TEXT NOT NULL, body BLOB NOT NULL)")

    def keep(body: bytes) -> None:
        connection.execute("INSERT INTO bodies (at, body) VALUES (?, ?)", (datetime.now(UTC).isoformat(), body))

    server = fastapi.FastAPI()
    phone: dict[str, Any] = {"phone_id": "105550000000001", "token": "none", "verify_token": TOKEN}
    if is_first:
        client = WhatsApp(server=None, app_secret=SECRET, validate_updates=True, **phone)

        @server.post("/webhook")
        async def webhook(request: fastapi.Request, tasks: fastapi.BackgroundTasks) -> fastapi.Response:
            raw = await request.body()
            refusal = await client.webhook_update_validator(raw, request.headers.get("X-Hub-Signature-256"))
            if refusal is not None:
                return fastapi.Response(refusal[0], refusal[1])
            keep(raw)
            tasks.add_task(client.webhook_update_handler, raw)
            return fastapi.Response("ok")

    else:
        client = WhatsApp(server=server, webhook_endpoint="/webhook", app_secret=SECRET, **phone)

        async def store_it(_client: Any, update: Any) -> None:
            keep(update.raw)

        client.on_raw_update(store_it)

    async def heard(_client: Any, _message: Any) -> None:
        return

    client.on_message(heard)

    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(server, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    contestant, path = sys.argv[1], Path(sys.argv[2])
    if contestant == "each":
        ours(path, largest_group=1, is_fast=None)
    elif contestant == "plain":
        ours(path, largest_group=LARGEST_GROUP, is_fast=False)
    else:
        pywa(path, is_first=contestant == "pywa-first")
