"""A shop whose clock runs: the sandbox listens, its webhooks come in through the receiver and are applied at once.

For programs that run as processes of their own and know no other clock than the machine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.process import environment
from wacli.cli.config_file import add_profile
from wacli.cloudapi.receiver import Door, each
from wacli.cloudapi.serving import serve_in_thread
from wacli.sandbox.clock import Clock
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates
from wacli.services.inbound import apply_pending, receive
from wacli.store.database import open_store


class LiveShop:
    """Its folder is a machine of its own (`tests.support.process.environment`)."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this shop is started with."""
        return environment(self.folder, WACLI_TOKEN=self.sandbox.account.token)

    def customer(self, name: str, phone: str) -> Puppet:
        """Somebody whose phone is quick."""
        puppet = self.sandbox.add_customer(name, phone)
        puppet.customer.delivered_after = timedelta(milliseconds=200)
        puppet.customer.read_after = timedelta(milliseconds=500)
        return puppet

    def keep(self, raw: bytes) -> None:
        """What the receiver does with signed bytes."""
        now = datetime.now(UTC)
        with open_store(self.folder / "shop.db", create=True) as store:
            receive(store, raw, now)
            apply_pending(store, now)

    def profile(self, **more: str) -> None:
        """The only profile, pointed at the sandbox."""
        account = self.sandbox.account
        values = {
            "kind": "sandbox",
            "phone_number_id": account.numbers[0].id,
            "waba_id": account.waba_id,
            "country": "ID",
            "time_zone": "Asia/Jakarta",
            "api_base": str(self.sandbox.base_url),
            **more,
        }
        add_profile(self.folder / "config" / "config.toml", "shop", values)


@contextmanager
def live_shop(folder: Path, **profile: str) -> Iterator[LiveShop]:
    """The shop, listening."""
    sandbox = Sandbox(clock=Clock(datetime.now(UTC), speed=1), seed=7)
    put_templates(sandbox.account)
    shop = LiveShop(folder, sandbox)
    account = sandbox.account
    door = Door(each(shop.keep), verify_token=account.verify_token, app_secret=account.app_secret)
    with sandbox, serve_in_thread(door) as server:
        shop.profile(**profile)
        account.callback_url = f"{server.url}/webhook"
        yield shop
