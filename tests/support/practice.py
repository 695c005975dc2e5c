"""A whole shop on loopback: the front door, the sandbox that plays Meta, and the receiver its webhooks come in by.

The token is unlike any other text, so that a search of everything that was written finds it wherever it leaked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.front_door import NOW, FrontDoor, Outcome
from wacli.cloudapi.receiver import Door, each
from wacli.cloudapi.serving import serve_in_thread
from wacli.sandbox.clock import Clock
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates
from wacli.services.inbound import apply_pending, receive
from wacli.store.database import open_store

TOKEN = "EAAGm0PX4ZCpsBAKsecretTOKENthatNobodyMaySee0123456789"
SECRET = "f00dapp5ecretTHATnobodyMaySee"


class Practice:
    """The clock stands still unless `wait` moves it, for the sandbox and for the front door alike."""

    def __init__(self, folder: Path, sandbox: Sandbox, base_url: str) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.door = FrontDoor(folder, environment={"WACLI_TOKEN": TOKEN, "WACLI_APP_SECRET": SECRET})
        self.outcomes: list[Outcome] = []
        self.profile(base_url)
        open_store(self.store_path, create=True).close()

    @property
    def store_path(self) -> Path:
        return self.folder / "shop.db"

    def profile(self, base_url: str) -> None:
        """Points the profile at an address."""
        account = self.sandbox.account
        settings = (
            f'default_profile = "shop"\n[profiles.shop]\nkind = "cloud-api"\napi_base = "{base_url}"\n'
            f'phone_number_id = "{account.numbers[0].id}"\nwaba_id = "{account.waba_id}"\n'
            'country = "ID"\ntime_zone = "Asia/Jakarta"\ncurrency = "USD"\n'
        )
        (self.folder / "config").mkdir(exist_ok=True)
        (self.folder / "config" / "config.toml").write_text(settings, encoding="utf-8")

    def __call__(self, *argv: str, **more: Any) -> Outcome:
        """Runs a command line and keeps what it wrote."""
        outcome = self.door(*argv, **more)
        self.outcomes.append(outcome)
        return outcome

    def customer(self, name: str, phone: str, bsuid: str, username: str | None = None) -> Puppet:
        """Somebody on WhatsApp."""
        return self.sandbox.add_customer(name, phone, bsuid=bsuid, username=username)

    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def wait(self, **span: float) -> None:
        """Lets time pass and takes in what came back."""
        self.sandbox.advance(timedelta(**span))
        self.door.now = self.now()
        self.hear()

    def hear(self) -> None:
        """Delivers every waiting webhook through the receiver, and applies what it kept."""
        self.sandbox.drain()
        with open_store(self.store_path, create=False) as store:
            apply_pending(store, self.now())

    def keep(self, raw: bytes) -> None:
        """What the receiver does with signed bytes."""
        with open_store(self.store_path, create=False) as store:
            receive(store, raw, self.now())

    def thread(self, who: str) -> list[dict[str, Any]]:
        """The messages of a thread, oldest first."""
        messages: list[dict[str, Any]] = self("thread", who, "--json").json["messages"]
        return messages

    def written(self) -> bytes:
        """Everything that any command wrote, and every file below the folder except the configuration."""
        said = "".join(outcome.out + outcome.err for outcome in self.outcomes).encode()
        return said + b"".join(_bytes_of(path) for path in self.folder.rglob("*"))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:  # SQLite has just folded its WAL away
        return b""


@contextmanager
def practising(folder: Path, at: datetime = NOW) -> Iterator[Practice]:
    """A practice shop with its templates, listening."""
    sandbox = Sandbox(clock=Clock(at, speed=0), token=TOKEN, app_secret=SECRET, seed=7)
    put_templates(sandbox.account)
    base_url = sandbox.start()
    try:
        practice = Practice(folder, sandbox, base_url)
        door = Door(each(practice.keep), verify_token="verify", app_secret=SECRET)
        with serve_in_thread(door) as server:
            sandbox.account.callback_url = f"{server.url}/webhook"
            yield practice
    finally:
        sandbox.stop()
