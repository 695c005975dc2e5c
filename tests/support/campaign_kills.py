"""A campaign that is killed with SIGKILL at random moments and resumed until it is done, and what the sandbox says.

Used by a test (a few hundred recipients, a handful of kills) and by `python -m tests.benchmarks.campaign_kills`
(10,000 recipients, fifty rounds). The campaign is a process of its own, as cron or a shell would start it; the sandbox
runs here and remembers every message that it really accepted, with the key that came with it.
"""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.support import process
from tests.support.sandbox_shop import SandboxShop
from wacli.domain.campaign import key_of
from wacli.importers.notifications import read
from wacli.services.campaign_report import report
from wacli.services.inbound import ingest
from wacli.store import campaigns
from wacli.store.database import open_store

NAME = "promo"
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "timeout", "seconds": 0.2},
    {"kind": "timeout", "seconds": 0.2, "after_acceptance": True},
    {"kind": "reset"},
    {"kind": "reset", "after_acceptance": True},
    {"kind": "bare", "http": 500},
    {"kind": "bare", "http": 503, "after_acceptance": True},
    {"kind": "garbage", "after_acceptance": True},
    {"kind": "truncated"},
    {"kind": "webhook-first"},
    {"kind": "error", "code": 130429, "times": 3},
    {"kind": "error", "code": 131000, "times": 2},
    {"kind": "error", "code": 131056},
)


class Round(NamedTuple):
    """What one campaign came to: its kills, and its recipients by what became of them."""

    kills: int
    accepted: int
    unknown: int
    refused: int


class Kills:
    """A shop with so many people; `play` sends one campaign to all of them."""

    def __init__(self, shop: SandboxShop, people: int) -> None:
        self.shop, self.people = shop, people
        wacli = shop.wacli
        assert wacli("templates", "pull").status == 0
        rows = "\n".join(f"Orang {number},+62811{number:07d},vip" for number in range(people))
        file = shop.folder / "people.csv"
        file.write_text("name,phone,tags\n" + rows + "\n", encoding="utf-8")
        assert wacli("contacts", "import", str(file), "--opt-in-evidence", "the form", "--yes").status in (0, 7)
        plan = wacli("campaigns", "plan", NAME, "--template", "promo_weekend", "--to", "tag:vip", "1={name}", "2=20%",
                     "--json")  # fmt: skip
        assert plan.json["recipients"] == people, plan
        self._model = shop.folder / "shop.db"

    def play(
        self, chance: random.Random, *, kills: int, longest_s: float, pace: str = "1000/s", with_faults: bool = False
    ) -> Round:
        """One campaign in a copy of the shop. Every promise is asserted on the way."""
        folder = self.shop.folder / f"round-{chance.randrange(10**9)}"
        folder.mkdir()
        shutil.copytree(self.shop.folder / "config", folder / "config")
        shutil.copy(self._model, folder / "shop.db")
        self._forget()
        verb, died = ["send", NAME, "--yes"], 0
        while True:
            if with_faults:
                for _ in range(6):
                    self.shop.sandbox.push_fault(**chance.choice(FAULTS))  # type: ignore[arg-type]
            running = process.start(folder, "campaigns", *verb, "--pace", pace, **self.shop.wacli.environment)
            is_last = died >= kills
            try:
                running.communicate(timeout=None if is_last else chance.uniform(0.3, longest_s))
            except subprocess.TimeoutExpired:
                running.kill()
                running.communicate()
                died += 1
            verb = ["resume", NAME, "--yes"]
            if self._is_over(folder):
                break
            if not self._has_begun(folder):
                verb = ["send", NAME, "--yes"]
        found = self._judge(folder, chance, died)
        shutil.rmtree(folder)
        return found

    def _forget(self) -> None:
        with self.shop.sandbox.book.lock:
            self.shop.sandbox.book.sent.clear()
        self.shop.sandbox.faults.clear()
        self.shop.updates()

    def _is_over(self, folder: Path) -> bool:
        with open_store(folder / "shop.db", create=False) as store:
            campaign = campaigns.get(store, NAME)
            counts = report(store, campaign, datetime.now(UTC)).counts
            return campaign.started_at is not None and not counts.waiting and not counts.under_way

    def _has_begun(self, folder: Path) -> bool:
        with open_store(folder / "shop.db", create=False) as store:
            return campaigns.get(store, NAME).approval is not None

    def _judge(self, folder: Path, chance: random.Random, died: int) -> Round:
        booked = self._booked()
        assert all(count == 1 for count in booked.values()), "somebody got it twice"
        before = self._states(folder)
        assert len(before) == self.people
        wrong = {
            key: state for key, state in before.items()
            if state not in (("accepted", "unknown") if key in booked else ("refused", "unknown"))
        }  # fmt: skip
        assert not wrong, wrong
        self._tell(folder, self.shop.updates(), chance)
        after = self._states(folder)
        assert all((after[key] == "accepted") == (key in booked) for key in after)
        counted = Counter(after.values())
        with open_store(folder / "shop.db", create=False) as store:
            counts = report(store, campaigns.get(store, NAME), datetime.now(UTC)).counts
        assert (counts.taken, counts.unknown) == (len(booked), counted["unknown"])
        return Round(died, counted["accepted"], counted["unknown"], counted["refused"])

    def _booked(self) -> Counter[str]:
        pause = threading.Event()
        last = -1
        while True:  # a killed client's request may still be under way: what the kernel has, the server will read
            with self.shop.sandbox.book.lock:
                found = Counter(str(one.callback_data) for one in self.shop.sandbox.book.sent.values())
            if len(found) == last:
                return found
            last = len(found)
            pause.wait(0.2)

    def _states(self, folder: Path) -> dict[str, str]:
        with open_store(folder / "shop.db", create=False) as store:
            campaign = campaigns.get(store, NAME)
            keys = {
                key_of(campaign.token, one)
                for (one,) in store.query("SELECT contact_id FROM campaign_recipients WHERE reason IS NULL")
            }
            rows: dict[str, str] = dict(
                store.query("SELECT key, state FROM outbox WHERE campaign_id = ?", (campaign.id,))
            )
            assert rows.keys() == keys
            return rows

    def _tell(self, folder: Path, bodies: Sequence[bytes], chance: random.Random) -> None:
        """Webhooks, doubled and in any order."""
        told = [*bodies, *chance.choices(list(bodies), k=len(bodies) // 3)] if bodies else []
        chance.shuffle(told)
        with open_store(folder / "shop.db", create=False) as store:
            ingest(store, read(io.BytesIO(b"\n".join(told))), datetime.now(UTC))
