"""A shop that can send: the front door of a machine, a sandbox on loopback, and the webhooks between them.

Both clocks stand still and move together. Every request that reaches the sandbox is noted, so that a test of a refusal
can say that there was none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.sandbox.loopback import Receiver, listening
from tests.support.front_door import FrontDoor, Outcome
from wacli.sandbox.book import SentMessage
from wacli.sandbox.clock import Clock
from wacli.sandbox.engine import DEFAULT_TOKEN
from wacli.sandbox.faults import Fault, FaultQueue
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates

PROFILE = "shop"


class NotedQueue(FaultQueue):
    """The sandbox's door asks this queue about every request."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[str, str]] = []

    def take(self, method: str, path: str) -> Fault | None:
        """Notes the request, and lets the next fault strike."""
        self.requests.append((method, path.rpartition("/")[2]))
        return super().take(method, path)


class Counter:
    """The counter of the shop: type commands at it, be a customer, look at what went out."""

    def __init__(self, door: FrontDoor, sandbox: Sandbox, receiver: Receiver) -> None:
        self.door, self.sandbox, self._receiver = door, sandbox, receiver
        self._noted = NotedQueue()
        sandbox.faults = self._noted
        self._told = 0
        door.environment["WACLI_TOKEN"] = DEFAULT_TOKEN
        self.profile(kind="sandbox")

    def __call__(self, *argv: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Outcome:
        """Runs `wacli ARGV`."""
        return self.door(*argv, stdin=stdin, environment=environment)

    def profile(self, **settings: str) -> None:
        """Makes the one profile anew."""
        config = self.door.folder / "config" / "config.toml"
        config.parent.mkdir(exist_ok=True)
        values = {
            "kind": "sandbox",
            "phone_number_id": self.sandbox.number.id,
            "waba_id": self.sandbox.account.waba_id,
            "country": "ID",
            "time_zone": "Asia/Jakarta",
            "api_base": str(self.sandbox.base_url),
            **settings,
        }
        lines = [f"[profiles.{PROFILE}]", *(f'{key} = "{value}"' for key, value in values.items())]
        config.write_text("\n".join(lines) + "\n", "utf-8")

    def meet(self, name: str, phone: str, *words: str, **more: Any) -> Puppet:
        """A customer who says these words now."""
        puppet = self.sandbox.add_customer(name, phone, **more)
        for text in words:
            puppet.says(text)
        self.take_in()
        return puppet

    def take_in(self) -> None:
        """Every webhook that waits goes into the store."""
        self.sandbox.drain()
        new = self._receiver.bodies[self._told :]
        self._told += len(new)
        if new:
            outcome = self.door("ingest", "-", stdin=b"\n".join(new))
            assert outcome.status == 0, outcome

    def later(self, by: timedelta) -> None:
        """Time passes on both sides, and its webhooks come in."""
        self.door.now += by
        self.sandbox.advance(by)
        self.take_in()

    def pull(self) -> None:
        """Fetches the templates."""
        assert self.door("templates", "pull").status == 0
        self.forget()

    def forget(self) -> None:
        """Forgets the requests so far."""
        self._noted.requests.clear()

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and last part of the path of every request since `forget`."""
        return self._noted.requests

    @property
    def sent(self) -> list[SentMessage]:
        """What the sandbox accepted, in order."""
        return list(self.sandbox.book.sent.values())

    @property
    def last(self) -> Mapping[str, Any]:
        """The body of the last message that the sandbox accepted."""
        return self.sent[-1].body

    def outbox(self) -> list[tuple[str, str]]:
        """Kind and state of every row of the outbox."""
        from wacli.store.database import connect_readonly

        with connect_readonly(self.door.folder / "shop.db") as store:
            return [(kind, state) for kind, state in store.query("SELECT kind, state FROM outbox ORDER BY id")]

    def refuses(self, code: str, *argv: str, status: int = 4, **more: Any) -> Outcome:
        """The command is refused with this code before any request, and leaves nothing in the outbox."""
        before = self.outbox()
        self.forget()
        outcome = self.door(*argv, "--json", **more)
        assert outcome.status == status, outcome
        assert outcome.error["code"] == code, outcome.error
        assert self.requests == []
        assert self.outbox() == before
        return outcome


@contextmanager
def open_counter(door: FrontDoor) -> Iterator[Counter]:
    """A counter with the sandbox's templates pulled."""
    sandbox = Sandbox(clock=Clock(door.now, speed=0), seed=7)
    put_templates(sandbox.account)
    with sandbox, listening(Receiver()) as receiver:
        sandbox.account.callback_url = receiver.url
        counter = Counter(door, sandbox, receiver)
        counter.pull()
        yield counter
