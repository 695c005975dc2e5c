"""A business account at the sandbox, at the front door's own clock, and how its checks are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.front_door import NOW, FrontDoor, Outcome
from wacli.sandbox.clock import Clock
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates

TOKEN = "EAAG-a-token-that-nobody-may-see"


@contextmanager
def account_at_meta() -> Iterator[Sandbox]:
    """Listening, with one number, a payment method, an app that is subscribed and has an address."""
    sandbox = Sandbox(clock=Clock(NOW, speed=0), seed=7, token=TOKEN)
    put_templates(sandbox.account)
    sandbox.account.callback_url = "http://127.0.0.1:9/webhook"
    with sandbox:
        yield sandbox


def connect(door: FrontDoor, sandbox: Sandbox, *argv: str) -> Outcome:
    """`wacli setup` of a shop with the account's token on stdin."""
    return door(
        "setup", "--name", "shop", "--token-file", "-", "--api-base", str(sandbox.base_url), "--time-zone",
        "Asia/Jakarta", *argv, stdin=f"{TOKEN}\n".encode(),
    )  # fmt: skip


def by_name(checks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows of checks by the check's name."""
    return {row["check"]: row for row in checks}
