"""A front door and a sandbox of the demo's shop over loopback, its clock standing still; webhooks come when asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.sandbox.loopback import Receiver, listening
from tests.support.front_door import NOW, FrontDoor, Outcome
from wacli.cli.config_file import add_profile
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.templates import Template
from wacli.sandbox.world import people, put_templates


@dataclass
class DemoShop:
    """The demo's shop: three templates, seven customers, a profile that points at it."""

    door: FrontDoor
    sandbox: Sandbox
    receiver: Receiver
    taken: int = 0

    def __call__(self, *argv: str, **more: Any) -> Outcome:
        """Runs `wacli ARGV`."""
        return self.door(*argv, **more)

    def done(self, *argv: str) -> Outcome:
        """The same, and it must end with 0."""
        outcome = self.door(*argv)
        assert outcome.status == 0, outcome
        return outcome

    def json(self, *argv: str) -> Any:
        """Its answer as JSON."""
        return self.done(*argv, "--json").json

    def template(self, name: str, language: str = "id") -> Template:
        """What the sandbox has."""
        found = self.sandbox.account.templates.find(name, language)
        assert found is not None
        return found

    def hear(self) -> None:
        """Takes in every webhook that waits, through `wacli ingest`."""
        self.sandbox.drain()
        bodies, self.taken = self.receiver.bodies[self.taken :], len(self.receiver.bodies)
        text = b"[" + b",".join(bodies) + b"]"
        outcome = self.door("ingest", "-", "--json", stdin=text)
        assert outcome.status == 0, outcome

    def advance(self, by: timedelta) -> None:
        """Both clocks go on."""
        self.sandbox.advance(by)
        self.door.now += by

    def tell(self, field: str, value: Mapping[str, object]) -> None:
        """A webhook the sandbox does not send by itself."""
        at = int(self.door.now.timestamp())
        change = {"field": field, "value": dict(value)}
        body = {
            "object": "whatsapp_business_account",
            "entry": [{"id": self.sandbox.account.waba_id, "time": at, "changes": [change]}],
        }
        outcome = self.door("ingest", "-", "--json", stdin=json.dumps([body]).encode())
        assert outcome.status == 0, outcome


@contextmanager
def demo_shop(door: FrontDoor) -> Iterator[DemoShop]:
    """The shop, listening; its templates not yet pulled, its customers' messages not yet heard."""
    sandbox = Sandbox(clock=Clock(NOW, speed=0), seed=7)
    put_templates(sandbox.account)
    people(sandbox, NOW)
    with listening(Receiver()) as receiver:
        sandbox.account.callback_url = receiver.url
        with sandbox:
            door.environment["WACLI_TOKEN"] = sandbox.account.token
            values = {
                "kind": "sandbox",
                "phone_number_id": sandbox.number.id,
                "waba_id": sandbox.account.waba_id,
                "country": "ID",
                "time_zone": "Asia/Jakarta",
                "api_base": str(sandbox.base_url),
            }
            add_profile(door.folder / "config" / "config.toml", "shop", values)
            yield DemoShop(door, sandbox, receiver)
