"""A sandbox at a stopped clock, with one customer whose window is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.sandbox.loopback import Caller, Receiver, listening
from wacli.sandbox.clock import Clock
from wacli.sandbox.puppet import Puppet
from wacli.sandbox.sandbox import Sandbox
from wacli.sandbox.world import put_templates

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def still() -> Sandbox:
    """Not listening; the clock stands at noon."""
    sandbox = Sandbox(clock=Clock(NOON, speed=0), seed=7)
    put_templates(sandbox.account)
    return sandbox


@pytest.fixture
def sari(still: Sandbox) -> Puppet:
    """Wrote at noon."""
    puppet = still.add_customer("Sari", "+62 812-3456-7890", bsuid="ID.777")
    puppet.says("halo")
    return puppet


@pytest.fixture
def receiver(still: Sandbox) -> Iterator[Receiver]:
    """Where the sandbox's webhooks go."""
    with listening(Receiver()) as made:
        still.account.callback_url = made.url
        yield made


@pytest.fixture
def caller(still: Sandbox) -> Iterator[Caller]:
    """The sandbox, listening."""
    with still:
        yield Caller(still)
