"""A busy day played by the sandbox against a receiver of wacli's own, and the comparison of both books afterwards.

The clock can be stopped at any moment to compare: then nothing is under way, and the board must say what the
sandbox's book says, to the second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.front_door import FrontDoor
from wacli.cloudapi.receiver import Door
from wacli.cloudapi.serving import serve_in_thread
from wacli.domain.problem import Problem
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.scenario import read_scenario
from wacli.sandbox.stage import sandbox_of
from wacli.services.listening import Listener
from wacli.store.database import connect_readonly
from wacli.store.threads import BoardQuery, Which, list_board

PROFILE = """default_profile = "shop"
[profiles.shop]
kind = "sandbox"
phone_number_id = "{number}"
waba_id = "{waba}"
country = "ID"
time_zone = "Asia/Jakarta"
"""
SCENARIO = """
seed = 11
demo = true
[shop]
answers_after = "3m"
answers_share = 0.7
[webhooks]
batch = 4
copies = 2
shuffled = true
[[crowd]]
count = {people}
writes_every = "{every}s"
until = "{hours}h"
from_ads = 0.1
from_pages = 0.05
calls = 0.05
answers = 0.4
"""


class BusyDay:
    """The sandbox and the receiver while they run."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.path = folder / "shop.db"
        self.troubles: list[Problem] = []
        (folder / "config").mkdir(exist_ok=True)
        profile = PROFILE.format(number=sandbox.number.id, waba=sandbox.account.waba_id)
        (folder / "config" / "config.toml").write_text(profile, encoding="utf-8")
        self.wacli = FrontDoor(folder)

    def run_until(self, reached: timedelta, speed: float, patience_s: float) -> None:
        """Lets the clock run at `speed` until so much time has passed since now, then stops it."""
        until = self.sandbox.clock.now() + reached
        self.sandbox.clock.speed = speed
        end, pause = time.monotonic() + patience_s, threading.Event()
        while self.sandbox.clock.now() < until:
            assert time.monotonic() < end, "the sandbox's clock did not come that far"
            pause.wait(0.02)
        self.sandbox.clock.speed = 0

    def settle(self, patience_s: float = 60.0) -> None:
        """Everything that was due has happened, was posted, and is applied."""
        self.sandbox.agenda.run_due()
        end, pause = time.monotonic() + patience_s, threading.Event()
        while not (self.sandbox.courier.is_idle() and self._pending() == 0):
            assert time.monotonic() < end, f"{self.sandbox.courier.waiting()} updates still wait"
            pause.wait(0.05)
            self.sandbox.courier.wake()

    def differences(self) -> list[str]:
        """Where wacli's board and store do not say what the sandbox's book says; empty is what is wanted."""
        book = self.sandbox.book
        with book.lock:
            return [*self._missing_messages(), *self._wrong_statuses(), *self._wrong_windows()]

    def counts(self) -> dict[str, int]:
        """How much happened."""
        book = self.sandbox.book
        return {
            "customers": len(book.customers),
            "heard": len(book.heard),
            "sent": len(book.sent),
            "delivered": len(book.charges),
            "notifications": len(self.sandbox.courier.notifications),
            "entry points": sum(thread.entry_from is not None for thread in book.threads.values()),
        }

    def _pending(self) -> int:
        return int(self._rows("SELECT count(*) FROM notifications WHERE applied_at IS NULL")[0][0])

    def _rows(self, sql: str) -> list[Any]:
        with closing(connect_readonly(self.path)) as store:
            return store.query(sql)

    def _missing_messages(self) -> Iterator[str]:
        known = {row[0] for row in self._rows("SELECT wamid FROM messages")}
        known |= {row[0] for row in self._rows("SELECT key FROM calls")}
        for key, heard in self.sandbox.book.heard.items():
            if key not in known:
                yield f"{heard.kind} {key} of {heard.customer.name} is not in the store"

    def _wrong_statuses(self) -> Iterator[str]:
        known = dict(self._rows("SELECT wamid, status FROM messages WHERE direction = 'outbound'"))
        for message in self.sandbox.book.sent.values():
            if message.events and known.get(message.id) != message.status:
                yield f"{message.id} is {message.status}, the store says {known.get(message.id)}"

    def _wrong_windows(self) -> Iterator[str]:
        """The board as a script reads it; the end of an entry point, which it tells only while a reply is possible,
        from the store's clocks."""
        now = self.sandbox.clock.now()
        board = self.wacli("threads", "--all", "--json", "--limit", "0", "--at", now.isoformat()).json
        shown = {row["bsuid"]: row for row in board}
        ends = self._entry_ends(now)
        for (_, bsuid), thread in self.sandbox.book.threads.items():
            customer = self.sandbox.book.find_bsuid(bsuid)
            assert customer is not None
            row = shown.get(bsuid)
            if row is None:
                if thread.opened_at is not None:
                    yield f"{customer.name} is not on the board"
                continue
            until = thread.entry_until if thread.is_entry_running(now) else None
            wanted = (thread.is_open(now), _second(thread.closes_at()), until is not None, _second(until))
            is_running = row["entry_point"] == "running"
            found = (
                row["window"] == "open",
                row["window_closes_at"],
                is_running,
                ends.get(bsuid) if is_running else None,
            )
            if found != wanted:
                yield f"{customer.name}: the sandbox says {wanted}, the board {found}"

    def _entry_ends(self, now: datetime) -> dict[str | None, str | None]:
        with closing(connect_readonly(self.path)) as store:
            rows = list_board(store, BoardQuery(Which.ALL), now).rows
        return {row.bsuid: _second(row.clocks.entry_expires_at) for row in rows}


def _second(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def busy_day(folder: Path, *, people: int, writes_every_s: int, hours: float, now: datetime) -> Iterator[BusyDay]:
    """A shop with so many customers, its sandbox at a stopped clock and its receiver, both listening."""
    text = SCENARIO.format(people=people, every=writes_every_s, hours=f"{hours:.3f}")
    sandbox = sandbox_of(read_scenario(text, "busy.toml"), now, speed=0)
    sandbox.limits.a_second = sandbox.limits.pair_burst = None
    day = BusyDay(folder, sandbox)
    listener = Listener(day.path, sandbox.clock.now, day.troubles.append)
    door = Door(listener.keep, verify_token="verify", app_secret=sandbox.account.app_secret)
    try:
        with serve_in_thread(door) as server, sandbox:
            listener.start()
            sandbox.account.callback_url = f"{server.url}/webhook"
            sandbox.courier.wake()
            yield day
    finally:
        listener.stop()
