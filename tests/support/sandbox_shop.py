"""A shop whose WhatsApp is the sandbox: the front door, the store and the book of what was really accepted, together.

Everything stands at one instant. Webhooks stay with the sandbox until a test says `told()`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from tests.support.front_door import NOW, FrontDoor, Outcome
from wacli.cli.config import config_path
from wacli.cli.config_file import add_profile
from wacli.cloudapi.client import Client, Settings
from wacli.cloudapi.transport import Patience
from wacli.ratecards.shelf import shelf
from wacli.sandbox.clock import Clock
from wacli.sandbox.payloads.envelope import body_of
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates
from wacli.services.letters import Letter, text_letter
from wacli.services.people import find_contact
from wacli.services.prices import Prices
from wacli.services.sending import Conditions, Desk, Prepared, prepare
from wacli.store.database import Store, open_store

SARI = "+6281234567890"


class SandboxShop:
    """One number, some customers who have written a minute ago, and `wacli` set up for them."""

    def __init__(self, folder: Path, *, customers: int = 1) -> None:
        self.sandbox = Sandbox(clock=Clock(NOW, speed=0), seed=7)
        self.sandbox.limits.a_second = self.sandbox.limits.pair_burst = None
        put_templates(self.sandbox.account)
        self.folder = folder
        self.wacli = FrontDoor(folder)
        self.people: list[Puppet] = []
        for number in range(customers):
            self.people.append(
                self.sandbox.add_customer(f"Sari {number}" if number else "Sari", f"+62812345678{90 + number}")
            )

    def set_up(self) -> None:
        """The profile, and the first messages of the customers. The sandbox must listen."""
        self.profile(str(self.sandbox.base_url))
        for puppet in self.people:
            puppet.says("halo", NOW)
        self.told()

    def profile(self, base_url: str) -> None:
        """The profile of this shop."""
        values = {
            "kind": "sandbox",
            "phone_number_id": self.sandbox.number.id,
            "waba_id": self.sandbox.account.waba_id,
            "country": "ID",
            "time_zone": "UTC",
            "api_base": base_url,
        }
        add_profile(config_path({"WACLI_CONFIG": str(self.folder / "config")}), "shop", values)
        assert self.wacli("profiles", "use", "shop").status == 0
        self.wacli.environment["WACLI_TOKEN"] = self.sandbox.account.token

    def updates(self) -> list[bytes]:
        """Bodies of webhooks that wait, one for each update, in the order of what they tell."""
        self.sandbox.agenda.run_due()
        courier, account = self.sandbox.courier, self.sandbox.account
        with self.sandbox.book.lock:
            waiting, courier._updates = courier._updates, []
        return [body_of(account, [one.change], NOW, entries=1) for one in waiting]

    def told(self, bodies: list[bytes] | None = None) -> None:
        """Takes in what the sandbox has to tell (or these bodies)."""
        bodies = self.updates() if bodies is None else bodies
        if bodies:
            assert self.wacli("ingest", "-", stdin=b"\n".join(bodies)).status == 0

    def client(self, read_s: float = 5.0) -> Client:
        """A client of the sandbox; one that loses patience soon makes time-outs short."""
        settings = Settings(str(self.sandbox.base_url), patience=Patience(connect_s=2.0, read_s=read_s))
        return Client(self.sandbox.account.token, settings)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store behind the front door."""
        with open_store(self.folder / "shop.db", create=True) as store:
            yield store

    def prepared(self, store: Store, who: str = SARI, letter: Letter | None = None) -> Prepared:
        """A message that every rule permits."""
        prices = Prices(shelf(None), "USD", UTC)
        desk = Desk(store, prices, self.sandbox.number.id)
        return prepare(desk, find_contact(store, who, "ID"), letter or text_letter("siap"), Conditions(), NOW)

    def booked(self, key: str) -> list[str]:
        """The wamids that the sandbox accepted under our key: more than one is a message sent twice."""
        with self.sandbox.book.lock:
            return [one.id for one in self.sandbox.book.sent.values() if one.callback_data == key]

    def outbox(self, *argv: str) -> list[dict[str, Any]]:
        """`wacli outbox list --json`."""
        outcome: Outcome = self.wacli("outbox", "list", "--json", *argv)
        assert outcome.status == 0, outcome
        rows: list[dict[str, Any]] = json.loads(outcome.out)
        return rows

    def one(self) -> dict[str, Any]:
        """The only send there is, as the outbox tells it."""
        (row,) = self.outbox("--all")
        return row


@contextmanager
def sandbox_shop(folder: Path, *, customers: int = 1) -> Iterator[SandboxShop]:
    """A shop whose sandbox listens."""
    shop = SandboxShop(folder, customers=customers)
    with shop.sandbox:
        shop.set_up()
        yield shop
