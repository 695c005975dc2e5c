"""`kill -9` at random moments of a campaign, resumed until it is done: everybody exactly once, or a truthful unknown.

The long version, 10,000 recipients and fifty rounds, is `python -m tests.benchmarks.campaign_kills`.
"""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.support.campaign_kills import Kills
from tests.support.sandbox_shop import sandbox_shop

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")


@pytest.mark.parametrize("with_faults", [False, True])
def test_killed_and_resumed_until_done(tmp_path: Path, with_faults: bool) -> None:
    with sandbox_shop(tmp_path, customers=1) as shop:
        kills = Kills(shop, 500)
        chance = random.Random(11 + with_faults)
        found = kills.play(chance, kills=4, longest_s=1.0, pace="250/s", with_faults=with_faults)
        assert found.accepted + found.unknown + found.refused == 500
        assert found.kills >= 1
        assert found.accepted > 200
