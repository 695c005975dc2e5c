"""A campaign at full speed: 1,000 messages a second to a server that takes 100 ms for each, and 80 a second.

Run: python -m tests.benchmarks.campaign_send [seconds] [rounds]

Everything that `wacli campaigns send` does but the bar: recipients read, judged one by one when their turn comes, their
letters written, a durable outbox row each (group commit, synchronous=FULL), the outcome in the thread. The server is a
process of its own and notes when each request was whole; "never above" is looked for in every second of the run,
wherever it begins. Beside it: pywa's `send_template` one after another at a server that answers at once, CPU of this
process; the campaign's figure beside it is from the same server.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import send_cpu
from tests.benchmarks.campaign_store import NOW, PHONE_NUMBER_ID, campaign_store
from tests.benchmarks.send_paced import busiest_second
from tests.benchmarks.send_server import Running, send_server
from wacli.cloudapi.client import Client, Settings
from wacli.domain.campaign import Approval
from wacli.ratecards.shelf import shelf
from wacli.services.campaign_plan import PlanRequest, audience_of, planned
from wacli.services.campaign_send import CampaignRun, connections_for
from wacli.services.pace import Pace
from wacli.services.prices import Prices
from wacli.services.send_run import Sender
from wacli.services.sending import Desk
from wacli.services.templates import find_template
from wacli.store import campaigns
from wacli.store.database import open_store

LATENCY_S = 0.1


class Figures(NamedTuple):
    """Of one run."""

    rate: float
    busiest: int
    cpu_us: float
    share_of_core: float


class Fair:
    """A store of its own for each run, copied from a made-up one."""

    def __init__(self, folder: Path, contacts: int) -> None:
        self._folder = folder
        self._model = campaign_store(folder, contacts, 1_000)
        self._prices = Prices(shelf(None), "USD", UTC)
        self._runs = 0

    def run(self, server: Running, count: int, a_second: int | None, connections: int | None = None) -> Figures:
        """Sends a campaign to so many contacts, and looks at it from the server's side."""
        self._runs += 1
        path = self._folder / f"run-{self._runs}.db"
        shutil.copy(self._model, path)
        with open_store(path, create=False) as store:
            desk = Desk(store, self._prices, PHONE_NUMBER_ID)
            audience = audience_of(store, ["all"], None, None, NOW, self._prices)
            request = PlanRequest(
                "bench", find_template(store, "promo_akhir_tahun", None), audience, {"1": "{name}", "2": "20%"}, "ID"
            )
            with planned(store, desk, request, NOW, is_dry=False) as plan:
                campaign = plan.campaign
            store.connection.execute(
                "DELETE FROM campaign_recipients WHERE campaign_id = ?1 AND contact_id > (SELECT contact_id FROM "
                "campaign_recipients WHERE campaign_id = ?1 AND reason IS NULL ORDER BY contact_id LIMIT 1 OFFSET ?2)",
                (campaign.id, count - 1),
            )
            store.connection.execute("UPDATE campaigns SET recipient_count = ?", (count,))
            campaigns.approve(store, campaign.id, Approval(NOW, max_cost=Decimal(10_000), a_second=a_second), None)
            campaign = campaigns.get(store, "bench")
            client = Client("token-of-the-benchmark", Settings(f"http://127.0.0.1:{server.port}"))
            lanes = connections or connections_for(a_second or 1_000)
            sender = Sender(client, PHONE_NUMBER_ID, lambda: datetime.now(UTC), lanes, Pace(a_second))
            run = CampaignRun(desk, sender, campaign)
            server.arrivals()
            wall, cpu = time.perf_counter(), time.process_time()
            done = sum(1 for sent in run.results() if sent.state == "accepted")
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            assert done == count, (done, run.ended)
            arrivals = server.arrivals()
            client.close()
        for left in self._folder.glob(f"run-{self._runs}.db*"):
            left.unlink()
        rate = (count - 1) / (arrivals[-1] - arrivals[0])
        return Figures(rate, busiest_second(arrivals), cpu / count * 1e6, cpu / wall)


def main(seconds: int, rounds: int) -> None:
    """Prints what is reached."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        fair = Fair(Path(name), max(20_000, 1_100 * seconds))  # some are not written to
        for a_second in (1_000, 80):
            with send_server(LATENCY_S) as server:
                for _ in range(rounds):
                    found = fair.run(server, a_second * seconds, a_second)
                    print(
                        f"{a_second}/s set: {found.rate:.1f} a second = {found.rate / a_second:.1%}; busiest second: "
                        f"{found.busiest}; CPU {found.cpu_us:.0f} us a message, {found.share_of_core:.0%} of one core"
                    )
        with send_server() as server:
            pywa = send_cpu._pywa(server.port)
            if pywa is None:
                print("pywa is not installed")
                return
            pairs = [(fair.run(server, 2_000, None, lanes).cpu_us, _spend(pywa, 400)) for lanes in (1, 8) * rounds]
        for place, lanes in enumerate((1, 8)):
            some = pairs[place::2]
            ratio = statistics.median(ours / theirs for ours, theirs in some)
            ours, theirs = (statistics.median(one) for one in zip(*some, strict=True))
            print(f"{lanes} connections: {ours:.0f} us CPU a message, pywa {theirs:.0f} us: {ratio:.2f}x")


def _spend(work: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count * 1e6


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = [int(text) for text in sys.argv[1:3]]
    main(*(given + [5, 3][len(given) :]))
